// SPDX-License-Identifier: MIT
/// @file
/// One small graph with every kind of op: what tests of checks and files start from.
#pragma once

#include <vector>

#include "octavo/graph/builder.hpp"

namespace octavo::testing {

/// Node 0 is the input; the others bear the names below. Two outputs.
inline graph every_op_graph() {
  graph_builder<std::vector<node>> net;
  const tensor_id data = net.input("data", {1, 3, 6, 5});
  const tensor_id conv =
      net.conv2d("conv", data, {.channels = 4, .window = {3, 2, 1, 1, 1, 2, {1, 0, 1, 2}}});
  const tensor_id relu = net.relu("relu", conv);
  const tensor_id branch =
      net.conv2d("branch", relu, {.channels = 4, .window = square(1), .groups = 2});
  tensor_id x = net.add("sum", relu, branch);
  x = net.clip("clip", x, -1, 6);
  x = net.leaky_relu("leaky", x, 0.25);
  x = net.scale("scale", x);
  x = net.concat("join", {x, conv});
  x = net.max_pool("max", x, {.window = square(3, 2, 1), .rounding = size_rounding::ceil});
  x = net.avg_pool("average", x, {.window = square(2, 1, 1)});
  x = net.fully_connected("fc", x, 5);
  return net.finish({x, relu});
}

}  // namespace octavo::testing
