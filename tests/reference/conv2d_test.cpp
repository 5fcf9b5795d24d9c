// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/conv2d.hpp: how the window slides. conv2d_arithmetic_test.cpp has the rest.

#include "octavo/reference/conv2d.hpp"

#include <doctest/doctest.h>

#include "octavo/quant/fixed_point.hpp"
#include "reference_test_tools.hpp"

using octavo::conv_params;
using octavo::padding;
using octavo::rshift;
using octavo::shape;
using octavo::square;
using octavo::window;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

using image = octavo::tensor<std::int8_t>;

/// The convolution of `src` without bias or shift: sums that fit int8 are seen as they are.
bytes convolve(const image& src, const image& weights, const conv_params& params,
               const shape& dst) {
  return output_of(dst, [&](octavo::tensor_view<std::int8_t> out) {
    const octavo::filter<std::int8_t> filter{weights.view(), {}};
    octavo::reference::conv2d(src.view(), filter, params, rshift{0}, out);
  });
}

/// 1 2 3
/// 4 5 6
/// 7 8 9
image nine() { return make_tensor({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}); }

}  // namespace

TEST_CASE("1x1: every output channel is its own sum over the input channels") {
  const image src = make_tensor({1, 2, 2, 2}, {
                                                  1, 2, 3, 4,     // channel 0
                                                  10, 20, 0, -10  // channel 1
                                              });
  const image weights = make_tensor({3, 2, 1, 1}, {
                                                      1, 0,   // the first channel alone
                                                      0, -1,  // the second, negated
                                                      2, 1    // both
                                                  });
  CHECK(convolve(src, weights, {}, {1, 3, 2, 2}) == bytes{1, 2, 3, 4,       //
                                                          -10, -20, 0, 10,  //
                                                          12, 24, 6, -2});
}

TEST_CASE("3x3: taps are not mirrored, row by row") {
  // One 1 in the middle of the image: the output shows the weights turned by 180 degrees.
  const image dot = make_tensor({1, 1, 3, 3}, {0, 0, 0,  //
                                               0, 1, 0,  //
                                               0, 0, 0});
  CHECK(convolve(dot, nine(), {.window = square(3, 1, 1)}, {1, 1, 3, 3}) == bytes{9, 8, 7,  //
                                                                                  6, 5, 4,  //
                                                                                  3, 2, 1});
}

TEST_CASE("3x3 with padding: what lies outside the image reads 0") {
  const image ones = make_tensor({1, 1, 3, 3}, {1, 1, 1,  //
                                                1, 1, 1,  //
                                                1, 1, 1});
  CHECK(convolve(nine(), ones, {.window = square(3, 1, 1)}, {1, 1, 3, 3}) == bytes{12, 21, 16,  //
                                                                                   27, 45, 33,  //
                                                                                   24, 39, 28});
  CHECK(convolve(nine(), ones, {.window = square(3)}, {1, 1, 1, 1}) == bytes{45});
}

TEST_CASE("padding wider than the kernel gives windows without a pixel: 0, or the bias") {
  const image one = make_tensor({1, 1, 1, 1}, {1});
  const image src = make_tensor({1, 1, 1, 1}, {7});
  CHECK(convolve(src, one, {.window = square(1, 1, 1)}, {1, 1, 3, 3}) == bytes{0, 0, 0,  //
                                                                               0, 7, 0,  //
                                                                               0, 0, 0});
}

TEST_CASE("stride 2 takes every second position, from the first") {
  const image src = make_tensor({1, 1, 4, 5}, {1,  2,  3,  4,  5,   //
                                               6,  7,  8,  9,  10,  //
                                               11, 12, 13, 14, 15,  //
                                               16, 17, 18, 19, 20});
  const image one = make_tensor({1, 1, 1, 1}, {1});
  CHECK(convolve(src, one, {.window = square(1, 2)}, {1, 1, 2, 3}) == bytes{1, 3, 5,  //
                                                                            11, 13, 15});
  // Strides of their own: every third row, every second column.
  const window tall{.stride_h = 3, .stride_w = 2};
  CHECK(convolve(src, one, {.window = tall}, {1, 1, 2, 3}) == bytes{1, 3, 5,  //
                                                                    16, 18, 20});
}

TEST_CASE("each side has its own padding") {
  const image one = make_tensor({1, 1, 1, 1}, {1});
  const auto padded = [&](const padding& pad, int h, int w) {
    return convolve(nine(), one, {.window = {.pad = pad}}, {1, 1, h, w});
  };
  CHECK(padded({.top = 1}, 4, 3) == bytes{0, 0, 0,  //
                                          1, 2, 3,  //
                                          4, 5, 6,  //
                                          7, 8, 9});
  CHECK(padded({.left = 1}, 3, 4) == bytes{0, 1, 2, 3,  //
                                           0, 4, 5, 6,  //
                                           0, 7, 8, 9});
  CHECK(padded({.bottom = 1}, 4, 3) == bytes{1, 2, 3,  //
                                             4, 5, 6,  //
                                             7, 8, 9,  //
                                             0, 0, 0});
  CHECK(padded({.right = 1}, 3, 4) == bytes{1, 2, 3, 0,  //
                                            4, 5, 6, 0,  //
                                            7, 8, 9, 0});
  // Top and left shift the image, bottom and right only add positions.
  const image corner = make_tensor({1, 1, 2, 2}, {1, 0,  //
                                                  0, 10});
  const window same{.kh = 2, .kw = 2, .pad = {.top = 0, .left = 1, .bottom = 1, .right = 0}};
  CHECK(convolve(nine(), corner, {.window = same}, {1, 1, 3, 3}) == bytes{40, 51, 62,  //
                                                                          70, 84, 95,  //
                                                                          0, 7, 8});
}

