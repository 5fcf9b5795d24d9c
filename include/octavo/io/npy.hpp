// SPDX-License-Identifier: MIT
/// @file
/// NumPy's .npy format: one array with its type and shape, read, written and converted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/convert_element.hpp"
#include "octavo/io/element_type.hpp"
#include "octavo/io/npy_header.hpp"

namespace octavo::inline v0::io {

namespace detail {

/// Calls `action.template operator()<Element>()` with the C++ type of `type`.
template <class Action>
auto with_element(element_type type, Action&& action) {
  switch (type) {
    case element_type::boolean:
      return action.template operator()<bool>();
    case element_type::int8:
      return action.template operator()<std::int8_t>();
    case element_type::uint8:
      return action.template operator()<std::uint8_t>();
    case element_type::int16:
      return action.template operator()<std::int16_t>();
    case element_type::uint16:
      return action.template operator()<std::uint16_t>();
    case element_type::int32:
      return action.template operator()<std::int32_t>();
    case element_type::uint32:
      return action.template operator()<std::uint32_t>();
    case element_type::int64:
      return action.template operator()<std::int64_t>();
    case element_type::uint64:
      return action.template operator()<std::uint64_t>();
    case element_type::float16:
      return action.template operator()<half_bits>();
    case element_type::float32:
      return action.template operator()<float>();
    case element_type::float64:
      break;
  }
  return action.template operator()<double>();
}

/// The elements of `data`, first index fastest, put into the order of C, last index fastest.
inline byte_vector to_c_order(byte_view data, const npy_header& header, std::string_view name) {
  struct axis {
    std::size_t extent;
    std::size_t step;  // bytes in `data` between neighbours
    std::size_t index;
  };
  byte_vector result = make_bytes(data.size(), name);
  const std::size_t size = size_of(header.type);
  std::vector<axis> axes;
  std::size_t step = size;
  for (const std::int64_t extent : header.shape) {
    axes.push_back({static_cast<std::size_t>(extent), step, 0});
    step *= axes.back().extent;
  }
  std::reverse(axes.begin(), axes.end());
  std::size_t from = 0;
  for (std::size_t to = 0; to < result.size(); to += size) {
    std::memcpy(result.data() + to, data.data() + from, size);
    for (axis& along : axes) {
      from += along.step;
      if (++along.index < along.extent) break;
      from -= along.step * along.extent;
      along.index = 0;
    }
  }
  return result;
}

}  // namespace detail

/// An array as .npy files hold it.
struct npy_array {
  std::vector<std::int64_t> shape{0};  ///< empty: one element without dimensions
  element_type type = element_type::float32;
  byte_vector data;  ///< the elements, little-endian, last index fastest

  /// Number of elements.
  std::size_t size() const noexcept { return data.size() / size_of(type); }

  /// Fails, naming `name`, unless `data` has as many bytes as `shape` and `type` say.
  void check(std::string_view name = "array") const {
    const std::uint64_t expected = byte_count(shape, type, name);
    if (data.size() != expected) {
      fail(name, ": has ", data.size(), " bytes of data, but its shape and type take ", expected);
    }
  }

  /// The elements as numbers of type T. A value that T lacks is an error, never changed silently: a
  /// fraction, NaN or infinity as an integer, an integer out of range, or one with more digits than
  /// a float has (int32 as float above 2^24). The one exception: float64 becomes float32 by
  /// rounding to nearest, ties to even; beyond float32's range it is an error. Bool counts as 0
  /// and 1. NaN and infinities stay what they are between floating-point types.
  template <number T>
  std::vector<T> as(std::string_view name = "array") const {
    check(name);
    std::vector<T> result(size());
    const std::size_t converted = detail::with_element(type, [&]<class Element>() {
      const std::size_t step = size_of(type);
      std::size_t i = 0;
      while (i < result.size() &&
             detail::convert_element<Element>(data.data() + i * step, result[i])) {
        ++i;
      }
      return i;
    });
    if (converted != result.size()) {
      fail(name, ": element ", converted, " of type ", name_of(type), " is no ",
           name_of(element_type_of<T>), " without a change of its value");
    }
    return result;
  }

