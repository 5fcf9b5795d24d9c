// SPDX-License-Identifier: MIT
/// @file
/// Random float parameters for any graph.
#pragma once

#include <cstddef>

#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"
#include "support/random.hpp"

namespace octavo::testing {

/// A model of `net` with small random weights and biases.
inline float_model random_float_model(const graph& net, random_source& rng) {
  float_model model{.graph = net, .params = {}};
  model.params.resize(net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!has_weights(net[i].kind)) continue;
    model.params[i].weights.resize(static_cast<std::size_t>(weights_shape(net, i).elements()));
    for (double& weight : model.params[i].weights) weight = rng.real();
    for (int oc = 0; oc < net[i].shape.c; ++oc) model.params[i].bias.push_back(rng.real());
  }
  return model;
}

}  // namespace octavo::testing
