// SPDX-License-Identifier: MIT
/// @file
/// From the histogram of a tensor's magnitudes to its threshold: four named rules.
///
/// Throughout, w is the histogram's bin width, and bin k stands for the magnitude k * w.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "octavo/calibrate/statistics.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0 {

/// How a tensor's threshold is chosen from its histogram.
enum class threshold_rule : std::uint8_t {
  max,         ///< the largest magnitude: nothing saturates
  kld,         ///< least Kullback-Leibler divergence of 128 levels from the histogram
  percentile,  ///< as many values as asked for do not saturate
  mse,         ///< least squared error of the quantized values
};

/// What to_string() gives, in the order of threshold_rule.
inline constexpr std::array<std::string_view, 4> threshold_rule_names = {"max", "kld", "percentile",
                                                                         "mse"};

/// "max", "kld", "percentile", "mse"
constexpr std::string_view to_string(threshold_rule rule) {
  return threshold_rule_names[static_cast<std::size_t>(rule)];
}

/// The rule of that name. @throws octavo::error listing the names.
inline threshold_rule parse_threshold_rule(std::string_view name) {
  for (std::size_t i = 0; i < threshold_rule_names.size(); ++i) {
    if (threshold_rule_names[i] == name) return static_cast<threshold_rule>(i);
  }
  fail("threshold rule ", in_quotes(name), ": expected max, kld, percentile or mse");
}

/// A rule and what it can be told.
struct threshold_options {
  threshold_rule rule = threshold_rule::kld;
  int kld_step = 128;         ///< 1..128: bins between two candidates
  double percentile = 99.99;  ///< above 0, at most 100; counts to four decimals
};

/// KL(P || Q), the plain sum over bins of P log(P / Q) with P and Q scaled to sum 1 and natural
/// logarithms. Bins with P = 0 add nothing. Infinite where P > 0 and Q = 0 in some bin.
/// Both have as many bins, none negative; P has one that is not 0.
inline double kl_divergence(std::span<const double> p, std::span<const double> q) {
  double p_sum = 0;
  double q_sum = 0;
  for (const double v : p) p_sum += v;
  for (const double v : q) q_sum += v;
  double divergence = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    if (q[i] == 0) return std::numeric_limits<double>::infinity();
    const double share = p[i] / p_sum;
    divergence += product(share, std::log(share / (q[i] / q_sum)));
  }
  return divergence;
}

namespace detail {

inline constexpr int threshold_levels = 128;

/// P of the candidate that keeps `kept` bins: those bins, what lies beyond them added to the last.
inline std::vector<double> clipped(std::span<const std::int64_t> counts, int kept) {
  const auto n = static_cast<std::size_t>(kept);
  std::vector<double> p(counts.begin(), counts.begin() + kept);
  std::int64_t beyond = 0;
  for (const std::int64_t count : counts.subspan(n)) beyond += count;
  p.back() += static_cast<double>(beyond);
  return p;
}

/// Q of that candidate: the bins it keeps, as they are, merged into 128 levels (bin k into level
/// floor(k * 128 / kept)), and each level spread evenly over those of its bins that are not empty.
inline std::vector<double> merged_and_spread(std::span<const std::int64_t> counts, int kept) {
  std::array<std::int64_t, threshold_levels> sum = {};
  std::array<std::int64_t, threshold_levels> filled = {};
  const auto level_of = [kept](std::size_t bin) {
    return bin * threshold_levels / static_cast<std::size_t>(kept);
  };
  std::vector<double> q(static_cast<std::size_t>(kept));
  for (std::size_t bin = 0; bin < q.size(); ++bin) {
    sum[level_of(bin)] += counts[bin];
    if (counts[bin] != 0) ++filled[level_of(bin)];
  }
  for (std::size_t bin = 0; bin < q.size(); ++bin) {
    const std::size_t level = level_of(bin);
    if (counts[bin] != 0) {
      q[bin] = static_cast<double>(sum[level]) / static_cast<double>(filled[level]);
    }
  }
  return q;
}

/// The least count that is at least `percentile` per cent of `total`: in integers, because 99.99
/// is not a binary fraction and the bin at the limit would depend on how its product rounds.
inline std::int64_t percentile_count(double percentile, std::int64_t total) {
  constexpr std::int64_t whole = 1000000;
  const auto share = static_cast<std::int64_t>(round_up(product(percentile, 10000)));
  return share * (total / whole) + (share * (total % whole) + whole - 1) / whole;
}

/// The squared error of a tensor quantized with threshold t, summed over its values.
inline double quantization_error(const histogram& seen, double t) {
  double sum = 0;
  for (std::size_t bin = 0; bin < histogram_bins; ++bin) {
    if (seen.counts[bin] == 0) continue;
    const double x = product(seen.width(), static_cast<double>(bin));
    const double off = x - dequantize(quantize(x, t), t);
    sum += product(static_cast<double>(seen.counts[bin]), product(off, off));
  }
  return sum;
}

}  // namespace detail

