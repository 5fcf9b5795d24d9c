// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/align.hpp.

#include "octavo/core/align.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using octavo::align_up;

TEST_CASE("align_up is the smallest multiple that is not less") {
  CHECK(align_up(0, 64) == 0);
  CHECK(align_up(1, 64) == 64);
  CHECK(align_up(64, 64) == 64);
  CHECK(align_up(65, 64) == 128);
  CHECK(align_up(7, 1) == 7);
  CHECK(align_up(10, 12) == 12);  // any alignment, not only powers of two
  CHECK(align_up(std::int64_t{1} << 40, std::int64_t{16}) == std::int64_t{1} << 40);
}
