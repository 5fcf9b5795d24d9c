// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/histogram.hpp: every value is counted once, in the bin around it.

#include "octavo/report/histogram.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

using namespace octavo::report;

namespace {

std::int64_t total(const bars& of) {
  return std::accumulate(of.counts.begin(), of.counts.end(), std::int64_t{0});
}

}  // namespace

TEST_CASE("activations: 32 bins of calibration become one") {
  octavo::histogram from;
  from.max = 4;
  from.counts[0] = 1;
  from.counts[31] = 2;
  from.counts[32] = 4;
  from.counts[2047] = 8;
  const bars made = activation_bars(from);
  REQUIRE(made.counts.size() == 64);
  CHECK(made.counts[0] == 3);
  CHECK(made.counts[1] == 4);
  CHECK(made.counts[63] == 8);
  CHECK((made.lo == 0 && made.hi == 4));
}

TEST_CASE("share beyond a threshold") {
  octavo::histogram from;
  CHECK(share_beyond(from, 1) == 0);  // no values
  from.max = 2047;                    // bins are 1 wide
  from.counts[10] = 3;
  from.counts[11] = 1;
  CHECK(share_beyond(from, 10) == 0.25);
  CHECK(share_beyond(from, 9.5) == 1);
  CHECK(share_beyond(from, 11) == 0);
}

TEST_CASE("real weights: zero in the middle, the largest at an end") {
  const bars made = real_weight_bars(std::vector<double>{-2, 0, 0, 1, 2});
  REQUIRE(made.counts.size() == 85);
  CHECK(made.counts[0] == 1);
  CHECK(made.counts[42] == 2);
  CHECK(made.counts[63] == 1);
  CHECK(made.counts[84] == 1);
  CHECK(made.lo == -made.hi);
  CHECK(total(made) == 5);
}

TEST_CASE("real weights: none, only zeros, the smallest there is, none that is not finite") {
  CHECK(real_weight_bars({}).empty());
  CHECK(real_weight_bars(std::vector<double>{0, 0}).empty());
  CHECK(real_weight_bars(std::vector<double>{std::numeric_limits<double>::denorm_min()}).empty());
  CHECK_THROWS_AS(real_weight_bars(std::vector<double>{std::numeric_limits<double>::infinity()}),
                  octavo::error);
  CHECK_THROWS_AS(
      real_weight_bars(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN()}),
      octavo::error);
}

TEST_CASE("int8 weights: all 256 values, three a bin, -1, 0, 1 in the middle") {
  std::vector<std::int8_t> all;
  for (int q = -128; q <= 127; ++q) all.push_back(static_cast<std::int8_t>(q));
  const bars made = int8_weight_bars(all);
  REQUIRE(made.counts.size() == 85);
  CHECK(made.counts[0] == 4);  // -128 too
  for (std::size_t bin = 1; bin < 85; ++bin) CHECK(made.counts[bin] == 3);
  const bars middle = int8_weight_bars(std::vector<std::int8_t>{-1, 0, 1});
  CHECK(middle.counts[42] == 3);
  CHECK(int8_weight_bars({}).empty());
}
