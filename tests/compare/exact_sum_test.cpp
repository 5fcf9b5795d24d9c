// SPDX-License-Identifier: MIT
#include "octavo/compare/exact_sum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/random.hpp"

using octavo::compare::exact_sum;

namespace {

double sum_of(const std::vector<double>& terms) {
  exact_sum sum;
  for (const double term : terms) sum.add(term);
  return sum.value();
}

}  // namespace

TEST_CASE("what double addition loses is kept") {
  CHECK(sum_of({}) == 0);
  CHECK(sum_of({1e100, 1, -1e100}) == 1);
  CHECK(sum_of({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}) == 1);  // left to right: less
  CHECK(sum_of({0x1p53, 1, 1}) == 0x1p53 + 2);
  CHECK(sum_of({5, -5}) == 0);
}

TEST_CASE("one rounding, ties to even, and what lies below a tie decides it") {
  constexpr double ulp = 0x1p-52;  // of 1
  CHECK(sum_of({1, ulp / 2}) == 1);
  CHECK(sum_of({1 + ulp, ulp / 2}) == 1 + 2 * ulp);
  CHECK(sum_of({1, ulp / 2, 0x1p-200}) == 1 + ulp);
  CHECK(sum_of({1, ulp / 2, -0x1p-200}) == 1);
  CHECK(sum_of({1 + ulp, ulp / 2, -0x1p-200}) == 1 + ulp);
  CHECK(sum_of({-1, -ulp / 2, -0x1p-200}) == -1 - ulp);
}

TEST_CASE("neither order nor merging changes a bit") {
  octavo::testing::random_source rng(41);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    std::vector<double> terms;
    for (int i = 0; i < 50; ++i) {
      terms.push_back(std::ldexp(rng.real() * rng.real(), rng.integer(-80, 80)));
    }
    const double forward = sum_of(terms);
    std::reverse(terms.begin(), terms.end());
    CHECK(sum_of(terms) == forward);
    exact_sum shards[3];
    for (std::size_t i = 0; i < terms.size(); ++i) shards[rng.integer(0, 2)].add(terms[i]);
    shards[2].merge(shards[0]);
    shards[2].merge(shards[1]);
    CHECK(shards[2].value() == forward);
  }
}

TEST_CASE("a sum merged with itself is twice the sum") {
  exact_sum sum;
  sum.add(1e100);
  sum.add(0.25);
  sum.merge(sum);
  sum.add(-2e100);
  CHECK(sum.value() == 0.5);
}
