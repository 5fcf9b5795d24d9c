// SPDX-License-Identifier: MIT
/// @file
/// Tests of quant/fixed_point.hpp by hand-written numbers: ties, saturation, extreme shifts.
/// fixed_point_exhaustive_test.cpp has the same policies against a second derivation.

#include "octavo/quant/fixed_point.hpp"

#include <doctest/doctest.h>

#include <limits>

using octavo::multiplier_q31;
using octavo::multiplier_rshift;
using octavo::rshift;
using octavo::rshift_half_away;
using octavo::sat8;

TEST_CASE("sat8 clamps to int8 and nothing else") {
  CHECK(sat8(0) == 0);
  CHECK(sat8(126) == 126);
  CHECK(sat8(127) == 127);
  CHECK(sat8(128) == 127);
  CHECK(sat8(-127) == -127);
  CHECK(sat8(-128) == -128);
  CHECK(sat8(-129) == -128);
  CHECK(sat8(256) == 127);  // not its low byte
  CHECK(sat8(std::int64_t{1} << 32) == 127);
  CHECK(sat8(INT64_MAX) == 127);
  CHECK(sat8(INT64_MIN) == -128);
}

TEST_CASE("rshift: ties go up") {
  CHECK(rshift{1}(5) == 3);     //  2.5: half to even would be 2
  CHECK(rshift{1}(-5) == -2);   // -2.5: half away would be -3
  CHECK(rshift{1}(3) == 2);     //  1.5
  CHECK(rshift{1}(-3) == -1);   // -1.5
  CHECK(rshift{1}(1) == 1);     //  0.5
  CHECK(rshift{1}(-1) == 0);    // -0.5
  CHECK(rshift{3}(20) == 3);    //  2.5
  CHECK(rshift{3}(-20) == -2);  // -2.5
}

TEST_CASE("rshift: beside a tie the nearer integer wins") {
  CHECK(rshift{3}(19) == 2);    //  2.375
  CHECK(rshift{3}(21) == 3);    //  2.625
  CHECK(rshift{3}(-19) == -2);  // -2.375
  CHECK(rshift{3}(-21) == -3);  // -2.625
}

TEST_CASE("rshift: no shift is the accumulator itself") {
  CHECK(rshift{}(7) == 7);
  CHECK(rshift{0}(-7) == -7);
  CHECK(rshift{0}(127) == 127);
  CHECK(rshift{0}(-128) == -128);
}

TEST_CASE("rshift: saturation on both sides") {
  CHECK(rshift{0}(128) == 127);
  CHECK(rshift{0}(-129) == -128);
  CHECK(rshift{1}(254) == 127);
  CHECK(rshift{1}(255) == 127);    //  127.5
  CHECK(rshift{1}(-257) == -128);  // -128.5 rounds to -128 and fits
  CHECK(rshift{1}(-258) == -128);
  CHECK(rshift{8}(INT32_MAX) == 127);
  CHECK(rshift{8}(INT32_MIN) == -128);
}

TEST_CASE("rshift: the largest shift and the extreme accumulators") {
  CHECK(rshift{31}(INT32_MAX) == 1);   // 0.9999999995
  CHECK(rshift{31}(INT32_MIN) == -1);  // exactly -1
  CHECK(rshift{31}(1 << 30) == 1);     //  0.5
  CHECK(rshift{31}((1 << 30) - 1) == 0);
  CHECK(rshift{31}(-(1 << 30)) == 0);  // -0.5
  CHECK(rshift{31}(-(1 << 30) - 1) == -1);
  CHECK(rshift{24}(INT32_MAX) == 127);   // 127.99999994
  CHECK(rshift{24}(INT32_MIN) == -128);  // exactly -128
  CHECK(rshift{25}(INT32_MAX) == 64);
}

TEST_CASE("rshift_half_away: C's roundf") {
  CHECK(rshift_half_away{1}(5) == 3);
  CHECK(rshift_half_away{1}(-5) == -3);
  CHECK(rshift_half_away{1}(-1) == -1);
  CHECK(rshift_half_away{3}(-20) == -3);
  CHECK(rshift_half_away{3}(-19) == -2);
  CHECK(rshift_half_away{0}(-5) == -5);
  CHECK(rshift_half_away{1}(-257) == -128);
  CHECK(rshift_half_away{1}(400) == 127);
  CHECK(rshift_half_away{31}(INT32_MIN) == -1);
  CHECK(rshift_half_away{31}(-(1 << 30)) == -1);
  CHECK(rshift_half_away{31}(INT32_MAX) == 1);
}

TEST_CASE("multiplier_rshift: one rounding of the product") {
  CHECK(multiplier_rshift{}(9) == 9);
  CHECK(multiplier_rshift{3, 1}(5) == 8);        //  7.5
  CHECK(multiplier_rshift{3, 1}(-5) == -7);      // -7.5
  CHECK(multiplier_rshift{5, 1}(1) == 3);        //  2.5
  CHECK(multiplier_rshift{5, 1}(-1) == -2);      // -2.5
  CHECK(multiplier_rshift{5, 2}(-2) == -2);      // -2.5: the tie is in the product, not in acc
  CHECK(multiplier_rshift{255, 8}(100) == 100);  // 99.6
  CHECK(multiplier_rshift{1 << 30, 30}(-77) == -77);
  CHECK(multiplier_rshift{1 << 30, 31}(-5) == -2);
  CHECK(multiplier_rshift{100, 0}(2) == 127);
  CHECK(multiplier_rshift{100, 0}(-2) == -128);
}

