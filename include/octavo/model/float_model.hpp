// SPDX-License-Identifier: MIT
/// @file
/// A float network as a value: the graph and, for each op, its weights with batch normalization
/// folded in. Kept in double until it is quantized.
#pragma once

#include <vector>

#include "octavo/graph/graph.hpp"

namespace octavo::inline v0 {

/// Folded parameters of one op; empty for ops without weights.
struct float_params {
  std::vector<double> weights = {};  ///< conv2d: OIHW; fully connected: N x K; scale: C
  std::vector<double> bias = {};     ///< one for each output channel
};

/// A graph and the parameters of each of its nodes.
struct float_model {
  octavo::graph graph = {};
  std::vector<float_params> params = {};  ///< of each node
};

}  // namespace octavo::inline v0
