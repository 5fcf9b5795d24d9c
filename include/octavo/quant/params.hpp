// SPDX-License-Identifier: MIT
/// @file
/// The integers that ops are run with, as values: what the quantizer chooses, models store and
/// kernels read.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0 {

/// An integer that every int32 accumulator can start from.
template <class T>
concept bias_value = std::signed_integral<T> && sizeof(T) <= sizeof(std::int32_t);

/// The learned part of a convolution or a fully connected layer.
template <class Bias>
struct filter {
  static_assert(bias_value<Bias>, "filter: a bias is a signed integer of at most 32 bits");

  tensor_view<const std::int8_t> weights;  ///< O, I / groups, kh, kw
  std::span<const Bias> bias;              ///< one for each output channel, or empty for zeros
};

/// The learned part of a scale layer: one weight and one bias for each channel.
template <class Bias>
struct channel_scale {
  static_assert(bias_value<Bias>, "channel_scale: a bias is a signed integer of at most 32 bits");

  std::span<const std::int8_t> weights;
  std::span<const Bias> bias;  ///< or empty for zeros
};

/// Add: y = sat8(floor((m0 * x0 + m1 * x1) / 2^shift + 1/2)).
struct add_params {
  std::int32_t multiplier[2] = {1, 1};  ///< 0..127
  int shift = 0;                        ///< 0..31

  friend constexpr bool operator==(const add_params&, const add_params&) = default;
};

/// Average pool: one multiplier, 1/divisor folded in, for the windows of `divisor` pixels.
///
/// choose_pool_divisor() gives multipliers of 1..255 and shifts of 0..31; validate() allows the
/// whole range of multiplier_rshift, since a model of scheme::mixed may have chosen otherwise.
struct pool_divisor {
  int divisor = 1;
  multiplier_rshift requantize = {};

  friend constexpr bool operator==(const pool_divisor&, const pool_divisor&) = default;
};

/// The entry of `divisors` for this divisor. It must be there.
constexpr const pool_divisor& find_divisor(std::span<const pool_divisor> divisors, int divisor) {
  std::size_t i = 0;
  while (i < divisors.size() && divisors[i].divisor != divisor) ++i;
  assert(i < divisors.size());
  return divisors[i];
}

/// The clamp's limits, on the input's threshold: quantize(lo), quantize(hi). lo <= hi.
struct clip_params {
  std::int8_t lo = 0;
  std::int8_t hi = 127;

  friend constexpr bool operator==(const clip_params&, const clip_params&) = default;
};

}  // namespace octavo::inline v0
