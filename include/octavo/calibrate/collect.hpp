// SPDX-License-Identifier: MIT
/// @file
/// The two passes of calibration over a set of images, each on its own: on several threads, and
/// on a part of the set.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/calibrate/propagate.hpp"
#include "octavo/calibrate/statistics.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/for_each_index.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/emulation/float_network.hpp"

namespace octavo::inline v0 {

/// Where the images come from: preprocessed as the network wants them, one at a time.
struct image_source {
  std::size_t count = 0;
  /// Image 0 .. count-1 in the shape of the network's input. Asked for each of them twice, and must
  /// give the same both times; with several threads, for several images at once.
  std::function<tensor<float>(std::size_t)> load = {};
};

/// Called after each image, never twice at once: `pass` 1 or 2, `done` of `count` images.
using calibration_progress = std::function<void(int pass, std::size_t done, std::size_t count)>;

/// How a pass is run; what it finds does not depend on it.
struct collect_options {
  int threads = 1;  ///< images at once
  calibration_progress progress = {};
};

namespace detail {

/// Refuses a set without images, or without a way to load them. `what` begins the message.
inline void expect_images(const image_source& images, std::string_view what) {
  if (images.count == 0) fail(what, ": the set has no images");
  if (!images.load) fail(what, ": the set has no way to load an image");
}

/// The name of each node's tensor in the table.
inline std::vector<std::string> table_names(const graph& net) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < net.size(); ++i) names.emplace_back(name_in_table(net, i));
  return names;
}

/// Shows every tensor of every image to a tensor_ranges or tensor_histograms: one for each worker,
/// a copy of `empty`, merged in the end. Counts and maxima merge exactly.
template <class Statistics>
Statistics observe_all(const emulation::float_network& network, const image_source& images,
                       const Statistics& empty, int pass, const collect_options& options) {
  expect_images(images, "calibration");
  std::vector<Statistics> seen(workers_for(images.count, options.threads), empty);
  std::mutex mutex;
  std::size_t done = 0;
  for_each_index(images.count, options.threads, [&](std::size_t worker, std::size_t image) {
    const tensor<float> loaded = images.load(image);
    with_context(concat_text("image ", image, " of ", images.count), [&] {
      network.run(loaded, [&](std::size_t index, const tensor<float>& written) {
        seen[worker].observe(index, written.values);
      });
    });
    const std::lock_guard lock(mutex);
    if (options.progress) options.progress(pass, ++done, images.count);
  });
  for (std::size_t worker = 1; worker < seen.size(); ++worker) seen[0].merge(seen[worker]);
  return std::move(seen[0]);
}

}  // namespace detail

/// The first pass: the largest magnitude of every tensor, in the order of the nodes, under the
/// names of the calibration table.
/// @throws octavo::error for an empty set and where a tensor holds NaN or an infinity, or an image
/// has another shape; of several images the first one's, with its number, counted from 0.
inline tensor_ranges collect_ranges(const emulation::float_network& network,
                                    const image_source& images,
                                    const collect_options& options = {}) {
  const tensor_ranges empty(detail::table_names(network.graph()));
  return detail::observe_all(network, images, empty, 1, options);
}

/// The second pass: the histogram of every tensor over its range in the whole set, of which
/// `images` may be a part.
/// @throws octavo::error as the first pass, and for ranges of another network or another set.
inline tensor_histograms collect_histograms(const emulation::float_network& network,
                                            const tensor_ranges& ranges, const image_source& images,
                                            const collect_options& options = {}) {
  require(ranges.names() == detail::table_names(network.graph()),
          "calibration: the ranges are not of this network's tensors");
  return detail::observe_all(network, images, tensor_histograms(ranges), 2, options);
}

}  // namespace octavo::inline v0
