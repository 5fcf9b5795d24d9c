// SPDX-License-Identifier: MIT
/// @file
/// Attributes as text. Every number is written so that it reads back exactly, even after mlir-opt
/// has printed it again: real numbers as f64.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/io/mlir/token.hpp"

namespace octavo::inline v0::io::mlir {

/// The shortest digits that are this number, with the point that MLIR asks for.
inline std::string real_text(double number) {
  char digits[32];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, number);
  std::string text(digits, result.ptr);
  if (is_finite(number) && text.find('.') == std::string::npos) {
    const std::size_t exponent = text.find('e');
    text.insert(exponent == std::string::npos ? text.size() : exponent, ".0");
  }
  return text;
}

/// The attributes of one op by name.
class attribute_list {
 public:
  attribute_list& text(std::string_view name, std::string_view value) {
    return add(name, encode_string(value));
  }
  attribute_list& address(std::int64_t value) {
    return add("offset", concat_text(value, " : i64"));
  }
  attribute_list& integer(std::string_view name, int value) {
    return add(name, concat_text(value, " : i32"));
  }
  attribute_list& real(std::string_view name, double value) {
    return add(name, real_text(value) + " : f64");
  }
  attribute_list& flag(std::string_view name, bool value) {
    return add(name, value ? "true" : "false");
  }
  attribute_list& integers(std::string_view name, const std::vector<int>& values) {
    std::string list;
    for (const int each : values) list += concat_text(list.empty() ? "" : ", ", each, " : i32");
    return add(name, "[" + list + "]");
  }

  /// { ... } in the order in which they came.
  std::string str() const { return "{" + text_ + "}"; }

 private:
  attribute_list& add(std::string_view name, std::string_view value) {
    text_ += concat_text(text_.empty() ? "" : ", ", name, " = ", value);
    return *this;
  }

  std::string text_ = {};
};

}  // namespace octavo::inline v0::io::mlir
