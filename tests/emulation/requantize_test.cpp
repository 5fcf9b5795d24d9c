// SPDX-License-Identifier: MIT
#include "octavo/emulation/requantize.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "octavo/quant/fixed_point.hpp"
#include "support/random.hpp"

using octavo::policy;
using octavo::emulation::channel_rule;
using octavo::emulation::divide_ties_away;
using octavo::emulation::divide_ties_up;
using octavo::emulation::requantize;

namespace {

constexpr std::int32_t half_q31 = 1 << 30;

int rshift(std::int32_t acc, int r) { return requantize(acc, {policy::rshift, 1, r, -128}); }

int half_away(std::int32_t acc, int r) {
  return requantize(acc, {policy::rshift_half_away, 1, r, -128});
}

int multiplier(std::int32_t acc, std::int32_t m, int r) {
  return requantize(acc, {policy::multiplier_rshift, m, r, -128});
}

int q31(std::int32_t acc, std::int32_t m, int r) {
  return requantize(acc, {policy::multiplier_q31, m, r, -128});
}

/// Accumulators at, just below and just above every tie of int8 results at this shift, and the
/// ends of int32.
std::vector<std::int32_t> tie_accumulators(int shift) {
  std::vector<std::int32_t> found = {INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX - 1, INT32_MAX};
  const std::int64_t half = shift > 0 ? std::int64_t{1} << (shift - 1) : 1;
  for (std::int64_t k = -140; k <= 140; ++k) {
    for (std::int64_t near = -1; near <= 1; ++near) {
      const std::int64_t acc = (2 * k + 1) * half + near;
      if (acc >= INT32_MIN && acc <= INT32_MAX) found.push_back(static_cast<std::int32_t>(acc));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("rshift: ties go up") {
  CHECK(rshift(5, 1) == 3);    // 2.5
  CHECK(rshift(-5, 1) == -2);  // -2.5
  CHECK(rshift(1, 1) == 1);
  CHECK(rshift(-1, 1) == 0);
  CHECK(rshift(-3, 1) == -1);
  CHECK(rshift(6, 2) == 2);    // 1.5
  CHECK(rshift(-6, 2) == -1);  // -1.5
  CHECK(rshift(-7, 2) == -2);  // -1.75
}

TEST_CASE("rshift: shifts 0 and 31, saturation, the ends of int32") {
  CHECK(rshift(5, 0) == 5);
  CHECK(rshift(128, 0) == 127);
  CHECK(rshift(-129, 0) == -128);
  CHECK(rshift(255, 1) == 127);    // 127.5 would be 128
  CHECK(rshift(-257, 1) == -128);  // -128.5 -> -128
  CHECK(rshift(INT32_MAX, 31) == 1);
  CHECK(rshift(1 << 30, 31) == 1);        // 1/2
  CHECK(rshift((1 << 30) - 1, 31) == 0);  // just below
  CHECK(rshift(-(1 << 30), 31) == 0);     // -1/2
  CHECK(rshift(-(1 << 30) - 1, 31) == -1);
  CHECK(rshift(INT32_MIN, 31) == -1);
  CHECK(rshift(INT32_MIN, 0) == -128);
  CHECK(rshift(INT32_MIN, 24) == -128);
  CHECK(rshift(INT32_MAX, 24) == 127);  // 127.99 rounds to 128
}

TEST_CASE("rshift, half away: differs on negative ties alone") {
  CHECK(half_away(5, 1) == 3);
  CHECK(half_away(-5, 1) == -3);
  CHECK(half_away(-1, 1) == -1);
  CHECK(half_away(-7, 2) == -2);
  CHECK(half_away(-5, 2) == -1);  // -1.25
  CHECK(half_away(-(1 << 30), 31) == -1);
  CHECK(half_away(1 - (1 << 30), 31) == 0);
  CHECK(half_away(INT32_MIN, 31) == -1);
  CHECK(half_away(INT32_MAX, 0) == 127);
  CHECK(half_away(-257, 1) == -128);
}

TEST_CASE("multiplier_rshift: one rounding of the 64-bit product, ties up") {
  CHECK(multiplier(5, 1, 1) == 3);
  CHECK(multiplier(-5, 1, 1) == -2);
  CHECK(multiplier(-5, 3, 1) == -7);  // -7.5
  CHECK(multiplier(7, 3, 2) == 5);    // 5.25
  CHECK(multiplier(100, 1, 0) == 100);
  CHECK(multiplier(100, 2, 0) == 127);
  CHECK(multiplier(INT32_MAX, INT32_MAX, 62) == 1);  // 0.9999999990687
  CHECK(multiplier(INT32_MIN, INT32_MAX, 62) == -1);
  CHECK(multiplier(INT32_MIN, 1 << 30, 62) == 0);  // -2^61 / 2^62 = -1/2
  CHECK(multiplier(INT32_MIN, (1 << 30) + 1, 62) == -1);
  CHECK(multiplier(1 << 30, INT32_MAX, 62) == 0);  // 2^61 - 2^30: just below 1/2
  CHECK(multiplier(INT32_MIN, INT32_MAX, 0) == -128);
  CHECK(multiplier(INT32_MAX, INT32_MAX, 0) == 127);
  CHECK(multiplier(INT32_MAX, 1, 31) == 1);
  CHECK(multiplier(1, 1, 62) == 0);
  CHECK(multiplier(-1, 1, 62) == 0);
}

TEST_CASE("multiplier_rshift: where float64 would be wrong") {
  // (2^29 + 1) * (2^30 - 2) = 2^59 - 2 is just below a half of 2^60; float64 rounds it to 2^59.
  constexpr std::int32_t acc = (1 << 29) + 1;
  constexpr std::int32_t m = (1 << 30) - 2;
  CHECK(multiplier(acc, m, 60) == 0);
  CHECK(std::floor(static_cast<double>(acc) * m * 0x1p-60 + 0.5) == 1);
}

TEST_CASE("multiplier_q31: first ties up, then ties away from zero") {
  CHECK(q31(5, half_q31, 0) == 3);    // 2.5 up
  CHECK(q31(-5, half_q31, 0) == -2);  // -2.5 up
  CHECK(q31(10, half_q31, 1) == 3);   // 5, then 2.5 away
  CHECK(q31(-10, half_q31, 1) == -3);
  CHECK(q31(-2, half_q31, 1) == -1);  // -1, then -0.5 away: one rounding would give 0
  CHECK(multiplier(-2, half_q31, 32) == 0);
  CHECK(q31(9, half_q31, 1) == 3);  // 4.5 -> 5 -> 2.5 -> 3: two roundings; 2.25 is 2
  CHECK(multiplier(9, half_q31, 32) == 2);
}

TEST_CASE("multiplier_q31: the ends of int32 and shift 31") {
  CHECK(q31(INT32_MAX, INT32_MAX, 0) == 127);
  CHECK(q31(INT32_MIN, INT32_MAX, 0) == -128);
  CHECK(q31(INT32_MIN, INT32_MAX, 31) == -1);  // -(2^31 - 1) / 2^31
  CHECK(q31(INT32_MAX, INT32_MAX, 31) == 1);
  CHECK(q31(INT32_MIN, half_q31, 31) == -1);  // -2^30 / 2^31 = -1/2, away
  CHECK(q31(INT32_MAX, half_q31, 31) == 1);   // (2^31 - 1) / 2 rounds up to 2^30: 1/2
  CHECK(q31(INT32_MAX - 2, half_q31, 31) == 0);
  CHECK(q31(INT32_MIN, half_q31, 23) == -128);
  CHECK(q31(0, INT32_MAX, 31) == 0);
}

TEST_CASE("divisions round the exact value") {
  CHECK(divide_ties_up(-6, 4) == -1);
  CHECK(divide_ties_up(-7, 4) == -2);
  CHECK(divide_ties_up(7, 1) == 7);
  CHECK(divide_ties_up(7, 5) == 1);
  CHECK(divide_ties_up(-8, 5) == -2);
  CHECK(divide_ties_away(-6, 4) == -2);
  CHECK(divide_ties_away(6, 4) == 2);
  CHECK(divide_ties_away(-5, 4) == -1);
  CHECK(divide_ties_up(INT64_MAX, std::int64_t{1} << 62) == 2);
  CHECK(divide_ties_up(INT64_MIN, std::int64_t{1} << 62) == -2);
}

TEST_CASE("a relu is the lower limit 0") {
  for (const policy kind : {policy::rshift, policy::rshift_half_away}) {
    CHECK(requantize(-1, {kind, 1, 1, 0}) == 0);
    CHECK(requantize(INT32_MIN, {kind, 1, 0, 0}) == 0);
    CHECK(requantize(5, {kind, 1, 1, 0}) == 3);
  }
  // Clamping the accumulator first gives the same.
  octavo::testing::random_source rng(1);
  for (int i = 0; i < 1000; ++i) {
    const auto acc = static_cast<std::int32_t>(rng.between(-100000, 100000));
    const channel_rule plain = {policy::multiplier_q31, rng.integer(half_q31, INT32_MAX),
                                rng.integer(0, 12), -128};
    channel_rule with_relu = plain;
    with_relu.lowest = 0;
    CHECK(requantize(acc, with_relu) == requantize(acc < 0 ? 0 : acc, plain));
  }
}

TEST_CASE("a rule per layer serves every channel") {
  const octavo::requantization layer = {policy::multiplier_rshift, {7}, {3}};
  const octavo::requantization channels = {policy::multiplier_rshift, {7, 9}, {3, 4}};
  CHECK(octavo::emulation::rule_of(layer, 5, false).multiplier == 7);
  CHECK(octavo::emulation::rule_of(layer, 5, true).lowest == 0);
  CHECK(octavo::emulation::rule_of(channels, 1, false).multiplier == 9);
  CHECK(octavo::emulation::rule_of(channels, 1, false).shift == 4);
}

TEST_CASE("every policy equals quant/fixed_point.hpp at every shift, around every tie") {
  for (int r = 0; r <= 31; ++r) {
    CAPTURE(r);
    int wrong = 0;
    for (const std::int32_t acc : tie_accumulators(r)) {
      wrong += rshift(acc, r) != octavo::rshift{r}(acc);
      wrong += half_away(acc, r) != octavo::rshift_half_away{r}(acc);
      for (const std::int32_t m : {half_q31, half_q31 + 1, 1500000001, INT32_MAX}) {
        wrong += q31(acc, m, r) != octavo::multiplier_q31{m, r}(acc);
        wrong += q31(acc / 2 * 2, m, r) != octavo::multiplier_q31{m, r}(acc / 2 * 2);
      }
    }
    CHECK(wrong == 0);
  }
  for (int r = 0; r <= 62; ++r) {
    CAPTURE(r);
    int wrong = 0;
    for (const int acc_shift : {0, r > 31 ? r - 31 : r / 2, r > 31 ? 31 : r}) {
      for (const std::int32_t acc : tie_accumulators(acc_shift)) {
        for (const std::int32_t m : {1, 2, 3, 255, 1 << 30, 1 << (r % 31), INT32_MAX}) {
          wrong += multiplier(acc, m, r) != octavo::multiplier_rshift{m, r}(acc);
        }
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("every policy equals quant/fixed_point.hpp on random accumulators") {
  constexpr std::uint64_t seed = 20240607;
  CAPTURE(seed);
  octavo::testing::random_source rng(seed);
  int wrong = 0;
  for (int i = 0; i < 300000; ++i) {
    const int bits = rng.integer(1, 32);
    const auto acc = static_cast<std::int32_t>(
        rng.between(-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1));
    const int r = rng.integer(0, 31);
    const std::int32_t m = rng.integer(half_q31, INT32_MAX);
    const std::int32_t any = m >> rng.integer(0, 30);
    const int any_shift = rng.integer(0, 62);
    wrong += rshift(acc, r) != octavo::rshift{r}(acc);
    wrong += half_away(acc, r) != octavo::rshift_half_away{r}(acc);
    wrong += q31(acc, m, r) != octavo::multiplier_q31{m, r}(acc);
    wrong += multiplier(acc, any, any_shift) != octavo::multiplier_rshift{any, any_shift}(acc);
  }
  CHECK(wrong == 0);
}