TEST_CASE("multiplier_rshift: the product needs 64 bits") {
  CHECK(multiplier_rshift{INT32_MAX, 62}(INT32_MAX) == 1);
  CHECK(multiplier_rshift{INT32_MAX, 62}(INT32_MIN) == -1);
  CHECK(multiplier_rshift{INT32_MAX, 62}(1) == 0);
  CHECK(multiplier_rshift{INT32_MAX, 62}(-1) == 0);
  CHECK(multiplier_rshift{1 << 30, 62}(INT32_MIN) == 0);  // exactly -0.5
  CHECK(multiplier_rshift{(1 << 30) + 1, 62}(INT32_MIN) == -1);
  CHECK(multiplier_rshift{1, 62}(INT32_MAX) == 0);
  CHECK(multiplier_rshift{INT32_MAX, 0}(INT32_MAX) == 127);
  CHECK(multiplier_rshift{INT32_MAX, 0}(INT32_MIN) == -128);
  CHECK(multiplier_rshift{INT32_MAX, 31}(100) == 100);  // 99.99999995
  CHECK(multiplier_rshift{INT32_MAX, 31}(-100) == -100);
}

TEST_CASE("multiplier_q31: ties of the first rounding go up") {
  // Multipliers of TensorFlow Lite's and ruy's tests: 1/2 + 1/16 in Q31, and 1/2. No second shift.
  const multiplier_q31 nine_sixteenths{(1 << 30) + (1 << 27), 0};
  CHECK(nine_sixteenths(200) == 113);    //  112.5
  CHECK(nine_sixteenths(-200) == -112);  // -112.5
  CHECK(multiplier_q31{1 << 30, 0}(5) == 3);
  CHECK(multiplier_q31{1 << 30, 0}(-5) == -2);
  CHECK(multiplier_q31{INT32_MAX, 0}(100) == 100);
  CHECK(multiplier_q31{INT32_MAX, 0}(-100) == -100);
}

TEST_CASE("multiplier_q31: ties of the second rounding go away from zero") {
  // 2^31 - 1 is as good as 1 for small accumulators: the second rounding alone is seen.
  CHECK(multiplier_q31{INT32_MAX, 1}(5) == 3);        //  2.5
  CHECK(multiplier_q31{INT32_MAX, 1}(-5) == -3);      // -2.5
  CHECK(multiplier_q31{INT32_MAX, 4}(1000) == 63);    //  62.5
  CHECK(multiplier_q31{INT32_MAX, 4}(-1000) == -63);  // -62.5; with ties up it would be -62
  CHECK(multiplier_q31{INT32_MAX, 5}(-1000) == -31);  // -31.25
  CHECK(multiplier_q31{INT32_MAX, 31}(INT32_MAX) == 1);
  CHECK(multiplier_q31{INT32_MAX, 31}(INT32_MIN) == -1);
  CHECK(multiplier_q31{1 << 30, 31}(INT32_MIN) == -1);  // -2^30 / 2^31, a tie
  CHECK(multiplier_q31{1 << 30, 31}(INT32_MAX) == 1);
  CHECK(multiplier_q31{1 << 30, 31}(INT32_MIN + 4) == 0);
}

TEST_CASE("multiplier_q31: two roundings are not one") {
  // 5 / 4 = 1.25: the first rounding makes 2.5 a 3, the second 1.5 a 2.
  CHECK(multiplier_q31{1 << 30, 1}(5) == 2);
  CHECK(multiplier_rshift{1 << 30, 32}(5) == 1);
  // -3 / 4 and -6 / 4: -1.5 -> -1 -> -0.5 -> -1, and -3 -> -1.5 -> -2.
  CHECK(multiplier_q31{1 << 30, 1}(-3) == -1);
  CHECK(multiplier_q31{1 << 30, 1}(-6) == -2);
  CHECK(multiplier_rshift{1 << 30, 32}(-6) == -1);
}

TEST_CASE("multiplier_q31: saturation on both sides") {
  CHECK(multiplier_q31{1 << 30, 0}(254) == 127);
  CHECK(multiplier_q31{1 << 30, 0}(256) == 127);
  CHECK(multiplier_q31{1 << 30, 0}(-257) == -128);  // -128.5
  CHECK(multiplier_q31{1 << 30, 0}(-258) == -128);
  CHECK(multiplier_q31{INT32_MAX, 0}(INT32_MAX) == 127);
  CHECK(multiplier_q31{INT32_MAX, 0}(INT32_MIN) == -128);
}

TEST_CASE("per_channel picks the policy of the output channel") {
  const rshift shifts[] = {{0}, {1}, {2}};
  const octavo::per_channel<rshift> requantize{shifts};
  CHECK(requantize(10, 0) == 10);
  CHECK(requantize(10, 1) == 5);
  CHECK(requantize(10, 2) == 3);  // 2.5
  const multiplier_q31 halves[] = {{1 << 30, 0}, {1 << 30, 1}};
  CHECK(octavo::per_channel<multiplier_q31>{halves}(-8, 1) == -2);
}

TEST_CASE("a policy for a whole layer ignores the channel") {
  CHECK(rshift{1}(5, 9) == 3);
  CHECK(rshift_half_away{1}(-5, 9) == -3);
  CHECK(multiplier_rshift{3, 1}(5, 9) == 8);
  CHECK(multiplier_q31{1 << 30, 1}(5, 9) == 2);
}

TEST_CASE("policies are values: constants, equal where their integers are") {
  static_assert(rshift{1}(-5) == -2 && rshift_half_away{1}(-5) == -3);
  static_assert(rshift{3} == rshift{3} && rshift{3} != rshift{4});
  static_assert(rshift_half_away{3} != rshift_half_away{4});
  static_assert(multiplier_rshift{3, 1} != multiplier_rshift{3, 2});
  static_assert(multiplier_rshift{3, 1} != multiplier_rshift{4, 1});
  CHECK(multiplier_q31{1 << 30, 1} != multiplier_q31{1 << 30, 2});
}
