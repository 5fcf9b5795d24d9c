// SPDX-License-Identifier: MIT
/// @file
/// Histograms of activations and weights, for a page.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "octavo/calibrate/statistics.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/report/data.hpp"
#include "octavo/report/histogram.hpp"

namespace octavo::examples {

/// Of every tensor that has a threshold of its own, and of the weights of the op that writes it.
inline std::vector<std::optional<report::value_ranges>> value_ranges_of(
    const float_model& source, const quantized_model& model, const tensor_histograms& seen) {
  std::vector<std::optional<report::value_ranges>> ranges(model.graph.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (keeps_threshold(model.graph[i].kind)) continue;
    ranges[i] =
        report::value_ranges{.activations = report::activation_bars(seen[i]),
                             .threshold = model.thresholds[i],
                             .beyond = report::share_beyond(seen[i], model.thresholds[i]),
                             .weights_before = report::real_weight_bars(source.params[i].weights),
                             .weights_after = report::int8_weight_bars(model.params[i].weights)};
  }
  return ranges;
}

}  // namespace octavo::examples
