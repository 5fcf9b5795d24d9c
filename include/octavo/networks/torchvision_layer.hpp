// SPDX-License-Identifier: MIT
/// @file
/// What torchvision's state dicts call the parameters of one layer.
#pragma once

#include <string>

#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::networks::detail {

/// A convolution or fully connected layer.
inline layer_names torchvision_layer(const std::string& layer) {
  return {.weights = layer + ".weight", .bias = layer + ".bias"};
}

/// A convolution and the batch normalization behind it.
inline layer_names torchvision_layer(const std::string& conv, const std::string& norm) {
  return {.weights = conv + ".weight",
          .bias = conv + ".bias",
          .gamma = norm + ".weight",
          .beta = norm + ".bias",
          .mean = norm + ".running_mean",
          .variance = norm + ".running_var"};
}

}  // namespace octavo::inline v0::networks::detail
