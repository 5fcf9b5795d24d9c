// SPDX-License-Identifier: MIT
/// @file
/// Executes a quantized model with the reference ops, one tensor for each node: slow, obvious, and
/// the definition of what every other executor must give.
#pragma once

#include <vector>

#include "octavo/model/quantized_model.hpp"
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

/// Calls run(policy) with the policy, or per_channel<policy>, that `r` describes.
template <class Policy, class Make, class Run>
void with_policies(const requantization& r, const Make& make, const Run& run) {
  if (!r.is_per_channel()) return run(make(0));
  std::vector<Policy> policies;
  for (std::size_t oc = 0; oc < r.shift.size(); ++oc) policies.push_back(make(oc));
  run(per_channel<Policy>{policies});
}

template <class Run>
void with_requantization(const requantization& r, const Run& run) {
  switch (r.kind) {
    case policy::rshift:
      return with_policies<rshift>(
          r, [&](std::size_t oc) { return rshift{r.shift[oc]}; }, run);
    case policy::rshift_half_away:
      return with_policies<rshift_half_away>(
          r, [&](std::size_t oc) { return rshift_half_away{r.shift[oc]}; }, run);
    case policy::multiplier_rshift:
      return with_policies<multiplier_rshift>(
          r,
          [&](std::size_t oc) {
            return multiplier_rshift{r.multiplier[oc], r.shift[oc]};
          },
          run);
    case policy::multiplier_q31:
      return with_policies<multiplier_q31>(
          r,
          [&](std::size_t oc) {
            return multiplier_q31{r.multiplier[oc], r.shift[oc]};
          },
          run);
  }
}

/// One node of a graph, fused or not; `tensors` holds those of all earlier nodes.
class reference_step {
 public:
  reference_step(const quantized_model& model, const node& op_node, const activations& tensors)
      : model_(model),
        node_(op_node),
        params_(model.params[static_cast<std::size_t>(op_node.from.params)]),
        tensors_(tensors) {}

  tensor<std::int8_t> run() const {
    tensor<std::int8_t> dst(node_.shape);
    switch (node_.kind) {
      case op::input:
        break;  // the caller's
      case op::conv2d:
        run_conv2d(dst.view());
        break;
      case op::fully_connected:
        run_fully_connected(dst.view());
        break;
      case op::scale:
        run_scale(dst.view());
        break;
      case op::relu:
        reference::relu(src(0), dst.view());
        break;
      case op::clip:
        reference::clip(src(0), params_.clip, dst.view());
        break;
      case op::leaky_relu:
        reference::leaky_relu(src(0), params_.inputs[0], dst.view());
        break;
      case op::max_pool:
        reference::max_pool(src(0), pool(), dst.view());
        break;
      case op::avg_pool:
        reference::avg_pool(src(0), pool(), params_.divisors, dst.view());
        break;
      case op::add:
        reference::add(src(0), src(1), params_.add, node_.relu, dst.view());
        break;
      case op::concat:
        run_concat(dst.view());
        break;
    }
    return dst;
  }

 private:
  tensor_view<const std::int8_t> src(std::size_t operand) const {
    return tensors_[static_cast<std::size_t>(node_.src[operand])].view();
  }

  pool_params pool() const { return {node_.window, node_.rounding, node_.count_padding}; }

  octavo::filter<std::int32_t> filter() const {
    const auto index = static_cast<std::size_t>(node_.from.params);
    return {{params_.weights.data(), weights_shape(model_.graph, index)}, params_.bias};
  }

  void run_conv2d(tensor_view<std::int8_t> dst) const {
    const bool adds = node_.residual_operand >= 0;
    const conv_params conv = {node_.window, node_.groups, node_.relu && !adds};
    with_requantization(params_.requantize, [&](const auto& requantize) {
      reference::conv2d(src(0), filter(), conv, requantize, dst);
    });
    if (adds) add_residual(dst);
  }

  /// The convolution's result is an int8 before it is added: fused or not, it saturates there.
  void add_residual(tensor_view<std::int8_t> dst) const {
    const add_params& add = model_.params[static_cast<std::size_t>(node_.from.add)].add;
    const tensor_view<const std::int8_t> residual = src(1);
    if (node_.residual_operand == 0) {
      reference::add(residual, dst, add, node_.relu, dst);
    } else {
      reference::add(dst, residual, add, node_.relu, dst);
    }
  }

  void run_fully_connected(tensor_view<std::int8_t> dst) const {
    with_requantization(params_.requantize, [&](const auto& requantize) {
      reference::fully_connected(src(0), filter(), node_.relu, requantize, dst);
    });
  }

  void run_scale(tensor_view<std::int8_t> dst) const {
    const channel_scale<std::int32_t> scale = {params_.weights, params_.bias};
    with_requantization(params_.requantize, [&](const auto& requantize) {
      reference::scale(src(0), scale, node_.relu, requantize, dst);
    });
  }

  void run_concat(tensor_view<std::int8_t> dst) const {
    int channel = 0;
    for (std::size_t i = 0; i < node_.src.size(); ++i) {
      reference::concat(src(i), params_.inputs[i], channel, dst);
      channel += src(i).shape.c;
    }
  }

  const quantized_model& model_;
  const node& node_;
  const op_params& params_;
  const activations& tensors_;
};

}  // namespace detail

/// Runs `net`, the model's graph or a fused form of it, and returns every node's tensor. The model
/// has passed validate(); its one input node takes `input`.
/// @throws octavo::error where the input's shape is not the graph's.
template <class Nodes>
activations interpret(const quantized_model& model, const basic_graph<Nodes>& net,
                      const tensor<std::int8_t>& input) {
  activations tensors;
  tensors.reserve(net.size());
  for (const node& op_node : net) {
    if (op_node.kind == op::input) {
      require(input.shape == op_node.shape, "interpret: the input's shape is not the graph's");
      tensors.push_back(input);
    } else {
      tensors.push_back(detail::reference_step(model, op_node, tensors).run());
    }
  }
  return tensors;
}

/// Runs the model's own, unfused graph.
inline activations interpret(const quantized_model& model, const tensor<std::int8_t>& input) {
  return interpret(model, model.graph, input);
}

}  // namespace octavo::inline v0
