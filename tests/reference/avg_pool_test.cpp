// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/avg_pool.hpp: sums, and which pixels the divisor counts.

#include "octavo/reference/avg_pool.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

#include "octavo/quant/choose.hpp"
#include "reference_test_tools.hpp"

using octavo::choose_pool_divisor;
using octavo::pool_divisor;
using octavo::pool_params;
using octavo::shape;
using octavo::size_rounding;
using octavo::square;
using octavo::window_divisor;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

bytes pooled(const octavo::tensor<std::int8_t>& src, const pool_params& params,
             const std::vector<pool_divisor>& divisors, const shape& dst) {
  return output_of(
      dst, [&](auto out) { octavo::reference::avg_pool(src.view(), params, divisors, out); });
}

/// Divides exactly by 2^shift.
pool_divisor exact(int divisor, int shift) { return {divisor, {1, shift}}; }

/// The divisors of all windows, row by row.
std::vector<int> divisors_of(const pool_params& params, const shape& src, int rows, int columns) {
  std::vector<int> found;
  for (int oh = 0; oh < rows; ++oh) {
    for (int ow = 0; ow < columns; ++ow) found.push_back(window_divisor(params, src, oh, ow));
  }
  return found;
}

}  // namespace

TEST_CASE("avg_pool: the sum times one multiplier, ties up") {
  const auto src = make_tensor({1, 2, 2, 2}, {
                                                 1, 2, 3, 4,     // 10 / 4 = 2.5
                                                 -1, -2, -3, -4  // -2.5
                                             });
  CHECK(pooled(src, {square(2)}, {exact(4, 2)}, {1, 2, 1, 1}) == bytes{3, -2});
}

TEST_CASE("avg_pool: the sum is kept whole before it is divided") {
  const auto highs = make_tensor({1, 1, 4, 4}, bytes(16, 127));
  const auto lows = make_tensor({1, 1, 4, 4}, bytes(16, -128));
  CHECK(pooled(highs, {square(4)}, {exact(16, 4)}, {1, 1, 1, 1}) == bytes{127});
  CHECK(pooled(lows, {square(4)}, {exact(16, 4)}, {1, 1, 1, 1}) == bytes{-128});
  // Thresholds may make the result larger than int8: it saturates.
  CHECK(pooled(highs, {square(4)}, {exact(16, 3)}, {1, 1, 1, 1}) == bytes{127});
  CHECK(pooled(lows, {square(4)}, {exact(16, 3)}, {1, 1, 1, 1}) == bytes{-128});
}

TEST_CASE("avg_pool: ResNet's pool5, 49 pixels with 1/49 in 8 bits") {
  const auto ones = make_tensor({1, 1, 7, 7}, bytes(49, 100));
  // 4900 * 167 / 8192 = 99.89.
  CHECK(pooled(ones, {square(7)}, {choose_pool_divisor(1, 1, 49)}, {1, 1, 1, 1}) == bytes{100});
}

TEST_CASE("avg_pool: padding adds nothing, but may count") {
  const auto src = make_tensor({1, 1, 2, 2}, {16, 32,  //
                                              48, 64});
  const pool_params windows{square(2, 2, 1)};  // each sees one pixel and three of padding
  const std::vector<pool_divisor> by_one = {exact(1, 0)};
  CHECK(pooled(src, windows, by_one, {1, 1, 2, 2}) == bytes{16, 32, 48, 64});
  pool_params counting = windows;
  counting.count_padding = true;
  CHECK(pooled(src, counting, {exact(4, 2)}, {1, 1, 2, 2}) == bytes{4, 8, 12, 16});
}

TEST_CASE("avg_pool: every window uses the entry of its own divisor, wherever that stands") {
  const auto src = make_tensor({1, 1, 3, 3}, {8, 8, 8,  //
                                              8, 8, 8,  //
                                              8, 8, 8});
  const pool_params windows{square(2, 2, 1)};  // corners 1 pixel, edges 2, the rest 4
  const std::vector<int> counted = {1, 2,      //
                                    2, 4};
  CHECK(divisors_of(windows, src.shape, 2, 2) == counted);
  const bytes expected = {8, 8,  //
                          8, 8};
  CHECK(pooled(src, windows, {exact(1, 0), exact(2, 1), exact(4, 2)}, {1, 1, 2, 2}) == expected);
  CHECK(pooled(src, windows, {exact(4, 2), exact(1, 0), exact(2, 1)}, {1, 1, 2, 2}) == expected);
  // A different shift for each divisor shows which was used.
  CHECK(pooled(src, windows, {exact(1, 0), exact(2, 0), exact(4, 0)}, {1, 1, 2, 2}) ==
        bytes{8, 16,  //
              16, 32});
}

