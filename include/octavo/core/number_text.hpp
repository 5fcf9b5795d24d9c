// SPDX-License-Identifier: MIT
/// @file
/// Real numbers as text for people: the same in every locale.
#pragma once

#include <charconv>
#include <string>

#include "octavo/version.hpp"

namespace octavo::inline v0::detail {

/// `digits` as std::to_chars has them: behind the point, or in all. "inf", "-inf", "nan".
inline std::string chars_of(double value, std::chars_format format, int digits) {
  char text[400];  // 309 digits before the point at most, and few behind it
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value, format, digits);
  return {text, end.ptr};
}

/// With so many digits behind the point: "0.998130", "inf", "-inf". Never "-0.000000".
inline std::string fixed_text(double value, int digits) {
  std::string text = chars_of(value, std::chars_format::fixed, digits);
  const bool is_zero = text.find_first_not_of("-0.") == std::string::npos;
  if (is_zero && text[0] == '-') text.erase(0, 1);
  return text;
}

/// With so many digits that count, as printf's %g.
inline std::string general_text(double value, int digits) {
  return chars_of(value, std::chars_format::general, digits);
}

}  // namespace octavo::inline v0::detail
