// SPDX-License-Identifier: MIT
/// @file
/// Real values and int8 activations: a tensor with threshold t holds q for the value q * t / 128.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/real.hpp"
#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0 {

/// A threshold is a positive finite number: the magnitude that int8 -128 stands for.
constexpr bool is_threshold(double t) { return is_finite(t) && t > 0; }

/// round_up(v), clamped to int8; v finite.
constexpr std::int8_t round_to_int8(double v) {
  if (v >= 127) return 127;  // also keeps the conversion below in range
  if (v <= -128) return -128;
  return sat8(static_cast<std::int64_t>(round_up(v)));
}

/// sat8(round_up(x * 128 / threshold)), for finite x and a valid threshold.
constexpr std::int8_t quantize(double x, double threshold) {
  assert(is_finite(x) && is_threshold(threshold));
  return round_to_int8(x * 128 / threshold);
}

/// q * threshold / 128.
constexpr double dequantize(int q, double threshold) { return q * threshold / 128; }

static_assert(quantize(1.0, 128.0) == 1 && quantize(-0.5, 128.0) == 0 && quantize(0.5, 128.0) == 1);
static_assert(quantize(1e300, 1.0) == 127 && quantize(-1e300, 1.0) == -128);

}  // namespace octavo::inline v0
