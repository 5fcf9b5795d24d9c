// SPDX-License-Identifier: MIT
/// @file
/// What the tests of comparisons share.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/compare/similarity.hpp"
#include "octavo/core/error.hpp"
#include "octavo/model/float_model.hpp"
#include "support/random.hpp"

namespace octavo::testing {

/// What an action that must fail says.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

/// One pair of tensors.
inline compare::similarity similarity_of(const std::vector<float>& reference,
                                         const std::vector<float>& target,
                                         const compare::tolerance& limits = {}) {
  compare::similarity_meter meter("x", limits);
  meter.add(reference, target);
  return meter.value();
}

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

/// `count` random images, the same each time one is asked for.
inline image_source random_images(const shape& extents, std::size_t count) {
  return {count, [extents](std::size_t i) {
            random_source rng(i + 1);
            tensor<float> image(extents);
            for (float& value : image.values) value = static_cast<float>(rng.real());
            return image;
          }};
}

}  // namespace octavo::testing
