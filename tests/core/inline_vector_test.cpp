// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/inline_vector.hpp: a list that is a constant, and its limit.

#include "octavo/core/inline_vector.hpp"

#include <doctest/doctest.h>

using octavo::inline_vector;

TEST_CASE("an inline vector is a value at compile time") {
  constexpr inline_vector<int, 4> list = [] {
    inline_vector<int, 4> made;
    made.push_back(7);
    made.push_back(8);
    made[0] = 6;
    made.back() = 9;
    return made;
  }();
  static_assert(list.size() == 2 && list[0] == 6 && list[1] == 9 && !list.empty());
  int sum = 0;
  for (const int item : list) sum += item;
  CHECK(sum == 15);
  CHECK(list.end() - list.begin() == 2);
  CHECK(list.data() == list.begin());
}

TEST_CASE("it starts empty, or with as many zeros as asked for") {
  CHECK(inline_vector<int, 3>().empty());
  const inline_vector<int, 3> zeros(3);
  CHECK(zeros.size() == 3);
  CHECK((zeros[0] == 0 && zeros[1] == 0 && zeros[2] == 0));
}

TEST_CASE("it holds its capacity and not one more") {
  const char* const full = "inline_vector: full; give the list a larger capacity";
  inline_vector<int, 2> list;
  list.push_back(1);
  list.push_back(2);
  CHECK_THROWS_WITH(list.push_back(3), full);
  CHECK(list.size() == 2);
  CHECK_THROWS_WITH(list.resize(3), full);
  CHECK_THROWS_WITH((inline_vector<int, 2>(3)), full);
}

TEST_CASE("elements that come back after a resize are new") {
  inline_vector<int, 3> list(3);
  list[0] = 5;
  list[2] = 9;
  list.resize(1);
  CHECK(list.size() == 1);
  list.resize(3);
  CHECK(list[0] == 5);
  CHECK(list[2] == 0);
}

TEST_CASE("two are equal where their elements are") {
  inline_vector<int, 3> a(2);
  inline_vector<int, 3> b(2);
  CHECK(a == b);
  b[1] = 1;
  CHECK(a != b);
  CHECK(a != inline_vector<int, 3>(3));
  // What lies behind the end does not count.
  inline_vector<int, 3> shrunk(3);
  shrunk[2] = 9;
  shrunk.resize(2);
  CHECK(shrunk == a);
}
