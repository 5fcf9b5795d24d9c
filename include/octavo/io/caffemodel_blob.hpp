// SPDX-License-Identifier: MIT
/// @file
/// One blob of a .caffemodel: Caffe's message BlobProto as an array.
///
///     1..4  num, channels, height, width: the shape in old files
///     5     data: float32
///     6, 9  diff, double_diff: of no use here
///     7     shape: the message BlobShape, whose field 1 is the list of extents
///     8     double_data: float64, instead of data
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/core/extents.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/npy_header.hpp"
#include "octavo/io/protobuf_wire.hpp"
#include "octavo/io/read_values.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::io::detail {

/// Reads one BlobProto. Repeated numbers come packed or one by one, as the format allows.
class caffe_blob_reader {
 public:
  /// `name` stands for the blob in messages, with the file's name in front.
  caffe_blob_reader(buffered_file& file, protobuf_reader message, std::string name)
      : file_(file), message_(message), name_(std::move(name)) {}

  /// Fails unless there are as many numbers as the shape says.
  named_array read() {
    protobuf_field field;
    while (message_.next(field)) read_field(field);
    if (has_shape_ && has_extents_) fail(name_, ": has both a shape and the extents of old files");
    if (has_extents_) array_.shape.assign(extents_.begin(), extents_.end());
    const std::uint64_t expected = byte_count(array_.shape, 1, name_);
    if (array_.values.size() != expected) {
      fail(name_, ": has ", array_.values.size(), " numbers, expected ", expected,
           " for its shape ", octavo::detail::shape_text(array_.shape));
    }
    return std::move(array_);
  }

 private:
  void read_field(const protobuf_field& field) {
    switch (field.number) {
      case 1:
      case 2:
      case 3:
      case 4:
        message_.expect(field, wire_type::varint);
        has_extents_ = true;
        extents_[field.number - 1] = static_cast<std::int64_t>(field.value);
        break;
      case 5:
        read_numbers(field, wire_type::fixed32, convert_element<float, double>);
        break;
      case 7:
        if (std::exchange(has_shape_, true)) fail(name_, ": has two shapes");
        read_shape(message_.message(field));
        break;
      case 8:
        read_numbers(field, wire_type::fixed64, convert_element<double, double>);
        break;
      default:
        break;
    }
  }

  /// Appends packed numbers, or the one number of this field.
  void read_numbers(const protobuf_field& field, wire_type one_by_one, element_to_double convert) {
    const std::size_t element_size = one_by_one == wire_type::fixed32 ? 4 : 8;
    if (field.type != wire_type::bytes) message_.expect(field, one_by_one);
    if (field.size % element_size != 0) {
      fail(name_, ": has ", field.size, " bytes of packed numbers at offset ", field.offset,
           ", expected a multiple of ", element_size);
    }
    if (field.size == 0) return;
    if (numbers_ != 0 && numbers_ != field.number) fail(name_, ": has both data and double_data");
    numbers_ = field.number;
    append_values(array_.values, file_, field.offset, field.size / element_size, element_size,
                  convert, name_);
  }

  void read_shape(protobuf_reader shape) {
    protobuf_field field;
    while (shape.next(field)) {
      if (field.number != 1) continue;
      if (field.type == wire_type::varint) {
        add_extent(field.value);
        continue;
      }
      protobuf_reader packed = shape.message(field);
      while (!packed.at_end()) add_extent(packed.varint("an extent"));
    }
  }

  void add_extent(std::uint64_t extent) {
    constexpr std::size_t most_dimensions = 32;  // Caffe's own limit
    if (array_.shape.size() == most_dimensions) {
      fail(name_, ": has more than ", most_dimensions, " dimensions");
    }
    array_.shape.push_back(static_cast<std::int64_t>(extent));
  }

  buffered_file& file_;
  protobuf_reader message_;
  std::string name_;
  named_array array_ = {};
  std::array<std::int64_t, 4> extents_{};  ///< num, channels, height, width
  bool has_extents_ = false;
  bool has_shape_ = false;
  std::uint32_t numbers_ = 0;  ///< the field that the numbers come from
};

}  // namespace octavo::inline v0::io::detail
