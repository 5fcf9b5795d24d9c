// SPDX-License-Identifier: MIT
/// @file
/// Numbers as a person reads them: few digits, a unit, the same text in every locale.
///
/// All texts are UTF-8 and not yet escaped for HTML.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "octavo/core/error.hpp"
#include "octavo/core/number_text.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/shape.hpp"

namespace octavo::inline v0::report {

/// What stands where a number does not exist: a time that nobody took, a rate of no time.
inline constexpr std::string_view no_number = "\u2013";

namespace detail {

/// e, where `value`, rounded to `digits` digits, is d.dd * 10^e; 0 for 0.
inline int exponent_of(double value, int digits) {
  const std::string text =
      octavo::detail::chars_of(value, std::chars_format::scientific, digits - 1);
  return std::atoi(text.c_str() + text.find('e') + 1);
}

}  // namespace detail

/// `value` with so many digits behind the point; no "-0". Infinity and NaN have signs of their own.
inline std::string decimal(double value, int digits) {
  if (std::isnan(value)) return std::string(no_number);
  if (!is_finite(value)) return value > 0 ? "\u221E" : "-\u221E";
  return octavo::detail::fixed_text(value, digits);
}

/// The same without zeros at its end: "2.5", "3", "0".
inline std::string short_decimal(double value, int digits) {
  std::string text = decimal(value, digits);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// Three digits that matter, as a decimal: "7.61", "513", "0.0123"; "1.2e-07" where it is tiny or
/// huge.
inline std::string significant(double value) {
  if (!is_finite(value) || value == 0) return decimal(value, 0);
  const int exponent = detail::exponent_of(value, 3);
  if (exponent < -4 || exponent > 6) return octavo::detail::general_text(value, 3);
  return decimal(value, std::max(0, 2 - exponent));
}

/// Three digits and the unit with its prefix: "7.61 ms", "513 GMAC/s", "25.5 MB"; "4.09 G" without
/// a unit.
inline std::string with_unit(double value, std::string_view unit) {
  constexpr std::string_view prefixes[] = {"p", "n", "\u00B5", "m", "", "k", "M", "G", "T", "P"};
  int thousands = 0;
  if (is_finite(value) && value != 0) {
    const int exponent = detail::exponent_of(value, 3);
    thousands = std::clamp((exponent >= 0 ? exponent : exponent - 2) / 3, -4, 5);
  }
  const double scaled = value / std::pow(10.0, 3 * thousands);
  const std::string whole = concat_text(prefixes[thousands + 4], unit);
  return concat_text(significant(scaled), whole.empty() ? "" : " ", whole);
}

inline std::string bytes_text(std::int64_t bytes) {
  return bytes < 1000 ? concat_text(bytes, " B") : with_unit(static_cast<double>(bytes), "B");
}

/// 0.96 as "96 %", small shares with two digits that matter: "0.031 %".
inline std::string percent_text(double share) {
  const double percent = share * 100;
  if (!is_finite(percent) || percent == 0) return concat_text(decimal(percent, 0), " %");
  const int exponent = detail::exponent_of(percent, 2);
  return concat_text(decimal(percent, std::clamp(1 - exponent, 0, 8)), " %");
}

/// 25542640 as "25 542 640", with narrow blanks at which no line breaks.
inline std::string grouped(std::int64_t value) {
  const std::string digits = std::to_string(value);
  const std::size_t sign = value < 0 ? 1 : 0;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > sign && (digits.size() - i) % 3 == 0) text += "\u202F";
    text += digits[i];
  }
  return text;
}

/// 0x0185bff0
inline std::string address_text(std::int64_t address) {
  std::array<char, 20> digits;
  const auto [end, code] = std::to_chars(digits.data(), digits.data() + digits.size(), address, 16);
  require(code == std::errc(), "report: an address with too many digits");
  const std::string text(digits.data(), end);
  return concat_text("0x", std::string(text.size() < 8 ? 8 - text.size() : 0, '0'), text);
}

/// Channels x height x width: "256x56x56" with real crosses, "1000" for a vector, and the batch in
/// front where it is not 1.
inline std::string shape_text(const shape& of) {
  const std::string cross = "\u00D7";
  std::string text = of.n == 1 ? "" : concat_text(of.n, cross);
  text += std::to_string(of.c);
  return of.h == 1 && of.w == 1 ? text : concat_text(text, cross, of.h, cross, of.w);
}

/// "513 GMAC/s", or a dash where no time passed.
inline std::string rate_text(std::int64_t multiply_adds, double seconds) {
  if (multiply_adds <= 0 || !(seconds > 0)) return std::string(no_number);
  return with_unit(static_cast<double>(multiply_adds) / seconds, "MAC/s");
}

}  // namespace octavo::inline v0::report
