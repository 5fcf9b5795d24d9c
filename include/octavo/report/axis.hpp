// SPDX-License-Identifier: MIT
/// @file
/// From values to places: a linear axis and its ticks.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"

namespace octavo::inline v0::report {

/// Maps lo..hi to 0..1.
struct axis {
  double lo = 0;
  double hi = 1;

  /// Where `value` lies; what lies outside, infinities included, at the nearer end.
  double at(double value) const {
    if (!(hi > lo)) return 0;
    if (!is_finite(value)) return value > 0 ? 1 : 0;
    return std::clamp((value - lo) / (hi - lo), 0.0, 1.0);
  }
};

/// The smallest of 1, 2 and 5 times a power of ten that is at least `raw` > 0.
inline double nice_step(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// At most `most` + 1 round values between the ends of `along`, ends included. None where the axis
/// has no length.
inline std::vector<double> ticks(const axis& along, int most) {
  std::vector<double> found;
  const double length = along.hi - along.lo;
  if (!(length > 0) || !is_finite(length)) return found;
  const double step = nice_step(length / most);
  const double first = std::ceil(along.lo / step - 1e-9);
  for (int k = 0; k <= most; ++k) {
    const double value = (first + k) * step;  // a multiple, not a sum: no drift
    if (value > along.hi + 1e-9 * length) break;
    found.push_back(value);
  }
  return found;
}

/// An axis over all finite `values`, widened to round ends, at most `most` steps long. 0..1 where
/// there are none.
inline axis axis_around(const std::vector<double>& values, int most) {
  axis along{.lo = 0, .hi = 0};
  bool any = false;
  for (const double value : values) {
    if (!is_finite(value)) continue;
    along.lo = any ? std::min(along.lo, value) : value;
    along.hi = any ? std::max(along.hi, value) : value;
    any = true;
  }
  if (!any) return {};
  if (!(along.hi > along.lo)) along.hi = along.lo + std::max(1.0, std::fabs(along.lo));
  const double step = nice_step((along.hi - along.lo) / most);
  return {std::floor(along.lo / step + 1e-9) * step, std::ceil(along.hi / step - 1e-9) * step};
}

}  // namespace octavo::inline v0::report
