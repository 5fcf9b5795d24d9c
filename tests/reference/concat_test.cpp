// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/concat.hpp.

#include "octavo/reference/concat.hpp"

#include <doctest/doctest.h>

#include "octavo/quant/scale.hpp"
#include "reference_test_tools.hpp"

using octavo::multiplier_rshift;
using octavo::to_multiplier_rshift;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

TEST_CASE("concat: inputs follow each other along the channels, in every image") {
  const auto one = make_tensor({2, 1, 1, 2}, {1, 2,              // image 0
                                              3, 4});            // image 1
  const auto two = make_tensor({2, 2, 1, 2}, {10, 11, 12, 13,    // image 0
                                              14, 15, 16, 17});  // image 1
  const auto joined = output_of({2, 3, 1, 2}, [&](auto dst) {
    octavo::reference::concat(one.view(), to_multiplier_rshift(1), 0, dst);
    octavo::reference::concat(two.view(), to_multiplier_rshift(1), 1, dst);
  });
  CHECK(joined == bytes{1, 2, 10, 11, 12, 13,  //
                        3, 4, 14, 15, 16, 17});
}

TEST_CASE("concat: only the input's channels are written") {
  const auto src = make_tensor({1, 1, 2, 1}, {1, 2});
  bytes memory(6, 99);
  octavo::reference::concat(src.view(), to_multiplier_rshift(1), 1,
                            octavo::tensor_view<std::int8_t>{memory.data(), {1, 3, 2, 1}});
  CHECK(memory == bytes{99, 99, 1, 2, 99, 99});
}

TEST_CASE("concat: equal thresholds copy every value exactly") {
  bytes all;
  for (int q = -128; q <= 127; ++q) all.push_back(static_cast<std::int8_t>(q));
  const auto src = make_tensor({1, 1, 16, 16}, all);
  CHECK(output_of(src.shape, [&](auto dst) {
          octavo::reference::concat(src.view(), to_multiplier_rshift(1), 0, dst);
        }) == all);
}

TEST_CASE("concat: each input is rescaled to the output's threshold, ties up, saturating") {
  const auto src = make_tensor({1, 6, 1, 1}, {5, -5, 1, -1, 127, -128});
  const auto rescaled = [&](const multiplier_rshift& scale) {
    return output_of(src.shape,
                     [&](auto dst) { octavo::reference::concat(src.view(), scale, 0, dst); });
  };
  CHECK(rescaled(to_multiplier_rshift(0.5)) == bytes{3, -2, 1, 0, 64, -64});
  CHECK(rescaled(to_multiplier_rshift(2)) == bytes{10, -10, 2, -2, 127, -128});
  CHECK(rescaled(to_multiplier_rshift(1.0 / 3)) == bytes{2, -2, 0, 0, 42, -43});
}
