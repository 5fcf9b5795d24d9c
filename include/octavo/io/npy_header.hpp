// SPDX-License-Identifier: MIT
/// @file
/// The header of a .npy file: a strict parser of the Python literal in it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/element_type.hpp"

namespace octavo::inline v0::io {

/// What a .npy header says.
struct npy_header {
  std::vector<std::int64_t> shape;  ///< empty: one element without dimensions
  element_type type = element_type::float32;
  bool fortran_order = false;     ///< the first index runs fastest
  bool big_endian = false;        ///< never for types of one byte
  std::uint64_t data_offset = 0;  ///< bytes before the data
  std::uint64_t data_size = 0;    ///< bytes of data
};

/// Bytes that elements of `element_size` bytes in this shape take. Fails, naming `name`, at a
/// negative dimension, at more than 64 dimensions and where the product without the zeros in it is
/// above 2^63 - 1.
inline std::uint64_t byte_count(const std::vector<std::int64_t>& shape, std::size_t element_size,
                                std::string_view name) {
  constexpr std::size_t most_dimensions = 64;
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (shape.size() > most_dimensions) {
    fail(name, ": has ", shape.size(), " dimensions, at most ", most_dimensions, " were expected");
  }
  std::uint64_t bytes = element_size;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) fail(name, ": has the negative dimension ", extent);
    if (extent == 0) empty = true;
    if (extent > 0 && bytes > largest / static_cast<std::uint64_t>(extent)) {
      fail(name, ": its dimensions multiply to more than 2^63 - 1 bytes");
    }
    if (extent > 0) bytes *= static_cast<std::uint64_t>(extent);
  }
  return empty ? 0 : bytes;
}

/// The same of elements of this type.
inline std::uint64_t byte_count(const std::vector<std::int64_t>& shape, element_type type,
                                std::string_view name) {
  return byte_count(shape, size_of(type), name);
}

namespace detail {

/// Parses {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }: exactly these keys, each
/// once, in any order; spaces wherever Python has them. Anything else is refused.
class npy_literal_parser {
 public:
  npy_literal_parser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  void parse(npy_header& header) {
    expect('{');
    while (!accept('}')) {
      parse_entry(header);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (next_ != text_.size()) refuse("the end of the header");
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!seen_[i]) fail(name_, ": the .npy header has no key '", keys[i], "'");
    }
  }

 private:
  static constexpr std::array<std::string_view, 3> keys{"descr", "fortran_order", "shape"};

  [[noreturn]] void refuse(std::string_view expected) const {
    const std::string found = next_ < text_.size() ? in_quotes(text_.substr(next_, 1)) : "its end";
    fail(name_, ": in the .npy header at character ", next_, ": found ", found, ", expected ",
         expected);
  }

  void skip_spaces() {
    constexpr std::string_view spaces = " \t\r\n\f";
    while (next_ < text_.size() && spaces.find(text_[next_]) != std::string_view::npos) ++next_;
  }

