// SPDX-License-Identifier: MIT
/// @file
/// From thresholds and folded weights to the integer parameters of one op. Where a quantized
/// network gets its numbers from; the walk over a whole network is model/quantize.hpp.
///
/// Throughout, t_x and t_y are the thresholds of the op's input and output.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0 {

/// max |v|; 0 for an empty span.
inline double max_abs(std::span<const double> values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

/// Whether an accumulator of `taps` products of int8 cannot leave int32 with this bias, even when
/// it starts from bias + 2^(shift-1): |bias| + taps * 128 * 128 + 2^(shift-1) < 2^31.
constexpr bool accumulator_fits(double bias, std::int64_t taps, int shift = 0) {
  const double half = shift > 0 ? power_of_two(shift - 1) : 0;
  const double magnitude = bias < 0 ? -bias : bias;
  return magnitude + static_cast<double>(taps) * 16384 + half < 0x1p31;
}

static_assert(accumulator_fits(0, 131071) && !accumulator_fits(0, 131072));
static_assert(accumulator_fits(16383, 131071) && !accumulator_fits(16384, 131071));

/// The smallest shift in 0..31 that brings a = max|W| * t_x / t_y to 64 or more, 31 where none
/// does; 0 for weights that are all zero. @throws octavo::error where a >= 128: no right shift can
/// do it.
constexpr int choose_rshift(double a) {
  require(a < 128, "the weights are too large for these thresholds (max|W| * t_x / t_y >= 128)");
  if (a == 0) return 0;
  int r = 0;
  while (r < 31 && a * power_of_two(r) < 64) ++r;
  return r;
}

/// shift = smallest in 0..31 with max(t_x) / t_y * 2^shift >= 64, m_i = floor(t_xi / t_y *
/// 2^shift).
/// @throws octavo::error where a ratio is 128 or more.
constexpr add_params choose_add(double t_x0, double t_x1, double t_y) {
  const double largest = (t_x0 > t_x1 ? t_x0 : t_x1) / t_y;
  require(largest < 128, "an input's threshold is 128 times the output's or more");
  const int r = choose_rshift(largest);
  const double scale = power_of_two(r);
  return {{static_cast<std::int32_t>(floor_exact(t_x0 / t_y * scale)),
           static_cast<std::int32_t>(floor_exact(t_x1 / t_y * scale))},
          r};
}

/// s = t_x / (t_y * divisor); shift = smallest in 0..31 with floor(s * 2^shift) >= 128, 31 where
/// none; multiplier = floor(s * 2^shift). @throws octavo::error where it leaves 1..255.
constexpr pool_divisor choose_pool_divisor(double t_x, double t_y, int divisor) {
  const double s = t_x / (t_y * divisor);
  int r = 0;
  while (r < 31 && floor_exact(s * power_of_two(r)) < 128) ++r;
  const double m = floor_exact(s * power_of_two(r));
  require(m <= 255, "average pool: the input's threshold is too large for the output's");
  require(m >= 1, "average pool: the input's threshold is too small for the output's");
  return {divisor, {static_cast<std::int32_t>(m), r}};
}

}  // namespace octavo::inline v0
