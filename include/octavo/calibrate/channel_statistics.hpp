// SPDX-License-Identifier: MIT
/// @file
/// What equalization needs to know of each channel of each tensor: its range and its energy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "octavo/calibrate/calibrate.hpp"

namespace octavo::inline v0 {

/// The least and the largest value that a channel has shown.
struct channel_range {
  double highest = 0;  ///< largest value, 0 where none is positive
  double lowest = 0;   ///< smallest value, 0 where none is negative
  double energy = 0;   ///< mean square over pixels and images

  double largest() const { return std::max(highest, -lowest); }
};

/// Of each node's tensor, its channels.
using channel_statistics = std::vector<std::vector<channel_range>>;

namespace detail {

/// Adds the tensor of one image, or of a batch; energies are sums until the end.
inline void observe_channels(std::vector<channel_range>& channels, const tensor<float>& seen) {
  const auto pixels =
      static_cast<std::size_t>(seen.shape.h) * static_cast<std::size_t>(seen.shape.w);
  const double count = static_cast<double>(pixels) * seen.shape.n;
  const float* value = seen.values.data();
  for (int image = 0; image < seen.shape.n; ++image) {
    for (channel_range& channel : channels) {
      double sum = 0;
      for (std::size_t i = 0; i < pixels; ++i) {
        const double x = *value++;
        channel.highest = std::max(channel.highest, x);
        channel.lowest = std::min(channel.lowest, x);
        sum += x * x;
      }
      channel.energy += sum / count;
    }
  }
}

}  // namespace detail

/// One pass over the set, in its order.
/// @throws octavo::error for an empty set and where a tensor holds NaN or an infinity.
inline channel_statistics collect_channel_statistics(const float_model& model,
                                                     const image_source& images,
                                                     const calibration_progress& progress = {}) {
  detail::expect_images(images, "calibration");
  const emulation::float_network network(model);
  channel_statistics seen;
  for (const node& op_node : model.graph) seen.emplace_back(op_node.shape.c);
  for (std::size_t i = 0; i < images.count; ++i) {
    network.run(images.load(i), [&](std::size_t index, const tensor<float>& written) {
      detail::largest_magnitude(written.values, std::string(model.graph[index].name.view()));
      detail::observe_channels(seen[index], written);
    });
    if (progress) progress(1, i + 1, images.count);
  }
  for (std::vector<channel_range>& channels : seen) {
    for (channel_range& channel : channels) channel.energy /= static_cast<double>(images.count);
  }
  return seen;
}

}  // namespace octavo::inline v0