  bool accept(char wanted) {
    skip_spaces();
    if (next_ == text_.size() || text_[next_] != wanted) return false;
    ++next_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) refuse(in_quotes({&wanted, 1}));
  }

  /// A quoted text without escapes.
  std::string_view parse_text(std::string_view expected) {
    skip_spaces();
    const char quote = next_ < text_.size() ? text_[next_] : '\0';
    if (quote != '\'' && quote != '"') refuse(expected);
    const std::size_t begin = ++next_;
    while (next_ < text_.size() && text_[next_] != quote) {
      if (text_[next_] == '\\' || text_[next_] == '\n') refuse("a text without escapes");
      ++next_;
    }
    if (next_ == text_.size()) refuse("a closing quote");
    return text_.substr(begin, next_++ - begin);
  }

  void parse_entry(npy_header& header) {
    const std::string_view key = parse_text("a key in quotes");
    std::size_t index = 0;
    while (index < keys.size() && keys[index] != key) ++index;
    if (index == keys.size()) fail(name_, ": the .npy header has the unknown key ", in_quotes(key));
    if (seen_[index]) fail(name_, ": the .npy header has the key '", key, "' twice");
    seen_[index] = true;
    expect(':');
    if (index == 0) parse_type(header);
    if (index == 1) header.fortran_order = parse_bool();
    if (index == 2) parse_shape(header);
  }

  void parse_type(npy_header& header) {
    if (accept('[')) {
      fail(name_, ": has a structured type, which is not read; expected a number type like '<f4'");
    }
    const std::string_view code = parse_text("a type code like '<f4'");
    if (code.find('O') != std::string_view::npos) {
      fail(name_, ": holds pickled Python objects (type ", in_quotes(code),
           "), which are not read");
    }
    const bool short_code = code.size() == 3;
    const char kind = short_code ? code[1] : '?';
    const auto type = find_element(kind, short_code ? code[2] - '0' : 0);
    const bool order_known = !code.empty() && std::string_view("<>=|").find(code[0]) < 4;
    if (!type || !order_known || (code[0] == '|' && size_of(*type) != 1)) {
      fail(
          name_, ": has the type ", in_quotes(code),
          ", expected b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4 or f8 after '<', '>', '=' or '|'");
    }
    header.type = *type;
    header.big_endian = code[0] == '>' && size_of(*type) > 1;
  }

  bool parse_bool() {
    skip_spaces();
    for (const std::string_view word : {std::string_view("True"), std::string_view("False")}) {
      if (text_.substr(next_, word.size()) == word) {
        next_ += word.size();
        return word == "True";
      }
    }
    refuse("True or False");
  }

  void parse_shape(npy_header& header) {
    expect('(');
    bool comma = true;
    while (!accept(')')) {
      if (!comma) refuse("',' or ')'");
      header.shape.push_back(parse_extent());
      comma = accept(',');
    }
    // Python reads (3) as the number 3, which is no shape.
    if (header.shape.size() == 1 && !comma) fail(name_, ": the shape lacks its comma: (n,)");
  }

  std::int64_t parse_extent() {
    skip_spaces();
    if (next_ < text_.size() && text_[next_] == '-') {
      fail(name_, ": the shape in the .npy header has a negative dimension");
    }
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::size_t begin = next_;
    std::int64_t value = 0;
    for (; next_ < text_.size() && text_[next_] >= '0' && text_[next_] <= '9'; ++next_) {
      const int digit = text_[next_] - '0';
      if (value > (largest - digit) / 10) {
        fail(name_, ": the shape in the .npy header has a dimension above 2^63 - 1");
      }
      value = value * 10 + digit;
    }
    if (next_ == begin) refuse("a dimension or ')'");
    // Python 2 wrote long integers as 3L.
    if (next_ < text_.size() && text_[next_] == 'L') ++next_;
    return value;
  }

  std::string_view text_;
  std::string_view name_;
  std::size_t next_ = 0;
  std::array<bool, 3> seen_{};
};

}  // namespace detail

/// Bytes before the length of a .npy header is known.
inline constexpr std::size_t npy_prefix_size = 12;

/// Bytes from the start of a .npy file to its data, told from the first npy_prefix_size bytes.
/// Fails at a wrong magic, at a version other than 1.0, 2.0 and 3.0 and above 1 MiB.
inline std::uint64_t npy_data_offset(byte_view prefix, std::string_view name) {
  constexpr std::uint64_t largest = 1U << 20U;
  byte_reader reader(prefix, std::string(name));
  const byte_view magic = reader.take(6, "the .npy magic");
  constexpr std::array<std::uint8_t, 6> expected{0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (!std::equal(magic.begin(), magic.end(), expected.begin())) {
    fail(name, ": does not start with the .npy magic \\x93NUMPY");
  }
  const int major = reader.get<std::uint8_t>("the .npy version");
  const int minor = reader.get<std::uint8_t>("the .npy version");
  if (major < 1 || major > 3 || minor != 0) {
    fail(name, ": has .npy version ", major, ".", minor, ", expected 1.0, 2.0 or 3.0");
  }
  constexpr std::string_view field = "the .npy header length";
  const std::uint64_t length =
      major == 1 ? reader.get<std::uint16_t>(field) : reader.get<std::uint32_t>(field);
  if (length > largest) {
    fail(name, ": its .npy header is ", length, " bytes long, at most ", largest, " were expected");
  }
  return reader.position() + length;
}

/// Parses the header that starts `bytes`; the data need not follow. `name` stands in messages.
inline npy_header parse_npy_header(byte_view bytes, std::string_view name) {
  const std::uint64_t end = npy_data_offset(bytes, name);
  if (end > bytes.size()) {
    fail(name, ": its .npy header ends at byte ", end, ", but there are only ", bytes.size());
  }
  const std::size_t begin = bytes[6] == 1 ? 10 : 12;
  const byte_view literal = bytes.subspan(begin, static_cast<std::size_t>(end) - begin);
  const std::string text(literal.begin(), literal.end());
  npy_header header;
  detail::npy_literal_parser(text, name).parse(header);
  header.data_offset = end;
  header.data_size = byte_count(header.shape, header.type, name);
  return header;
}

}  // namespace octavo::inline v0::io
