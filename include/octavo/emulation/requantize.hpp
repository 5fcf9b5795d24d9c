// SPDX-License-Identifier: MIT
/// @file
/// Requantization derived a second time: the rshift policies in float64, the multiplier policies by
/// integer division. Shares no code with quant/fixed_point.hpp; tests hold the two against each
/// other.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::emulation {

/// The requantization of one output channel. A relu behind it is the lower limit 0: clamping the
/// rounded value at 0 is the same as rounding the clamped accumulator, since 0 rounds to 0 and
/// rounding never changes the order of two values.
struct channel_rule {
  policy kind = policy::rshift;
  std::int32_t multiplier = 1;
  int shift = 0;
  int lowest = -128;  ///< 0 with a fused relu
};

/// What `r` says of output channel `oc`; relu: whether one is fused.
inline channel_rule rule_of(const requantization& r, std::size_t oc, bool relu) {
  const std::size_t entry = r.shift.size() == 1 ? 0 : oc;
  const std::int32_t multiplier = r.multiplier.empty() ? 1 : r.multiplier[entry];
  return {r.kind, multiplier, r.shift[entry], relu ? 0 : -128};
}

/// The int8 nearest to `v`; no less than `lowest`.
constexpr std::int8_t saturate(std::int64_t v, int lowest = -128) {
  if (v > 127) return 127;
  return static_cast<std::int8_t>(v < lowest ? lowest : v);
}

/// floor(v / d + 1/2) for d >= 1 by Euclidean division, v = quotient * d + remainder with
/// 0 <= remainder < d: up where the remainder is at least half of d. Nothing here overflows, since
/// the half is tested as remainder >= d - remainder.
constexpr std::int64_t divide_ties_up(std::int64_t v, std::int64_t d) {
  std::int64_t quotient = v / d;
  std::int64_t remainder = v % d;
  if (remainder < 0) {
    remainder += d;
    --quotient;
  }
  return remainder >= d - remainder ? quotient + 1 : quotient;
}

/// The same with ties away from zero: the magnitude is rounded, then the sign put back.
constexpr std::int64_t divide_ties_away(std::int64_t v, std::int64_t d) {
  return v < 0 ? -divide_ties_up(-v, d) : divide_ties_up(v, d);
}

/// floor(v * m / 2^shift + 1/2), saturated. |v| <= 2^31 and m < 2^31: the product is below 2^62.
constexpr std::int8_t multiply(std::int64_t v, std::int64_t multiplier, int shift,
                               int lowest = -128) {
  return saturate(divide_ties_up(v * multiplier, std::int64_t{1} << shift), lowest);
}

/// int32 -> int8 by one of the four policies.
inline std::int8_t requantize(std::int32_t acc, const channel_rule& rule) {
  // Exact: acc has 32 bits, so acc / 2^r and acc / 2^r + 1/2 = (acc + 2^(r-1)) / 2^r are integers
  // of at most 33 bits times a power of two, far inside float64's 53. std::round is half away from
  // zero by definition.
  const double scaled = std::ldexp(1.0, -rule.shift) * acc;
  switch (rule.kind) {
    case policy::rshift:
      return saturate(static_cast<std::int64_t>(std::floor(scaled + 0.5)), rule.lowest);
    case policy::rshift_half_away:
      return saturate(static_cast<std::int64_t>(std::round(scaled)), rule.lowest);
    case policy::multiplier_rshift:
      return multiply(acc, rule.multiplier, rule.shift, rule.lowest);
    case policy::multiplier_q31: {
      // The first rounding stays in int32 without saturation: |acc| * m / 2^31 < 2^31 for m > 0.
      const std::int64_t product = std::int64_t{acc} * rule.multiplier;
      const std::int64_t high = divide_ties_up(product, std::int64_t{1} << 31);
      return saturate(divide_ties_away(high, std::int64_t{1} << rule.shift), rule.lowest);
    }
  }
  fail("emulation: unknown requantization policy");
}

}  // namespace octavo::inline v0::emulation
