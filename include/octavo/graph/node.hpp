// SPDX-License-Identifier: MIT
/// @file
/// One op of a network and the tensor it writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "octavo/core/fixed_string.hpp"
#include "octavo/core/inline_vector.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/core/window.hpp"

namespace octavo::inline v0 {

/// What a node does: SPECIFICATION.md 1.4. The numbers stand in files.
enum class op : std::uint8_t {
  input,
  conv2d,
  fully_connected,
  scale,
  relu,
  clip,
  leaky_relu,
  max_pool,
  avg_pool,
  add,
  concat,
};

/// Enumerators of op.
inline constexpr int op_count = 11;

/// The name of the enumerator. `kind` is one.
constexpr std::string_view to_string(op kind) {
  constexpr std::string_view names[op_count] = {"input",    "conv2d", "fully_connected", "scale",
                                                "relu",     "clip",   "leaky_relu",      "max_pool",
                                                "avg_pool", "add",    "concat"};
  return names[static_cast<std::size_t>(kind)];
}

/// Ops that carry weights, a bias and a requantization.
constexpr bool has_weights(op kind) {
  return kind == op::conv2d || kind == op::fully_connected || kind == op::scale;
}

/// Ops that write int8 values on their input's scale: they have no threshold of their own.
constexpr bool keeps_threshold(op kind) {
  return kind == op::relu || kind == op::clip || kind == op::leaky_relu || kind == op::max_pool;
}

/// Which ops of the unfused graph a node computes. Parameters, thresholds and names of tensors
/// belong to the unfused graph; a fused node finds them through these indices.
struct origin {
  int tensor = 0;  ///< the op whose output this node writes: the last of those fused into it
  int params = 0;  ///< the op whose parameters it starts with
  int add = -1;    ///< the add fused behind a convolution, or -1

  friend constexpr bool operator==(const origin&, const origin&) = default;
};

/// One op, the tensors it reads and the tensor it writes. Fields that its kind does not use keep
/// their defaults.
struct node {
  op kind = op::input;
  node_name name = {};             ///< of the op and of its output tensor
  octavo::shape shape = {};        ///< of its output; fully connected: {n, channels, 1, 1}
  inline_vector<int, 8> src = {};  ///< indices of the nodes it reads, each smaller than its own

  octavo::window window = {};                     ///< conv2d, max_pool, avg_pool
  int groups = 1;                                 ///< conv2d
  size_rounding rounding = size_rounding::floor;  ///< max_pool, avg_pool
  bool count_padding = false;                     ///< avg_pool
  double lo = 0;                                  ///< clip: real limits
  double hi = 0;
  double slope = 0;  ///< leaky_relu: real slope of the negative side, > 0

  bool relu = false;  ///< a relu is fused behind it (conv2d, fully_connected, scale, add)
  /// conv2d with an add fused behind it: src[1] is the other operand, and this says which of the
  /// add's two operands that is (0 or 1); -1 where no add is fused.
  int residual_operand = -1;
  octavo::origin from = {};

  friend constexpr bool operator==(const node&, const node&) = default;
};

/// Whether an op lets nothing below 0 pass: relu, or a clip from 0 on such as relu6.
constexpr bool starts_at_zero(const node& op_node) {
  return op_node.kind == op::relu || (op_node.kind == op::clip && op_node.lo == 0);
}

/// The shape of the weights of a node that has some: {oc, ic / groups, kh, kw}, {channels, K, 1, 1}
/// or, of scale, {1, c, 1, 1}.
constexpr shape weights_shape(const node& op_node, std::span<const node> nodes) {
  const shape& in = nodes[static_cast<std::size_t>(op_node.src[0])].shape;
  switch (op_node.kind) {
    case op::conv2d:
      return {op_node.shape.c, in.c / op_node.groups, op_node.window.kh, op_node.window.kw};
    case op::fully_connected:
      return {op_node.shape.c, static_cast<int>(in.elements_per_image()), 1, 1};
    case op::scale:  // one a channel; the others have none
    case op::input:
    case op::relu:
    case op::clip:
    case op::leaky_relu:
    case op::max_pool:
    case op::avg_pool:
    case op::add:
    case op::concat:
      break;
  }
  return {1, op_node.shape.c, 1, 1};
}

/// Multiply-adds of one node for the whole batch; 0 for ops that have none.
constexpr std::int64_t multiply_adds(const node& op_node, std::span<const node> nodes) {
  if (op_node.kind != op::conv2d && op_node.kind != op::fully_connected) return 0;
  return op_node.shape.elements() * weights_shape(op_node, nodes).elements_per_image();
}

}  // namespace octavo::inline v0
