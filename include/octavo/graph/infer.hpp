// SPDX-License-Identifier: MIT
/// @file
/// What each kind of node demands of its inputs, and the shape it writes. The builder and the check
/// of graphs that come from files share these rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "octavo/core/real.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0::detail {

/// Taps of an int8 window whose accumulator fits int32 with a zero bias: K * 128 * 128 < 2^31.
inline constexpr std::int64_t tap_limit = 131071;

/// Refuses the node called `where` unless `rule` holds. The message is a literal in every call, so
/// that compilers quote it when a constant graph breaks the rule.
constexpr void demand(bool rule, const char* message, std::string_view where) {
  if (!rule) fail("graph: ", where, ": ", message);
}

constexpr void check_axis(int in, const window_axis& axis, std::string_view where) {
  const auto& [kernel, stride, dilation, before, after] = axis;
  demand(kernel >= 1 && kernel <= extent_limit, "the kernel must be in 1..2^24", where);
  demand(stride >= 1 && stride <= extent_limit, "the stride must be in 1..2^24", where);
  demand(dilation >= 1 && dilation <= extent_limit, "the dilation must be in 1..2^24", where);
  demand(before >= 0 && before <= extent_limit && after >= 0 && after <= extent_limit,
         "the padding must be in 0..2^24", where);
  const std::int64_t reach = std::int64_t{dilation} * (kernel - 1) + 1;
  demand(std::int64_t{in} + before + after >= reach, "the kernel is larger than the padded input",
         where);
}

constexpr void check_window(const window& w, const shape& in, std::string_view where) {
  check_axis(in.h, along_height(w), where);
  check_axis(in.w, along_width(w), where);
}

constexpr void check_conv2d(const node& conv, const shape& in) {
  const std::string_view where = conv.name;
  check_window(conv.window, in, where);
  demand(conv.shape.c >= 1, "a convolution needs at least one output channel", where);
  demand(conv.groups >= 1, "groups must be at least 1", where);
  demand(in.c % conv.groups == 0, "groups must divide the input channels", where);
  demand(conv.shape.c % conv.groups == 0, "groups must divide the output channels", where);
  const std::int64_t plane = std::int64_t{conv.window.kh} * conv.window.kw;
  demand(plane <= tap_limit && plane * (in.c / conv.groups) <= tap_limit,
         "the accumulator may overflow int32: ic/groups * kh * kw * 128 * 128 must stay below 2^31",
         where);
}

constexpr void check_fully_connected(const node& fc, const shape& in) {
  demand(fc.shape.c >= 1, "a fully connected layer needs at least one output", fc.name);
  demand(in.elements_per_image() <= tap_limit,
         "the accumulator may overflow int32: c * h * w * 128 * 128 must stay below 2^31", fc.name);
}

constexpr void check_pool(const node& pool, const shape& in) {
  const window& w = pool.window;
  const std::string_view where = pool.name;
  check_window(w, in, where);
  demand(w.dilation_h == 1 && w.dilation_w == 1, "a pool has no dilation", where);
  demand(w.pad.top < w.kh && w.pad.bottom < w.kh && w.pad.left < w.kw && w.pad.right < w.kw,
         "a pool's padding must be smaller than its kernel", where);
  demand(std::int64_t{w.kh} * w.kw < extent_limit, "a pool's window is limited to 2^24 pixels",
         where);
}

constexpr void check_concat(const node& concat, std::span<const node> before) {
  const shape& first = before[static_cast<std::size_t>(concat.src[0])].shape;
  std::int64_t channels = 0;
  for (const int i : concat.src) {
    const shape& in = before[static_cast<std::size_t>(i)].shape;
    demand(in.n == first.n && in.h == first.h && in.w == first.w,
           "concat: the inputs must agree in all but the channels", concat.name);
    channels += in.c;
  }
  demand(channels <= extent_limit, "concat: too many channels", concat.name);
}

