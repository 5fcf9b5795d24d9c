// SPDX-License-Identifier: MIT
/// @file
/// The arithmetic: how an int32 accumulator becomes an int8. Every kernel, reference or vectorized,
/// gives what these functions give.
///
/// A policy is a small value that maps an accumulator to an int8. Used as it is, it serves a whole
/// layer; per_channel<Policy> holds one for each output channel. Both are called (acc, channel).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// Clamps to [-128, 127].
constexpr std::int8_t sat8(std::int64_t v) {
  return static_cast<std::int8_t>(v < -128 ? -128 : v > 127 ? 127 : v);
}

/// floor(v / 2^r + 1/2) for r in 0..62 and |v| < 2^62: ties go up, 5/2 -> 3 and -5/2 -> -2.
/// (v >> (r-1)) + 1 >> 1 is the same number: the first shift leaves one fraction bit, which
/// decides.
constexpr std::int64_t shift_round_up(std::int64_t v, int r) {
  return r == 0 ? v : ((v >> (r - 1)) + 1) >> 1;
}

static_assert(shift_round_up(5, 1) == 3 && shift_round_up(-5, 1) == -2);
static_assert(shift_round_up(7, 0) == 7 && shift_round_up(-1, 1) == 0);

/// v / 2^r rounded to nearest, ties away from zero: 5/2 -> 3 and -5/2 -> -3. r in 0..62.
constexpr std::int64_t shift_half_away(std::int64_t v, int r) {
  return v < 0 ? -shift_round_up(-v, r) : shift_round_up(v, r);
}

static_assert(shift_half_away(5, 1) == 3 && shift_half_away(-5, 1) == -3);

/// sat8(floor(acc / 2^shift + 1/2)): the TPU's own rule.
struct rshift {
  int shift = 0;  ///< 0..31

  constexpr std::int8_t operator()(std::int32_t acc, int /*channel*/ = 0) const noexcept {
    return sat8(shift_round_up(acc, shift));
  }
  friend constexpr bool operator==(const rshift&, const rshift&) = default;
};

static_assert(rshift{1}(5) == 3 && rshift{1}(-5) == -2 && rshift{0}(200) == 127);
static_assert(rshift{31}(INT32_MIN) == -1 && rshift{1}(INT32_MAX) == 127);

/// rshift with ties away from zero (C's roundf), as the first interpreter of the TPU rounded.
/// Differs from rshift on negative exact ties alone.
struct rshift_half_away {
  int shift = 0;  ///< 0..31

  constexpr std::int8_t operator()(std::int32_t acc, int /*channel*/ = 0) const noexcept {
    return sat8(shift_half_away(acc, shift));
  }
  friend constexpr bool operator==(const rshift_half_away&, const rshift_half_away&) = default;
};

static_assert(rshift_half_away{1}(5) == 3 && rshift_half_away{1}(-5) == -3);

/// sat8(floor(acc * multiplier / 2^shift + 1/2)): one rounding of the 64-bit product.
/// |acc * multiplier| < 2^62, so neither the product nor its rounding can overflow.
struct multiplier_rshift {
  std::int32_t multiplier = 1;  ///< 1..2^31-1 (the device's form has 8 bits)
  int shift = 0;                ///< 0..62

  constexpr std::int8_t operator()(std::int32_t acc, int /*channel*/ = 0) const noexcept {
    return sat8(shift_round_up(std::int64_t{acc} * multiplier, shift));
  }
  friend constexpr bool operator==(const multiplier_rshift&, const multiplier_rshift&) = default;
};

static_assert(multiplier_rshift{3, 1}(5) == 8 && multiplier_rshift{3, 1}(-5) == -7);
static_assert(multiplier_rshift{INT32_MAX, 62}(INT32_MIN) == -1);

/// gemmlowp's and TFLite's pair of roundings: a rounding doubling high multiply,
/// floor(acc * multiplier / 2^31 + 1/2) (ties up), then a rounding divide by 2^shift (ties away
/// from zero). Two roundings are not one: see the example below.
struct multiplier_q31 {
  std::int32_t multiplier = 1 << 30;  ///< 2^30..2^31-1: 1/2..1 in Q31
  int shift = 0;                      ///< 0..31

  constexpr std::int8_t operator()(std::int32_t acc, int /*channel*/ = 0) const noexcept {
    // The multiplier is positive: the one case that saturates, INT32_MIN squared, cannot occur.
    const std::int64_t high = shift_round_up(std::int64_t{acc} * multiplier, 31);
    return sat8(shift_half_away(high, shift));
  }
  friend constexpr bool operator==(const multiplier_q31&, const multiplier_q31&) = default;
};

// acc/4: 5/4 -> first rounding 5/2 -> 3 -> second rounding 3/2 -> 2, where one rounding gives 1.
static_assert(multiplier_q31{1 << 30, 1}(5) == 2 && multiplier_rshift{1 << 30, 32}(5) == 1);
static_assert(multiplier_q31{1 << 30, 1}(-3) == -1 && multiplier_q31{1 << 30, 0}(-3) == -1);
static_assert(multiplier_q31{1 << 30, 1}(-6) == -2);

/// Whether T is one of the policies above.
template <class T>
concept policy_value = std::same_as<T, rshift> || std::same_as<T, rshift_half_away> ||
    std::same_as<T, multiplier_rshift> || std::same_as<T, multiplier_q31>;

/// One policy for each output channel.
template <class Policy>
struct per_channel {
  static_assert(policy_value<Policy>, "per_channel: needs a policy of quant/fixed_point.hpp");

  std::span<const Policy> policies;

  constexpr std::int8_t operator()(std::int32_t acc, int channel) const noexcept {
    return policies[static_cast<std::size_t>(channel)](acc);
  }
};

/// What reference ops requantize by: a policy, per_channel<policy>, or whatever else gives an int8
/// that has been saturated. An int would be cut off without a word.
template <class T>
concept requantize_rule = requires(const T& rule, std::int32_t acc, int channel) {
  { rule(acc, channel) } -> std::same_as<std::int8_t>;
};

}  // namespace octavo::inline v0
