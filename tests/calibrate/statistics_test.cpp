// SPDX-License-Identifier: MIT
/// @file
/// The two passes: what they count, that order and merging do not matter, what they refuse.

#include "octavo/calibrate/statistics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "support/random.hpp"

namespace {

using octavo::histogram;
using octavo::tensor_histograms;
using octavo::tensor_ranges;
using octavo::testing::message_of;

histogram histogram_of(std::span<const float> values) {
  tensor_ranges ranges({"x"});
  ranges.observe(0, values);
  tensor_histograms histograms(ranges);
  histograms.observe(0, values);
  return histograms[0];
}

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  octavo::testing::random_source rng(seed);
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(rng.real() * rng.real() * 3);
  values[count / 2] = 0;
  return values;
}

}  // namespace

TEST_CASE("the first pass keeps the largest magnitude of each tensor") {
  tensor_ranges ranges({"a", "b", "c"});
  ranges.observe(0, std::vector<float>{1, -4, 3});
  ranges.observe(0, std::vector<float>{-2, 2});
  ranges.observe(1, std::vector<float>{0.5F});
  ranges.observe(1, std::vector<float>{});
  CHECK(ranges.max_abs(0) == 4);
  CHECK(ranges.max_abs(1) == 0.5);
  CHECK(ranges.max_abs(2) == 0);
}

TEST_CASE("bins are centred on multiples of the width, ties go up, zeros are not counted") {
  // max 2047, so the width is 1 and bin k takes [k - 1/2, k + 1/2).
  const std::vector<float> values = {0,    -0.0F, 0.25F, -0.49999997F, 0.5F,  -1.25F,
                                     1.5F, 2.5F,  2.4F,  2046.5F,      -2047, 2046.25F};
  const histogram seen = histogram_of(values);
  CHECK(seen.max == 2047);
  CHECK(seen.width() == 1);
  CHECK(seen.total() == 10);
  std::vector<std::int64_t> expected(2048);
  expected[0] = 2;     // 0.25, -0.49999997
  expected[1] = 2;     // 0.5, -1.25
  expected[2] = 2;     // 1.5, 2.4
  expected[3] = 1;     // 2.5
  expected[2046] = 1;  // 2046.25
  expected[2047] = 2;  // 2046.5, -2047
  CHECK(seen.counts == expected);
}

TEST_CASE("the largest magnitude falls in the last bin whatever it is") {
  octavo::testing::random_source rng(7);
  for (int i = 0; i < 2000; ++i) {  // any positive finite float
    const float largest =
        std::bit_cast<float>(static_cast<std::uint32_t>(rng.between(1, 0x7F7FFFFF)));
    const histogram seen = histogram_of(std::vector<float>{largest});
    INFO("magnitude ", largest);
    CHECK(seen.counts.back() == 1);
  }
  CHECK(histogram_of(std::vector<float>{std::numeric_limits<float>::denorm_min()}).counts[2047]);
}

TEST_CASE("neither the order of the values nor the way they are divided matters") {
  const std::vector<float> all = random_values(5000, 11);
  std::vector<float> shuffled = all;
  std::reverse(shuffled.begin(), shuffled.end());
  std::rotate(shuffled.begin(), shuffled.begin() + 1234, shuffled.end());
  CHECK(histogram_of(shuffled) == histogram_of(all));

  const std::span<const float> whole(all);
  const std::span<const float> parts[3] = {whole.first(1700), whole.subspan(1700, 1),
                                           whole.subspan(1701)};
  int order[3] = {0, 1, 2};
  do {
    std::vector<tensor_ranges> ranges(3, tensor_ranges({"x"}));
    for (std::size_t i = 0; i < 3; ++i) ranges[i].observe(0, parts[i]);
    tensor_ranges range({"x"});
    for (const int i : order) range.merge(ranges[static_cast<std::size_t>(i)]);

    std::vector<tensor_histograms> histograms(3, tensor_histograms(range));
    for (std::size_t i = 0; i < 3; ++i) histograms[i].observe(0, parts[i]);
    tensor_histograms merged(range);
    for (const int i : order) merged.merge(histograms[static_cast<std::size_t>(i)]);
    CHECK(merged[0] == histogram_of(all));
  } while (std::next_permutation(order, order + 3));
}

TEST_CASE("counts go beyond 32 bits") {
  tensor_ranges ranges({"x"});
  ranges.observe(0, std::vector<float>{1});
  tensor_histograms sum(ranges);
  sum.observe(0, std::vector<float>(1024, 1.0F));
  for (int i = 0; i < 30; ++i) sum.merge(tensor_histograms(sum));
  CHECK(sum[0].counts.back() == std::int64_t{1} << 40);
  CHECK(sum[0].total() == std::int64_t{1} << 40);
}

TEST_CASE("NaN and infinities are errors that name the tensor, in both passes") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  tensor_ranges ranges({"conv1", "pool1"});
  CHECK(message_of([&] {
          ranges.observe(1, std::vector<float>{1, nan});
        }) == "calibration: tensor pool1: NaN at element 1, expected finite values");
  CHECK(message_of([&] { ranges.observe(0, std::vector<float>{-infinity}); }) ==
        "calibration: tensor conv1: an infinity at element 0, expected finite values");
  ranges.observe(0, std::vector<float>{2});
  tensor_histograms histograms(ranges);
  CHECK(message_of([&] {
          histograms.observe(0, std::vector<float>{1, nan});
        }) == "calibration: tensor conv1: NaN at element 1, expected finite values");
  CHECK(histograms[0].total() == 0);
}

TEST_CASE("a second pass over another set, and merges of what does not belong together") {
  tensor_ranges ranges({"x"});
  ranges.observe(0, std::vector<float>{2});
  tensor_histograms histograms(ranges);
  CHECK(message_of([&] {
          histograms.observe(0, std::vector<float>{1, -3});
        }) ==
        "calibration: tensor x: magnitude 3 in the second pass, but at most 2 in the first; both "
        "need one set");
  CHECK(histograms[0].total() == 0);

  CHECK(message_of([&] { ranges.merge(tensor_ranges({"y"})); }) ==
        "calibration: only ranges of the same tensors can be merged");
  CHECK(message_of([&] { histograms.merge(tensor_histograms(tensor_ranges({"y"}))); }) ==
        "calibration: only histograms of the same tensors can be merged");
  CHECK(message_of([&] { histograms.merge(tensor_histograms(tensor_ranges({"x"}))); }) ==
        "calibration: tensor x: its histograms have the ranges 2 and 0; merge the first pass "
        "before the second");
}

TEST_CASE("an all-zero tensor counts nothing") {
  const histogram seen = histogram_of(std::vector<float>{0, -0.0F, 0});
  CHECK(seen.max == 0);
  CHECK(seen.total() == 0);
}
