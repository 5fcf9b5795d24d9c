// SPDX-License-Identifier: MIT
/// @file
/// What the records of a command buffer describe: nodes of a graph and their integers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/model/quantized_model.hpp"
#include "octavo/tpu/command_record.hpp"

namespace octavo::inline v0::tpu::detail {

/// The threshold of every tensor of a rebuilt model: one for which an int8 stands for itself, so
/// that the real limits of a clip are its integers.
inline constexpr double rebuilt_threshold = 128;

/// A row of the weight image and the record that names its address.
struct placed_row {
  weight_row row;
  std::size_t record;
  std::string_view field;
};

/// What records describe: a network without its weights.
struct command_network {
  octavo::graph graph = {};                  ///< unfused; names op0, op1 ... of the records
  std::vector<op_params> params = {};        ///< of each node, without the image's
  std::vector<std::int64_t> addresses = {};  ///< of each node's tensor, -1 where it has none
  std::vector<placed_row> weights = {};
};

/// The node of a record, without its inputs, shape and relu.
inline node node_of(const command_record& record, std::string_view name) {
  node made{.kind = static_cast<op>(record.opcode), .name = name};
  const bool pools = made.kind == op::max_pool || made.kind == op::avg_pool;
  if (pools || made.kind == op::conv2d) made.window = record.window;
  if (made.kind == op::conv2d) made.groups = record.groups;
  made.rounding = static_cast<size_rounding>(record.rounding);
  made.count_padding = record.count_padding != 0;
  made.lo = record.clip_lo;
  made.hi = record.clip_hi;
  if (made.kind == op::leaky_relu) made.slope = std::ldexp(record.multiplier[0], -record.shift);
  return made;
}

/// The integers that stand in the record itself.
inline op_params params_of(const command_record& record) {
  op_params params;
  const auto kind = static_cast<op>(record.opcode);
  if (has_weights(kind)) {
    params.requantize.kind = static_cast<policy>(record.policy);
    params.requantize.shift = {record.shift};
  }
  if (kind == op::add) params.add = {{record.multiplier[0], record.multiplier[1]}, record.shift};
  if (kind == op::leaky_relu) params.multipliers = {{record.multiplier[0], record.shift}};
  if (kind == op::clip) params.clip = {record.clip_lo, record.clip_hi};
  return params;
}

/// How messages show shapes and windows.
inline std::string text_of(const shape& extents) {
  return concat_text(extents.n, "x", extents.c, "x", extents.h, "x", extents.w);
}

inline std::string text_of(const window& w) {
  return concat_text("window ", w.kh, "x", w.kw, ", strides ", w.stride_h, " ", w.stride_w,
                     ", dilation ", w.dilation_h, " ", w.dilation_w, ", padding ", w.pad.top, " ",
                     w.pad.left, " ", w.pad.bottom, " ", w.pad.right);
}

}  // namespace octavo::inline v0::tpu::detail
