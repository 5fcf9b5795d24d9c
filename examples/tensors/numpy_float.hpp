// SPDX-License-Identifier: MIT
/// @file
/// Floating-point numbers as NumPy prints them with precision=6 and suppress=True.
///
/// In an array all numbers have one form, which the finite ones among those that are shown decide:
/// * positional ("-0.25"), with at most 6 digits behind the point, unless one is >= 1e8;
///   then all are scientific ("2.5e+08"), with at most 6 digits behind the point.
/// * A number has the digits of the shortest decimal that reads back as the same number of its type
///   (0.1 as float32 is 0.1); where those are more than 6 behind the point, it is its exact value
///   that is rounded to 6, ties to even.
/// * In front of the point all digits are those of the exact value.
/// * Positional numbers lose the zeros at their end and keep the point ("1.", "0."); blanks stand
///   in their place so that the points are in one column. Scientific ones keep as many digits as
///   the longest has; here the exact value is rounded where the shortest has fewer.
/// * The sign of a zero, or of what is rounded to zero, stays: "-0.".
/// * nan, inf and -inf stand right-justified in the same columns.
///
/// A number on its own (an array without dimensions) takes no notice of those options: all digits
/// of the shortest decimal, positional in [1e-4, 1e16) ("1.0"), scientific elsewhere ("1e+20").
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>

#include "octavo/core/error.hpp"

namespace octavo::examples {

/// What type a number, here always held as a double, has in its array.
enum class float_kind { half, single, full };

/// The finite number [-]d.ddd * 10^exponent.
struct decimal_digits {
  bool negative = false;
  std::string digits = {};  ///< at least one; the first is not 0 unless the number is
  int exponent = 0;

  /// Behind the point in the scientific form.
  std::size_t fraction() const { return digits.size() - 1; }
  bool is_zero() const { return digits.find_first_not_of('0') == std::string::npos; }
};

namespace detail {

/// From "-1.25e+08".
inline decimal_digits parse_scientific(std::string_view text) {
  decimal_digits found = {.negative = text.front() == '-'};
  if (found.negative) text.remove_prefix(1);
  const std::size_t e = text.find('e');
  found.digits = text.substr(0, 1);
  if (e > 1) found.digits += text.substr(2, e - 2);
  found.exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  return found;
}

template <class... Precision>
std::string chars_of(auto value, std::chars_format form, Precision... precision) {
  char text[400];  // the longest, 309 digits before the point and 6 behind it, fits
  const auto [end, code] = std::to_chars(text, text + sizeof text, value, form, precision...);
  require(code == std::errc(), "tensors: a number with too many digits");
  return {text, end};
}

/// The exact value rounded to so many digits behind the point, ties to even.
inline decimal_digits rounded(double value, std::size_t fraction) {
  return parse_scientific(
      chars_of(value, std::chars_format::scientific, static_cast<int>(fraction)));
}

/// Shortest digits of a float16, which std::to_chars does not know: the first rounding that lies
/// nearer to it than to its neighbours, or half-way from one that has an even significand.
inline decimal_digits shortest_half(double value) {
  const double magnitude = std::fabs(value);
  int exponent = 0;
  const double significand = std::frexp(magnitude, &exponent);  // in [1/2, 1)
  const double step = std::ldexp(1.0, std::max(exponent - 11, -24));
  // Below a power of two numbers are twice as dense: the nearest decimal may be that neighbour's
  // while the next one above is still this number's. That one is nearest to `above`.
  const bool narrow = significand == 0.5 && exponent > -13;
  const double low = magnitude - (narrow ? step / 4 : step / 2);
  const double high = magnitude + step / 2;
  const double above = narrow ? magnitude + step / 4 : magnitude;
  const bool even = std::fmod(magnitude / step, 2) == 0;
  for (int fraction = 0;; ++fraction) {
    for (const double from : {magnitude, above}) {
      const std::string text = chars_of(from, std::chars_format::scientific, fraction);
      double back = 0;
      std::from_chars(text.data(), text.data() + text.size(), back);
      const bool same = even ? back >= low && back <= high : back > low && back < high;
      if (!same) continue;
      decimal_digits found = parse_scientific(text);
      found.negative = std::signbit(value);
      return found;
    }
  }
}

/// What follows the point without the zeros at its end.
inline std::string without_zeros(std::string text) {
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

/// d.ddd * 10^e without an exponent: "-123.", "0.00125", with all its digits.
inline std::string positional_text(const decimal_digits& number) {
  std::string whole = "0";
  std::string behind;
  if (number.exponent < 0) {
    behind = std::string(static_cast<std::size_t>(-number.exponent - 1), '0') + number.digits;
  } else {
    const auto count = static_cast<std::size_t>(number.exponent) + 1;
    whole = number.digits.substr(0, count);
    if (whole.size() < count) whole.append(count - whole.size(), '0');
    if (number.digits.size() > count) behind = number.digits.substr(count);
  }
  return concat_text(number.negative ? "-" : "", whole, ".", without_zeros(behind));
}

/// "+08", "-123": at least `width` digits.
inline std::string exponent_text(int exponent, std::size_t width) {
  std::string digits = std::to_string(std::abs(exponent));
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return concat_text(exponent < 0 ? "-" : "+", digits);
}

}  // namespace detail

/// The shortest decimal that reads back as the same number of its type; of several the nearest.
/// `value` is finite.
inline decimal_digits shortest_digits(double value, float_kind kind) {
  constexpr auto scientific = std::chars_format::scientific;
  if (kind == float_kind::full || value == 0) {
    return detail::parse_scientific(detail::chars_of(value, scientific));
  }
  if (kind == float_kind::single) {
    return detail::parse_scientific(detail::chars_of(static_cast<float>(value), scientific));
  }
  return detail::shortest_half(value);
}

/// A number on its own: str() of a NumPy scalar.
inline std::string scalar_text(double value, float_kind kind) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const decimal_digits number = shortest_digits(value, kind);
  const double magnitude = std::fabs(value);
  if (magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    const std::string text = detail::positional_text(number);
    return text.back() == '.' ? text + "0" : text;
  }
  return concat_text(number.negative ? "-" : "", number.digits.substr(0, 1),
                     number.fraction() > 0 ? "." : "", number.digits.substr(1), "e",
                     detail::exponent_text(number.exponent, 2));
}

/// The one form of all numbers of an array.
class float_format {
 public:
  explicit float_format(float_kind kind) : kind_(kind) {}

