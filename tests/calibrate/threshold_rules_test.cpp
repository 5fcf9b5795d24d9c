// SPDX-License-Identifier: MIT
/// @file
/// The four rules on histograms small enough to follow, and against slow formulas written anew.

#include "octavo/calibrate/threshold_rules.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "helpers.hpp"
#include "support/random.hpp"

namespace {

using octavo::histogram;
using octavo::threshold_rule;
using octavo::testing::message_of;

/// A histogram of width 1 with these counts by bin.
histogram make_histogram(std::initializer_list<std::pair<int, std::int64_t>> counts) {
  histogram seen;
  seen.max = 2047;
  for (const auto& [bin, count] : counts) seen.counts[static_cast<std::size_t>(bin)] = count;
  return seen;
}

/// Bell-shaped with a long tail and some holes.
histogram random_histogram(std::uint64_t seed) {
  octavo::testing::random_source rng(seed);
  const auto uniform = [&] { return (rng.real() + 1) / 2; };
  histogram seen;
  seen.max = 10 * uniform() + 1;
  const double wide = 100 + 500 * uniform();
  for (std::size_t i = 0; i < 2048; ++i) {
    const double x = static_cast<double>(i) / wide;
    const double height = 1e5 * std::exp(-x * x / 2) + 3 * uniform();
    if (uniform() < 0.9) seen.counts[i] = static_cast<std::int64_t>(height);
  }
  seen.counts[2047] = 1;
  return seen;
}

/// KL(P || Q) of one candidate, the textbook way: levels as sets of bins, cross entropy minus
/// entropy, long double.
long double slow_divergence(const histogram& seen, int kept) {
  std::map<int, std::vector<int>> bins_of_level;
  for (int bin = 0; bin < kept; ++bin) bins_of_level[bin * 128 / kept].push_back(bin);
  const auto count = [&](int bin) {
    return static_cast<long double>(seen.counts[static_cast<std::size_t>(bin)]);
  };
  std::vector<long double> q(static_cast<std::size_t>(kept), 0);
  long double inside = 0;
  for (const auto& [level, bins] : bins_of_level) {
    long double sum = 0;
    int filled = 0;
    for (const int bin : bins) sum += count(bin);
    for (const int bin : bins) filled += count(bin) > 0 ? 1 : 0;
    for (const int bin : bins) {
      if (count(bin) > 0) q[static_cast<std::size_t>(bin)] = sum / static_cast<long double>(filled);
    }
    inside += sum;
  }
  long double all = 0;
  for (int bin = 0; bin < 2048; ++bin) all += count(bin);
  long double entropy = 0;
  long double cross_entropy = 0;
  for (int bin = 0; bin < kept; ++bin) {
    long double p = count(bin);
    if (bin == kept - 1) p += all - inside;
    if (p == 0) continue;
    entropy -= p / all * std::log(p / all);
    cross_entropy -= p / all * std::log(q[static_cast<std::size_t>(bin)] / inside);
  }
  return cross_entropy - entropy;
}

double fast_divergence(const histogram& seen, int kept) {
  return octavo::kl_divergence(octavo::detail::clipped(seen.counts, kept),
                               octavo::detail::merged_and_spread(seen.counts, kept));
}

}  // namespace

TEST_CASE("names of the rules go both ways, an unknown one is answered with the list") {
  for (const auto rule : {threshold_rule::max, threshold_rule::kld, threshold_rule::percentile,
                          threshold_rule::mse}) {
    CHECK(octavo::parse_threshold_rule(octavo::to_string(rule)) == rule);
  }
  CHECK(octavo::to_string(threshold_rule::percentile) == "percentile");
  CHECK(message_of([] { octavo::parse_threshold_rule("KL"); }) ==
        "threshold rule 'KL': expected max, kld, percentile or mse");
}

TEST_CASE("KL divergence by hand") {
  const std::vector<double> p = {1, 1};
  const std::vector<double> q = {3, 1};
  // 1/2 log(1/2 / 3/4) + 1/2 log(1/2 / 1/4) = 1/2 log(4/3)
  CHECK(octavo::kl_divergence(p, q) == doctest::Approx(0.5 * std::log(4.0 / 3)).epsilon(1e-14));
  // 3/4 log(3/2) + 1/4 log(1/2): not symmetric
  CHECK(octavo::kl_divergence(q, p) ==
        doctest::Approx(0.75 * std::log(1.5) + 0.25 * std::log(0.5)).epsilon(1e-14));
  CHECK(octavo::kl_divergence(p, p) == 0);
  CHECK(octavo::kl_divergence(std::vector<double>{2, 2}, std::vector<double>{5, 5}) == 0);
  CHECK(octavo::kl_divergence(std::vector<double>{0, 2}, std::vector<double>{0, 7}) == 0);
  // P = 0 adds nothing even where Q is not 0; P > 0 with Q = 0 is infinite.
  CHECK(octavo::kl_divergence(std::vector<double>{0, 2}, std::vector<double>{1, 1}) ==
        doctest::Approx(std::log(2.0)).epsilon(1e-14));
  CHECK(std::isinf(octavo::kl_divergence(std::vector<double>{1, 1}, std::vector<double>{0, 1})));
}

