// SPDX-License-Identifier: MIT
/// @file
/// Tests of quant/activation.hpp: real values to int8 and back.

#include "octavo/quant/activation.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>

using octavo::dequantize;
using octavo::is_threshold;
using octavo::quantize;
using octavo::round_to_int8;

// With a threshold of 128 a quantized value stands for itself.

TEST_CASE("quantize: ties go up") {
  CHECK(quantize(2.5, 128) == 3);
  CHECK(quantize(-2.5, 128) == -2);
  CHECK(quantize(0.5, 128) == 1);
  CHECK(quantize(-0.5, 128) == 0);
  CHECK(quantize(0.49999999999999994, 128) == 0);
  CHECK(quantize(-0.5000000000000001, 128) == -1);
}

TEST_CASE("quantize: a unit is threshold / 128") {
  CHECK(quantize(0.25, 1) == 32);
  CHECK(quantize(-0.25, 1) == -32);
  CHECK(quantize(3, 6) == 64);
  CHECK(quantize(1.0 / 3, 1) == 43);               // 42.67
  CHECK(quantize(123.0, 161.008056641) == 98);     // 97.78: a pixel of the cat
  CHECK(quantize(-104.01, 161.008056641) == -83);  // -82.69
}

TEST_CASE("quantize: saturation on both sides, which is where the threshold lies") {
  CHECK(quantize(1, 1) == 127);    // 128 does not exist
  CHECK(quantize(-1, 1) == -128);  // -128 does
  CHECK(quantize(127.49, 128) == 127);
  CHECK(quantize(127.5, 128) == 127);
  CHECK(quantize(-128.4, 128) == -128);
  CHECK(quantize(-128.6, 128) == -128);
  CHECK(quantize(-127.5, 128) == -127);
  CHECK(quantize(-127.6, 128) == -128);
  CHECK(quantize(1e30, 1e-3) == 127);
  CHECK(quantize(-1e30, 1e-3) == -128);
  CHECK(quantize(std::numeric_limits<double>::denorm_min(), 1) == 0);
}

TEST_CASE("round_to_int8 rounds and clamps, without leaving int64 in between") {
  CHECK(round_to_int8(126.5) == 127);
  CHECK(round_to_int8(126.49999999999999) == 126);
  CHECK(round_to_int8(127.4) == 127);
  CHECK(round_to_int8(-127.5) == -127);
  CHECK(round_to_int8(-127.50000000000001) == -128);
  // Volatile: computed on the CPU, whose conversion of 1e300 is not what compilers fold it to.
  volatile double huge = 1e300;
  CHECK(round_to_int8(huge) == 127);
  CHECK(round_to_int8(-huge) == -128);
}

TEST_CASE("dequantize: q * threshold / 128") {
  CHECK(dequantize(-128, 2.5) == -2.5);
  CHECK(dequantize(64, 2.5) == 1.25);
  CHECK(dequantize(0, 2.5) == 0);
  static_assert(dequantize(1, 1) == 0x1p-7);
}

TEST_CASE("what was dequantized quantizes to itself") {
  for (const double threshold : {1.0, 161.008056641, 1e-20, 1e20, 0.1}) {
    for (int q = -128; q <= 127; ++q) {
      CAPTURE(threshold);
      CAPTURE(q);
      CHECK(quantize(dequantize(q, threshold), threshold) == q);
    }
  }
}

TEST_CASE("a threshold is positive and finite") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(is_threshold(161.008056641));
  CHECK(is_threshold(std::numeric_limits<double>::denorm_min()));
  CHECK(is_threshold(std::numeric_limits<double>::max()));
  CHECK_FALSE(is_threshold(0));
  CHECK_FALSE(is_threshold(-0.0));
  CHECK_FALSE(is_threshold(-1));
  CHECK_FALSE(is_threshold(infinity));
  CHECK_FALSE(is_threshold(-infinity));
  CHECK_FALSE(is_threshold(std::numeric_limits<double>::quiet_NaN()));
}
