// SPDX-License-Identifier: MIT
/// @file
/// Histograms of activations and weights, for a page.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "octavo/calibrate/statistics.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/report/data.hpp"
#include "octavo/report/histogram.hpp"

namespace octavo::examples {

/// Of every tensor that has a threshold of its own, and of the weights of the op that writes it.
/// `source` and `seen` are of the network before anything was moved; of a moved tensor the largest
/// magnitude that does not saturate is shown in the threshold's place.
inline std::vector<std::optional<report::value_ranges>> value_ranges_of(
    const float_model& source, const quantized_model& model, const tensor_histograms& seen,
    const tensor_moves& moves = {}) {
  std::vector<std::optional<report::value_ranges>> ranges(model.graph.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (keeps_threshold(model.graph[i].kind)) continue;
    const double top = model.thresholds[i] * (1 + (moves.share.empty() ? 0 : moves.share[i]));
    ranges[i] =
        report::value_ranges{.activations = report::activation_bars(seen[i]),
                             .threshold = top,
                             .beyond = report::share_beyond(seen[i], top),
                             .weights_before = report::real_weight_bars(source.params[i].weights),
                             .weights_after = report::int8_weight_bars(model.params[i].weights)};
  }
  return ranges;
}

}  // namespace octavo::examples
