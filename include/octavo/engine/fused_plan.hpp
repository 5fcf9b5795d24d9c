// SPDX-License-Identifier: MIT
/// @file
/// The graph that an engine executes, and its memory: never more than the graph alone says.
#pragma once

#include <vector>

#include "octavo/engine/batch_plan.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0 {

/// A fused graph and how a batch goes through it.
struct fused_plan {
  octavo::graph net = {};
  batch_plan<std::vector<node>> batch = {};
};

/// Fuses a model, which has passed validate(), up to `level`, for groups of as many images as
/// plan_batch() gives its graph. A fused clip saves its tensor, as a rule; but the op that does its
/// work runs where it stood, and keeps its own operands until then. Where that takes more memory,
/// no clip is fused, so that engine_bytes(), which knows no model, is always enough.
inline fused_plan plan_fused(const quantized_model& model, fusion level, int images_at_once) {
  fused_plan alone = {fuse(model.graph, level), {}};
  alone.batch = plan_batch(alone.net, images_at_once);
  fused_plan clips = {fuse(model, level), {}};
  if (clips.net == alone.net) return alone;
  const int images = alone.batch.group[sole_input(alone.net)].shape.n;
  clips.batch = plan_batch(clips.net, images);
  return clips.batch.bytes <= alone.batch.bytes ? clips : alone;
}

}  // namespace octavo::inline v0
