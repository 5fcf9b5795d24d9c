// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/relu.hpp.

#include "octavo/reference/relu.hpp"

#include <doctest/doctest.h>

#include "reference_test_tools.hpp"

using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

TEST_CASE("relu is max(0, x), every element of every image") {
  const auto src = make_tensor({2, 2, 1, 2}, {-128, -1, 0, 1, 127, -127, 64, -64});
  CHECK(output_of(src.shape, [&](auto dst) { octavo::reference::relu(src.view(), dst); }) ==
        bytes{0, 0, 0, 1, 127, 0, 64, 0});
}

TEST_CASE("relu works in place") {
  auto tensor = make_tensor({1, 1, 1, 3}, {-5, 0, 5});
  octavo::reference::relu(tensor.view(), tensor.view());
  CHECK(tensor.values == bytes{0, 0, 5});
}