TEST_CASE("P and Q of one candidate by hand") {
  // 256 bins in 128 levels: two bins each.
  const histogram seen = make_histogram({{0, 4}, {1, 2}, {2, 5}, {255, 1}, {256, 7}, {2047, 3}});
  const std::vector<double> p = octavo::detail::clipped(seen.counts, 256);
  REQUIRE(p.size() == 256);
  CHECK(p[0] == 4);
  CHECK(p[1] == 2);
  CHECK(p[2] == 5);
  CHECK(p[3] == 0);
  CHECK(p[255] == 11);  // 1 of its own, 10 from beyond
  const std::vector<double> q = octavo::detail::merged_and_spread(seen.counts, 256);
  REQUIRE(q.size() == 256);
  CHECK(q[0] == 3);
  CHECK(q[1] == 3);
  CHECK(q[2] == 5);  // bin 3 is empty: the level's 5 stay in bin 2
  CHECK(q[3] == 0);
  CHECK(q[254] == 0);
  CHECK(q[255] == 1);  // what lies beyond is in P alone
}

TEST_CASE("levels of a candidate that 128 does not divide") {
  histogram seen = make_histogram({{2047, 1}});
  for (std::size_t i = 0; i < 192; ++i) seen.counts[i] = static_cast<std::int64_t>(i) + 1;
  // 192 bins: levels of two and one bins in turn, since floor(k * 128 / 192) = 0 0 1 2 2 3 ...
  const std::vector<double> q = octavo::detail::merged_and_spread(seen.counts, 192);
  CHECK(q[0] == 1.5);
  CHECK(q[1] == 1.5);
  CHECK(q[2] == 3);
  CHECK(q[3] == 4.5);
  CHECK(q[4] == 4.5);
  CHECK(q[5] == 6);
  CHECK(q[191] == 192);
}

TEST_CASE("the divergence of every candidate agrees with the textbook") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const histogram seen = random_histogram(seed);
    for (int kept = 128; kept <= 2048; kept += 24) {
      const long double slow = slow_divergence(seen, kept);
      CAPTURE(seed);
      CAPTURE(kept);
      if (std::isinf(slow)) {
        CHECK(std::isinf(fast_divergence(seen, kept)));
      } else {
        CHECK(std::abs(static_cast<long double>(fast_divergence(seen, kept)) - slow) < 1e-12L);
      }
    }
  }
}

TEST_CASE("kld takes the candidate with the least divergence") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const histogram seen = random_histogram(seed);
    for (const int step : {128, 64, 7}) {
      int best = 0;
      long double least = INFINITY;
      for (int kept = 128; kept <= 2048; kept += step) {
        if (slow_divergence(seen, kept) < least) {
          least = slow_divergence(seen, kept);
          best = kept;
        }
      }
      if (slow_divergence(seen, 2048) < least) best = 2048;
      CAPTURE(seed);
      CAPTURE(step);
      CHECK(octavo::kld_threshold(seen, step) == seen.width() * best);
    }
  }
}

TEST_CASE("kld: a candidate whose last bin is empty cannot win, the first of equal ones does") {
  // Everything in bin 5 but one value in the last: all candidates below 2048 would put that one on
  // a bin where Q is 0.
  CHECK(octavo::kld_threshold(make_histogram({{5, 1000000}, {2047, 1}})) == 2048);
  // With a value in bin 127 the first candidate is finite: P = (10^6, 2), Q = (10^6, 1). So small a
  // divergence still loses to 0: at 2048 each value is alone in its level.
  CHECK(octavo::kld_threshold(make_histogram({{5, 1000000}, {127, 1}, {2047, 1}})) == 2048);
  // With a second value in the level of bin 5 merging costs more than clipping.
  CHECK(octavo::kld_threshold(make_histogram({{5, 1000000}, {6, 1}, {127, 1}, {2047, 1}})) == 128);
  // The divergence is 0 at 256 and at every later candidate.
  CHECK(octavo::kld_threshold(make_histogram({{200, 4}})) == 256);
}

TEST_CASE("kld tries 2048 even when the steps miss it, and refuses other steps") {
  const histogram seen = make_histogram({{5, 1000000}, {2047, 1}});
  CHECK(octavo::kld_threshold(seen, 100) == 2048);
  for (const int step : {0, -1, 129}) {
    CHECK(message_of([&] { octavo::kld_threshold(seen, step); }) ==
          "calibration: the kld step must lie in 1..128");
  }
}

