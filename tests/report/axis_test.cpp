// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/axis.hpp: round ticks, and places that stay inside.

#include "octavo/report/axis.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace octavo::report;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using values = std::vector<double>;

}  // namespace

TEST_CASE("places are inside the axis, whatever the value") {
  const axis along{10, 20};
  CHECK(along.at(10) == 0);
  CHECK(along.at(15) == 0.5);
  CHECK(along.at(20) == 1);
  CHECK(along.at(-1e300) == 0);
  CHECK(along.at(infinity) == 1);
  CHECK(along.at(-infinity) == 0);
  CHECK(along.at(std::numeric_limits<double>::quiet_NaN()) == 0);
  CHECK(axis{3, 3}.at(3) == 0);  // no length, no division
}

TEST_CASE("ticks are 1, 2 and 5 times powers of ten, ends included") {
  CHECK(ticks({0, 100}, 5) == values{0, 20, 40, 60, 80, 100});
  CHECK(ticks({0, 1}, 5) == values{0, 0.2, 0.4, 3 * 0.2, 0.8, 1});
  CHECK(ticks({-0.5, 121.5}, 8) == values{0, 20, 40, 60, 80, 100, 120});
  CHECK(ticks({-3, 3}, 3) == values{-2, 0, 2});
  CHECK(ticks({5, 5}, 5).empty());
  CHECK(ticks({0, infinity}, 5).empty());
}

TEST_CASE("an axis around values has round ends") {
  const auto ends = [](const axis& a) { return values{a.lo, a.hi}; };
  CHECK(ends(axis_around({8.5, 43.2}, 5)) == values{0, 50});
  CHECK(ends(axis_around({}, 5)) == values{0, 1});
  CHECK(ends(axis_around({infinity}, 5)) == values{0, 1});
  CHECK(ends(axis_around({infinity, 2, 4}, 2)) == values{2, 4});
  CHECK(ends(axis_around({0}, 5)) == values{0, 1});
  const axis one = axis_around({7}, 5);
  CHECK((one.lo <= 7 && one.hi > 7));
}
