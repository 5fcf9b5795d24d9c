// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/fully_connected.hpp.

#include "octavo/reference/fully_connected.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "octavo/quant/fixed_point.hpp"
#include "reference_test_tools.hpp"

using octavo::per_channel;
using octavo::rshift;
using octavo::shape;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

using image = octavo::tensor<std::int8_t>;

template <class Bias, class Requantize>
bytes connect(const image& src, const image& weights, const std::vector<Bias>& bias,
              const Requantize& requantize, bool relu = false) {
  const shape dst{src.shape.n, weights.shape.n, 1, 1};
  return output_of(dst, [&](octavo::tensor_view<std::int8_t> out) {
    const octavo::filter<Bias> filter{weights.view(), bias};
    octavo::reference::fully_connected(src.view(), filter, relu, requantize, out);
  });
}

/// 2 outputs of 3 inputs.
image two_rows() {
  return make_tensor({2, 3, 1, 1}, {
                                       1, 2, 3,  // output 0
                                       -1, 0, 4  // output 1
                                   });
}

}  // namespace

TEST_CASE("every output is its own row of weights times the input") {
  const image src = make_tensor({1, 3, 1, 1}, {5, 6, 7});
  CHECK(connect<std::int16_t>(src, two_rows(), {}, rshift{0}) == bytes{38, 23});
  CHECK(connect<std::int16_t>(src, two_rows(), {1, -30}, rshift{0}) == bytes{39, -7});
}

TEST_CASE("the input is read flattened: channels, then rows, then columns") {
  const image weights = make_tensor({1, 8, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const image src = make_tensor({1, 2, 2, 2}, {0, 0, 1, 0,    // channel 0: weight 3
                                               0, 2, 0, 0});  // channel 1: weight 6
  CHECK(connect<std::int8_t>(src, weights, {}, rshift{0}) == bytes{15});
}

TEST_CASE("batch 2: each image has its own row of outputs") {
  const image src = make_tensor({2, 3, 1, 1}, {
                                                  5, 6, 7,    // image 0
                                                  -1, 10, 0,  // image 1
                                              });
  CHECK(connect<std::int32_t>(src, two_rows(), {0, 1}, rshift{0}) == bytes{38, 24, 19, 2});
}

TEST_CASE("bias, ReLU, then requantization, with one policy or one for each output") {
  const image src = make_tensor({1, 3, 1, 1}, {1, 1, -3});
  // Accumulators: 1 + 2 - 9 + 1 = -5 and -1 - 12 + 18 = 5.
  const std::vector<std::int32_t> bias = {1, 18};
  CHECK(connect(src, two_rows(), bias, rshift{1}) == bytes{-2, 3});
  CHECK(connect(src, two_rows(), bias, octavo::rshift_half_away{1}) == bytes{-3, 3});
  CHECK(connect(src, two_rows(), bias, rshift{1}, true) == bytes{0, 3});
  const rshift shifts[] = {{0}, {2}};
  CHECK(connect(src, two_rows(), bias, per_channel<rshift>{shifts}) == bytes{-5, 1});
}

TEST_CASE("saturation on both sides, exact sums before it") {
  const image src = make_tensor({1, 4, 1, 1}, {-128, -128, -128, -128});
  const image weights = make_tensor({2, 4, 1, 1}, {-128, -128, -128, -128,  //
                                                   127, 127, 127, 127});
  CHECK(connect<std::int32_t>(src, weights, {}, rshift{0}) == bytes{127, -128});
  CHECK(connect<std::int32_t>(src, weights, {}, rshift{10}) == bytes{64, -63});  // -63.5
}
