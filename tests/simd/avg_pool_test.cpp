// SPDX-License-Identifier: MIT
/// @file
/// The average pool of every instruction set against the reference.

#include "octavo/reference/avg_pool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "octavo/simd/pack.hpp"
#include "pool_case.hpp"
#include "support/effort.hpp"
#include "support/random_model.hpp"

using namespace octavo::testing;
using octavo::multiplier_rshift;
using octavo::pool_divisor;
using octavo::simd::pool_rule;

namespace {

/// The divisors of all windows, each once.
std::vector<int> divisors_of(const pool_case& c) {
  std::vector<int> found;
  for (int h = 0; h < c.expected.shape.h; ++h) {
    for (int w = 0; w < c.expected.shape.w; ++w) {
      const int divisor = octavo::window_divisor(c.params, c.src.shape, h, w);
      if (std::ranges::find(found, divisor) == found.end()) found.push_back(divisor);
    }
  }
  return found;
}

/// Against the reference with these multipliers; the kernels' bounds are pack.hpp's.
void check_avg_pool(pool_case c, const std::vector<pool_divisor>& divisors) {
  octavo::reference::avg_pool(c.src.view(), c.params, divisors, c.expected.view());
  std::vector<pool_rule> rules;
  for (const auto& [divisor, m] : divisors) {
    const auto bounds = octavo::simd::detail::bounds_of(m);
    rules.push_back({divisor, m.multiplier, m.shift, bounds.lowest, bounds.highest});
  }
  check_pool(c, rules.data(), &octavo::simd::kernel_table::avg_pool);
}

}  // namespace

TEST_CASE("avg_pool: random shapes, windows, pads and fills, several divisors, floor and ceil") {
  std::size_t most_divisors = 0;
  for (std::uint64_t seed = 1; seed <= effort(800U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const pool_case c = random_pool_case(rng);
    std::vector<pool_divisor> divisors;
    const bool extremes = rng.one_in(3);
    for (const int divisor : divisors_of(c)) {
      divisors.push_back({divisor, random_multiplier(divisor, extremes, rng)});
    }
    most_divisors = std::max(most_divisors, divisors.size());
    check_avg_pool(c, divisors);
  }
  CHECK(most_divisors > 4);
}

TEST_CASE("avg_pool: a window of the whole image, the ends of multipliers and shifts") {
  for (const fill kind : all_fills) {
    for (const int shift : {0, 1, 7, 14, 30, 31, 61, 62}) {
      for (const std::int32_t multiplier : {1, 2, 167, 1 << 30, INT32_MAX}) {
        CAPTURE(shift);
        CAPTURE(multiplier);
        random_source rng(1000);
        pool_case c;
        c.params.window = {.kh = 7, .kw = 9};
        c.src = random_tensor({1, 64, 7, 9}, kind, rng);
        c.expected = octavo::tensor<std::int8_t>(octavo::shape{1, 64, 1, 1});
        check_avg_pool(c, {{63, multiplier_rshift{multiplier, shift}}});
      }
    }
  }
}

TEST_CASE("avg_pool: every sum of a 2x2 window, ties included") {
  for (const multiplier_rshift m : {multiplier_rshift{1, 1}, {1, 2}, {1, 3}, {3, 3}, {128, 9}}) {
    CAPTURE(m.multiplier);
    CAPTURE(m.shift);
    pool_case c;
    c.params.window = octavo::square(2, 2);
    c.src = octavo::tensor<std::int8_t>(octavo::shape{1, 64, 2, 34});
    for (int sum = -512; sum <= 508; ++sum) {  // sum + 512 = channel * 16 + column
      const int channel = (sum + 512) / 16;
      const int column = (sum + 512) % 16 * 2;
      for (int i = 0; i < 4; ++i) {
        const int value = (sum + (sum < 0 ? -i : i)) / 4;  // the four add up to the sum
        c.src.view()(0, channel, i / 2, column + i % 2) = static_cast<std::int8_t>(value);
      }
    }
    c.expected = octavo::tensor<std::int8_t>(octavo::shape{1, 64, 1, 17});
    check_avg_pool(c, {{4, m}});
  }
}
