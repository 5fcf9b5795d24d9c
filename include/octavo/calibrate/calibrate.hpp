// SPDX-License-Identifier: MIT
/// @file
/// Calibration: runs a float network over a set of images and gives every tensor a threshold.
///
/// The set is run through twice, first for the range of each tensor and then for its histogram, so
/// that no tensor is kept: the memory it takes does not grow with the set.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "octavo/calibrate/propagate.hpp"
#include "octavo/calibrate/statistics.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/calibrate/threshold_rules.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/model/float_model.hpp"

namespace octavo::inline v0 {

/// Where the images come from: preprocessed as the network wants them, one at a time.
struct image_source {
  std::size_t count = 0;
  /// Image 0 .. count-1 in the shape of the network's input. Asked for each of them twice, and must
  /// give the same both times.
  std::function<tensor<float>(std::size_t)> load = {};
};

/// Called after each image: `pass` 1 or 2, `done` of `count` images.
using calibration_progress = std::function<void(int pass, std::size_t done, std::size_t count)>;

namespace detail {

/// The name of each node's tensor in the table.
inline std::vector<std::string> table_names(const graph& net) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < net.size(); ++i) names.emplace_back(name_in_table(net, i));
  return names;
}

/// Shows every tensor of every image to `seen`: a tensor_ranges or tensor_histograms.
template <class Statistics>
void observe_all(const emulation::float_network& network, const image_source& images,
                 Statistics& seen, int pass, const calibration_progress& progress) {
  for (std::size_t i = 0; i < images.count; ++i) {
    network.run(images.load(i), [&](std::size_t index, const tensor<float>& written) {
      seen.observe(index, written.values);
    });
    if (progress) progress(pass, i + 1, images.count);
  }
}

}  // namespace detail

/// The histogram of every tensor of the network, in the order of its nodes: what all rules for
/// thresholds start from.
/// @throws octavo::error for an empty set and where a tensor holds NaN or an infinity.
inline tensor_histograms collect_histograms(const float_model& model, const image_source& images,
                                            const calibration_progress& progress = {}) {
  require(images.count > 0, "calibration: the set has no images");
  require(images.load != nullptr, "calibration: the set has no way to load an image");
  const emulation::float_network network(model);
  tensor_ranges ranges(detail::table_names(model.graph));
  detail::observe_all(network, images, ranges, 1, progress);
  tensor_histograms histograms(ranges);
  detail::observe_all(network, images, histograms, 2, progress);
  return histograms;
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
                                   const calibration_progress& progress = {}) {
  return choose_thresholds(collect_histograms(model, images, progress), options);
}

}  // namespace octavo::inline v0
