// SPDX-License-Identifier: MIT
/// @file
/// A network as a value: nodes in execution order and the indices of those that are its outputs.
///
/// static_graph keeps its nodes in place and can be a constexpr constant; graph keeps them in a
/// std::vector, for networks that come from files. Everything that works on graphs works on both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "octavo/graph/node.hpp"

namespace octavo::inline v0 {

namespace detail {

/// A list of T of the same kind (in place, or on the heap) as a list of nodes.
template <class Nodes, class T>
struct list_like;

template <std::size_t Capacity, class T>
struct list_like<inline_vector<node, Capacity>, T> {
  using type = inline_vector<T, Capacity>;
};

template <class T>
struct list_like<std::vector<node>, T> {
  using type = std::vector<T>;
};

}  // namespace detail

/// A list of T as long as a graph may be.
template <class Nodes, class T>
using graph_list = typename detail::list_like<Nodes, T>::type;

/// Nodes in execution order; each reads only earlier ones. Made by graph_builder or by a loader.
template <class Nodes>
struct basic_graph {
  Nodes nodes = {};
  inline_vector<int, 16> outputs = {};  ///< indices of the nodes whose tensors are the results

  constexpr std::size_t size() const { return nodes.size(); }
  constexpr const node& operator[](std::size_t i) const { return nodes[i]; }
  constexpr const node* begin() const { return nodes.data(); }
  constexpr const node* end() const { return nodes.data() + nodes.size(); }
  constexpr std::span<const node> view() const& { return {nodes.data(), nodes.size()}; }
  constexpr std::span<const node> view() const&& = delete;  ///< it would outlive the nodes

  /// The index of the node with this name, or -1.
  constexpr int find(std::string_view wanted) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (nodes[i].name.view() == wanted) return static_cast<int>(i);
    }
    return -1;
  }

  constexpr bool is_output(int index) const {
    for (const int output : outputs) {
      if (output == index) return true;
    }
    return false;
  }

  friend constexpr bool operator==(const basic_graph&, const basic_graph&) = default;
};

/// A graph of at most `Capacity` nodes that can be a compile-time constant.
template <std::size_t Capacity>
using static_graph = basic_graph<inline_vector<node, Capacity>>;

/// A graph of any size.
using graph = basic_graph<std::vector<node>>;

/// The same network on the heap.
template <class Nodes>
graph to_graph(const basic_graph<Nodes>& net) {
  return {std::vector<node>(net.begin(), net.end()), net.outputs};
}

/// The index of the one input node that executors fill.
/// @throws octavo::error where the graph has none, or more than one.
template <class Nodes>
constexpr std::size_t sole_input(const basic_graph<Nodes>& net) {
  std::size_t found = net.size();
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (net[i].kind != op::input) continue;
    require(found == net.size(), "graph: has more than one input; executors take exactly one");
    found = i;
  }
  require(found < net.size(), "graph: has no input; executors take exactly one");
  return found;
}

/// The node whose threshold a tensor has: its own, or behind ops that keep their input's the one
/// before them.
template <class Nodes>
constexpr std::size_t threshold_owner(const basic_graph<Nodes>& net, std::size_t index) {
  while (keeps_threshold(net[index].kind)) index = static_cast<std::size_t>(net[index].src[0]);
  return index;
}

/// The shape of the weights of a node that has some.
template <class Nodes>
constexpr shape weights_shape(const basic_graph<Nodes>& net, std::size_t index) {
  return weights_shape(net[index], net.view());
}

/// Products that one accumulator of a node with weights sums up: ic / groups * kh * kw, K, or 1.
template <class Nodes>
constexpr std::int64_t taps(const basic_graph<Nodes>& net, std::size_t index) {
  return net[index].kind == op::scale ? 1 : weights_shape(net, index).elements_per_image();
}

/// Multiply-adds of the whole network: 3857973248 for ResNet-50 with Caffe's strides.
template <class Nodes>
constexpr std::int64_t multiply_adds(const basic_graph<Nodes>& net) {
  std::int64_t total = 0;
  for (const node& op_node : net) total += multiply_adds(op_node, net.view());
  return total;
}

}  // namespace octavo::inline v0
