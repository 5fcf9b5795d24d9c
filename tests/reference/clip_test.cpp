// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/clip.hpp.

#include "octavo/reference/clip.hpp"

#include <doctest/doctest.h>

#include "octavo/quant/activation.hpp"
#include "reference_test_tools.hpp"

using octavo::clip_params;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

bytes clipped(const bytes& values, const clip_params& limits) {
  const auto src = make_tensor({1, 1, 1, static_cast<int>(values.size())}, values);
  return output_of(src.shape, [&](auto dst) { octavo::reference::clip(src.view(), limits, dst); });
}

}  // namespace

TEST_CASE("clip keeps what lies between its limits, and the limits") {
  CHECK(clipped({-128, -11, -10, -9, 0, 19, 20, 21, 127}, {-10, 20}) ==
        bytes{-10, -10, -10, -9, 0, 19, 20, 20, 20});
  CHECK(clipped({-128, 0, 127}, {-128, 127}) == bytes{-128, 0, 127});
  CHECK(clipped({-128, 0, 127}, {5, 5}) == bytes{5, 5, 5});
  CHECK(clipped({-128, 0, 127}, {}) == bytes{0, 0, 127});  // by default, relu
}

TEST_CASE("relu6 is clip from 0 to the int8 of 6 on the input's threshold") {
  const double threshold = 8;
  const clip_params relu6{0, octavo::quantize(6, threshold)};
  CHECK(relu6 == clip_params{0, 96});
  CHECK(clipped({-1, 0, 95, 96, 97, 127}, relu6) == bytes{0, 0, 95, 96, 96, 96});
}

TEST_CASE("clip works in place") {
  auto tensor = make_tensor({3, 1, 1, 1}, {-5, 0, 5});
  octavo::reference::clip(tensor.view(), {-1, 1}, tensor.view());
  CHECK(tensor.values == bytes{-1, 0, 1});
}
