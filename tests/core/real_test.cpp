// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/real.hpp: rounding at ties and at the edges of double, products that stay apart.

#include "octavo/core/real.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using octavo::floor_exact;
using octavo::is_finite;
using octavo::power_of_two;
using octavo::product;
using octavo::round_up;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = std::numeric_limits<double>::max();
constexpr double smallest = std::numeric_limits<double>::denorm_min();

}  // namespace

TEST_CASE("round_up: ties go up, on both sides of zero") {
  CHECK(round_up(0.5) == 1);
  CHECK(round_up(1.5) == 2);
  CHECK(round_up(2.5) == 3);  // to even would be 2
  CHECK(round_up(-0.5) == 0);
  CHECK(round_up(-1.5) == -1);
  CHECK(round_up(-2.5) == -2);  // away from zero would be -3
}

TEST_CASE("round_up: just beside a tie") {
  CHECK(round_up(0.49999999999999994) == 0);  // floor(v + 0.5) would be 1: the sum rounds to 1
  CHECK(round_up(-0.49999999999999994) == 0);
  CHECK(round_up(-0.5000000000000001) == -1);
  CHECK(round_up(2.4999999999999996) == 2);
  CHECK(round_up(2.5000000000000004) == 3);
  CHECK(round_up(-2.4999999999999996) == -2);
  CHECK(round_up(-2.5000000000000004) == -3);
  CHECK(round_up(smallest) == 0);
  CHECK(round_up(-smallest) == 0);
}

TEST_CASE("round_up: where double runs out of fractions") {
  CHECK(round_up(0x1p51 + 0.5) == 0x1p51 + 1);
  CHECK(round_up(-0x1p51 - 0.5) == -0x1p51);
  CHECK(round_up(0x1p52 - 0.5) == 0x1p52);  // the largest tie that double has
  CHECK(round_up(-0x1p52 + 0.5) == -0x1p52 + 1);
  CHECK(round_up(0x1p52 + 1) == 0x1p52 + 1);  // + 0.5 would round to even, one too many
  CHECK(round_up(0x1p53 - 1) == 0x1p53 - 1);
  CHECK(round_up(-0x1p53 + 1) == -0x1p53 + 1);
  CHECK(round_up(0x1p63) == 0x1p63);  // beyond int64
  CHECK(round_up(-0x1p64) == -0x1p64);
  CHECK(round_up(largest) == largest);
  CHECK(round_up(-largest) == -largest);
}

TEST_CASE("floor_exact is the C library's floor") {
  const double values[] = {
      0,        0.5,          0.9999999999999999, 1,     -smallest, -0.5, -1,
      -1.5,     0x1p31 - 0.5, -0x1p31 - 0.5,      1e15,  -1e15,     1e18, -1e18,
      smallest, 0x1p52 - 0.5, -0x1p52 + 0.5,      1e300, -1e300};
  for (const double v : values) {
    CAPTURE(v);
    CHECK(floor_exact(v) == std::floor(v));
  }
}

TEST_CASE("infinities and NaN are not finite") {
  CHECK(is_finite(0));
  CHECK(is_finite(largest));
  CHECK(is_finite(-largest));
  CHECK(is_finite(smallest));
  CHECK_FALSE(is_finite(infinity));
  CHECK_FALSE(is_finite(-infinity));
  CHECK_FALSE(is_finite(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("powers of two are exact") {
  for (int e = -1022; e <= 1023; ++e) {
    CAPTURE(e);
    CHECK(power_of_two(e) == std::ldexp(1.0, e));
  }
}

namespace {

// above * below = 1 - 2^-60, which rounds to 1: the difference to 1 is 0, or -2^-60 in one fused
// operation. Volatile, so that the compiler computes it at run time.
volatile double above = 1 + 0x1p-30;
volatile double below = 1 - 0x1p-30;

#if defined(__x86_64__) && defined(__GNUC__)
/// Compiled for CPUs that can contract, whatever the flags of this file.
__attribute__((target("fma"))) double difference_to_one_with_fma() {
  return product(above, below) - 1;
}
bool has_fma() { return __builtin_cpu_supports("fma") != 0; }
#else
double difference_to_one_with_fma() { return product(above, below) - 1; }
bool has_fma() { return true; }
#endif

}  // namespace

TEST_CASE("a product is rounded before anything is added to it") {
  CHECK(std::fma(above, below, -1.0) == -0x1p-60);  // the case tells the two apart
  CHECK(product(above, below) == 1);
  CHECK(product(above, below) - 1 == 0);
  if (has_fma()) CHECK(difference_to_one_with_fma() == 0);
  static_assert(product(1 + 0x1p-30, 1 - 0x1p-30) - 1 == 0);
}
