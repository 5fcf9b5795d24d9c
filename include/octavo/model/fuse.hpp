// SPDX-License-Identifier: MIT
/// @file
/// Fusion of a quantized model's graph: with its integers, some clips need no op of their own.
#pragma once

#include <cstddef>
#include <vector>

#include "octavo/graph/fuse.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0 {

namespace detail {

/// What a node of the model's graph does to what it reads. Limits 0 and 127 are a relu: the usual
/// ones of relu6, whose tensors have thresholds of at most 6. Between -128 and 127 lies every int8.
inline follow_up follow_up_in(const quantized_model& model, const node& op_node) {
  if (op_node.kind != op::clip) return follow_up_of(op_node);
  const clip_params& limits = model.params[static_cast<std::size_t>(op_node.from.params)].clip;
  if (limits == clip_params{0, 127}) return follow_up::relu;
  return limits == clip_params{-128, 127} ? follow_up::copy : follow_up::other;
}

}  // namespace detail

/// The graph of a model, which has passed validate(), fused as fuse() of graph/fuse.hpp says. A
/// clip to 0..127 is fused exactly where a relu would be. One to -128..127 goes into whatever can
/// have a relu, also behind a relu that is there already, and leaves of itself the name of its
/// tensor. Others stand alone.
[[nodiscard]] inline graph fuse(const quantized_model& model, fusion level = fusion::relu_add) {
  return detail::fuse_by(model.graph, level,
                         [&](const node& op_node) { return detail::follow_up_in(model, op_node); });
}

}  // namespace octavo::inline v0
