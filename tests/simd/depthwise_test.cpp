// SPDX-License-Identifier: MIT
/// @file
/// The depthwise convolution of every instruction set, and scale, against the reference.

#include <doctest/doctest.h>

#include <cstdint>

#include "octavo/reference/scale.hpp"
#include "random_conv2d.hpp"
#include "support/effort.hpp"

using namespace octavo::testing;

TEST_CASE("depthwise: random shapes, windows, policies and fills") {
  for (std::uint64_t seed = 1; seed <= effort(600U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const conv2d_case c = random_depthwise(rng);
    REQUIRE(geometry_of(c).is_depthwise());
    check_conv2d(c, rng);
  }
}

TEST_CASE("depthwise: kernels of 1 to 8, strides of 1 to 3") {
  for (int kernel = 1; kernel <= 8; ++kernel) {
    for (int stride = 1; stride <= 3; ++stride) {
      CAPTURE(kernel);
      CAPTURE(stride);
      random_source rng(static_cast<std::uint64_t>(1000 + 10 * kernel + stride));
      conv2d_case c = {.src = {2, 37, 9, 11}, .channels = 37};
      c.window = octavo::square(kernel, stride, kernel / 2);
      c.groups = 37;
      c.src_block = c.dst_block = 32;
      check_conv2d(c, rng);
    }
  }
}

TEST_CASE("scale is a depthwise convolution with a 1x1 window") {
  for (std::uint64_t seed = 2000; seed < 2000 + effort(200U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    conv2d_case c = random_depthwise(rng);
    c.window = {};
    c.residual_operand = -1;
    conv2d_operands o = random_operands(c, rng);
    octavo::tensor<std::int8_t> scaled(c.src);
    octavo::reference::scale(
        o.src.view(), octavo::channel_scale<std::int32_t>{o.weights.values, o.bias}, c.relu,
        [&](std::int32_t acc, int channel) { return requantize(o.rule, acc, channel); },
        scaled.view());
    o.expected = with_full_blocks(scaled, c.dst_block, [] { return std::int8_t{0}; });
    check_conv2d(c, o);
  }
}
