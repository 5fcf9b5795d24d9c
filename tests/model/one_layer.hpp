// SPDX-License-Identifier: MIT
/// @file
/// Float models of one layer, small enough to quantize by hand.
#pragma once

#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/model/quantize.hpp"

namespace octavo::testing {

/// A 1x1 convolution "conv" on one pixel: row oc of `weights` belongs to output channel oc.
inline float_model conv_model(const std::vector<double>& weights, const std::vector<double>& bias) {
  const auto taps = static_cast<int>(weights.size() / bias.size());
  graph_builder<std::vector<node>> net;
  tensor_id x = net.input("data", {1, taps, 1, 1});
  x = net.conv2d("conv", x, {.channels = static_cast<int>(bias.size())});
  return {net.finish(x), {{}, {weights, bias}}};
}

/// Thresholds of a layer's input and output.
struct layer_thresholds {
  double x = 1;
  double y = 1;
};

/// The integers of conv_model() under a scheme.
inline op_params quantize_conv(scheme kind, const std::vector<double>& weights,
                               const std::vector<double>& bias, layer_thresholds t = {}) {
  return quantize(conv_model(weights, bias), std::vector<double>{t.x, t.y}, kind).params[1];
}

using int8s = std::vector<std::int8_t>;
using int32s = std::vector<std::int32_t>;
using shifts = std::vector<std::uint8_t>;

}  // namespace octavo::testing
