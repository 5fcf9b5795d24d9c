// SPDX-License-Identifier: MIT
/// @file
/// The few operations on real numbers that decide bytes, exact and the same with every compiler.
///
/// Octavo evaluates real formulas in IEEE double, left to right as written. Two things could change
/// them behind our back: a compiler that contracts a * b + c into one fused operation (g++ does by
/// default where the CPU has it), and -ffast-math. product() shuts out the first, the check below
/// the second.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "octavo/version.hpp"

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "octavo: -ffast-math changes the arithmetic that Octavo defines; compile without it"
#endif

namespace octavo::inline v0 {

static_assert(std::numeric_limits<double>::is_iec559, "Octavo needs IEEE double");

/// a * b rounded to double on its own: whatever uses the product, it is never fused into it.
constexpr double product(double a, double b) {
  double value = a * b;
#if defined(__GNUC__)
  if (!std::is_constant_evaluated()) asm("" : "+m"(value));
#endif
  return value;
}

/// Infinities and NaN are neither thresholds nor values.
constexpr bool is_finite(double v) {
  return v - v == 0;  // inf - inf and NaN - NaN are NaN
}

/// Largest integer <= v, for finite v.
constexpr double floor_exact(double v) {
  constexpr double all_integers_from = 4503599627370496.0;  // 2^52: no fraction bits beyond
  if (v >= all_integers_from || v <= -all_integers_from) return v;
  const auto toward_zero = static_cast<double>(static_cast<std::int64_t>(v));
  return toward_zero > v ? toward_zero - 1 : toward_zero;
}

/// floor(v + 1/2) of the exact value: ties go up. (Adding 0.5 in double first would be wrong for
/// 0.49999999999999994, whose sum rounds to 1.)
constexpr double round_up(double v) {
  const double below = floor_exact(v);
  return v - below >= 0.5 ? below + 1 : below;
}

static_assert(round_up(2.5) == 3 && round_up(-2.5) == -2);
static_assert(round_up(0.49999999999999994) == 0 && round_up(-0.5) == 0);

/// 2^e for e in -1022..1023, exactly.
constexpr double power_of_two(int e) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52);
}

static_assert(power_of_two(0) == 1 && power_of_two(-3) == 0.125 && power_of_two(62) == 0x1p62);

}  // namespace octavo::inline v0
