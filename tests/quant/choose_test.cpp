// SPDX-License-Identifier: MIT
/// @file
/// Tests of quant/choose.hpp: the boundaries of every rule that picks a shift.

#include "octavo/quant/choose.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using octavo::accumulator_fits;
using octavo::add_params;
using octavo::choose_add;
using octavo::choose_pool_divisor;
using octavo::choose_rshift;
using octavo::multiplier_rshift;
using octavo::pool_divisor;

namespace {

double below(double v) { return std::nextafter(v, 0.0); }

}  // namespace

TEST_CASE("max_abs looks at both signs") {
  CHECK(octavo::max_abs({}) == 0);
  CHECK(octavo::max_abs(std::vector<double>{0.5, -3, 2}) == 3);
  CHECK(octavo::max_abs(std::vector<double>{-1, 4, -2}) == 4);
  CHECK(octavo::max_abs(std::vector<double>{-0.0}) == 0);
}

TEST_CASE("an accumulator fits while |bias| + taps * 128 * 128 stays below 2^31") {
  CHECK(accumulator_fits(0, 131071));
  CHECK_FALSE(accumulator_fits(0, 131072));  // exactly 2^31
  CHECK(accumulator_fits(16383, 131071));
  CHECK_FALSE(accumulator_fits(16384, 131071));
  CHECK(accumulator_fits(-16383, 131071));
  CHECK_FALSE(accumulator_fits(-16384, 131071));
  CHECK(accumulator_fits(INT32_MAX, 0));
  CHECK_FALSE(accumulator_fits(INT32_MIN, 0));
  CHECK(accumulator_fits(32767, 4608));  // ResNet-50's deepest layer
}

TEST_CASE("an accumulator may start from bias + 2^(shift-1)") {
  CHECK(accumulator_fits(16383, 131071, 0));
  CHECK_FALSE(accumulator_fits(16383, 131071, 1));  // the half is 1
  CHECK(accumulator_fits(16382, 131071, 1));
  CHECK(accumulator_fits(0x1p30 - 1, 0, 31));
  CHECK_FALSE(accumulator_fits(0x1p30, 0, 31));
  CHECK(accumulator_fits(-0x1p30 + 1, 0, 31));
  CHECK_FALSE(accumulator_fits(-0x1p30, 0, 31));
}

TEST_CASE("choose_rshift: the smallest shift that brings a to 64 or more") {
  CHECK(choose_rshift(127.999) == 0);
  CHECK(choose_rshift(below(128)) == 0);
  CHECK(choose_rshift(64) == 0);
  CHECK(choose_rshift(below(64)) == 1);
  CHECK(choose_rshift(32) == 1);
  CHECK(choose_rshift(below(32)) == 2);
  CHECK(choose_rshift(1) == 6);
  CHECK(choose_rshift(0.3) == 8);  // 76.8
  CHECK(choose_rshift(0x1p-24) == 30);
  CHECK(choose_rshift(0x1p-25) == 31);
}

TEST_CASE("choose_rshift: 31 where none will do, 0 without weights") {
  CHECK(choose_rshift(below(0x1p-25)) == 31);
  CHECK(choose_rshift(1e-300) == 31);
  CHECK(choose_rshift(0) == 0);
}

TEST_CASE("choose_rshift: weights that would need a left shift are refused") {
  const char* const too_large =
      "the weights are too large for these thresholds (max|W| * t_x / t_y >= 128)";
  CHECK_THROWS_WITH(choose_rshift(128), too_large);
  CHECK_THROWS_WITH(choose_rshift(1e9), too_large);
  CHECK_THROWS_WITH(choose_rshift(std::numeric_limits<double>::infinity()), too_large);
  CHECK_THROWS_WITH(choose_rshift(std::numeric_limits<double>::quiet_NaN()), too_large);
}

