// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/shape.hpp: counts in 64 bits, and which extents are refused.

#include "octavo/core/shape.hpp"

#include <doctest/doctest.h>

using octavo::shape;

TEST_CASE("a shape counts its elements in 64 bits") {
  static_assert(shape{}.elements() == 1);
  static_assert(shape{2, 3, 5, 7}.elements() == 210);
  static_assert(shape{2, 3, 5, 7}.elements_per_image() == 105);
  static_assert(shape{1, 64, 65536, 65536}.elements() == std::int64_t{64} << 32);
  CHECK(shape{1, 1000}.elements() == 1000);  // a vector: height and width are 1
}

TEST_CASE("a valid shape has positive extents") {
  CHECK(shape{}.is_valid());
  CHECK(shape{1, 3, 224, 224}.is_valid());
  CHECK_FALSE(shape{0, 3, 224, 224}.is_valid());
  CHECK_FALSE(shape{1, 0, 224, 224}.is_valid());
  CHECK_FALSE(shape{1, 3, 0, 224}.is_valid());
  CHECK_FALSE(shape{1, 3, 224, 0}.is_valid());
  CHECK_FALSE(shape{-1, -3, 224, 224}.is_valid());  // the product alone would be positive
}

TEST_CASE("a valid shape has at most 2^31 - 1 elements") {
  CHECK(shape{1, 1, 127, 1 << 24}.is_valid());
  CHECK_FALSE(shape{1, 1, 128, 1 << 24}.is_valid());  // exactly 2^31
  CHECK(shape{1, 1, 46340, 46340}.is_valid());        // 2147395600
  CHECK_FALSE(shape{1, 1, 46341, 46341}.is_valid());  // 2147488281
  CHECK(shape{1, 2, 1 << 15, (1 << 15) - 1}.is_valid());
  CHECK_FALSE(shape{1, 2, 1 << 15, 1 << 15}.is_valid());  // exactly 2^31
  CHECK_FALSE(shape{1 << 15, 1 << 16, 1, 1}.is_valid());
  // 2^64 and 2^124 elements: a product in 64 bits wraps to 0.
  CHECK_FALSE(shape{65536, 65536, 65536, 65536}.is_valid());
  CHECK_FALSE(shape{INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX}.is_valid());
}

TEST_CASE("no extent of a valid shape exceeds 2^24") {
  constexpr int longest = 1 << 24;
  CHECK(shape{longest, 1, 1, 1}.is_valid());
  CHECK(shape{1, longest, 1, 1}.is_valid());
  CHECK(shape{1, 1, longest, 1}.is_valid());
  CHECK(shape{1, 1, 1, longest}.is_valid());
  CHECK_FALSE(shape{longest + 1, 1, 1, 1}.is_valid());
  CHECK_FALSE(shape{1, longest + 1, 1, 1}.is_valid());
  CHECK_FALSE(shape{1, 1, longest + 1, 1}.is_valid());
  CHECK_FALSE(shape{1, 1, 1, longest + 1}.is_valid());
}

TEST_CASE("shapes are equal where every extent is") {
  constexpr shape image{1, 3, 4, 5};
  static_assert(image == shape{1, 3, 4, 5});
  CHECK(image != shape{2, 3, 4, 5});
  CHECK(image != shape{1, 2, 4, 5});
  CHECK(image != shape{1, 3, 5, 5});
  CHECK(image != shape{1, 3, 4, 4});
}
