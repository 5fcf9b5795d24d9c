// SPDX-License-Identifier: MIT
/// @file
/// Writes a graph op by op, infers every shape and refuses what does not fit: at compile time where
/// the graph is a constant, with octavo::error otherwise.
///
///     constexpr auto net = [] {
///       octavo::static_graph_builder<8> b;
///       auto x = b.input("data", {1, 3, 32, 32});
///       x = b.conv2d("conv1", x, {.channels = 16, .window = octavo::square(3, 1, 1)});
///       x = b.relu("relu1", x);
///       x = b.fully_connected("fc", x, 10);
///       return b.finish(x);
///     }();
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>

#include "octavo/graph/graph.hpp"
#include "octavo/graph/infer.hpp"

namespace octavo::inline v0 {

/// A tensor of the graph being built: what an op returns and the next one reads.
struct [[nodiscard("it is what the next op reads: else nobody reads the node")]] tensor_id {
  int index = -1;
};

/// What a convolution of a graph is told.
struct conv2d_options {
  int channels = 0;  ///< output channels
  octavo::window window = {};
  int groups = 1;
};

/// @tparam Nodes inline_vector<node, N> or std::vector<node>
template <class Nodes>
class graph_builder {
 public:
  /// The network's input: int8, quantized with this tensor's threshold.
  constexpr tensor_id input(node_name name, const shape& shape) {
    node added{.kind = op::input, .name = name, .shape = shape};
    return append(added, {});
  }

  /// Weights are {channels, c / groups, kh, kw}; the padding is zeros.
  constexpr tensor_id conv2d(node_name name, tensor_id src, const conv2d_options& options) {
    node added{.kind = op::conv2d, .name = name, .shape = {1, options.channels, 1, 1}};
    added.window = options.window;
    added.groups = options.groups;
    return append(added, {src});
  }

  /// Reads its input flattened: one row of c * h * w values for each image.
  constexpr tensor_id fully_connected(node_name name, tensor_id src, int channels) {
    return append({.kind = op::fully_connected, .name = name, .shape = {1, channels, 1, 1}}, {src});
  }

  /// One weight and one bias for each channel.
  constexpr tensor_id scale(node_name name, tensor_id src) {
    return append({.kind = op::scale, .name = name}, {src});
  }

  /// max(x, 0)
  constexpr tensor_id relu(node_name name, tensor_id src) {
    return append({.kind = op::relu, .name = name}, {src});
  }

  /// Clamp to the real numbers [lo, hi]; relu6 is clip(0, 6).
  constexpr tensor_id clip(node_name name, tensor_id src, double lo, double hi) {
    node added{.kind = op::clip, .name = name};
    added.lo = lo;
    added.hi = hi;
    return append(added, {src});
  }

  /// x where x >= 0, else slope * x; slope > 0.
  constexpr tensor_id leaky_relu(node_name name, tensor_id src, double slope) {
    node added{.kind = op::leaky_relu, .name = name};
    added.slope = slope;
    return append(added, {src});
  }

  /// The largest value of each window; padding is no value.
  constexpr tensor_id max_pool(node_name name, tensor_id src, const pool_params& params) {
    return pool(op::max_pool, name, src, params);
  }

  /// The mean of each window; count_padding says whether over the padding too.
  constexpr tensor_id avg_pool(node_name name, tensor_id src, const pool_params& params) {
    return pool(op::avg_pool, name, src, params);
  }

  /// The sum of two tensors of one shape.
  constexpr tensor_id add(node_name name, tensor_id a, tensor_id b) {
    return append({.kind = op::add, .name = name}, {a, b});
  }

  /// One tensor after the other along the channels.
  constexpr tensor_id concat(node_name name, std::initializer_list<tensor_id> src) {
    return append({.kind = op::concat, .name = name}, src);
  }
  /// The same of a list of any length.
  constexpr tensor_id concat(node_name name, std::span<const tensor_id> src) {
    return append({.kind = op::concat, .name = name}, src);
  }

  /// Valid until the next op. @throws octavo::error where there is no such tensor.
  constexpr const octavo::shape& shape_of(tensor_id tensor) const {
    const bool known = tensor.index >= 0 && static_cast<std::size_t>(tensor.index) < net_.size();
    detail::demand(known, "there is no such tensor", node_name("shape_of"));
    return net_.nodes[static_cast<std::size_t>(tensor.index)].shape;
  }

  /// The graph with these outputs.
  [[nodiscard]] constexpr basic_graph<Nodes> finish(std::span<const tensor_id> outputs) {
    for (const tensor_id output : outputs) {
      require(output.index >= 0 && output.index < static_cast<int>(net_.size()),
              "graph: an output must be a tensor of this graph");
      net_.outputs.push_back(output.index);
    }
    require(net_.outputs.size() > 0, "graph: needs at least one output");
    return net_;
  }
  /// The same of outputs in braces.
  [[nodiscard]] constexpr basic_graph<Nodes> finish(std::initializer_list<tensor_id> outputs) {
    return finish(std::span<const tensor_id>(outputs.begin(), outputs.size()));
  }
  /// The same of one output.
  [[nodiscard]] constexpr basic_graph<Nodes> finish(tensor_id output) { return finish({output}); }

 private:
  constexpr tensor_id pool(op kind, node_name name, tensor_id src, const pool_params& params) {
    node added{.kind = kind, .name = name};
    added.window = params.window;
    added.rounding = params.rounding;
    added.count_padding = kind == op::avg_pool && params.count_padding;
    return append(added, {src});
  }

  constexpr tensor_id append(node added, std::initializer_list<tensor_id> src) {
    return append(added, std::span<const tensor_id>(src.begin(), src.size()));
  }

  constexpr tensor_id append(node added, std::span<const tensor_id> src) {
    const auto index = static_cast<int>(net_.size());
    for (const tensor_id tensor : src) added.src.push_back(tensor.index);
    detail::check_node(added, net_.view());
    detail::demand(net_.find(added.name) < 0, "two nodes have this name", added.name);
    added.shape = detail::infer_shape(added, net_.view());
    detail::check_output(added);
    added.from = {.tensor = index, .params = index, .add = added.kind == op::add ? index : -1};
    net_.nodes.push_back(added);
    return {index};
  }

  basic_graph<Nodes> net_ = {};
};

/// Builds a graph of at most `Capacity` nodes, at compile time if you like.
template <std::size_t Capacity>
using static_graph_builder = graph_builder<inline_vector<node, Capacity>>;

}  // namespace octavo::inline v0
