// SPDX-License-Identifier: MIT
/// @file
/// A network without a training: deterministic weights, for runs that need no files. The classes it
/// finds mean nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::examples {

/// splitmix64 (Steele, Lea and Flood, 2014): the same numbers on every machine.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

  /// A multiple of 2^-32 in [0, 1).
  double uniform() { return static_cast<double>(next() >> 32) * 0x1p-32; }

  /// Nearly normal with mean 0 and variance 1: the sum of 12 uniform numbers less 6. No library
  /// function, so no library's rounding.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

namespace detail {

/// Whether a tensor is what a rectifier left: half of the size of its source is gone.
inline bool is_rectified(const graph& net, int tensor) {
  const node& from = net[static_cast<std::size_t>(tensor)];
  switch (from.kind) {
    case op::relu:
      return true;
    case op::clip:
      return from.lo >= 0;
    case op::max_pool:
    case op::avg_pool:
    case op::concat:
      return is_rectified(net, from.src[0]);
    default:
      return false;
  }
}

/// For each node, whether it is the end of a residual branch: the later operand of an add.
inline std::vector<bool> branch_ends(const graph& net) {
  std::vector<bool> ends(net.size());
  for (const node& sum : net) {
    if (sum.kind == op::add)
      ends[static_cast<std::size_t>(std::max(sum.src[0], sum.src[1]))] = true;
  }
  return ends;
}

inline double gain_of(const graph& net, const node& layer, bool ends_branch) {
  if (layer.kind == op::fully_connected) return 1;
  if (ends_branch) return 0.5;
  if (layer.src[0] == 0) return 0x1p-11;
  return is_rectified(net, layer.src[0]) ? 2 : 1;
}

}  // namespace detail

/// Weights by He et al. (2015): variance gain / fan-in, where a gain of 2 behind a rectifier (1
/// where there is none, as behind MobileNetV2's linear projections) keeps the size of activations
/// from layer to layer. The first convolution brings bytes (0..255) down to about 1, where relu6
/// cuts little off; the last one of a residual branch is scaled down, so that many additions do not
/// let the sum grow; the classifier has 1 / fan-in. Biases are small.
inline float_model synthetic_model(const graph& net, std::uint64_t seed = 1) {
  random_source random(seed);
  float_model model{.graph = net, .params = std::vector<float_params>(net.size())};
  const std::vector<bool> ends_branch = detail::branch_ends(net);
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!has_weights(net[i].kind)) continue;
    const double gain = detail::gain_of(net, net[i], ends_branch[i]);
    const double deviation = std::sqrt(gain / static_cast<double>(taps(net, i)));
    float_params& params = model.params[i];
    params.weights.resize(static_cast<std::size_t>(weights_shape(net, i).elements()));
    params.bias.resize(static_cast<std::size_t>(net[i].shape.c));
    for (double& w : params.weights) w = static_cast<float>(random.normal() * deviation);
    for (double& b : params.bias) b = static_cast<float>(random.normal() * 0.1);
  }
  return model;
}

}  // namespace octavo::examples
