// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/scale.hpp: a weight and a bias for each channel.

#include "octavo/reference/scale.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "octavo/quant/fixed_point.hpp"
#include "reference_test_tools.hpp"

using octavo::rshift;
using octavo::shape;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

template <class Requantize>
bytes scaled(const octavo::tensor<std::int8_t>& src, const bytes& weights,
             const std::vector<std::int32_t>& bias, const Requantize& requantize,
             bool relu = false) {
  return output_of(src.shape, [&](octavo::tensor_view<std::int8_t> dst) {
    const octavo::channel_scale<std::int32_t> scale{weights, bias};
    octavo::reference::scale(src.view(), scale, relu, requantize, dst);
  });
}

/// 2 images, 2 channels, 1 x 2 pixels.
octavo::tensor<std::int8_t> two_images() {
  return make_tensor({2, 2, 1, 2}, {1, 2, 3, 4,  //
                                    5, 6, -7, -8});
}

}  // namespace

TEST_CASE("scale: every channel of every image has its weight and its bias") {
  CHECK(scaled(two_images(), {2, -3}, {}, rshift{0}) == bytes{2, 4, -9, -12,  //
                                                              10, 12, 21, 24});
  CHECK(scaled(two_images(), {2, -3}, {100, 1}, rshift{0}) == bytes{102, 104, -8, -11,  //
                                                                    110, 112, 22, 25});
}

TEST_CASE("scale: bias, ReLU, requantization with ties up") {
  const auto src = make_tensor({1, 1, 1, 4}, {-2, -1, 1, 2});
  CHECK(scaled(src, {2}, {1}, rshift{1}) == bytes{-1, 0, 2, 3});  // -1.5, -0.5, 1.5, 2.5
  CHECK(scaled(src, {2}, {1}, rshift{1}, true) == bytes{0, 0, 2, 3});
  CHECK(scaled(src, {2}, {1}, octavo::rshift_half_away{1}) == bytes{-2, -1, 2, 3});
}

TEST_CASE("scale: per channel policies, saturation on both sides") {
  const rshift shifts[] = {{0}, {14}};
  const auto src = make_tensor({1, 2, 1, 2}, {-128, 127, -128, 127});
  CHECK(scaled(src, {-128, -128}, {}, octavo::per_channel<rshift>{shifts}) ==
        bytes{127, -128, 1, -1});
  CHECK(scaled(src, {1, 1}, {1 << 30, -(1 << 30)}, rshift{0}) == bytes{127, 127, -128, -128});
}
