// SPDX-License-Identifier: MIT
/// @file
/// Checks a graph that the builder did not make: from a file, or put together by hand.
#pragma once

#include <cstddef>

#include "octavo/graph/graph.hpp"
#include "octavo/graph/infer.hpp"

namespace octavo::inline v0 {

namespace detail {

/// The node without whatever its kind does not use.
constexpr node used_fields(const node& from) {
  node used{.kind = from.kind, .name = from.name, .shape = from.shape, .src = from.src};
  const bool pools = from.kind == op::max_pool || from.kind == op::avg_pool;
  if (pools || from.kind == op::conv2d) used.window = from.window;
  if (from.kind == op::conv2d) used.groups = from.groups;
  if (pools) used.rounding = from.rounding;
  if (from.kind == op::avg_pool) used.count_padding = from.count_padding;
  if (from.kind == op::clip) {
    used.lo = from.lo;
    used.hi = from.hi;
  }
  if (from.kind == op::leaky_relu) used.slope = from.slope;
  used.from = from.from;
  return used;
}

}  // namespace detail

/// Refuses an unfused graph that the builder could not have made: wrong inputs, windows, shapes,
/// accumulators that may overflow, names that occur twice, nodes or outputs out of range.
/// @throws octavo::error naming the node and what it breaks.
template <class Nodes>
constexpr void check(const basic_graph<Nodes>& net) {
  for (std::size_t i = 0; i < net.size(); ++i) {
    const auto index = static_cast<int>(i);
    const node& op_node = net[i];
    detail::check_node(op_node, net.view().first(i));
    detail::demand(op_node.shape == detail::infer_shape(op_node, net.view().first(i)),
                   "its shape is not what its inputs give", op_node.name);
    detail::check_output(op_node);
    detail::demand(net.find(op_node.name) == index, "two nodes have this name", op_node.name);
    const origin own = {index, index, op_node.kind == op::add ? index : -1};
    detail::demand(op_node.from == own && !op_node.relu && op_node.residual_operand == -1,
                   "an unfused graph has no fused ops", op_node.name);
    detail::demand(op_node == detail::used_fields(op_node),
                   "a field is set that its kind has no use for", op_node.name);
  }
  require(net.outputs.size() > 0, "graph: needs at least one output");
  for (const int output : net.outputs) {
    require(output >= 0 && output < static_cast<int>(net.size()),
            "graph: an output must be a node of this graph");
  }
}

}  // namespace octavo::inline v0
