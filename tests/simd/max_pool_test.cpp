// SPDX-License-Identifier: MIT
/// @file
/// The max pool of every instruction set against the reference.

#include "octavo/reference/max_pool.hpp"

#include <doctest/doctest.h>

#include <cstdint>

#include "pool_case.hpp"
#include "support/effort.hpp"

using namespace octavo::testing;

namespace {

void check_max_pool(pool_case c) {
  octavo::reference::max_pool(c.src.view(), c.params, c.expected.view());
  check_pool(c, nullptr, &octavo::simd::kernel_table::max_pool);
}

}  // namespace

TEST_CASE("max_pool: random shapes, windows, pads and fills, floor and ceil") {
  for (std::uint64_t seed = 1; seed <= effort(800U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    check_max_pool(random_pool_case(rng));
  }
}

TEST_CASE("max_pool: pool1 of both ResNet-50s on images of every small size") {
  for (int size = 2; size <= 20; ++size) {
    for (const bool caffe : {true, false}) {
      CAPTURE(size);
      random_source rng(static_cast<std::uint64_t>(1000 + size));
      pool_case c;
      c.params.window = octavo::square(3, 2, caffe ? 0 : 1);
      c.params.rounding = caffe ? octavo::size_rounding::ceil : octavo::size_rounding::floor;
      if (caffe && size < 3) continue;
      c.src = random_tensor({2, 64, size, size + 1}, fill::uniform, rng);
      c.expected = octavo::tensor<std::int8_t>(pooled_shape(c.src.shape, c.params));
      check_max_pool(c);
    }
  }
}