TEST_CASE("choose_add: the larger input gets 64..127, rounded down") {
  CHECK(choose_add(1, 1, 1) == add_params{{64, 64}, 6});
  CHECK(choose_add(2, 1, 1) == add_params{{64, 32}, 5});
  CHECK(choose_add(1, 2, 1) == add_params{{32, 64}, 5});
  CHECK(choose_add(1, 1, 3) == add_params{{85, 85}, 8});  // 85.33
  CHECK(choose_add(3, 1, 2) == add_params{{96, 32}, 6});
  CHECK(choose_add(0.99, 0.5, 1) == add_params{{126, 64}, 7});  // 126.72: 0.99 * 64 is below 64
  CHECK(choose_add(127.9, 1, 1) == add_params{{127, 1}, 0});
  CHECK(choose_add(64, 1, 1) == add_params{{64, 1}, 0});
}

TEST_CASE("choose_add: a small input may vanish, a small pair keeps the shift of 31") {
  CHECK(choose_add(64, 0.9, 1) == add_params{{64, 0}, 0});
  CHECK(choose_add(0x1p-25, 0x1p-26, 1) == add_params{{64, 32}, 31});
  CHECK(choose_add(0x1p-26, 0x1p-31, 1) == add_params{{32, 1}, 31});
}

TEST_CASE("choose_add: a ratio of 128 is refused, whichever input has it") {
  const char* const too_large = "an input's threshold is 128 times the output's or more";
  CHECK_THROWS_WITH(choose_add(128, 1, 1), too_large);
  CHECK_THROWS_WITH(choose_add(1, 256, 2), too_large);
  CHECK(choose_add(below(128), 1, 1) == add_params{{127, 1}, 0});
}

TEST_CASE("choose_pool_divisor: 1 / divisor is part of an 8-bit multiplier, rounded down") {
  CHECK(choose_pool_divisor(1, 1, 1) == pool_divisor{1, {128, 7}});
  CHECK(choose_pool_divisor(1, 1, 4) == pool_divisor{4, {128, 9}});
  CHECK(choose_pool_divisor(1, 1, 49) == pool_divisor{49, {167, 13}});  // 8192 / 49 = 167.2
  CHECK(choose_pool_divisor(1, 1, 9) == pool_divisor{9, {227, 11}});    // 2048 / 9 = 227.6
  CHECK(choose_pool_divisor(1, 3, 1) == pool_divisor{1, {170, 9}});
  CHECK(choose_pool_divisor(3, 1, 1) == pool_divisor{1, {192, 6}});
}

TEST_CASE("choose_pool_divisor: the boundary is floor(s * 2^r) >= 128") {
  CHECK(choose_pool_divisor(128, 1, 1) == pool_divisor{1, {128, 0}});
  CHECK(choose_pool_divisor(127.99, 1, 1) == pool_divisor{1, {255, 1}});  // 127 is too few
  CHECK(choose_pool_divisor(255.9, 1, 1) == pool_divisor{1, {255, 0}});
  CHECK(choose_pool_divisor(0x1p-24, 1, 1) == pool_divisor{1, {128, 31}});
  CHECK(choose_pool_divisor(0x1p-26, 1, 1) == pool_divisor{1, {32, 31}});
  CHECK(choose_pool_divisor(0x1p-31, 1, 1) == pool_divisor{1, {1, 31}});
}

TEST_CASE("choose_pool_divisor: a multiplier outside 1..255 is refused") {
  CHECK_THROWS_WITH(choose_pool_divisor(256, 1, 1),
                    "average pool: the input's threshold is too large for the output's");
  CHECK_THROWS_WITH(choose_pool_divisor(0x1p-32, 1, 1),
                    "average pool: the input's threshold is too small for the output's");
}

TEST_CASE("the choices can be constants of the program") {
  static_assert(choose_rshift(1) == 6);
  static_assert(choose_add(2, 1, 1) == add_params{{64, 32}, 5});
  static_assert(choose_pool_divisor(1, 1, 49).requantize == multiplier_rshift{167, 13});
  CHECK(choose_pool_divisor(1, 1, 49).requantize(49 * 100) == 100);  // 99.9
}
