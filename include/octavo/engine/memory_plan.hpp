// SPDX-License-Identifier: MIT
/// @file
/// The layout of every tensor of a network and its place in the arena: known from the graph alone,
/// the same for every instruction set, a constant for a constant graph.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "octavo/core/aligned.hpp"
#include "octavo/core/blocked.hpp"
#include "octavo/graph/arena.hpp"
#include "octavo/graph/fuse.hpp"

namespace octavo::inline v0 {

/// Whether a convolution has one input channel for each output channel.
constexpr bool is_depthwise(const node& conv, const shape& src) {
  return conv.groups > 1 && conv.groups == src.c && conv.shape.c == src.c;
}

namespace detail {

/// A border is memory: where the images would grow beyond 16 times their pixels and 2^16 more,
/// padding is not made part of the tensor.
constexpr bool border_fits(const shape& image, const padding& pad) {
  const std::int64_t rows = std::int64_t{image.h} + pad.top + pad.bottom;
  const std::int64_t columns = std::int64_t{image.w} + pad.left + pad.right;
  const std::int64_t limit = 16 * std::int64_t{image.n} * image.h * image.w + (1 << 16);
  return rows <= limit / image.n / columns;
}

}  // namespace detail

/// The layout of every tensor and its place.
template <class Nodes>
struct memory_plan {
  graph_list<Nodes, blocked_layout> layouts = {};  ///< one for each node
  /// Convolutions whose padding is not in their source's border: no kernel has them, the reference
  /// executes them, and describe() says so.
  graph_list<Nodes, bool> by_reference = {};
  arena_plan<Nodes> arena = {};
  std::int64_t scratch = 0;  ///< bytes behind the tensors, for what the reference executes

  constexpr std::int64_t bytes() const { return arena.size + scratch; }
};

namespace detail {

constexpr padding largest(const padding& a, const padding& b) {
  return {std::max(a.top, b.top), std::max(a.left, b.left), std::max(a.bottom, b.bottom),
          std::max(a.right, b.right)};
}

/// Whether the columns of the window that a node reads lie together where its source is narrow.
constexpr bool takes_columns_as_channels(const node& reader) {
  return reader.kind == op::conv2d && reader.groups == 1 && reader.window.dilation_w == 1;
}

/// Blocks by channels, borders by what the readers of each tensor pad, in their order. An input of
/// up to 4 channels is narrow where all its readers can take it so.
template <class Nodes>
constexpr void plan_layouts(const basic_graph<Nodes>& net, memory_plan<Nodes>& plan) {
  graph_list<Nodes, blocked_layout>& layouts = plan.layouts;
  layouts = graph_list<Nodes, blocked_layout>(net.size());
  plan.by_reference = graph_list<Nodes, bool>(net.size());
  graph_list<Nodes, bool> narrow(net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    layouts[i].shape = net[i].shape;
    layouts[i].block = choose_block(net[i].shape.c);
    narrow[i] = net[i].kind == op::input && net[i].shape.c <= 4;
  }
  for (std::size_t at = 0; at < net.size(); ++at) {
    const node& reader = net[at];
    for (std::size_t k = 0; k < reader.src.size(); ++k) {
      const auto i = static_cast<std::size_t>(reader.src[k]);
      narrow[i] = narrow[i] && k == 0 && takes_columns_as_channels(reader);
    }
    if (reader.kind != op::conv2d) continue;
    const auto src = static_cast<std::size_t>(reader.src[0]);
    const padding border = largest(layouts[src].border, reader.window.pad);
    plan.by_reference[at] = !border_fits(net[src].shape, border);
    if (!plan.by_reference[at]) layouts[src].border = border;
  }
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (narrow[i]) layouts[i].block = net[i].shape.c;
  }
}

/// Bytes that the reference needs for one node: its operands and its output in NCHW.
template <class Nodes>
constexpr std::int64_t reference_bytes(const basic_graph<Nodes>& net, const node& op_node) {
  const std::int64_t line = cache_line;
  std::int64_t bytes = align_up(op_node.shape.elements(), line);
  for (const int src : op_node.src) {
    bytes += align_up(net[static_cast<std::size_t>(src)].shape.elements(), line);
  }
  return bytes;
}

}  // namespace detail

/// Plans the memory of a graph that is executed node by node as it is.
template <class Nodes>
constexpr memory_plan<Nodes> plan_memory(const basic_graph<Nodes>& net) {
  memory_plan<Nodes> plan;
  detail::plan_layouts(net, plan);
  const auto size_of = [&](const node&, std::size_t i) { return plan.layouts[i].bytes(); };
  plan.arena = plan_arena(net, static_cast<int>(cache_line), size_of);
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!plan.by_reference[i]) continue;
    plan.scratch = std::max(plan.scratch, detail::reference_bytes(net, net[i]));
  }
  return plan;
}

}  // namespace octavo::inline v0
