// SPDX-License-Identifier: MIT
/// @file
/// Tests of quant/scale.hpp: a real scale becomes a multiplier and a shift.

#include "octavo/quant/scale.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

using octavo::multiplier_q31;
using octavo::multiplier_rshift;
using octavo::to_multiplier8_rshift;
using octavo::to_multiplier_q31;
using octavo::to_multiplier_rshift;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr int half = 1 << 30;  // the smallest multiplier: 2^30, 1/2 in Q31

const char* const not_positive = "scale: must be positive and finite";
const char* const too_large = "scale: too large, it would need a left shift";

/// The next double toward zero.
double below(double v) { return std::nextafter(v, 0.0); }

}  // namespace

TEST_CASE("a power of two is 2^30 and a shift") {
  for (int e = -32; e <= 30; ++e) {
    CAPTURE(e);
    CHECK(to_multiplier_rshift(octavo::power_of_two(e)) == multiplier_rshift{half, 30 - e});
  }
}

TEST_CASE("other scales use all 31 bits of the multiplier") {
  CHECK(to_multiplier_rshift(0.75) == multiplier_rshift{3 << 29, 31});
  CHECK(to_multiplier_rshift(1.0 / 3) == multiplier_rshift{1431655765, 32});  // 2^32 / 3, rounded
  CHECK(to_multiplier_rshift(2.0 / 3) == multiplier_rshift{1431655765, 31});
  CHECK(to_multiplier_rshift(0.1) == multiplier_rshift{1717986918, 34});  // 1717986918.4
  CHECK(to_multiplier_rshift(3.0) == multiplier_rshift{3 << 29, 29});
}

TEST_CASE("the multiplier rounds to nearest, ties up") {
  CHECK(to_multiplier_rshift(half + 0.25) == multiplier_rshift{half, 0});
  CHECK(to_multiplier_rshift(half + 0.5) == multiplier_rshift{half + 1, 0});
  CHECK(to_multiplier_rshift(half + 1.5) == multiplier_rshift{half + 2, 0});
  CHECK(to_multiplier_rshift(half + 1.49) == multiplier_rshift{half + 1, 0});
}

TEST_CASE("just below a power of two the multiplier may round up to it") {
  // 2^30 - 0.3 doubled is 2^31 - 0.6: the last multiplier. 2^30 - 0.2 doubled rounds to 2^31.
  CHECK(to_multiplier_rshift(0x1p30 - 0.3) == multiplier_rshift{INT32_MAX, 1});
  CHECK(to_multiplier_rshift(0x1p30 - 0.25) == multiplier_rshift{half, 0});  // a tie
  CHECK(to_multiplier_rshift(0x1p30 - 0.2) == multiplier_rshift{half, 0});
  CHECK(to_multiplier_rshift(below(1.0)) == multiplier_rshift{half, 30});
  CHECK(to_multiplier_rshift(below(0.25)) == multiplier_rshift{half, 32});
  CHECK(to_multiplier_rshift(1 - 0x1p-31) == multiplier_rshift{INT32_MAX, 31});
  CHECK(to_multiplier_rshift(1 - 0x1p-32) == multiplier_rshift{half, 30});  // a tie
}

TEST_CASE("the largest scale is 2^31 - 1: beyond it, no right shift will do") {
  CHECK(to_multiplier_rshift(0x1p31 - 1) == multiplier_rshift{INT32_MAX, 0});
  CHECK(to_multiplier_rshift(0x1p31 - 0.7) == multiplier_rshift{INT32_MAX, 0});
  CHECK_THROWS_WITH(to_multiplier_rshift(0x1p31 - 0.5), too_large);
  CHECK_THROWS_WITH(to_multiplier_rshift(0x1p31 - 0.3), too_large);
  CHECK_THROWS_WITH(to_multiplier_rshift(0x1p31), too_large);
  CHECK_THROWS_WITH(to_multiplier_rshift(1e300), too_large);
}

TEST_CASE("a tiny scale keeps the shift of 62 and gives up bits, but never all") {
  CHECK(to_multiplier_rshift(0x1p-32) == multiplier_rshift{half, 62});
  CHECK(to_multiplier_rshift(0x1p-33) == multiplier_rshift{half / 2, 62});
  CHECK(to_multiplier_rshift(3 * 0x1p-63) == multiplier_rshift{2, 62});  // 1.5 rounds up
  CHECK(to_multiplier_rshift(0x1p-62) == multiplier_rshift{1, 62});
  CHECK(to_multiplier_rshift(0x1p-63) == multiplier_rshift{1, 62});  // 0.5
  CHECK(to_multiplier_rshift(0x1p-64) == multiplier_rshift{1, 62});  // not 0
  CHECK(to_multiplier_rshift(std::numeric_limits<double>::denorm_min()) ==
        multiplier_rshift{1, 62});
}

