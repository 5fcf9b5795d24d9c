// SPDX-License-Identifier: MIT
/// @file
/// The policies of quant/fixed_point.hpp against a second derivation: fractions in 128 bits, floor
/// division, and gemmlowp's formulation of the two roundings.

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "octavo/quant/fixed_point.hpp"

namespace {

__extension__ typedef __int128 wide;  // pedantic compilers want it said that this is an extension

/// The largest integer <= numerator / denominator, denominator > 0. Division in C++ truncates.
wide floor_divide(wide numerator, wide denominator) {
  const wide quotient = numerator / denominator;
  return quotient * denominator > numerator ? quotient - 1 : quotient;
}

wide power_of_two(int r) { return wide{1} << r; }

/// floor(numerator / 2^r + 1/2) = floor((2 * numerator + 2^r) / 2^(r+1)).
wide nearest_ties_up(wide numerator, int r) {
  return floor_divide(2 * numerator + power_of_two(r), 2 * power_of_two(r));
}

/// The nearest integer, of two equally near the one with the larger magnitude.
wide nearest_ties_away(wide numerator, int r) {
  const wide magnitude = numerator < 0 ? -numerator : numerator;
  const wide rounded = floor_divide(2 * magnitude + power_of_two(r), 2 * power_of_two(r));
  return numerator < 0 ? -rounded : rounded;
}

int clamped(wide v) {
  if (v > 127) return 127;
  return v < -128 ? -128 : static_cast<int>(v);
}

/// gemmlowp's pair as its documents word it: the doubled product plus a nudge toward the nearest,
/// truncated; then an arithmetic shift that goes one up where the lost bits exceed a threshold.
int gemmlowp(std::int32_t acc, std::int32_t multiplier, int shift) {
  const std::int64_t product = std::int64_t{acc} * multiplier;
  const std::int64_t half = std::int64_t{1} << 30;
  const std::int64_t high = (product + (product >= 0 ? half : 1 - half)) / (std::int64_t{1} << 31);
  const std::int64_t lost_bits = (std::int64_t{1} << shift) - 1;
  const std::int64_t threshold = (lost_bits >> 1) + (high < 0 ? 1 : 0);
  return clamped((high >> shift) + ((high & lost_bits) > threshold ? 1 : 0));
}

/// Counts mismatches and keeps the first, so that millions of comparisons print one line.
class comparison {
 public:
  void operator()(int found, int expected, std::int32_t acc, std::int32_t m, int r) {
    if (found == expected) return;
    if (failures_++ > 0) return;
    std::ostringstream text;
    text << "acc " << acc << ", multiplier " << m << ", shift " << r << ": " << found
         << ", expected " << expected;
    first_ = text.str();
  }
  ~comparison() {
    CAPTURE(first_);
    CHECK(failures_ == 0);
  }

 private:
  std::int64_t failures_ = 0;
  std::string first_;
};

constexpr int small = 5000;  // covers every int8 result and both saturations for shifts 0..5

constexpr std::array<std::int32_t, 11> multipliers = {
    1, 2, 3, 127, 128, 255, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, 1431655765, INT32_MAX};

/// Accumulators where something may go wrong: around zero, powers of two and the ends of int32.
std::vector<std::int32_t> edges() {
  std::vector<std::int32_t> found;
  for (int e = 0; e < 31; ++e) {
    for (int near = -2; near <= 2; ++near) {
      const std::int64_t power = std::int64_t{1} << e;
      found.push_back(static_cast<std::int32_t>(power + near));
      found.push_back(static_cast<std::int32_t>(-power - near));
      found.push_back(static_cast<std::int32_t>(power * 3 / 2 + near));
    }
  }
  for (int near = 0; near < 4; ++near) {
    found.push_back(INT32_MAX - near);
    found.push_back(INT32_MIN + near);
  }
  return found;
}

}  // namespace

