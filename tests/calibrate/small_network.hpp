// SPDX-License-Identifier: MIT
/// @file
/// A network with a bit of everything that corrections work on, and what it computes.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "octavo/emulation/float_network.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/model/float_model.hpp"
#include "support/random_float_model.hpp"
#include "support/random_images.hpp"

namespace octavo::testing {

/// 8x8 pixels, a residual block, a depthwise convolution, 10 outputs.
inline graph small_network_graph() {
  graph_builder<std::vector<node>> net;
  tensor_id x = net.input("data", {1, 3, 8, 8});
  x = net.relu("stem_relu", net.conv2d("stem", x, {.channels = 12, .window = square(3, 1, 1)}));
  tensor_id branch = net.relu("a_relu", net.conv2d("a", x, {.channels = 16}));
  branch = net.conv2d("b", branch, {.channels = 12, .window = square(3, 1, 1)});
  x = net.relu("sum_relu", net.add("sum", x, branch));
  x = net.conv2d("depthwise", x, {.channels = 12, .window = square(3, 2, 1), .groups = 12});
  x = net.relu("depthwise_relu", x);
  x = net.avg_pool("mean", x, {.window = square(2, 2)});
  return net.finish(net.fully_connected("fc", x, 10));
}

/// Random weights with a few large ones among many small ones, as trained networks have them, and
/// as large as keeps activations at one size; channels differ by up to a factor of 4.
inline float_model small_network(random_source& rng) {
  float_model model = random_float_model(small_network_graph(), rng);
  for (float_params& params : model.params) {
    if (params.bias.empty()) continue;
    const std::size_t taps = params.weights.size() / params.bias.size();
    for (std::size_t oc = 0; oc < params.bias.size(); ++oc) {
      const double size = 4 * std::exp2(rng.real()) / std::sqrt(static_cast<double>(taps));
      for (std::size_t k = 0; k < taps; ++k) {
        double& weight = params.weights[oc * taps + k];
        weight = size * weight * weight * weight;
      }
      params.bias[oc] *= 0.3;
    }
  }
  return model;
}

/// Sets the weights and the bias of one output channel to 0.
inline void kill_channel(float_model& model, std::size_t layer, std::size_t oc) {
  float_params& params = model.params[layer];
  const std::size_t taps = params.weights.size() / params.bias.size();
  for (std::size_t k = 0; k < taps; ++k) params.weights[oc * taps + k] = 0;
  params.bias[oc] = 0;
}

/// The values of the last node.
inline std::vector<float> float_output(const float_model& model, const tensor<float>& image) {
  return emulation::run_float(model, model.graph, image).back().values;
}

}  // namespace octavo::testing
