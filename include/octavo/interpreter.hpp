// SPDX-License-Identifier: MIT
/// @file
/// Executes a quantized model with the reference ops, one tensor for each node: slow, obvious, and
/// the definition of what every other executor must give.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/reference/add.hpp"
#include "octavo/reference/avg_pool.hpp"
#include "octavo/reference/clip.hpp"
#include "octavo/reference/concat.hpp"
#include "octavo/reference/conv2d.hpp"
#include "octavo/reference/fully_connected.hpp"
#include "octavo/reference/leaky_relu.hpp"
#include "octavo/reference/max_pool.hpp"
#include "octavo/reference/relu.hpp"
#include "octavo/reference/scale.hpp"

namespace octavo::inline v0 {

namespace detail {

/// The requantization of an op as the reference ops call it. It looks the integers up for each
/// accumulator, so that nothing has to be allocated.
struct channel_requantization {
  const requantization& rule;

  std::int8_t operator()(std::int32_t acc, int channel) const noexcept {
    return requantize(rule, acc, channel);
  }
};

/// One node of a graph, fused or not, the tensors it reads and the tensor it writes.
class reference_step {
 public:
  reference_step(const quantized_model& model, const node& op_node,
                 std::span<const tensor_view<const std::int8_t>> src, tensor_view<std::int8_t> dst)
      : model_(model),
        node_(op_node),
        params_(model.params[static_cast<std::size_t>(op_node.from.params)]),
        src_(src),
        dst_(dst) {}

  void run() const {
    switch (node_.kind) {
      case op::input:
        break;  // the caller's
      case op::conv2d:
        run_conv2d();
        break;
      case op::fully_connected:
        run_fully_connected();
        break;
      case op::scale:
        run_scale();
        break;
      case op::relu:
        reference::relu(src_[0], dst_);
        break;
      case op::clip:
        reference::clip(src_[0], params_.clip, dst_);
        break;
      case op::leaky_relu:
        reference::leaky_relu(src_[0], params_.multipliers[0], dst_);
        break;
      case op::max_pool:
        reference::max_pool(src_[0], pool(), dst_);
        break;
      case op::avg_pool:
        reference::avg_pool(src_[0], pool(), params_.divisors, dst_);
        break;
      case op::add:
        reference::add(src_[0], src_[1], params_.add, node_.relu, dst_);
        break;
      case op::concat:
        run_concat();
        break;
    }
  }

 private:
  pool_params pool() const { return {node_.window, node_.rounding, node_.count_padding}; }

  channel_requantization requantize() const { return {params_.requantize}; }

  octavo::filter<std::int32_t> filter() const {
    const auto index = static_cast<std::size_t>(node_.from.params);
    return {{params_.weights.data(), weights_shape(model_.graph, index)}, params_.bias};
  }

  void run_conv2d() const {
    const bool adds = node_.residual_operand >= 0;
    const conv_params conv = {node_.window, node_.groups, node_.relu && !adds};
    reference::conv2d(src_[0], filter(), conv, requantize(), dst_);
    if (adds) add_residual();
  }

  /// The convolution's result is an int8 before it is added: fused or not, it saturates there.
  void add_residual() const {
    const add_params& add = model_.params[static_cast<std::size_t>(node_.from.add)].add;
    if (node_.residual_operand == 0) {
      reference::add(src_[1], dst_, add, node_.relu, dst_);
    } else {
      reference::add(dst_, src_[1], add, node_.relu, dst_);
    }
  }

  void run_fully_connected() const {
    reference::fully_connected(src_[0], filter(), node_.relu, requantize(), dst_);
  }

  void run_scale() const {
    const channel_scale<std::int32_t> scale = {params_.weights, params_.bias};
    reference::scale(src_[0], scale, node_.relu, requantize(), dst_);
  }

  void run_concat() const {
    int channel = 0;
    for (std::size_t i = 0; i < src_.size(); ++i) {
      reference::concat(src_[i], params_.multipliers[i], channel, dst_);
      channel += src_[i].shape.c;
    }
  }

  const quantized_model& model_;
  const node& node_;
  const op_params& params_;
  std::span<const tensor_view<const std::int8_t>> src_;
  tensor_view<std::int8_t> dst_;
};

}  // namespace detail

/// One node of the model's graph, or of a fused form of it, by the reference ops. `src` are the
/// tensors that it reads, in the order of op_node.src, and `dst` has its shape; only where the op's
/// own definition says so may they share memory. The model has passed validate(), and the node is
/// no input. Allocates nothing.
inline void run_node(const quantized_model& model, const node& op_node,
                     std::span<const tensor_view<const std::int8_t>> src,
                     tensor_view<std::int8_t> dst) noexcept {
  assert(op_node.kind != op::input);
  assert(src.size() == op_node.src.size() && dst.shape == op_node.shape);
  detail::reference_step(model, op_node, src, dst).run();
}

/// Runs `net`, the model's graph or a fused form of it, and returns every node's tensor. The model
/// has passed validate().
/// @throws octavo::error where the graph does not have exactly one input node, or the input's shape
/// is not that node's.
template <class Nodes>
activations interpret(const quantized_model& model, const basic_graph<Nodes>& net,
                      const tensor<std::int8_t>& input) {
  require_shape(input.shape, net[sole_input(net)].shape, "interpret: the input");
  activations tensors;
  tensors.reserve(net.size());
  std::vector<tensor_view<const std::int8_t>> src;
  for (const node& op_node : net) {
    if (op_node.kind == op::input) {
      tensors.push_back(input);
      continue;
    }
    src.clear();
    for (const int i : op_node.src) {
      src.push_back(std::as_const(tensors[static_cast<std::size_t>(i)]).view());
    }
    run_node(model, op_node, src, tensors.emplace_back(op_node.shape).view());
  }
  return tensors;
}

/// Runs the model's own, unfused graph.
inline activations interpret(const quantized_model& model, const tensor<std::int8_t>& input) {
  return interpret(model, model.graph, input);
}

}  // namespace octavo::inline v0
