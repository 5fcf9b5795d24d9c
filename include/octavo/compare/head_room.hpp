// SPDX-License-Identifier: MIT
/// @file
/// What the weights of each layer say before anything runs: how far its accumulators stay inside
/// int32, which channels are dead, how many weights lie at the ends of int8.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "octavo/compare/text.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::compare {

/// One conv2d, fully_connected or scale.
struct layer_head_room {
  std::string name = {};
  octavo::op kind = op::conv2d;
  /// No accumulator, nor what rounding adds to it, is larger in magnitude, whatever the image: the
  /// largest over output channels of |bias| + 128 * sum|weights| + 2^(r-1), the last term for the
  /// rshift policies with r > 0 alone. (SPECIFICATION 1.2's bound with the weights that are there
  /// in place of 128.)
  std::int64_t bound = 0;
  int channel = 0;  ///< the output channel that has it, the first of several
  int channels = 0;
  int dead_channels = 0;  ///< all of whose weights are 0
  std::int64_t weights = 0;
  std::int64_t extreme_weights = 0;  ///< at -128, -127 or 127

  /// Bits below int32's 2^31: log2(2^31 / bound), 31 where the bound is 0. Negative would be an
  /// accumulator that may overflow; validate() refuses such a model.
  double bits() const {
    return 31 - std::log2(static_cast<double>(std::max<std::int64_t>(bound, 1)));
  }

  double extreme_share() const {
    return weights == 0 ? 0 : static_cast<double>(extreme_weights) / static_cast<double>(weights);
  }

  friend bool operator==(const layer_head_room&, const layer_head_room&) = default;
};

namespace detail {

/// 2^(r-1) of the channel's shift; 0 for shift 0 and for policies that multiply in 64 bits.
inline std::int64_t rounding_half(const requantization& rule, int channel) {
  const int shift = is_rshift(rule.kind) ? rule.shift[rule.entry(channel)] : 0;
  return shift > 0 ? std::int64_t{1} << (shift - 1) : 0;
}

inline layer_head_room head_room_of(const node& layer, const op_params& params) {
  layer_head_room room = {.name = std::string(layer.name.view()),
                          .kind = layer.kind,
                          .channels = layer.shape.c,
                          .weights = static_cast<std::int64_t>(params.weights.size())};
  const std::size_t taps = params.weights.size() / static_cast<std::size_t>(layer.shape.c);
  for (int oc = 0; oc < layer.shape.c; ++oc) {
    const auto channel = static_cast<std::size_t>(oc);
    std::int64_t magnitudes = 0;
    for (const int weight : std::span(params.weights).subspan(channel * taps, taps)) {
      magnitudes += std::abs(weight);
      if (std::abs(weight) >= 127) ++room.extreme_weights;
    }
    if (magnitudes == 0) ++room.dead_channels;
    const std::int64_t bound = std::abs(std::int64_t{params.bias[channel]}) + 128 * magnitudes +
                               rounding_half(params.requantize, oc);
    if (bound > room.bound) {
      room.bound = bound;
      room.channel = oc;
    }
  }
  return room;
}

}  // namespace detail

/// Each layer with weights, in execution order. The model has passed validate().
inline std::vector<layer_head_room> head_room(const quantized_model& model) {
  std::vector<layer_head_room> layers;
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    if (!has_weights(model.graph[i].kind)) continue;
    layers.push_back(detail::head_room_of(model.graph[i], model.params[i]));
  }
  return layers;
}

namespace detail {

inline std::vector<std::string> head_room_fields(const layer_head_room& room) {
  return {room.name,
          std::string(to_string(room.kind)),
          std::to_string(room.bound),
          std::to_string(room.channel),
          fixed_text(room.bits(), 2),
          std::to_string(room.channels),
          std::to_string(room.dead_channels),
          std::to_string(room.weights),
          fixed_text(room.extreme_share(), 6)};
}

}  // namespace detail

/// One line for each layer under a line of titles.
inline std::string to_csv(const std::vector<layer_head_room>& layers) {
  std::string text =
      "name,op,accumulator_bound,channel,head_room_bits,channels,dead_channels,weights,"
      "extreme_weights\n";
  for (const layer_head_room& room : layers) {
    text += detail::csv_line(detail::head_room_fields(room));
  }
  return text;
}

/// The same in aligned columns.
inline std::string to_text(const std::vector<layer_head_room>& layers) {
  std::vector<std::vector<std::string>> lines = {{"layer", "op", "|acc| at most", "channel",
                                                  "bits left", "channels", "dead", "weights",
                                                  "at +-127"}};
  for (const layer_head_room& room : layers) lines.push_back(detail::head_room_fields(room));
  return detail::aligned_columns(lines, 2);
}

}  // namespace octavo::inline v0::compare