TEST_CASE("a kernel need not be square") {
  const image row = make_tensor({1, 1, 1, 3}, {1, 2, 3});
  CHECK(convolve(nine(), row, {.window = {.kh = 1, .kw = 3}}, {1, 1, 3, 1}) == bytes{14, 32, 50});
  const image column = make_tensor({1, 1, 3, 1}, {1, 2, 3});
  CHECK(convolve(nine(), column, {.window = {.kh = 3, .kw = 1}}, {1, 1, 1, 3}) ==
        bytes{30, 36, 42});
}

TEST_CASE("dilation spreads the taps, along each axis by its own distance") {
  const image src = make_tensor({1, 1, 3, 5}, {1, 2, 3, 4, 5,   //
                                               6, 7, 8, 9, 10,  //
                                               11, 12, 13, 14, 15});
  const image taps = make_tensor({1, 1, 2, 2}, {1, 2,  //
                                                3, -1});
  // Taps at rows 0 and 2, columns 0 and 3.
  const window wide{.kh = 2, .kw = 2, .dilation_h = 2, .dilation_w = 3};
  CHECK(convolve(src, taps, {.window = wide}, {1, 1, 1, 2}) == bytes{28, 33});
  // The same window turned: rows 0 and 1, columns 0 and 2, padded to the left.
  const window padded{.kh = 2, .kw = 2, .dilation_w = 2, .pad = {.left = 1}};
  CHECK(convolve(src, taps, {.window = padded}, {1, 1, 2, 4}) ==
        bytes{4 - 7, 1 + 6 + 18 - 8, 2 + 8 + 21 - 9, 3 + 10 + 24 - 10,  //
              14 - 12, 6 + 16 + 33 - 13, 7 + 18 + 36 - 14, 8 + 20 + 39 - 15});
}

TEST_CASE("two groups: each half of the outputs reads its half of the inputs") {
  const image src = make_tensor({1, 4, 1, 1}, {1, 10, 3, 5});
  const image weights = make_tensor({4, 2, 1, 1}, {
                                                      1, 1,   // group 0: channels 0 and 1
                                                      1, -1,  //
                                                      1, 1,   // group 1: channels 2 and 3
                                                      2, -1   //
                                                  });
  CHECK(convolve(src, weights, {.groups = 2}, {1, 4, 1, 1}) == bytes{11, -9, 8, 1});
}

TEST_CASE("groups of different width: two inputs make three outputs each") {
  const image src = make_tensor({1, 4, 1, 1}, {1, 10, 3, 5});
  const image weights = make_tensor({6, 2, 1, 1}, {
                                                      1, 0, 0, 1, 1, 1,  // group 0
                                                      1, 0, 0, 1, 1, 1,  // group 1
                                                  });
  CHECK(convolve(src, weights, {.groups = 2}, {1, 6, 1, 1}) == bytes{1, 10, 11, 3, 5, 8});
}

TEST_CASE("depthwise: every channel has its own window") {
  const image src = make_tensor({1, 2, 2, 2}, {1, 2, 3, 4,  //
                                               5, 6, 7, 8});
  const image weights = make_tensor({2, 1, 2, 2}, {1, 1, 1, 1,  //
                                                   1, 0, 0, -1});
  const conv_params depthwise{.window = square(2), .groups = 2};
  CHECK(convolve(src, weights, depthwise, {1, 2, 1, 1}) == bytes{10, -3});
  // With a multiplier of two: outputs 0 and 1 read channel 0, outputs 2 and 3 channel 1.
  const image twice = make_tensor({4, 1, 2, 2}, {1, 0, 0, 0,  //
                                                 0, 1, 0, 0,  //
                                                 0, 0, 1, 0,  //
                                                 0, 0, 0, 1});
  CHECK(convolve(src, twice, depthwise, {1, 4, 1, 1}) == bytes{1, 2, 7, 8});
}

TEST_CASE("batch 2: images do not mix") {
  const image src = make_tensor({2, 2, 1, 2}, {
                                                  1, 2, 3, 4,  // image 0
                                                  5, 6, 7, 8   // image 1
                                              });
  const image weights = make_tensor({1, 2, 1, 1}, {1, 10});
  CHECK(convolve(src, weights, {}, {2, 1, 1, 2}) == bytes{31, 42, 75, 86});
}
