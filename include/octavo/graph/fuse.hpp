// SPDX-License-Identifier: MIT
/// @file
/// Fusion: a graph-to-graph step that puts cheap ops behind the op that feeds them. It changes no
/// byte of any tensor that remains.
#pragma once

#include <cstddef>

#include "octavo/graph/graph.hpp"

namespace octavo::inline v0 {

/// How far relu and add go into the ops that feed them. The bytes do not depend on it.
enum class fusion {
  none,      ///< the graph as it is
  relu,      ///< relu behind conv2d, fully_connected, scale, add: the TPU's own fused form
  relu_add,  ///< also add (and its relu) behind a conv2d
};

namespace detail {

/// How often each tensor is read; an output of the graph counts as one more reader.
template <class Nodes>
constexpr graph_list<Nodes, int> count_readers(const basic_graph<Nodes>& net) {
  graph_list<Nodes, int> readers(net.size());
  for (const node& op_node : net) {
    for (const int i : op_node.src) ++readers[static_cast<std::size_t>(i)];
  }
  for (const int output : net.outputs) ++readers[static_cast<std::size_t>(output)];
  return readers;
}

/// What an op does to the int8 tensor that it reads, as far as its producer can do the same.
enum class follow_up {
  other,
  relu,  ///< max(0, .)
  copy,  ///< nothing: whoever writes an int8 has saturated it
};

/// As far as the graph alone tells: of a clip it has no integers.
constexpr follow_up follow_up_of(const node& op_node) {
  return op_node.kind == op::relu ? follow_up::relu : follow_up::other;
}

/// Whether `producer`, with what is fused into it already, can do this too. A second relu stands
/// alone.
constexpr bool takes(const node& producer, follow_up next) {
  if (next == follow_up::other || (next == follow_up::relu && producer.relu)) return false;
  return has_weights(producer.kind) || producer.kind == op::add;
}

/// `producer` that does what `next` did, named as it.
constexpr node fuse_follow_up(const node& producer, const node& next, follow_up kind) {
  node fused = producer;
  fused.name = next.name;
  fused.relu = producer.relu || kind == follow_up::relu;
  fused.from.tensor = next.from.tensor;
  return fused;
}

/// The operand of an add (0 or 1) whose convolution can take the add, or -1. Of two candidates the
/// later one: nodes are in execution order, so that when it runs the other operand has been
/// computed. A convolution that has a relu or an add behind it already cannot: theirs come first.
template <class Nodes>
constexpr int fusible_operand(const graph_list<Nodes, node>& merged, const node& add,
                              const graph_list<Nodes, int>& readers) {
  int best = -1;
  for (int operand = 0; operand < 2; ++operand) {
    const auto i = static_cast<std::size_t>(add.src[static_cast<std::size_t>(operand)]);
    const node& conv = merged[i];
    const bool plain = conv.kind == op::conv2d && !conv.relu && conv.residual_operand < 0;
    if (!plain || readers[i] != 1) continue;
    if (best < 0 ||
        add.src[static_cast<std::size_t>(operand)] > add.src[static_cast<std::size_t>(best)]) {
      best = operand;
    }
  }
  return best;
}

/// `conv` with the add at the end of its epilogue, named and shaped as the add.
constexpr node fuse_add(const node& conv, const node& add, int conv_operand) {
  node fused = conv;
  fused.name = add.name;
  fused.residual_operand = 1 - conv_operand;
  fused.src.push_back(add.src[static_cast<std::size_t>(fused.residual_operand)]);
  fused.from.add = add.from.add;
  fused.from.tensor = add.from.tensor;
  return fused;
}

/// The nodes that are not `absorbed` by a later one, with the indices of what they read as they are
/// then. `net` says which nodes are its outputs.
template <class Nodes>
constexpr basic_graph<Nodes> without_absorbed(const basic_graph<Nodes>& net,
                                              const graph_list<Nodes, node>& merged,
                                              const graph_list<Nodes, bool>& absorbed) {
  basic_graph<Nodes> kept = {};
  graph_list<Nodes, int> place(net.size());  // where node i went
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (absorbed[i]) continue;
    place[i] = static_cast<int>(kept.size());
    node moved = merged[i];
    for (int& src : moved.src) src = place[static_cast<std::size_t>(src)];
    kept.nodes.push_back(moved);
  }
  for (const int output : net.outputs) {
    kept.outputs.push_back(place[static_cast<std::size_t>(output)]);
  }
  return kept;
}

/// The walk of fuse(). follow_up_of(node) says what each node does to what it reads.
template <class Nodes, class FollowUpOf>
constexpr basic_graph<Nodes> fuse_by(const basic_graph<Nodes>& net, fusion level,
                                     const FollowUpOf& follow_up_of) {
  if (level == fusion::none) return net;
  const graph_list<Nodes, int> readers = count_readers(net);
  graph_list<Nodes, node> merged(net.size());    // node i with all that is fused into it so far
  graph_list<Nodes, bool> absorbed(net.size());  // node i lives on inside a later one
  for (std::size_t i = 0; i < net.size(); ++i) {
    const node& op_node = net[i];
    merged[i] = op_node;
    const follow_up kind = follow_up_of(op_node);
    if (kind != follow_up::other) {
      const auto producer = static_cast<std::size_t>(op_node.src[0]);
      if (readers[producer] != 1 || !takes(merged[producer], kind)) continue;
      merged[i] = fuse_follow_up(merged[producer], op_node, kind);
      absorbed[producer] = true;
    } else if (op_node.kind == op::add && level == fusion::relu_add) {
      const int operand = fusible_operand<Nodes>(merged, op_node, readers);
      if (operand < 0) continue;
      const auto conv = static_cast<std::size_t>(op_node.src[static_cast<std::size_t>(operand)]);
      merged[i] = fuse_add(merged[conv], op_node, operand);
      absorbed[conv] = true;
    }
  }
  return without_absorbed(net, merged, absorbed);
}

}  // namespace detail

/// The graph with ops fused as far as `level` says. A fused node stands where the last of its ops
/// stood and bears its name; `from` says which unfused ops it computes. An op is fused into its
/// producer only where nobody else reads the tensor between them. A clip never is: which integers
/// its limits are, a model knows (model/fuse.hpp).
template <class Nodes>
[[nodiscard]] constexpr basic_graph<Nodes> fuse(const basic_graph<Nodes>& net,
                                                fusion level = fusion::relu_add) {
  return detail::fuse_by(net, level, detail::follow_up_of);
}

}  // namespace octavo::inline v0
