// SPDX-License-Identifier: MIT
/// @file
/// As many weights and biases as a layer of the graph needs.
#pragma once

#include <cstddef>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/graph/graph.hpp"

namespace octavo::inline v0::detail {

/// Refuses weights or biases of another number than node `index` of `net` has, which is an op with
/// weights. `where` stands before the message.
template <class Params>
void check_layer_sizes(const Params& params, const graph& net, std::size_t index,
                       std::string_view where) {
  const shape weights = weights_shape(net, index);
  if (params.weights.size() != static_cast<std::size_t>(weights.elements())) {
    fail(where, ": the number of weights is ", params.weights.size(), ", expected ",
         weights.elements(), " (", weights, ")");
  }
  const int channels = net[index].shape.c;
  if (params.bias.size() != static_cast<std::size_t>(channels)) {
    fail(where, ": the number of biases is ", params.bias.size(), ", expected ", channels,
         ", one for each output channel");
  }
}

}  // namespace octavo::inline v0::detail