TEST_CASE("rshift and half_away equal the fraction, for every small accumulator") {
  comparison ties_up;
  comparison ties_away;
  for (int r = 0; r <= 8; ++r) {
    for (int acc = -small; acc <= small; ++acc) {
      ties_up(octavo::rshift{r}(acc), clamped(nearest_ties_up(acc, r)), acc, 1, r);
      ties_away(octavo::rshift_half_away{r}(acc), clamped(nearest_ties_away(acc, r)), acc, 1, r);
    }
  }
}

TEST_CASE("half_away differs from rshift on negative exact ties, by one, and nowhere else") {
  comparison difference;
  int ties = 0;
  for (int r = 0; r <= 8; ++r) {
    for (int acc = -small; acc <= small; ++acc) {
      const bool is_tie = r > 0 && (acc & ((1 << r) - 1)) == 1 << (r - 1);
      const bool in_range = acc >> r >= -128;  // below, both saturate to -128
      const bool differs = is_tie && acc < 0 && in_range;
      ties += differs ? 1 : 0;
      difference(octavo::rshift{r}(acc)-octavo::rshift_half_away{r}(acc), differs ? 1 : 0, acc, 1,
                 r);
    }
  }
  CHECK(ties > 500);
}

TEST_CASE("rshift and half_away equal the fraction, at the edges of int32 with every shift") {
  comparison ties_up;
  comparison ties_away;
  for (int r = 0; r <= 31; ++r) {
    for (const std::int32_t acc : edges()) {
      ties_up(octavo::rshift{r}(acc), clamped(nearest_ties_up(acc, r)), acc, 1, r);
      ties_away(octavo::rshift_half_away{r}(acc), clamped(nearest_ties_away(acc, r)), acc, 1, r);
    }
  }
}

TEST_CASE("multiplier_rshift equals the fraction, at the edges with every shift") {
  comparison same;
  for (const std::int32_t m : multipliers) {
    for (int r = 0; r <= 62; ++r) {
      for (const std::int32_t acc : edges()) {
        const wide product = wide{acc} * m;
        same(octavo::multiplier_rshift{m, r}(acc), clamped(nearest_ties_up(product, r)), acc, m, r);
      }
    }
  }
}

TEST_CASE("multiplier_rshift equals the fraction, for every small accumulator") {
  comparison same;
  for (const std::int32_t m : {1, 3, 128, 171, 255}) {
    for (int r = 0; r <= 16; ++r) {
      for (int acc = -small; acc <= small; ++acc) {
        same(octavo::multiplier_rshift{m, r}(acc), clamped(nearest_ties_up(wide{acc} * m, r)), acc,
             m, r);
      }
    }
  }
}

TEST_CASE("multiplier_q31 equals gemmlowp's pair and two fractions") {
  comparison as_gemmlowp;
  comparison as_fractions;
  for (const std::int32_t m : multipliers) {
    if (m < 1 << 30) continue;
    for (int r = 0; r <= 31; ++r) {
      for (const std::int32_t acc : edges()) {
        const int found = octavo::multiplier_q31{m, r}(acc);
        const wide high = nearest_ties_up(wide{acc} * m, 31);
        as_gemmlowp(found, gemmlowp(acc, m, r), acc, m, r);
        as_fractions(found, clamped(nearest_ties_away(high, r)), acc, m, r);
      }
    }
  }
}

TEST_CASE("every policy, random parameters") {
  const unsigned seed = 20240229;
  CAPTURE(seed);
  std::mt19937 random(seed);
  comparison same;
  for (int i = 0; i < 200000; ++i) {
    const auto bits = static_cast<std::int32_t>(random());
    const std::int32_t acc = bits >> (random() % 32);  // all magnitudes equally often
    const auto m = static_cast<std::int32_t>(random() >> 1 | 1u << 30);
    const auto r = static_cast<int>(random() % 63);
    same(octavo::multiplier_rshift{m, r}(acc), clamped(nearest_ties_up(wide{acc} * m, r)), acc, m,
         r);
    same(octavo::multiplier_q31{m, r % 32}(acc), gemmlowp(acc, m, r % 32), acc, m, r % 32);
    same(octavo::rshift{r % 32}(acc), clamped(nearest_ties_up(acc, r % 32)), acc, 1, r % 32);
  }
}
