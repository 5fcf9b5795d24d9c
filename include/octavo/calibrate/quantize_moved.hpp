// SPDX-License-Identifier: MIT
/// @file
/// The quantizer for networks whose tensors are moved (calibrate/full_range.hpp).
///
/// A layer that reads x - t adds t * sum(W) to its bias. What it multiplies are the rounded weights
/// Wq, so that it has to be t * sum(Wq): otherwise all rounding errors of an output's weights,
/// times 128, would shift it. Bias correction finds as much by itself, from pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/calibrate/correct_layer.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/core/real.hpp"
#include "octavo/model/channel_classes.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantize.hpp"

namespace octavo::inline v0 {

/// As quantize(), with the biases of layers that read moved tensors exact for the rounded weights.
/// @param source with its tensors moved as `moves` says
inline quantized_model quantize_moved(const float_model& source, const tensor_moves& moves,
                                      std::span<const double> thresholds,
                                      std::span<const scheme> kinds) {
  quantized_model made = quantize(source, thresholds, kinds);
  require(moves.share.size() == made.graph.size(), "quantize_moved: expected one move a node");
  for (std::size_t i = 0; i < made.graph.size(); ++i) {
    if (!has_weights(made.graph[i].kind)) continue;
    const auto src = static_cast<std::size_t>(made.graph[i].src[0]);
    if (moves.share[src] == 0) continue;
    op_params& params = made.params[i];
    const detail::accumulator_units units(source.params[i], params.requantize, thresholds[src],
                                          thresholds[i]);
    const std::size_t count = params.weights.size() / params.bias.size();
    for (std::size_t oc = 0; oc < params.bias.size(); ++oc) {
      double too_large = 0;  // the rounded weights' sum, less that of the real ones
      for (std::size_t k = oc * count; k < (oc + 1) * count; ++k) {
        too_large += params.weights[k] - units.weight(k, oc);
      }
      const detail::integer_grid grid =
          detail::bias_grid(kinds[i], params.requantize, oc, taps(made.graph, i));
      const double moved_by = 128 * moves.share[src];
      params.bias[oc] =
          static_cast<std::int32_t>(grid.nearest(params.bias[oc] + product(moved_by, too_large)));
    }
  }
  validate(made);
  return made;
}

}  // namespace octavo::inline v0
