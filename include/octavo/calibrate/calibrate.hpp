// SPDX-License-Identifier: MIT
/// @file
/// Calibration: runs a float network over a set of images and gives every tensor a threshold.
///
/// The set is run through twice, first for the range of each tensor and then for its histogram, so
/// that no tensor is kept: the memory it takes does not grow with the set.
#pragma once

#include <cstddef>
#include <string>

#include "octavo/calibrate/collect.hpp"
#include "octavo/calibrate/statistics.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/calibrate/threshold_rules.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/model/float_model.hpp"

namespace octavo::inline v0 {

/// The histogram of every tensor of the network, in the order of its nodes: what all rules for
/// thresholds start from.
/// @throws octavo::error for an empty set and where a tensor holds NaN or an infinity.
inline tensor_histograms collect_histograms(const float_model& model, const image_source& images,
                                            const collect_options& options = {}) {
  const emulation::float_network network(model);
  const tensor_ranges ranges = collect_ranges(network, images, options);
  return collect_histograms(network, ranges, images, options);
}

/// A line for each tensor, by one rule. @throws octavo::error naming a tensor that is all zero.
inline calibration_table choose_thresholds(const tensor_histograms& histograms,
                                           const threshold_options& options = {}) {
  calibration_table table;
  for (std::size_t i = 0; i < histograms.size(); ++i) {
    const std::string& name = histograms.names()[i];
    table.set(name, choose_threshold(histograms[i], name, options));
  }
  return table;
}

/// The calibration table of a network: a line for each node, in execution order, the input under
/// the name without `_quant`.
/// @throws octavo::error for an empty set and naming a tensor that is all zero, NaN or infinite.
inline calibration_table calibrate(const float_model& model, const image_source& images,
                                   const threshold_options& options = {},
                                   const collect_options& how = {}) {
  return choose_thresholds(collect_histograms(model, images, how), options);
}

}  // namespace octavo::inline v0
