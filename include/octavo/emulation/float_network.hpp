// SPDX-License-Identifier: MIT
/// @file
/// A float model in float32: what calibration observes and what quantized results are compared to.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "octavo/emulation/float_ops.hpp"
#include "octavo/graph/check.hpp"
#include "octavo/model/check_layer_sizes.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::emulation {

namespace detail {

/// Eigen cuts long sums into blocks that follow the cache sizes it detects, and so the last bits
/// of a float sum would differ between CPUs that run the same instructions. Fixed sizes, set once
/// for the process, fix the order.
inline void pin_block_sizes() {
  static const bool pinned = [] {
    Eigen::setCpuCacheSizes(32 << 10, 1 << 20, 4 << 20);
    return true;
  }();
  static_cast<void>(pinned);
}

inline std::vector<float> to_float(const std::vector<double>& from) {
  std::vector<float> to(from.size());
  std::transform(from.begin(), from.end(), to.begin(),
                 [](double value) { return static_cast<float>(value); });
  return to;
}

/// The last node that reads each tensor; its own index where none does.
inline std::vector<std::size_t> last_readers(const graph& net) {
  std::vector<std::size_t> last(net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    last[i] = i;
    for (const int read : net[i].src) last[static_cast<std::size_t>(read)] = i;
  }
  return last;
}

}  // namespace detail

/// A float model with its weights in float32, prepared once and run many times. Two threads may
/// run one network.
class float_network {
 public:
  /// @throws octavo::error where the graph is not a valid unfused one or weights do not fit it.
  explicit float_network(const float_model& model) : float_network(model, model.graph) {}

  /// The parameters of `model` on another form of its graph: another batch or image size.
  float_network(const float_model& model, octavo::graph net) : graph_(std::move(net)) {
    check(graph_);
    last_reader_ = detail::last_readers(graph_);
    require(model.params.size() == graph_.size(),
            "float model: expected one parameter set for each node");
    params_.reserve(graph_.size());
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      const float_params& from = model.params[i];
      if (has_weights(graph_[i].kind)) {
        octavo::detail::check_layer_sizes(from, graph_, i,
                                          concat_text("float model: ", graph_[i].name));
      }
      params_.push_back({detail::to_float(from.weights), detail::to_float(from.bias)});
    }
    detail::pin_block_sizes();
  }

  const octavo::graph& graph() const { return graph_; }

  /// Calls observe(node index, tensor) for every node in execution order. A tensor lives until its
  /// last reader has run. @throws octavo::error where the input's shape is not the graph's.
  template <class Observe>
  void run(const float_tensor& input, Observe&& observe) const {
    std::vector<float_tensor> tensors(graph_.size());
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      tensors[i] = run_node(i, tensors, input);
      observe(i, std::as_const(tensors[i]));
      for (const int read : graph_[i].src) {
        const auto source = static_cast<std::size_t>(read);
        if (last_reader_[source] == i) tensors[source] = {};
      }
      if (last_reader_[i] == i) tensors[i] = {};
    }
  }

 private:
  float_tensor run_node(std::size_t i, const std::vector<float_tensor>& tensors,
                        const float_tensor& input) const {
    const node& op_node = graph_[i];
    const auto operand = [&](std::size_t k) -> const float_tensor& {
      return tensors[static_cast<std::size_t>(op_node.src[k])];
    };
    switch (op_node.kind) {
      case op::input:
        require_shape(input.shape, op_node.shape, "float model: the input");
        return input;
      case op::conv2d:
        return conv2d(op_node, params_[i], operand(0));
      case op::fully_connected:
        return fully_connected(op_node, params_[i], operand(0));
      case op::scale:
        return scale(params_[i], operand(0));
      case op::relu:
        return map_elements(operand(0), [](float x) { return std::max(x, 0.0F); });
      case op::clip:
        return map_elements(
            operand(0), [lo = static_cast<float>(op_node.lo), hi = static_cast<float>(op_node.hi)](
                            float x) { return std::clamp(x, lo, hi); });
      case op::leaky_relu:
        return map_elements(operand(0), [slope = static_cast<float>(op_node.slope)](float x) {
          return x < 0 ? slope * x : x;
        });
      case op::max_pool:
        return max_pool(op_node, operand(0).view());
      case op::avg_pool:
        return avg_pool(op_node, operand(0));
      case op::add:
        return map_elements(operand(0), operand(1), [](float a, float b) { return a + b; });
      case op::concat:
        return join_channels(op_node, tensors, [](std::size_t, float x) { return x; });
    }
    fail("float model: ", op_node.name.view(), ": unknown op");
  }

  octavo::graph graph_;
  std::vector<std::size_t> last_reader_ = {};
  std::vector<float_weights> params_ = {};
};

/// Runs `net`, the model's graph or another form of it with the same nodes, and calls
/// observe(node index, tensor) in execution order.
template <class Nodes, class Observe>
void run_float(const float_model& model, const basic_graph<Nodes>& net, const float_tensor& input,
               Observe&& observe) {
  float_network(model, to_graph(net)).run(input, observe);
}

/// The same, returning the tensor of every node.
template <class Nodes>
std::vector<float_tensor> run_float(const float_model& model, const basic_graph<Nodes>& net,
                                    const float_tensor& input) {
  std::vector<float_tensor> tensors;
  tensors.reserve(net.size());
  run_float(model, net, input,
            [&](std::size_t, const float_tensor& tensor) { tensors.push_back(tensor); });
  return tensors;
}

}  // namespace octavo::inline v0::emulation
