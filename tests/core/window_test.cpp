// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/window.hpp: output sizes rounded down and up, Caffe's dropped last window, and
/// which pixels an average's divisor counts.

#include "octavo/core/window.hpp"

#include <doctest/doctest.h>

#include <climits>

using octavo::divisor_extent;
using octavo::output_extent;
using octavo::square;
using octavo::window;

namespace {

constexpr auto rounded_down = octavo::size_rounding::floor;
constexpr auto rounded_up = octavo::size_rounding::ceil;

/// Symmetric padding, no dilation: the usual case.
constexpr int extent(int in, int kernel, int stride, int pad, octavo::size_rounding rounding) {
  return output_extent(in, {kernel, stride, 1, pad, pad}, rounding);
}

}  // namespace

TEST_CASE("ResNet-50's windows: 224 -> 112 -> 56") {
  static_assert(extent(224, 7, 2, 3, rounded_down) == 112);  // conv1
  static_assert(extent(112, 3, 2, 0, rounded_up) == 56);     // Caffe's pool1
  static_assert(extent(112, 3, 2, 1, rounded_down) == 56);   // torchvision's pool1
  static_assert(extent(112, 3, 2, 0, rounded_down) == 55);   // what rounding down would do
  static_assert(extent(56, 1, 2, 0, rounded_down) == 28);    // Caffe: a strided 1x1
  static_assert(extent(56, 3, 2, 1, rounded_down) == 28);    // torchvision: a strided 3x3
  static_assert(extent(7, 7, 1, 0, rounded_down) == 1);      // pool5
  CHECK(extent(56, 3, 1, 1, rounded_down) == 56);
}

TEST_CASE("rounding matters only where the stride does not divide the room") {
  for (const auto rounding : {rounded_down, rounded_up}) {
    CHECK(extent(5, 3, 2, 0, rounding) == 2);  // positions 0, 2
    CHECK(extent(3, 3, 2, 0, rounding) == 1);  // the window fits once
    CHECK(extent(6, 3, 1, 0, rounding) == 4);
    CHECK(extent(1, 1, 9, 0, rounding) == 1);
  }
  CHECK(extent(6, 3, 2, 0, rounded_down) == 2);  // positions 0, 2; row 5 is never seen
  CHECK(extent(6, 3, 2, 0, rounded_up) == 3);    // position 4 reaches beyond the input
}

TEST_CASE("rounded up, a window that would start beyond the input is dropped") {
  // 5 pixels, 1 of padding on each side, stride 3: windows of 2 start at -1, 2 and 5 = beyond.
  CHECK(output_extent(5, {2, 3, 1, 1, 1}, rounded_up) == 2);
  // One pixel more and the last window starts at pixel 5, which exists.
  CHECK(output_extent(6, {2, 3, 1, 1, 1}, rounded_up) == 3);
  // The start counts from the leading padding: the trailing one does not keep a window.
  CHECK(output_extent(4, {2, 2, 1, 0, 1}, rounded_up) == 2);  // starts 0, 2; 4 is padding alone
  CHECK(output_extent(4, {2, 2, 1, 1, 0}, rounded_up) == 3);  // starts -1, 1, 3
  // Without padding too, where the stride jumps over the end: starts 0, 3 and 6.
  CHECK(output_extent(5, {1, 3, 1, 0, 0}, rounded_up) == 2);
}

TEST_CASE("each side has its own padding") {
  CHECK(output_extent(4, {3, 1, 1, 0, 0}) == 2);
  CHECK(output_extent(4, {3, 1, 1, 2, 0}) == 4);
  CHECK(output_extent(4, {3, 1, 1, 0, 2}) == 4);
  CHECK(output_extent(4, {3, 1, 1, 1, 2}) == 5);
}

TEST_CASE("dilation spreads the taps: a kernel of 3 reaches over 2 * dilation + 1 pixels") {
  CHECK(output_extent(7, {3, 1, 1, 0, 0}) == 5);
  CHECK(output_extent(7, {3, 1, 2, 0, 0}) == 3);
  CHECK(output_extent(7, {3, 1, 3, 0, 0}) == 1);
  CHECK(output_extent(1, {1, 1, 9, 0, 0}) == 1);  // a single tap has nothing to spread
  CHECK_THROWS_WITH(output_extent(6, {3, 1, 3, 0, 0}),
                    "window: the kernel is larger than the padded input");
}