TEST_CASE("what is not a positive number is refused by every form") {
  for (const double s : {0.0, -0.0, -1.0, infinity, -infinity, not_a_number}) {
    CAPTURE(s);
    CHECK_THROWS_WITH(to_multiplier_rshift(s), not_positive);
    CHECK_THROWS_WITH(to_multiplier8_rshift(s), not_positive);
    CHECK_THROWS_WITH(to_multiplier_q31(s), "scale: a Q31 multiplier needs 0 < s < 1");
  }
}

TEST_CASE("the 8-bit multiplier rounds down to 128..255") {
  CHECK(to_multiplier8_rshift(1) == multiplier_rshift{128, 7});
  CHECK(to_multiplier8_rshift(1.999) == multiplier_rshift{255, 7});
  CHECK(to_multiplier8_rshift(below(2)) == multiplier_rshift{255, 7});
  CHECK(to_multiplier8_rshift(below(1)) == multiplier_rshift{255, 8});
  CHECK(to_multiplier8_rshift(0.75) == multiplier_rshift{192, 8});
  CHECK(to_multiplier8_rshift(1.0 / 3) == multiplier_rshift{170, 9});  // 170.67
  CHECK(to_multiplier8_rshift(128) == multiplier_rshift{128, 0});
  CHECK(to_multiplier8_rshift(255.9) == multiplier_rshift{255, 0});
  CHECK_THROWS_WITH(to_multiplier8_rshift(256), too_large);
}

TEST_CASE("a tiny scale in 8 bits") {
  CHECK(to_multiplier8_rshift(0x1p-55) == multiplier_rshift{128, 62});
  CHECK(to_multiplier8_rshift(0x1p-56) == multiplier_rshift{64, 62});
  CHECK(to_multiplier8_rshift(0x1p-62) == multiplier_rshift{1, 62});
  CHECK(to_multiplier8_rshift(0x1p-63) == multiplier_rshift{1, 62});  // not 0
}

TEST_CASE("a Q31 multiplier is 1/2 to 1 and a shift of 0 to 31") {
  CHECK(to_multiplier_q31(0.5) == multiplier_q31{half, 0});
  CHECK(to_multiplier_q31(0.75) == multiplier_q31{3 << 29, 0});
  CHECK(to_multiplier_q31(below(0.5)) == multiplier_q31{half, 0});
  CHECK(to_multiplier_q31(0.25) == multiplier_q31{half, 1});
  CHECK(to_multiplier_q31(1.0 / 3) == multiplier_q31{1431655765, 1});
  CHECK(to_multiplier_q31(0x1p-32) == multiplier_q31{half, 31});
  CHECK(to_multiplier_q31(1 - 0x1p-31) == multiplier_q31{INT32_MAX, 0});
}

TEST_CASE("scales without a Q31 form are refused") {
  const char* const not_below_one = "scale: a Q31 multiplier needs 0 < s < 1";
  CHECK_THROWS_WITH(to_multiplier_q31(1), not_below_one);
  CHECK_THROWS_WITH(to_multiplier_q31(1.5), not_below_one);
  CHECK_THROWS_WITH(to_multiplier_q31(below(1)), "scale: rounds to 1 in Q31");
  CHECK_THROWS_WITH(to_multiplier_q31(0x1p-33),
                    "scale: too small for a Q31 multiplier with a shift of 31");
  CHECK(octavo::has_multiplier_q31(0x1p-32));
  CHECK_FALSE(octavo::has_multiplier_q31(0x1p-33));
}

TEST_CASE("just below 2^-32 a scale still rounds to a Q31 multiplier with a shift of 31") {
  // SPECIFICATION 1.6: m = round_up(s * 2^(31 + r)) in [2^30, 2^31), r in
  // 0..31. With r = 31, s * 2^62 >= 2^30 - 1/2 rounds to 2^30; below that, r would have to be 32.
  const double smallest = 0x1p-32 - 0x1p-63;
  CHECK(octavo::has_multiplier_q31(smallest));
  CHECK(to_multiplier_q31(smallest) == multiplier_q31{half, 31});
  CHECK(to_multiplier_q31(below(0x1p-32)) == multiplier_q31{half, 31});
  CHECK_FALSE(octavo::has_multiplier_q31(below(smallest)));
}

TEST_CASE("a scale can be a constant of the program") {
  constexpr multiplier_rshift third = to_multiplier_rshift(1.0 / 3);
  static_assert(third(30) == 10 && third(-30) == -10 && third(31) == 10 && third(32) == 11);
  CHECK(third(100) == 33);
}