/// Candidates i = 128, 128 + step, ... and 2048, t = w * i; least KL(P || Q), the first where
/// several have it. The last candidate keeps everything, so its divergence is always finite.
inline double kld_threshold(const histogram& seen, int step = 128) {
  require(step >= 1 && step <= 128, "calibration: the kld step must lie in 1..128");
  double least = std::numeric_limits<double>::infinity();
  int best = histogram_bins;
  const auto try_candidate = [&](int i) {
    const double divergence =
        kl_divergence(detail::clipped(seen.counts, i), detail::merged_and_spread(seen.counts, i));
    if (divergence < least) {
      least = divergence;
      best = i;
    }
  };
  for (int i = detail::threshold_levels; i < histogram_bins; i += step) try_candidate(i);
  try_candidate(histogram_bins);
  return seen.width() * best;
}

/// The upper edge, w * (k + 1/2), of the first bin k up to which the bins hold at least
/// `percentile` per cent of the values that are not 0.
inline double percentile_threshold(const histogram& seen, double percentile = 99.99) {
  require(percentile >= 0.0001 && percentile <= 100,
          "calibration: the percentile must lie in 0.0001..100");
  const std::int64_t wanted = detail::percentile_count(percentile, seen.total());
  std::int64_t below = 0;
  std::size_t bin = 0;
  while (bin + 1 < histogram_bins && (below += seen.counts[bin]) < wanted) ++bin;
  return seen.width() * (static_cast<double>(bin) + 0.5);
}

/// Candidates t = w * i, i = 128, 144, ... 2048; least sum of count * (x - dequantize(quantize(x,
/// t), t))^2 with x = w * k for bin k, the first where several have it.
inline double mse_threshold(const histogram& seen) {
  double least = std::numeric_limits<double>::infinity();
  double best = 0;
  for (int i = detail::threshold_levels; i <= histogram_bins; i += 16) {
    const double t = seen.width() * i;
    const double error = detail::quantization_error(seen, t);
    if (error < least) {
      least = error;
      best = t;
    }
  }
  return best;
}

/// The threshold of a tensor by one of the rules.
/// @throws octavo::error naming the tensor where it was all zero.
inline double choose_threshold(const histogram& seen, std::string_view tensor,
                               const threshold_options& options = {}) {
  if (seen.max == 0) {
    fail("calibration: tensor ", tensor, ": it is all zero, there is no threshold for it");
  }
  // The largest magnitude lies in the last bin: an empty one means another set in the second pass.
  if (seen.counts.back() == 0) {
    fail("calibration: tensor ", tensor, ": the second pass never met the largest magnitude, ",
         seen.max, ", of the first; both need one set");
  }
  switch (options.rule) {
    case threshold_rule::max:
      return seen.max;
    case threshold_rule::kld:
      return kld_threshold(seen, options.kld_step);
    case threshold_rule::percentile:
      return percentile_threshold(seen, options.percentile);
    case threshold_rule::mse:
      return mse_threshold(seen);
  }
  fail("calibration: there is no such threshold rule");
}

}  // namespace octavo::inline v0
