// SPDX-License-Identifier: MIT
/// @file
/// First and second moments of what a layer reads: all that least squares needs of its inputs.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <span>

#include "octavo/core/tensor.hpp"
#include "octavo/emulation/im2col.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0 {

/// Averages over output pixels and images of the K inputs that one output sees, a constant 1 behind
/// them: E[v] and E[v v^T] of v = (x_0 ... x_{K-1}, 1), x in int8 units.
struct input_moments {
  Eigen::MatrixXf second = {};     ///< (K + 1) x (K + 1); only the lower triangle is filled
  Eigen::VectorXd mean = {};       ///< K
  Eigen::Index samples_taken = 0;  ///< in `second`; `mean` is over all pixels
};

namespace detail {

/// The columns of im2col, or of the image itself for a fully connected layer.
inline emulation::row_major<float> input_columns(const node& layer,
                                                 const emulation::image_group<std::int8_t>& part) {
  if (layer.kind == op::conv2d) {
    return emulation::im2col<float>(part, layer.window, layer.shape);
  }
  const std::int64_t taps = part.src.shape.elements_per_image();
  return Eigen::Map<const emulation::row_major<std::int8_t>>(part.src.data + part.image * taps,
                                                             taps, 1)
      .cast<float>();
}

/// The moments of what group `group` of a convolution (or a fully connected layer) reads.
/// @param samples about so many pixels of the whole set, evenly spread, go into `second`, which
///                costs K^2 for each; 0: it stays empty. `mean` takes all
inline input_moments measure_inputs(const node& layer, int group,
                                    std::span<const tensor<std::int8_t>> inputs,
                                    std::int64_t samples) {
  input_moments moments;
  const int channels = inputs[0].shape.c / layer.groups;
  const std::int64_t pixels =
      layer.kind == op::conv2d ? std::int64_t{layer.shape.h} * layer.shape.w : std::int64_t{1};
  const std::int64_t total = pixels * static_cast<std::int64_t>(inputs.size());
  const std::int64_t step = samples > 0 ? std::max<std::int64_t>(1, total / samples) : total;
  std::int64_t first = 0;  // of this image's pixels: the grid goes on from image to image
  for (const tensor<std::int8_t>& input : inputs) {
    const emulation::row_major<float> columns =
        input_columns(layer, {input.view(), 0, group * channels, channels});
    const Eigen::Index taps = columns.rows();
    if (moments.mean.size() == 0) moments.mean = Eigen::VectorXd::Zero(taps);
    moments.mean += columns.cast<double>().rowwise().sum();
    if (samples == 0) continue;
    if (moments.second.size() == 0) moments.second = Eigen::MatrixXf::Zero(taps + 1, taps + 1);
    const Eigen::Index count = first < pixels ? (pixels - 1 - first) / step + 1 : 0;
    Eigen::MatrixXf chosen = Eigen::MatrixXf::Ones(taps + 1, count);
    for (Eigen::Index i = 0; i < count; ++i) {
      chosen.col(i).head(taps) = columns.col(first + i * step);
    }
    if (count > 0) moments.second.selfadjointView<Eigen::Lower>().rankUpdate(chosen);
    moments.samples_taken += count;
    first += count * step - pixels;
  }
  moments.mean /= static_cast<double>(total);
  if (moments.samples_taken > 0) moments.second /= static_cast<float>(moments.samples_taken);
  return moments;
}

}  // namespace detail

}  // namespace octavo::inline v0