  friend bool operator==(const npy_array&, const npy_array&) = default;
};

/// An array of the values in `values` (vector, span, array ... of a number or bool), last index
/// fastest. Fails unless there are as many as `shape` says.
template <std::ranges::contiguous_range Values>
npy_array make_npy_array(const Values& values, std::vector<std::int64_t> shape) {
  using value_type = std::ranges::range_value_t<Values>;
  npy_array array{std::move(shape), element_type_of<value_type>, {}};
  array.data.resize(std::ranges::size(values) * sizeof(value_type));
  std::uint8_t* to = array.data.data();
  for (const value_type value : values) {
    if constexpr (std::is_same_v<value_type, bool>) {
      store_little(to, static_cast<std::uint8_t>(value));
    } else {
      store_little(to, value);
    }
    to += sizeof(value_type);
  }
  array.check("make_npy_array");
  return array;
}

/// The array whose file has this header and data; big-endian and Fortran order are converted.
inline npy_array decode_npy(npy_header header, byte_vector data, std::string_view name) {
  const std::size_t size = size_of(header.type);
  if (header.big_endian) {
    for (auto at = data.begin(); at != data.end(); at += static_cast<std::ptrdiff_t>(size)) {
      std::reverse(at, at + static_cast<std::ptrdiff_t>(size));
    }
  }
  if (header.fortran_order && header.shape.size() > 1) {
    data = detail::to_c_order(data, header, name);
  }
  return {std::move(header.shape), header.type, std::move(data)};
}

/// The array in the bytes of a .npy file; `name` stands for the file in messages.
/// Reads versions 1.0 to 3.0 with numbers or bool; refuses a file that is longer or shorter than
/// its header says before anything is allocated for the data.
inline npy_array parse_npy(byte_view bytes, std::string_view name) {
  npy_header header = parse_npy_header(bytes, name);
  const byte_view data = bytes.subspan(static_cast<std::size_t>(header.data_offset));
  if (data.size() != header.data_size) {
    fail(name, ": has ", data.size(), " bytes of data, but its .npy header says ",
         header.data_size);
  }
  return decode_npy(std::move(header), {data.begin(), data.end()}, name);
}

/// The header that NumPy would write before the data of `array`: version 1.0, data aligned to 64.
inline byte_vector npy_header_bytes(const npy_array& array) {
  constexpr std::size_t prefix = 10;
  constexpr std::size_t alignment = 64;
  constexpr std::size_t growth_digits = 21;
  const detail::element_facts& facts = detail::facts_of(array.type);
  std::string text = concat_text("{'descr': '", facts.size == 1 ? '|' : '<', facts.kind, facts.size,
                                 "', 'fortran_order': False, 'shape': (");
  for (std::size_t d = 0; d < array.shape.size(); ++d) {
    text += concat_text(d == 0 ? "" : ", ", array.shape[d]);
  }
  text += array.shape.size() == 1 ? ",), }" : "), }";
  // NumPy leaves room for the first dimension to grow in place.
  if (!array.shape.empty()) text.append(growth_digits - std::to_string(array.shape[0]).size(), ' ');
  text.append(alignment - (prefix + text.size() + 1) % alignment, ' ');
  text += '\n';
  byte_vector bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  append_little(bytes, static_cast<std::uint16_t>(text.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

/// The bytes of a .npy file with `array`, the same as NumPy writes. Fails as npy_array::check.
inline byte_vector serialize_npy(const npy_array& array) {
  array.check("serialize_npy");
  byte_vector bytes = npy_header_bytes(array);
  bytes.insert(bytes.end(), array.data.begin(), array.data.end());
  return bytes;
}

/// Fails as read_file and parse_npy do.
inline npy_array read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path), path.string());
}

/// Writes whole or not at all.
inline void write_npy(const std::filesystem::path& path, const npy_array& array) {
  write_file(path, serialize_npy(array));
}

}  // namespace octavo::inline v0::io
