// SPDX-License-Identifier: MIT
/// @file
/// Histograms of few bars, as a page draws them: of activations, of weights before and after they
/// are quantized.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/calibrate/statistics.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"

namespace octavo::inline v0::report {

/// Counts of equally wide bins that together cover lo..hi.
struct bars {
  double lo = 0;
  double hi = 0;
  std::vector<std::int64_t> counts = {};

  bool empty() const { return counts.empty(); }
};

/// The 2048 bins of calibration by 32 at a time.
inline bars activation_bars(const histogram& from) {
  constexpr std::size_t together = 32;
  bars made{.lo = 0, .hi = from.max};
  made.counts.resize((from.counts.size() + together - 1) / together);
  for (std::size_t i = 0; i < from.counts.size(); ++i) {
    made.counts[i / together] += from.counts[i];
  }
  return made;
}

/// Which share of the values that are not 0 lies beyond `threshold`, as near as the bins can tell.
inline double share_beyond(const histogram& from, double threshold) {
  std::int64_t beyond = 0;
  for (std::size_t i = 0; i < from.counts.size(); ++i) {
    if (static_cast<double>(i) * from.width() > threshold) beyond += from.counts[i];
  }
  const std::int64_t total = from.total();
  return total == 0 ? 0 : static_cast<double>(beyond) / static_cast<double>(total);
}

/// Bins of weights: an odd number, so that zero lies in the middle of one.
inline constexpr int weight_bins = 85;

/// Real weights, symmetric around zero; the outermost bins are centred at -max|w| and max|w|.
/// Empty where there are none, or all are 0.
/// @throws octavo::error where one is not finite.
inline bars real_weight_bars(std::span<const double> weights) {
  double largest = 0;
  for (const double w : weights) {
    require(is_finite(w), "report: a weight that is not finite");
    largest = std::max(largest, std::fabs(w));
  }
  if (!(largest > 0)) return {};
  constexpr int half = weight_bins / 2;
  const double width = largest / half;
  if (!(width > 0)) return {};  // denormal: less than the bins can tell apart
  bars made{.lo = -largest - width / 2, .hi = largest + width / 2};
  made.counts.resize(weight_bins);
  for (const double w : weights) {
    const double bin = std::clamp(round_up(w / width), -double{half}, double{half});
    ++made.counts[static_cast<std::size_t>(bin + half)];
  }
  return made;
}

/// int8 weights, three values a bin, the middle one -1, 0, 1; -128 goes with its neighbours.
inline bars int8_weight_bars(std::span<const std::int8_t> weights) {
  if (weights.empty()) return {};
  constexpr int half = weight_bins / 2;
  bars made{.lo = -127.5, .hi = 127.5};
  made.counts.resize(weight_bins);
  for (const std::int8_t w : weights) {
    const int bin = (std::max<int>(w, -127) + 3 * half + 1) / 3;
    ++made.counts[static_cast<std::size_t>(bin)];
  }
  return made;
}

}  // namespace octavo::inline v0::report
