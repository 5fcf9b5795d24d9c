// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/max_pool.hpp.

#include "octavo/reference/max_pool.hpp"

#include <doctest/doctest.h>

#include "reference_test_tools.hpp"

using octavo::pool_params;
using octavo::size_rounding;
using octavo::square;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

bytes pooled(const octavo::tensor<std::int8_t>& src, const pool_params& params,
             const octavo::shape& dst) {
  return output_of(dst, [&](auto out) { octavo::reference::max_pool(src.view(), params, out); });
}

constexpr pool_params caffe{square(3, 2), size_rounding::ceil};
constexpr pool_params torchvision{square(3, 2, 1), size_rounding::floor};

}  // namespace

TEST_CASE("max_pool: pool1 of the two ResNets sees different pixels") {
  const auto src = make_tensor({1, 1, 4, 4}, {4, 3, 2, 1,     //
                                              5, 6, 7, 8,     //
                                              12, 11, 10, 9,  //
                                              13, 14, 15, 16});
  // Caffe: rows 0-2 and 2-4, of which row 4 is beyond the image.
  CHECK(pooled(src, caffe, {1, 1, 2, 2}) == bytes{12, 10,  //
                                                  15, 16});
  // torchvision: rows -1..1 and 1..3.
  CHECK(pooled(src, torchvision, {1, 1, 2, 2}) == bytes{6, 8,  //
                                                        14, 16});
}

TEST_CASE("max_pool: padding never wins, not even over -128") {
  const auto src = make_tensor({1, 1, 2, 2}, {-5, -128,  //
                                              -128, -128});
  CHECK(pooled(src, {square(2, 2, 1)}, {1, 1, 2, 2}) == bytes{-5, -128,  //
                                                              -128, -128});
  // Nor does what a window rounded up covers beyond the image.
  const auto row = make_tensor({1, 1, 1, 4}, {-9, -8, -7, -100});
  const pool_params wide{{.kh = 1, .kw = 3, .stride_w = 3}, size_rounding::ceil};
  CHECK(pooled(row, wide, {1, 1, 1, 2}) == bytes{-7, -100});
}

TEST_CASE("max_pool: channels and images do not mix") {
  const auto src = make_tensor({2, 2, 2, 2}, {
                                                 1, 2, 3, 4,      // image 0, channel 0
                                                 -1, -2, -3, -4,  //          channel 1
                                                 9, 1, 1, 1,      // image 1, channel 0
                                                 0, 0, 127, 0,    //          channel 1
                                             });
  CHECK(pooled(src, {square(2, 2)}, {2, 2, 1, 1}) == bytes{4, -1, 9, 127});
}

TEST_CASE("max_pool: windows overlap, are not square, and have sides of their own") {
  const auto src = make_tensor({1, 1, 3, 4}, {1, 5, 2, 0,  //
                                              3, 4, 9, 1,  //
                                              8, 0, 1, 7});
  CHECK(pooled(src, {square(2)}, {1, 1, 2, 3}) == bytes{5, 9, 9,  //
                                                        8, 9, 9});
  CHECK(pooled(src, {{.kh = 1, .kw = 2, .stride_w = 2}}, {1, 1, 3, 2}) == bytes{5, 2,  //
                                                                                4, 9,  //
                                                                                8, 7});
  CHECK(pooled(src, {{.kh = 2, .kw = 1, .stride_h = 2}}, {1, 1, 1, 4}) == bytes{3, 5, 9, 1});
  // One row of padding above: row 0 alone, then rows 1 and 2.
  CHECK(pooled(src, {{.kh = 2, .kw = 1, .stride_h = 2, .pad = {.top = 1}}}, {1, 1, 2, 4}) ==
        bytes{1, 5, 2, 0,  //
              8, 4, 9, 7});
  // One column on the right: columns 0 and 1, 2 and 3, then nothing new would start.
  CHECK(pooled(src, {{.kh = 3, .kw = 2, .stride_w = 3, .pad = {.right = 1}}}, {1, 1, 1, 2}) ==
        bytes{8, 7});
}