/// How many inputs a kind reads, -1 for one or more.
constexpr int input_count(op kind) {
  if (kind == op::input) return 0;
  if (kind == op::add) return 2;
  return kind == op::concat ? -1 : 1;
}

constexpr void check_inputs(const node& op_node, std::span<const node> before) {
  const int expected = input_count(op_node.kind);
  const auto count = static_cast<int>(op_node.src.size());
  demand(expected >= 0 ? count == expected : count >= 1, "wrong number of inputs for its kind",
         op_node.name);
  for (const int i : op_node.src) {
    demand(i >= 0 && i < static_cast<int>(before.size()), "an input must be an earlier node",
           op_node.name);
  }
}

/// Names stand in tables, CSV files and maps as they are.
constexpr bool is_name(std::string_view text) {
  for (const char letter : text) {
    if (letter <= ' ' || letter > '~' || letter == ',') return false;
  }
  return true;
}

/// Checks the unfused node that is to follow `before`: everything but its own output shape.
/// @throws octavo::error naming the node and the rule it breaks.
constexpr void check_node(const node& op_node, std::span<const node> before) {
  demand(op_node.name.length > 0, "a node needs a name", "?");
  demand(is_name(op_node.name), "a name has printable ASCII characters, no blanks, no commas",
         op_node.name);
  demand(static_cast<int>(op_node.kind) < op_count, "no such kind of op", op_node.name);
  check_inputs(op_node, before);
  if (op_node.kind == op::input) {
    demand(op_node.shape.is_valid(),
           "the input's extents must be in 1..2^24, their product below 2^31", op_node.name);
    return;
  }
  const shape& in = before[static_cast<std::size_t>(op_node.src[0])].shape;
  switch (op_node.kind) {
    case op::conv2d:
      return check_conv2d(op_node, in);
    case op::fully_connected:
      return check_fully_connected(op_node, in);
    case op::max_pool:
    case op::avg_pool:
      return check_pool(op_node, in);
    case op::add:
      return demand(in == before[static_cast<std::size_t>(op_node.src[1])].shape,
                    "add: the inputs must have one shape", op_node.name);
    case op::concat:
      return check_concat(op_node, before);
    case op::clip:
      return demand(is_finite(op_node.lo) && is_finite(op_node.hi) && op_node.lo <= op_node.hi,
                    "clip: needs lo <= hi", op_node.name);
    case op::leaky_relu:
      return demand(is_finite(op_node.slope) && op_node.slope > 0, "leaky_relu: needs slope > 0",
                    op_node.name);
    case op::input:
    case op::scale:
    case op::relu:
      return;
  }
}

/// The shape that an unfused node writes, once check_node has passed it.
constexpr shape infer_shape(const node& op_node, std::span<const node> before) {
  if (op_node.kind == op::input) return op_node.shape;
  const shape& in = before[static_cast<std::size_t>(op_node.src[0])].shape;
  switch (op_node.kind) {
    case op::conv2d:
      return window_shape(in, op_node.shape.c, op_node.window);
    case op::fully_connected:
      return {in.n, op_node.shape.c, 1, 1};
    case op::max_pool:
    case op::avg_pool:
      return window_shape(in, in.c, op_node.window, op_node.rounding);
    case op::concat: {
      shape out = in;
      out.c = 0;
      for (const int i : op_node.src) out.c += before[static_cast<std::size_t>(i)].shape.c;
      return out;
    }
    case op::scale:
    case op::relu:
    case op::clip:
    case op::leaky_relu:
    case op::add:
    case op::input:  // returned above
      break;
  }
  return in;
}

/// Refuses an output that no layout here can address, once its shape is known.
constexpr void check_output(const node& op_node) {
  demand(op_node.shape.is_valid(),
         "the output's extents must be at most 2^24, their product below 2^31", op_node.name);
}

}  // namespace octavo::inline v0::detail
