// SPDX-License-Identifier: MIT
/// @file
/// From a real scale to the integers of a policy, at compile time if you like:
///
///     constexpr octavo::multiplier_rshift third = octavo::to_multiplier_rshift(1.0 / 3);
///     static_assert(third(30) == 10);
#pragma once

#include <cstdint>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0 {

/// The r in 0..62 with s * 2^r in [low, 2 * low), or 62 where s is too small for one.
/// low is a power of two. @throws octavo::error where s is not positive or needs r < 0.
constexpr int scale_shift(double s, double low) {
  require(is_finite(s) && s > 0, "scale: must be positive and finite");
  require(s < 2 * low, "scale: too large, it would need a left shift");
  int r = 0;
  while (r < 62 && s * power_of_two(r) < low) ++r;
  return r;
}

/// s as m / 2^r with m in [2^30, 2^31), rounded to nearest with ties up. An s below 2^-32 keeps
/// r = 62 and a smaller m, at least 1. @throws octavo::error where s >= 2^31 - 1/2 or s <= 0.
constexpr multiplier_rshift to_multiplier_rshift(double s) {
  int r = scale_shift(s, 0x1p30);
  double m = round_up(s * power_of_two(r));
  if (m == 0x1p31) {
    require(r > 0, "scale: too large, it would need a left shift");
    m = 0x1p30;
    --r;
  }
  return {m < 1 ? 1 : static_cast<std::int32_t>(m), r};
}

/// s as m / 2^r with m in [128, 255], rounded down: what the TPU's 8-bit multiplier holds. An s
/// below 2^-55 keeps r = 62 and a smaller m, at least 1.
/// @throws octavo::error where s >= 256 or s <= 0.
constexpr multiplier_rshift to_multiplier8_rshift(double s) {
  const int r = scale_shift(s, 128);
  const double m = floor_exact(s * power_of_two(r));
  return {m < 1 ? 1 : static_cast<std::int32_t>(m), r};
}

/// Whether s, positive and finite, is large enough for a Q31 form with a shift of at most 31.
/// Decided after rounding: the number just below 2^-32 still becomes 2^30 / 2^62.
constexpr bool has_multiplier_q31(double s) { return round_up(s * 0x1p62) >= 0x1p30; }

/// s < 1 as m / 2^(31 + r) with m in [2^30, 2^31). @throws octavo::error where s rounds to 1 or
/// more or is too small.
constexpr multiplier_q31 to_multiplier_q31(double s) {
  require(is_finite(s) && s > 0 && s < 1, "scale: a Q31 multiplier needs 0 < s < 1");
  require(has_multiplier_q31(s), "scale: too small for a Q31 multiplier with a shift of 31");
  const multiplier_rshift form = to_multiplier_rshift(s);
  require(form.shift >= 31, "scale: rounds to 1 in Q31");
  return {form.multiplier, form.shift - 31};
}

static_assert(to_multiplier_rshift(1.0) == multiplier_rshift{1 << 30, 30});
static_assert(to_multiplier_rshift(0.75) == multiplier_rshift{3 << 29, 31});
static_assert(to_multiplier_rshift(1.0 - 0x1p-40) == multiplier_rshift{1 << 30, 30});
static_assert(to_multiplier_rshift(0x1p-70) == multiplier_rshift{1, 62});
static_assert(to_multiplier8_rshift(1.0) == multiplier_rshift{128, 7});
static_assert(to_multiplier8_rshift(1.999) == multiplier_rshift{255, 7});
static_assert(to_multiplier_q31(0.5) == multiplier_q31{1 << 30, 0});
static_assert(to_multiplier_q31(0.3).shift == 1);

}  // namespace octavo::inline v0
