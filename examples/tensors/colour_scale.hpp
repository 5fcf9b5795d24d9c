// SPDX-License-Identifier: MIT
/// @file
/// Colours for numbers, even to the eye: equal steps of the number are equal steps of lightness in
/// OKLab, Bjoern Ottosson's colour space made for that.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace octavo::examples {

using colour = std::array<std::uint8_t, 3>;  ///< red, green, blue (sRGB)

namespace detail {

/// Linear red, green and blue of a lightness in 0..1, a chroma and a hue in degrees; outside of
/// 0..1 where no screen has the colour.
inline std::array<double, 3> linear_rgb(double lightness, double chroma, double hue) {
  const double angle = hue * (3.14159265358979323846 / 180);
  const double a = chroma * std::cos(angle);
  const double b = chroma * std::sin(angle);
  const auto cube = [](double v) { return v * v * v; };
  const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

/// As sRGB. Every colour below is one that a screen has.
inline colour screen_colour(double lightness, double chroma, double hue) {
  colour found;
  const auto rgb = linear_rgb(lightness, chroma, hue);
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = std::clamp(rgb[i], 0.0, 1.0);
    const double encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
    found[i] = static_cast<std::uint8_t>(std::lround(255 * encoded));
  }
  return found;
}

}  // namespace detail

/// From dark violet over blue and green to light yellow; t in 0..1. In the middle, where screens
/// have only dull colours of that lightness, the chroma is least.
inline colour sequential_colour(double t) {
  const double from_middle = 2 * t - 1;
  const double chroma = 0.085 + (t < 0.5 ? 0.045 : 0.1) * from_middle * from_middle;
  return detail::screen_colour(0.25 + 0.7 * t, chroma, 300 - 190 * t);
}

/// Blue below zero, red above, the stronger the darker, nearly white at zero; t in -1..1.
inline colour diverging_colour(double t) {
  const double strength = std::fabs(t);
  return detail::screen_colour(0.97 - 0.5 * strength, 0.165 * strength, t < 0 ? 257 : 27);
}

/// A number's colour. Where there are negative ones the scale is symmetric, so that zero is white
/// and the signs are colours; else it goes from the least to the greatest.
class colour_scale {
 public:
  /// Of numbers in least..greatest, both finite.
  colour_scale(double least, double greatest)
      : low_(least < 0 ? -std::max(-least, greatest) : least), high_(least < 0 ? -low_ : greatest) {
    for (std::size_t i = 0; i < steps; ++i) {
      const double t = static_cast<double>(i) / (steps - 1);
      table_[i] = low_ < 0 ? diverging_colour(2 * t - 1) : sequential_colour(t);
    }
  }

  double low() const { return low_; }
  double high() const { return high_; }

  /// Of a number in low()..high().
  colour operator()(double value) const {
    // Halves first: high - low may be more than the largest double.
    const double span = high_ / 2 - low_ / 2;
    const double t = span > 0 ? (value / 2 - low_ / 2) / span : 0;
    return table_[static_cast<std::size_t>(std::lround(std::clamp(t, 0.0, 1.0) * (steps - 1)))];
  }

 private:
  static constexpr std::size_t steps = 257;  // odd: zero has a colour of its own

  double low_;
  double high_;
  std::array<colour, steps> table_ = {};
};

}  // namespace octavo::examples
