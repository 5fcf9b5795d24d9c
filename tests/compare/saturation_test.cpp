// SPDX-License-Identifier: MIT
#include "octavo/compare/saturation.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using octavo::compare::saturation_counter;

TEST_CASE("shares of the two ends, and how many values there are") {
  saturation_counter seen;
  CHECK(seen.low_share() == 0);
  CHECK(seen.high_share() == 0);
  CHECK(seen.distinct() == 0);
  seen.add(std::vector<std::int8_t>{-128, -127, 0, 127, 127, 126, 0, -128});
  seen.add(std::vector<std::int8_t>{-128, -1});
  CHECK(seen.elements() == 10);
  CHECK(seen.low_share() == 0.3);
  CHECK(seen.high_share() == 0.2);
  CHECK(seen.distinct() == 6);  // -128 -127 -1 0 126 127
  CHECK(seen.count(0) == 2);
  CHECK(seen.count(1) == 0);
}

TEST_CASE("merged counters give what one gives") {
  saturation_counter whole;
  saturation_counter left;
  saturation_counter right;
  for (int q = -128; q <= 127; ++q) {
    const std::vector<std::int8_t> values(static_cast<std::size_t>(q + 129),
                                          static_cast<std::int8_t>(q));
    whole.add(values);
    (q % 3 == 0 ? left : right).add(values);
  }
  right.merge(left);
  CHECK(right == whole);
  CHECK(whole.distinct() == 256);
  CHECK(whole.count(-128) == 1);
  CHECK(whole.count(127) == 256);
}
