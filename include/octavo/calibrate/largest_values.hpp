// SPDX-License-Identifier: MIT
/// @file
/// Tensors whose largest values decide: their thresholds are no compromise.
///
/// A threshold below the largest magnitude makes the rounding of all values finer and costs the few
/// largest ones something. For a network's outputs that is a bad bargain: the largest logit is the
/// answer, and where several saturate there is none. In front of an average over the whole map it
/// is one as well: the roundings of its pixels are independent and cancel, what saturation takes
/// away all has one sign and stays.
#pragma once

#include <cstddef>
#include <vector>

#include "octavo/calibrate/statistics.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/core/error.hpp"
#include "octavo/graph/graph.hpp"

namespace octavo::inline v0 {

namespace detail {

/// Whether an average pool makes one pixel of the whole map.
inline bool averages_whole_map(const graph& net, const node& pool) {
  if (pool.kind != op::avg_pool) return false;
  const shape& src = net[static_cast<std::size_t>(pool.src[0])].shape;
  return pool.shape.h == 1 && pool.shape.w == 1 && pool.window.kh >= src.h &&
         pool.window.kw >= src.w && src.h * src.w > 1;
}

}  // namespace detail

/// Of each node: whether its tensor is the source of an average pool over the whole map, or has a
/// way to one on which every tensor has the same height and width.
inline std::vector<bool> averaged_tensors(const graph& net) {
  std::vector<bool> averaged(net.size());
  for (std::size_t i = net.size(); i-- > 0;) {
    const node& op_node = net[i];
    const bool whole = detail::averages_whole_map(net, op_node);
    if (!whole && !averaged[i]) continue;
    for (const int src : op_node.src) {
      const shape& from = net[static_cast<std::size_t>(src)].shape;
      const bool same_map = from.h == op_node.shape.h && from.w == op_node.shape.w;
      if (whole || same_map) averaged[static_cast<std::size_t>(src)] = true;
    }
  }
  return averaged;
}

/// An output's threshold is so many times the largest magnitude seen: pictures to come have larger
/// logits than a few dozen had, and where two of them saturate neither is the answer.
inline constexpr double output_room = 1.25;

/// Gives the averaged tensors the largest magnitude that was seen of them as their threshold, and
/// the outputs `output_room` times theirs.
/// @param histograms of the nodes of `net`, as collect_histograms() makes them
inline void keep_largest_values(const graph& net, const tensor_histograms& histograms,
                                calibration_table& table) {
  require(histograms.size() == net.size(), "keep_largest_values: expected one histogram a node");
  const std::vector<bool> averaged = averaged_tensors(net);
  for (std::size_t i = 0; i < net.size(); ++i) {
    const bool output = net.is_output(static_cast<int>(i));
    if (!averaged[i] && !output) continue;
    table.set(histograms.names()[i], histograms[i].max * (output ? output_room : 1));
  }
}

}  // namespace octavo::inline v0