TEST_CASE("a window that cannot be is refused") {
  CHECK_THROWS_WITH(output_extent(0, {1, 1, 1, 0, 0}), "window: the input is empty");
  const char* const too_small = "window: kernel, stride and dilation must be at least 1";
  CHECK_THROWS_WITH(output_extent(4, {0, 1, 1, 0, 0}), too_small);
  CHECK_THROWS_WITH(output_extent(4, {1, 0, 1, 0, 0}), too_small);
  CHECK_THROWS_WITH(output_extent(4, {1, 1, 0, 0, 0}), too_small);
  const char* const negative = "window: padding must not be negative";
  CHECK_THROWS_WITH(output_extent(4, {1, 1, 1, -1, 1}), negative);
  CHECK_THROWS_WITH(output_extent(4, {1, 1, 1, 1, -1}), negative);
  const char* const too_large = "window: the kernel is larger than the padded input";
  CHECK_THROWS_WITH(output_extent(4, {7, 1, 1, 1, 1}), too_large);
  CHECK(output_extent(4, {6, 1, 1, 1, 1}) == 1);
}

TEST_CASE("the extents of a hostile file do not wrap") {
  CHECK(output_extent(INT_MAX, {1, 1, 1, 0, 0}) == INT_MAX);
  CHECK(output_extent(INT_MAX, {2, INT_MAX, 1, INT_MAX, INT_MAX}) == 3);
  CHECK_THROWS_WITH(output_extent(8, {INT_MAX, 1, INT_MAX, 1, 1}),
                    "window: the kernel is larger than the padded input");
}

TEST_CASE("square is the same on all four sides") {
  static_assert(square(3) == window{.kh = 3, .kw = 3});
  static_assert(square(7, 2, 3) == window{.kh = 7,
                                          .kw = 7,
                                          .stride_h = 2,
                                          .stride_w = 2,
                                          .dilation_h = 1,
                                          .dilation_w = 1,
                                          .pad = {3, 3, 3, 3}});
  CHECK(octavo::padding{1, 2, 3, 4} ==
        octavo::padding{.top = 1, .left = 2, .bottom = 3, .right = 4});
  CHECK(octavo::padding{1, 2, 3, 4} != octavo::padding{1, 2, 3, 5});
}

TEST_CASE("divisor_extent: one axis by hand") {
  // An image of 5, a kernel of 3.
  CHECK(divisor_extent(0, 3, 5, 0, false) == 3);
  CHECK(divisor_extent(-1, 3, 5, 1, false) == 2);
  CHECK(divisor_extent(-1, 3, 5, 1, true) == 3);
  CHECK(divisor_extent(3, 3, 5, 1, false) == 2);
  CHECK(divisor_extent(3, 3, 5, 1, true) == 3);  // one padded pixel behind the image
  CHECK(divisor_extent(4, 3, 5, 1, true) == 2);  // the third lies beyond it
  CHECK(divisor_extent(4, 3, 5, 2, true) == 3);
  CHECK(divisor_extent(4, 3, 5, 0, true) == 1);
  CHECK(divisor_extent(-2, 9, 5, 2, false) == 5);  // wider than the image on both sides
  CHECK(divisor_extent(-2, 9, 5, 2, true) == 9);
}

TEST_CASE("window_divisor: rows times columns") {
  // 2x3 windows, one row of padding above and one column on the right of an image of 4x5.
  const octavo::pool_params pool{.window = {2, 3, 2, 2, 1, 1, {1, 0, 0, 1}}};
  CHECK(window_divisor(pool, {1, 1, 4, 5}, 0, 0) == 1 * 3);
  CHECK(window_divisor(pool, {1, 1, 4, 5}, 1, 1) == 2 * 3);
  octavo::pool_params counting = pool;
  counting.count_padding = true;
  CHECK(window_divisor(counting, {1, 1, 4, 5}, 0, 0) == 2 * 3);
}