TEST_CASE("avg_pool: a window rounded up never counts what lies beyond the padded image") {
  const shape src{1, 1, 4, 4};
  // 3x3, stride 2, no padding: the second window has rows 2, 3 and one that does not exist.
  for (const bool count_padding : {false, true}) {
    const pool_params params{square(3, 2), size_rounding::ceil, count_padding};
    const std::vector<int> expected = {9, 6,  //
                                       6, 4};
    CHECK(divisors_of(params, src, 2, 2) == expected);
  }
  // With padding 1 the windows start at -1, 1, 3: rows -1..1, 1..3, and 3 with one padded row.
  const std::vector<int> without = {4, 6, 2,  //
                                    6, 9, 3,  //
                                    2, 3, 1};
  const std::vector<int> with = {9, 9, 6,  //
                                 9, 9, 6,  //
                                 6, 6, 4};
  CHECK(divisors_of({square(3, 2, 1), size_rounding::ceil, false}, src, 3, 3) == without);
  CHECK(divisors_of({square(3, 2, 1), size_rounding::ceil, true}, src, 3, 3) == with);
}

TEST_CASE("avg_pool: a ceil window beyond the image averages the pixels it has") {
  const auto src = make_tensor({1, 1, 1, 4}, {4, 6, 10, 20});
  const pool_params params{{.kh = 1, .kw = 3, .stride_w = 3}, size_rounding::ceil, true};
  // 20 / 3 = 6.67 with 1/3 as 170 / 512: 6.64; then 20 / 1.
  CHECK(pooled(src, params, {choose_pool_divisor(1, 1, 3), exact(1, 0)}, {1, 1, 1, 2}) ==
        bytes{7, 20});
}

TEST_CASE("avg_pool: the two axes have windows and padding of their own") {
  const auto src = make_tensor({1, 1, 2, 4}, {1, 2, 3, 4,  //
                                              5, 6, 7, 8});
  CHECK(pooled(src, {{.kh = 1, .kw = 2, .stride_w = 2}}, {exact(2, 0)}, {1, 1, 2, 2}) ==
        bytes{3, 7,  //
              11, 15});
  CHECK(pooled(src, {{.kh = 2, .kw = 1}}, {exact(2, 0)}, {1, 1, 1, 4}) == bytes{6, 8, 10, 12});
  const pool_params top{{.kh = 2, .kw = 4, .stride_h = 2, .pad = {.top = 1, .bottom = 1}}};
  CHECK(pooled(src, top, {exact(4, 0)}, {1, 1, 2, 1}) == bytes{10, 26});
  const pool_params left{{.kh = 2, .kw = 3, .stride_w = 2, .pad = {.left = 1}}};
  CHECK(pooled(src, left, {exact(4, 0), exact(6, 0)}, {1, 1, 1, 2}) == bytes{14, 30});
}

TEST_CASE("avg_pool: each side's padding counts on its own side alone") {
  const auto counted = [](const octavo::padding& pad) {
    const pool_params params{{.kh = 2, .kw = 2, .pad = pad}, size_rounding::ceil, true};
    const pool_params without{{.kh = 2, .kw = 2, .pad = pad}, size_rounding::ceil, false};
    const int rows = 2 + pad.top + pad.bottom;
    const int columns = 2 + pad.left + pad.right;
    const shape src{1, 1, 3, 3};
    CHECK(divisors_of(params, src, rows, columns) ==
          std::vector<int>(static_cast<std::size_t>(rows * columns), 4));
    return divisors_of(without, src, rows, columns);
  };
  CHECK(counted({.top = 1}) == std::vector<int>{2, 2,  //
                                                4, 4,  //
                                                4, 4});
  CHECK(counted({.left = 1}) == std::vector<int>{2, 4, 4,  //
                                                 2, 4, 4});
  CHECK(counted({.bottom = 1}) == std::vector<int>{4, 4,  //
                                                   4, 4,  //
                                                   2, 2});
  CHECK(counted({.right = 1}) == std::vector<int>{4, 4, 2,  //
                                                  4, 4, 2});
}

TEST_CASE("avg_pool: channels and images do not mix") {
  const auto src = make_tensor({2, 2, 1, 2}, {1, 2, 10, 20,  //
                                              3, 4, 30, 40});
  CHECK(pooled(src, {{.kw = 2}}, {exact(2, 0)}, {2, 2, 1, 1}) == bytes{3, 30, 7, 70});
}
