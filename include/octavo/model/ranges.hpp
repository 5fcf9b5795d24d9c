// SPDX-License-Identifier: MIT
/// @file
/// What is known of a tensor's values before anything has run.
#pragma once

#include <cstddef>
#include <vector>

#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0 {

namespace detail {

/// Whether all values of a node's output are at least 0, given the same of its inputs. No
/// multiplier of a model is negative, so that requantization keeps the sign.
inline bool writes_non_negative(const quantized_model& model, const node& op_node,
                                const std::vector<bool>& known) {
  if (op_node.relu) return true;
  bool inputs = !op_node.src.empty();
  for (const int i : op_node.src) inputs = inputs && known[static_cast<std::size_t>(i)];
  switch (op_node.kind) {
    case op::relu:
      return true;
    case op::clip:
      return model.params[static_cast<std::size_t>(op_node.from.params)].clip.lo >= 0;
    case op::max_pool:
    case op::avg_pool:
    case op::leaky_relu:
    case op::concat:
    case op::add:
      return inputs;
    case op::input:
    case op::conv2d:
    case op::fully_connected:
    case op::scale:
      return false;
  }
  return false;
}

}  // namespace detail

/// For every node of `net`, the model's graph or a fused form of it: whether its output's values
/// are proved to lie in 0..127, so that they may be read as unsigned bytes.
template <class Nodes>
std::vector<bool> non_negative_tensors(const quantized_model& model,
                                       const basic_graph<Nodes>& net) {
  std::vector<bool> known(net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    known[i] = detail::writes_non_negative(model, net[i], known);
  }
  return known;
}

}  // namespace octavo::inline v0
