// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/leaky_relu.hpp.

#include "octavo/reference/leaky_relu.hpp"

#include <doctest/doctest.h>

#include "octavo/quant/scale.hpp"
#include "reference_test_tools.hpp"

using octavo::multiplier_rshift;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

bytes leaky(const bytes& values, const multiplier_rshift& slope) {
  const auto src = make_tensor({1, static_cast<int>(values.size()), 1, 1}, values);
  return output_of(src.shape,
                   [&](auto dst) { octavo::reference::leaky_relu(src.view(), slope, dst); });
}

}  // namespace

TEST_CASE("leaky_relu scales the negative side alone") {
  const multiplier_rshift quarter{1, 2};
  CHECK(leaky({-128, -40, 0, 1, 40, 127}, quarter) == bytes{-32, -10, 0, 1, 40, 127});
}

TEST_CASE("leaky_relu: ties of the negative side go up") {
  const multiplier_rshift half{1, 1};
  CHECK(leaky({-5, -4, -3, -2, -1}, half) == bytes{-2, -2, -1, -1, 0});
  // A tenth is no exact multiplier: -15 of them are a little more than -1.5, and no tie.
  const multiplier_rshift tenth = octavo::to_multiplier_rshift(0.1);
  CHECK(leaky({-128, -16, -15, -14, -6, -4}, tenth) == bytes{-13, -2, -1, -1, -1, 0});
}

TEST_CASE("leaky_relu: a slope above 1 saturates") {
  CHECK(leaky({-128, -65, -64, -63, 127}, {2, 0}) == bytes{-128, -128, -128, -126, 127});
}

TEST_CASE("leaky_relu works in place") {
  auto tensor = make_tensor({1, 1, 3, 1}, {-8, 0, 8});
  octavo::reference::leaky_relu(tensor.view(), {1, 3}, tensor.view());
  CHECK(tensor.values == bytes{-1, 0, 8});
}
