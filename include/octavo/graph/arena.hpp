// SPDX-License-Identifier: MIT
/// @file
/// The arena plan: where each tensor lies in one block of memory that tensors share over time.
///
///     address
///       ^   +-------+           A tensor lives from the op that writes it to the last op that
///       |   |  b    |---+       reads it. Two tensors may share addresses only where their lives
///       |   +---+---+ d |       do not meet.
///       |   | a |   +---+
///       |   +---+---| c |
///       +-----------+---+--> ops in execution order
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "octavo/core/align.hpp"
#include "octavo/graph/graph.hpp"

namespace octavo::inline v0 {

/// One tensor in the arena.
struct placement {
  std::int64_t offset = 0;  ///< bytes from the start
  std::int64_t size = 0;    ///< bytes, rounded up to the plan's alignment
  int first = 0;            ///< index of the node that writes it; 0 for an input
  int last = 0;             ///< index of the last node that reads it; past the end for an output

  friend constexpr bool operator==(const placement&, const placement&) = default;
};

/// Whether two tensors are alive at some op both.
constexpr bool same_time(const placement& a, const placement& b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Where every tensor of a graph lies.
template <class Nodes>
struct arena_plan {
  graph_list<Nodes, placement> tensors = {};  ///< one for each node of the graph, in its order
  std::int64_t size = 0;                      ///< bytes of the whole arena
};

/// The size of a tensor in plain NCHW: one byte for each element.
struct dense_size {
  constexpr std::int64_t operator()(const node& op_node, std::size_t /*index*/) const {
    return op_node.shape.elements();
  }
};

/// First write and last read of every tensor, with offsets still 0. size_of(node, index) is the
/// bytes that the node's tensor takes.
template <class Nodes, class SizeOf = dense_size>
constexpr graph_list<Nodes, placement> lifetimes(const basic_graph<Nodes>& net, int alignment,
                                                 const SizeOf& size_of = {}) {
  require(alignment >= 1, "arena: the alignment must be at least 1");
  graph_list<Nodes, placement> lives(net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    lives[i].size = align_up(size_of(net[i], i), std::int64_t{alignment});
    lives[i].last = static_cast<int>(i);
    lives[i].first = net[i].kind == op::input ? 0 : lives[i].last;  // filled before the run
    for (const int src : net[i].src) {
      lives[static_cast<std::size_t>(src)].last = static_cast<int>(i);
    }
  }
  for (const int output : net.outputs) {
    lives[static_cast<std::size_t>(output)].last = static_cast<int>(net.size());
  }
  return lives;
}

namespace detail {

/// The lowest offset at which `wanted` collides with none of `others`.
template <class List>
constexpr std::int64_t lowest_offset(const placement& wanted, const List& others) {
  std::int64_t offset = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (const placement& other : others) {
      const std::int64_t end = other.offset + other.size;
      if (offset >= end || other.offset >= offset + wanted.size) continue;
      offset = end;
      moved = true;
    }
  }
  return offset;
}

/// The tensors' indices, largest first; of two of the same size the earlier.
template <class Nodes>
constexpr graph_list<Nodes, int> largest_first(const graph_list<Nodes, placement>& tensors) {
  const auto size_of = [&](int i) { return tensors[static_cast<std::size_t>(i)].size; };
  graph_list<Nodes, int> order(tensors.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return size_of(a) != size_of(b) ? size_of(a) > size_of(b) : a < b;
  });
  return order;
}

}  // namespace detail

/// Places the tensors of a graph, largest first, each at the lowest offset that is free for its
/// whole life (ties: earlier node first). Not optimal in general, but for ResNet-50 in NCHW it
/// reaches the bound: the bytes alive at the widest op.
template <class Nodes, class SizeOf = dense_size>
constexpr arena_plan<Nodes> plan_arena(const basic_graph<Nodes>& net, int alignment = 64,
                                       const SizeOf& size_of = {}) {
  arena_plan<Nodes> plan{.tensors = lifetimes(net, alignment, size_of)};
  graph_list<Nodes, placement> placed = {};
  graph_list<Nodes, placement> met = {};  // those that live when it does
  for (const int next : detail::largest_first<Nodes>(plan.tensors)) {
    placement& tensor = plan.tensors[static_cast<std::size_t>(next)];
    met.resize(0);
    for (const placement& other : placed) {
      if (same_time(tensor, other)) met.push_back(other);
    }
    tensor.offset = detail::lowest_offset(tensor, met);
    placed.push_back(tensor);
    plan.size = std::max(plan.size, tensor.offset + tensor.size);
  }
  return plan;
}

/// The most bytes alive at any one op: no plan can be smaller.
template <class Nodes>
constexpr std::int64_t peak_live_bytes(const basic_graph<Nodes>& net, int alignment = 64) {
  const graph_list<Nodes, placement> lives = lifetimes(net, alignment);
  std::int64_t peak = 0;
  for (std::size_t now = 0; now < net.size(); ++now) {
    std::int64_t alive = 0;
    for (const placement& tensor : lives) {
      if (tensor.first <= static_cast<int>(now) && static_cast<int>(now) <= tensor.last) {
        alive += tensor.size;
      }
    }
    if (alive > peak) peak = alive;
  }
  return peak;
}

}  // namespace octavo::inline v0
