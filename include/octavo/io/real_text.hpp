// SPDX-License-Identifier: MIT
/// @file
/// Real numbers as text that reads back exactly: in MLIR, and as C++.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>

#include "octavo/core/real.hpp"

namespace octavo::inline v0::io {

/// The shortest digits that are this number, with a point in them: MLIR asks for it, and to C++ it
/// says that the number is a double. "161.008056641", "1.0", "1.0e-05"; "inf" and "nan" have none.
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

}  // namespace octavo::inline v0::io