TEST_CASE("percentile: the upper edge of the bin that reaches it") {
  CHECK(octavo::percentile_threshold(make_histogram({{3, 9999}, {2047, 1}})) == 3.5);
  CHECK(octavo::percentile_threshold(make_histogram({{3, 9998}, {2047, 2}})) == 2047.5);
  CHECK(octavo::percentile_threshold(make_histogram({{3, 9998}, {7, 1}, {2047, 1}})) == 7.5);
  CHECK(octavo::percentile_threshold(make_histogram({{3, 1}, {2047, 1}}), 50) == 3.5);
  CHECK(octavo::percentile_threshold(make_histogram({{3, 1}, {2047, 1}}), 50.0001) == 2047.5);
  CHECK(octavo::percentile_threshold(make_histogram({{0, 5}, {2047, 1}}), 0.0001) == 0.5);
  CHECK(octavo::percentile_threshold(make_histogram({{0, 5}, {2047, 1}}), 100) == 2047.5);
  for (const double wrong : {0.0, -1.0, 100.5, std::nan("")}) {
    CHECK(message_of([&] {
            octavo::percentile_threshold(make_histogram({{0, 5}}), wrong);
          }) == "calibration: the percentile must lie in 0.0001..100");
  }
}

TEST_CASE("percentile: the wanted count is exact for any total") {
  using octavo::detail::percentile_count;
  CHECK(percentile_count(99.99, 10000) == 9999);
  CHECK(percentile_count(99.99, 10001) == 10000);
  CHECK(percentile_count(99.99, 1) == 1);
  CHECK(percentile_count(99.99, 30000) == 29997);
  CHECK(percentile_count(99.99, 10000000000000000) == 9999000000000000);
  CHECK(percentile_count(99.99, INT64_MAX) == 9222449699651090330);
  CHECK(percentile_count(100, INT64_MAX) == INT64_MAX);
}

TEST_CASE("mse by hand") {
  // A threshold of 128 has steps of 1: bins up to 127 are exact, and nothing else is there.
  CHECK(octavo::mse_threshold(make_histogram({{3, 50}, {127, 1}})) == 128);
  // Every candidate is exact for the bin at 0: the first wins.
  CHECK(octavo::mse_threshold(make_histogram({{0, 5}})) == 128);
  // The last bin alone: 2047 is exact for no candidate; q = 127 leaves |2047 - 127 t / 128|, 2048
  // gives 15, 2064 would give less but is no candidate.
  CHECK(octavo::mse_threshold(make_histogram({{2047, 1}})) == 2048);
  // t = 128: (2047 - 127)^2 = 3686400. 3686401 values in bin 1 cost at least as much as soon as the
  // step makes them 0 (t > 256), and t = 256 still costs (1 - 2)^2 of each.
  CHECK(octavo::mse_threshold(make_histogram({{1, 400000000}, {2047, 1}})) == 128);
}

TEST_CASE("mse agrees with a sum over the values written anew") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const histogram seen = random_histogram(seed);
    const long double w = static_cast<long double>(seen.max) / 2047;
    long double least = INFINITY;
    int best = 0;
    for (int i = 128; i <= 2048; i += 16) {
      const long double step = w * i / 128;
      long double sum = 0;
      for (int bin = 0; bin < 2048; ++bin) {
        const long double x = w * bin;
        const long double q = std::min(127.0L, std::floor(x / step + 0.5L));
        sum += static_cast<long double>(seen.counts[static_cast<std::size_t>(bin)]) *
               (x - q * step) * (x - q * step);
      }
      if (sum < least) {
        least = sum;
        best = i;
      }
    }
    CAPTURE(seed);
    CHECK(octavo::mse_threshold(seen) == seen.width() * best);
    CHECK(best < 2048);
  }
}

TEST_CASE("one choice for all rules, which refuses what has no threshold") {
  const histogram seen = make_histogram({{3, 9999}, {2047, 1}});
  const auto choose = [&](threshold_rule rule) {
    return octavo::choose_threshold(seen, "x", {.rule = rule});
  };
  CHECK(choose(threshold_rule::max) == 2047);
  CHECK(choose(threshold_rule::kld) == octavo::kld_threshold(seen));
  CHECK(choose(threshold_rule::percentile) == 3.5);
  CHECK(choose(threshold_rule::mse) == octavo::mse_threshold(seen));
  CHECK(octavo::choose_threshold(
            seen, "x", {.rule = threshold_rule::percentile, .percentile = 100}) == 2047.5);
  for (const auto rule : {threshold_rule::max, threshold_rule::kld, threshold_rule::percentile,
                          threshold_rule::mse}) {
    CHECK(message_of([&] { octavo::choose_threshold(histogram{}, "conv1", {.rule = rule}); }) ==
          "calibration: tensor conv1: it is all zero, there is no threshold for it");
    CHECK(message_of([&] {
            octavo::choose_threshold(make_histogram({{3, 1}}), "conv1", {.rule = rule});
          }) ==
          "calibration: tensor conv1: the second pass never met the largest magnitude, 2047, of "
          "the first; both need one set");
  }
}
