// SPDX-License-Identifier: MIT
/// @file
/// Executes a quantized model by float matrix products that are exact: the second author of every
/// int8 op, independent of the reference, to hold the reference and the kernels against.
#pragma once

#include <cstddef>
#include <cstdint>

#include "octavo/emulation/ops.hpp"
#include "octavo/emulation/product.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::emulation {

namespace detail {

/// A convolution and what is fused behind it. The sum of an add takes the convolution's int8: it is
/// saturated in between, fused or not, and the relu comes last.
inline int8_tensor fused_conv2d(const quantized_model& model, const node& conv,
                                const activations& tensors) {
  const auto operand = [&](std::size_t i) -> const int8_tensor& {
    return tensors[static_cast<std::size_t>(conv.src[i])];
  };
  const op_params& params = model.params[static_cast<std::size_t>(conv.from.params)];
  if (conv.residual_operand < 0) return conv2d(conv, params, operand(0).view(), conv.relu);
  const int8_tensor branch = conv2d(conv, params, operand(0).view(), false);
  const add_params& sum = model.params[static_cast<std::size_t>(conv.from.add)].add;
  return conv.residual_operand == 0 ? add(sum, operand(1), branch, conv.relu)
                                    : add(sum, branch, operand(1), conv.relu);
}

/// The tensor that `op_node`, any but an input, computes from earlier ones.
inline int8_tensor run_node(const quantized_model& model, const node& op_node,
                            const activations& tensors) {
  const auto operand = [&](std::size_t i) -> const int8_tensor& {
    return tensors[static_cast<std::size_t>(op_node.src[i])];
  };
  const op_params& params = model.params[static_cast<std::size_t>(op_node.from.params)];
  switch (op_node.kind) {
    case op::conv2d:
      return fused_conv2d(model, op_node, tensors);
    case op::fully_connected:
      return fully_connected(op_node, params, operand(0).view(), op_node.relu);
    case op::scale:
      return scale(params, operand(0), op_node.relu);
    case op::relu:
      return relu(operand(0));
    case op::clip:
      return clip(params.clip, operand(0));
    case op::leaky_relu:
      return leaky_relu(params, operand(0));
    case op::max_pool:
      return max_pool(op_node, operand(0).view());
    case op::avg_pool:
      return avg_pool(op_node, params, operand(0));
    case op::add:
      return add(params.add, operand(0), operand(1), op_node.relu);
    case op::concat:
      return concat(op_node, params, tensors);
    case op::input:
      break;
  }
  fail("emulation: ", op_node.name.view(), ": not an op that computes");
}

}  // namespace detail

/// Runs `net`, the model's graph or a fused form of it, and returns every node's tensor. The model
/// has passed validate().
/// @throws octavo::error where the graph does not have exactly one input node, or the input's shape
/// is not that node's.
template <class Nodes>
activations emulate(const quantized_model& model, const basic_graph<Nodes>& net,
                    const tensor<std::int8_t>& input) {
  require_shape(input.shape, net[sole_input(net)].shape, "emulation: the input");
  activations tensors;
  tensors.reserve(net.size());
  for (const node& op_node : net) {
    if (op_node.kind == op::input) {
      tensors.push_back(input);
    } else {
      tensors.push_back(detail::run_node(model, op_node, tensors));
    }
  }
  return tensors;
}

/// Runs the model's own, unfused graph.
inline activations emulate(const quantized_model& model, const tensor<std::int8_t>& input) {
  return emulate(model, model.graph, input);
}

}  // namespace octavo::inline v0::emulation