  /// First, of every number that is shown: which form there is to be.
  void see(double value) {
    if (std::isfinite(value)) {
      scientific_ |= std::fabs(value) >= 1e8;
      any_finite_ = true;
    } else {
      any_other_ = true;
      minus_infinity_ |= std::isinf(value) && value < 0;
    }
  }

  /// Then, of every number that is shown: how wide that form is.
  void measure(double value) {
    if (!std::isfinite(value)) return;
    if (scientific_) {
      const decimal_digits number = first_digits(value);
      left_ = std::max(left_, std::size_t{number.negative} + 1);
      fraction_ = std::max(fraction_, number.fraction());
      exponent_width_ =
          std::max(exponent_width_, detail::exponent_text(number.exponent, 2).size() - 1);
    } else {
      const std::string text = positional(value);
      const std::size_t point = text.find('.');
      left_ = std::max(left_, point);
      right_ = std::max(right_, text.size() - point - 1);
    }
  }

  /// The number in as many columns as every other.
  std::string operator()(double value) const {
    const std::size_t behind = behind_point();
    if (!std::isfinite(value)) {
      const std::string_view word = std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
      return std::string(before_point() + 1 + behind - word.size(), ' ') + std::string(word);
    }
    std::string text = scientific_ ? scientific(value) : positional(value);
    const std::size_t point = text.find('.');
    text.insert(0, before_point() - point, ' ');
    text.append(before_point() + 1 + behind - text.size(), ' ');
    return text;
  }

 private:
  static constexpr std::size_t precision = 6;

  std::size_t behind_point() const {
    if (!any_finite_) return 0;
    return scientific_ ? fraction_ + 2 + exponent_width_ : right_;  // 2: the e and the sign
  }

  std::size_t before_point() const {
    if (!any_other_) return left_;
    const std::size_t longest = minus_infinity_ ? 4 : 3;
    const std::size_t behind = behind_point() + 1;
    return std::max(left_, longest > behind ? longest - behind : 0);
  }

  /// At most 6 digits behind the point, no zeros at the end.
  decimal_digits first_digits(double value) const {
    decimal_digits number = shortest_digits(value, kind_);
    if (number.fraction() > precision) number = detail::rounded(value, precision);
    number.digits = number.digits.substr(0, 1) + detail::without_zeros(number.digits.substr(1));
    return number;
  }

  std::string scientific(double value) const {
    decimal_digits number = shortest_digits(value, kind_);
    if (number.fraction() != fraction_) number = detail::rounded(value, fraction_);
    return concat_text(number.negative ? "-" : "", number.digits.substr(0, 1), ".",
                       number.digits.substr(1), "e",
                       detail::exponent_text(number.exponent, exponent_width_));
  }

  std::string positional(double value) const {
    const decimal_digits number = shortest_digits(value, kind_);
    const int behind = static_cast<int>(number.fraction()) - number.exponent;
    // Up to the point every digit is the exact value's: 10712, not 10710, as float16.
    if (behind < 0) return detail::chars_of(value, std::chars_format::fixed, 0) + ".";
    if (behind <= static_cast<int>(precision)) return detail::positional_text(number);
    return detail::without_zeros(
        detail::chars_of(value, std::chars_format::fixed, static_cast<int>(precision)));
  }

  float_kind kind_;
  bool scientific_ = false;
  bool any_finite_ = false;
  bool any_other_ = false;
  bool minus_infinity_ = false;
  std::size_t left_ = 0;
  std::size_t right_ = 0;
  std::size_t fraction_ = 0;
  std::size_t exponent_width_ = 0;
};

}  // namespace octavo::examples
