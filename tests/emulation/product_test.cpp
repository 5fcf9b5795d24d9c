// SPDX-License-Identifier: MIT
#include "octavo/emulation/product.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "octavo/emulation/im2col.hpp"
#include "octavo/emulation/pool.hpp"

using octavo::emulation::fits_float32;
using octavo::emulation::im2col;
using octavo::emulation::row_major;

TEST_CASE("im2col: one column a pixel, one row a tap, zero in the padding") {
  octavo::tensor<std::int8_t> src({1, 2, 2, 3});
  src.values = {1,  2,  3,  //
                4,  5,  6,  //
                7,  8,  9,  //
                10, 11, 12};
  // A 2x2 window, stride 1 down and 2 across, one row above and one column to the right.
  const octavo::window w = {2, 2, 1, 2, 1, 1, {1, 0, 0, 1}};
  const row_major<float> columns =
      im2col<float>(octavo::emulation::image_group<std::int8_t>{src.view(), 0, 0, 2}, w,
                    octavo::shape{1, 1, 2, 2});
  row_major<float> expected(8, 4);
  expected << 0, 0, 1, 3,  // channel 0, tap (0, 0)
      0, 0, 2, 0,          //            tap (0, 1)
      1, 3, 4, 6,          //
      2, 0, 5, 0,          //
      0, 0, 7, 9,          // channel 1
      0, 0, 8, 0,          //
      7, 9, 10, 12,        //
      8, 0, 11, 0;
  CHECK(columns == expected);
}

TEST_CASE("im2col: dilation, the second group of the second image, taps that see only padding") {
  octavo::tensor<std::int8_t> src({2, 2, 1, 3});
  src.values = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3};
  const octavo::window w = {1, 3, 1, 1, 1, 2, {0, 4, 0, 1}};
  const row_major<double> columns =
      im2col<double>(octavo::emulation::image_group<std::int8_t>{src.view(), 1, 1, 1}, w,
                     octavo::shape{2, 1, 1, 4});
  row_major<double> expected(3, 4);
  expected << 0, 0, 0, 0,  // pixels -4..-1
      0, 0, 1, 2,          // pixels -2..1
      1, 2, 3, 0;          // pixels 0..3
  CHECK(columns == expected);
}

TEST_CASE("float32 is chosen up to 2^24 and not beyond") {
  const std::vector<std::int8_t> quiet(1024, 127);  // 128 * 127 * 1024 = 2^24 - 2^17
  CHECK(fits_float32(quiet, 1 << 17));
  CHECK(fits_float32(quiet, -(1 << 17)));
  CHECK_FALSE(fits_float32(quiet, (1 << 17) + 1));
  CHECK_FALSE(fits_float32(quiet, -(1 << 17) - 1));
  const std::vector<std::int8_t> loud(1024, -128);  // exactly 2^24
  CHECK(fits_float32(loud, 0));
  CHECK_FALSE(fits_float32(loud, 1));
  const std::vector<std::int8_t> deep(4608, 127);
  CHECK_FALSE(fits_float32(deep, 0));
  CHECK(fits_float32({}, 1 << 24));
  CHECK_FALSE(fits_float32({}, INT32_MIN));
}

TEST_CASE("each row goes to its precision") {
  octavo::op_params params;
  params.weights = {1, 1, 1, 1};
  params.bias = {0, (1 << 24), -(1 << 24) + 128, INT32_MAX - (1 << 20)};
  const auto rows = octavo::emulation::detail::split_by_precision(params, 0, 4);
  CHECK(rows.single.channels == std::vector<Eigen::Index>{0, 2});
  CHECK(rows.wide.channels == std::vector<Eigen::Index>{1, 3});
  CHECK(rows.wide.bias(1) == INT32_MAX - (1 << 20));
}

TEST_CASE("a sum that float32 would get wrong") {
  // 2000 products of 127 * -127 and one of 1 * 1: beyond 2^24 and odd. The bias brings the sum back
  // into int8, where at shift 0 its last bit shows.
  constexpr int taps = 2001;
  octavo::node fc;
  fc.kind = octavo::op::fully_connected;
  fc.shape = {1, 1, 1, 1};
  octavo::tensor<std::int8_t> src({1, taps, 1, 1});
  octavo::op_params params;
  params.weights.assign(taps, 127);
  src.values.assign(taps, -127);
  src.values[1000] = 1;
  params.weights[1000] = 1;
  params.bias = {2000 * 127 * 127 + 2};
  params.requantize = {octavo::policy::rshift, {}, {0}};
  CHECK_FALSE(fits_float32(params.weights, params.bias[0]));
  CHECK(octavo::emulation::fully_connected(fc, params, src.view(), false).values[0] == 3);
  float sum = static_cast<float>(params.bias[0]);
  for (std::size_t i = 0; i < params.weights.size(); ++i) {
    sum += static_cast<float>(params.weights[i]) * static_cast<float>(src.values[i]);
  }
  CHECK(sum != 3);
}

TEST_CASE("divisors of an average pool") {
  using octavo::emulation::divisor_of;
  const octavo::shape in = {1, 1, 5, 5};
  octavo::node pool;
  pool.window = octavo::square(3, 2, 1);
  CHECK(divisor_of(pool, in, 0, 0) == 4);  // a corner without its padding
  CHECK(divisor_of(pool, in, 0, 1) == 6);
  CHECK(divisor_of(pool, in, 1, 1) == 9);
  CHECK(divisor_of(pool, in, 2, 2) == 4);
  pool.count_padding = true;
  CHECK(divisor_of(pool, in, 0, 0) == 9);
  CHECK(divisor_of(pool, in, 2, 2) == 9);
  // Rounded up: rows 4..6 of an input whose padding ends with row 5.
  pool.window.pad = {0, 0, 1, 1};
  CHECK(divisor_of(pool, in, 2, 2) == 4);
  CHECK(divisor_of(pool, in, 0, 2) == 6);
  pool.count_padding = false;
  CHECK(divisor_of(pool, in, 2, 2) == 1);
}
