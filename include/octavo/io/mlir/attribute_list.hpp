// SPDX-License-Identifier: MIT
/// @file
/// Attributes as text. Every number is written so that it reads back exactly, even after mlir-opt
/// has printed it again: real numbers as f64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/mlir/token.hpp"
#include "octavo/io/real_text.hpp"

namespace octavo::inline v0::io::mlir {

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
    for (const int each : values) append_item(list, each, " : i32");
    return add(name, "[" + list + "]");
  }

  /// { ... } in the order in which they came.
  std::string str() const { return "{" + text_ + "}"; }

 private:
  attribute_list& add(std::string_view name, std::string_view value) {
    append_item(text_, name, " = ", value);
    return *this;
  }

  std::string text_ = {};
};

}  // namespace octavo::inline v0::io::mlir
