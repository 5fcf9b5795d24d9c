// SPDX-License-Identifier: MIT
/// @file
/// The wire format of protocol buffers: the fields of one message, one after the other.
///
/// A field is a tag, a varint of (field number << 3) | wire type, and its content: a varint, 8
/// bytes, a varint n and n bytes (a text, a message, packed numbers), or 4 bytes. A varint has
/// seven bits in each byte, the lowest first; a byte of 128 or more has another behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo::inline v0::io {

/// How a field is written; the numbers are those of the format. 3 and 4, groups, are not read.
enum class wire_type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// What stands behind one tag.
struct protobuf_field {
  std::uint32_t number = 0;
  wire_type type = wire_type::varint;
  std::uint64_t value = 0;  ///< of a varint, fixed64 or fixed32
  std::size_t offset = 0;   ///< where in the file the content starts
  std::size_t size = 0;     ///< bytes of the content
};

/// Reads the fields of a message that lies in a part of a file; the content of a bytes field is
/// stepped over, and may be given to another reader. Every length is checked against the part.
/// Failures are octavo::errors that name the file and the offset.
class protobuf_reader {
 public:
  /// The message takes `size` bytes from `offset` on, which lie inside `file`, called `name` in
  /// messages. `file` must outlive the reader.
  protobuf_reader(buffered_file& file, std::string_view name, std::size_t offset, std::size_t size)
      : file_(&file), name_(name), next_(offset), end_(offset + size) {}

  /// The message in a bytes field of this one.
  protobuf_reader message(const protobuf_field& field) const {
    expect(field, wire_type::bytes);
    return {*file_, name_, field.offset, field.size};
  }

  /// Reads the next field; false at the end of the message.
  bool next(protobuf_field& field) {
    if (next_ == end_) return false;
    start_ = next_;
    const std::uint64_t tag = varint("a tag");
    constexpr std::uint64_t largest_number = (1U << 29U) - 1;
    if (tag >> 3U == 0 || tag >> 3U > largest_number) {
      fail("field number ", tag >> 3U, ", expected 1..", largest_number);
    }
    field = {.number = static_cast<std::uint32_t>(tag >> 3U)};
    switch (tag & 7U) {
      case 0:
        read_varint(field);
        return true;
      case 1:
        read_fixed<std::uint64_t>(field, wire_type::fixed64);
        return true;
      case 2:
        read_bytes(field);
        return true;
      case 5:
        read_fixed<std::uint32_t>(field, wire_type::fixed32);
        return true;
      default:
        fail("field ", field.number, " has wire type ", tag & 7U, ", expected 0, 1, 2 or 5");
    }
  }

  /// The content of a bytes field.
  std::string text(const protobuf_field& field) const {
    expect(field, wire_type::bytes);
    const byte_view letters = file_->subspan(field.offset, field.size);
    return {letters.begin(), letters.end()};
  }

  /// Fails unless the field is written in this way.
  void expect(const protobuf_field& field, wire_type type) const {
    if (field.type != type) {
      fail("field ", field.number, " has wire type ", static_cast<int>(field.type), ", expected ",
           static_cast<int>(type));
    }
  }

  /// The next varint of this message, outside any field: one of packed numbers. `what` names it.
  /// Up to ten bytes; zeros above the number are allowed, as everywhere in the format, bits above
  /// the 64th are not.
  std::uint64_t varint(std::string_view what) {
    constexpr unsigned bits = std::numeric_limits<std::uint64_t>::digits;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
      const std::uint64_t byte = take(1, what)[0];
      if (shift + 7 > bits && byte >> (bits - shift) != 0) break;
      value |= (byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    fail(what, " does not end within 64 bits");
  }

  /// True when everything was read.
  bool at_end() const noexcept { return next_ == end_; }

  /// Reports "<file>: at offset <start of the last field>: <parts>".
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    octavo::fail(name_, ": at offset ", start_, ": ", parts...);
  }

 private:
  /// `count` is small.
  byte_view take(std::size_t count, std::string_view what) {
    check_left(count, what);
    const byte_view taken = file_->subspan(next_, count);
    next_ += count;
    return taken;
  }

  void check_left(std::uint64_t count, std::string_view what) const {
    if (count <= end_ - next_) return;
    fail(what, " takes ", count, " bytes at offset ", next_, ", but only ", end_ - next_,
         " are left");
  }

  void read_varint(protobuf_field& field) {
    field.offset = next_;
    field.value = varint("a number");
    field.size = next_ - field.offset;
  }

  template <class T>
  void read_fixed(protobuf_field& field, wire_type type) {
    field.type = type;
    field.offset = next_;
    field.size = sizeof(T);
    field.value = load_little<T>(take(sizeof(T), "a number").data());
  }

  void read_bytes(protobuf_field& field) {
    const std::uint64_t size = varint("a length");
    check_left(size, concat_text("field ", field.number));
    field.type = wire_type::bytes;
    field.offset = next_;
    field.size = static_cast<std::size_t>(size);
    next_ += field.size;
  }

  buffered_file* file_;
  std::string_view name_;
  std::size_t next_;
  std::size_t end_;
  std::size_t start_ = next_;  ///< of the field that is read, for messages
};

}  // namespace octavo::inline v0::io
