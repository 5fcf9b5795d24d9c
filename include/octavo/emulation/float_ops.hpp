// SPDX-License-Identifier: MIT
/// @file
/// The ops of a network in float32. Image by image, so that a batch gives the bits of its images.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/emulation/elementwise.hpp"
#include "octavo/emulation/im2col.hpp"
#include "octavo/emulation/pool.hpp"

namespace octavo::inline v0::emulation {

/// NCHW, float32.
using float_tensor = tensor<float>;

/// Weights and bias of one op in float32, rounded once from the folded doubles.
struct float_weights {
  std::vector<float> weights = {};
  std::vector<float> bias = {};
};

namespace detail {

using float_matrix = Eigen::Map<row_major<float>>;
using const_float_matrix = Eigen::Map<const row_major<float>>;
using const_float_vector = Eigen::Map<const Eigen::VectorXf>;

}  // namespace detail

/// W * src + b as a matrix product of float32 for each image and group, in the order of Eigen.
/// Sizes fit: float_network has checked them.
inline float_tensor conv2d(const node& conv, const float_weights& params, const float_tensor& src) {
  float_tensor dst(conv.shape);
  const int ic = src.shape.c / conv.groups;
  const int oc = conv.shape.c / conv.groups;
  const Eigen::Index taps = Eigen::Index{ic} * conv.window.kh * conv.window.kw;
  const Eigen::Index pixels = Eigen::Index{conv.shape.h} * conv.shape.w;
  for (int n = 0; n < src.shape.n; ++n) {
    for (int group = 0; group < conv.groups; ++group) {
      const Eigen::Index first = Eigen::Index{group} * oc;
      const image_group<float> part = {src.view(), n, group * ic, ic};
      const row_major<float> columns = im2col<float>(part, conv.window, conv.shape);
      const detail::const_float_matrix weights(params.weights.data() + first * taps, oc, taps);
      float* image = dst.values.data() + n * conv.shape.elements_per_image();
      detail::float_matrix out(image + first * pixels, oc, pixels);
      out.noalias() = weights * columns;
      out.colwise() += detail::const_float_vector(params.bias.data() + first, oc);
    }
  }
  return dst;
}

/// W * src + b for each image, flattened.
inline float_tensor fully_connected(const node& fc, const float_weights& params,
                                    const float_tensor& src) {
  float_tensor dst(fc.shape);
  const Eigen::Index taps = src.shape.elements_per_image();
  const detail::const_float_matrix weights(params.weights.data(), fc.shape.c, taps);
  for (int n = 0; n < src.shape.n; ++n) {
    Eigen::Map<Eigen::VectorXf> out(dst.values.data() + Eigen::Index{n} * fc.shape.c, fc.shape.c);
    out.noalias() = weights * detail::const_float_vector(src.values.data() + n * taps, taps);
    out += detail::const_float_vector(params.bias.data(), fc.shape.c);
  }
  return dst;
}

/// x * w[c] + b[c]
inline float_tensor scale(const float_weights& params, const float_tensor& src) {
  return map_channels(
      src, [&](std::size_t c, float x) { return x * params.weights[c] + params.bias[c]; });
}

/// Summed in double, divided by the same count as the int8 average, rounded once.
inline float_tensor avg_pool(const node& pool, const float_tensor& src) {
  return pool_windows(pool, src.view(), [](const auto& valid, std::int64_t divisor) {
    const double sum = valid.template cast<double>().sum();
    return static_cast<float>(sum / static_cast<double>(divisor));
  });
}

}  // namespace octavo::inline v0::emulation
