// SPDX-License-Identifier: MIT
/// @file
/// Random valid parameters for any graph: every policy, per layer and per channel, biases up to the
/// accumulator's bound.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"
#include "support/random.hpp"

namespace octavo::testing {

inline constexpr policy all_policies[] = {policy::rshift, policy::rshift_half_away,
                                          policy::multiplier_rshift, policy::multiplier_q31};

/// How the weights of a model are requantized and filled.
struct model_options {
  policy kind = policy::rshift;
  bool per_channel = false;
  fill weights = fill::uniform;
  bool extremes = false;  ///< shifts, multipliers and biases from the whole of their ranges
};

/// Shift that brings sums of `taps` products of uniform int8 to about the size of an int8.
inline int usual_shift(std::int64_t taps) {
  constexpr double deviation = 74 * 74;  // of one product
  return static_cast<int>(std::log2(deviation * std::sqrt(static_cast<double>(taps)) / 64));
}

/// One entry for `r`: in reach of the accumulators, or anywhere in its policy's range.
inline void append_entry(requantization& r, std::int64_t taps, bool extremes, random_source& rng) {
  const bool is_rshift = r.kind == policy::rshift || r.kind == policy::rshift_half_away;
  const int largest_shift = r.kind == policy::multiplier_rshift ? 62 : 31;
  int shift = usual_shift(taps) + rng.integer(-2, 2);
  std::int32_t multiplier = rng.integer(1 << 30, INT32_MAX);
  if (r.kind == policy::multiplier_rshift) {
    const int fewer_bits = rng.integer(0, 30);  // from the full 31 bits down to 1
    multiplier >>= fewer_bits;
    shift = shift + 31 - fewer_bits;
  }
  if (extremes) {
    shift = rng.integer(0, largest_shift);
    const int least = r.kind == policy::multiplier_q31 ? 1 << 30 : 1;
    if (rng.one_in(4)) multiplier = rng.one_in(2) ? INT32_MAX : least;
  }
  // Deep accumulators leave no room for the half of a shift near 31 (SPEC "Accumulation").
  if (is_rshift) {
    while (!accumulator_fits(0, taps, shift)) --shift;
  } else {
    r.multiplier.push_back(multiplier);
  }
  r.shift.push_back(static_cast<std::uint8_t>(std::clamp(shift, 0, largest_shift)));
}

inline std::int32_t random_bias(std::int64_t taps, int shift, bool extremes, random_source& rng) {
  const std::int64_t half = shift > 0 ? std::int64_t{1} << (shift - 1) : 0;
  const std::int64_t room = INT32_MAX - taps * 128 * 128 - half;
  if (extremes && rng.one_in(2)) return static_cast<std::int32_t>(rng.one_in(2) ? room : -room);
  const std::int64_t usual = std::min(room, std::int64_t{64} << std::clamp(shift, 0, 24));
  return static_cast<std::int32_t>(rng.between(-usual, usual));
}

/// Weights, bias and requantization of a conv2d, fully_connected or scale.
inline op_params random_weights(const graph& net, std::size_t index, const model_options& options,
                                random_source& rng) {
  const int channels = net[index].shape.c;
  const std::int64_t count = taps(net, index);
  op_params params;
  params.weights.resize(static_cast<std::size_t>(weights_shape(net, index).elements()));
  fill_with(params.weights, options.weights, rng);
  requantization& r = params.requantize;
  r.kind = options.kind;
  for (int entry = 0; entry < (options.per_channel ? channels : 1); ++entry) {
    append_entry(r, count, options.extremes, rng);
  }
  for (int oc = 0; oc < channels; ++oc) {
    const auto entry = r.shift.size() == 1 ? std::size_t{0} : static_cast<std::size_t>(oc);
    const int half_shift = r.multiplier.empty() ? r.shift[entry] : 0;
    const int room_shift = r.multiplier.empty() ? half_shift : usual_shift(count);
    params.bias.push_back(random_bias(count, room_shift, options.extremes, rng));
  }
  return params;
}

/// About scale * `numerator` / `denominator` with any number of bits, or anything in range.
inline multiplier_rshift random_multiplier(int denominator, bool extremes, random_source& rng) {
  if (extremes) {
    return {static_cast<std::int32_t>(rng.between(1, INT32_MAX)), rng.integer(0, 62)};
  }
  const int shift = rng.integer(8, 30);
  const std::int64_t near_one = rng.between(64, 190) << (shift - 7);
  return {static_cast<std::int32_t>(std::clamp<std::int64_t>(near_one / denominator, 1, INT32_MAX)),
          shift};
}

/// A relu's limits, those between which every int8 lies, the same but for one, or any.
inline clip_params random_clip(random_source& rng) {
  constexpr clip_params near[] = {{1, 127}, {-1, 127}, {0, 126}, {-127, 127}, {-128, 126}};
  if (rng.one_in(3)) return {0, 127};
  if (rng.one_in(2)) return {-128, 127};
  if (rng.one_in(2)) return rng.pick(near);
  const int lo = rng.integer(-128, 127);
  return {static_cast<std::int8_t>(lo), static_cast<std::int8_t>(rng.integer(lo, 127))};
}

/// Parameters of the ops without weights; empty for those that need none.
inline op_params random_integers(const graph& net, std::size_t index, bool extremes,
                                 random_source& rng) {
  const node& op_node = net[index];
  op_params params;
  if (op_node.kind == op::add) {
    const int shift = extremes ? rng.integer(0, 31) : rng.integer(6, 7);
    params.add = {{rng.integer(0, 127), rng.integer(0, 127)}, shift};
  } else if (op_node.kind == op::avg_pool) {
    const shape& src = net[static_cast<std::size_t>(op_node.src[0])].shape;
    for (const int divisor : divisors_of(op_node, src)) {
      params.divisors.push_back({divisor, random_multiplier(divisor, extremes, rng)});
    }
  } else if (op_node.kind == op::concat || op_node.kind == op::leaky_relu) {
    for (std::size_t i = 0; i < op_node.src.size(); ++i) {
      params.multipliers.push_back(random_multiplier(1, extremes, rng));
    }
  } else if (op_node.kind == op::clip) {
    params.clip = random_clip(rng);
  }
  return params;
}

/// A model of `net`, an unfused graph, that passes validate().
inline quantized_model random_model(const graph& net, const model_options& options,
                                    random_source& rng) {
  quantized_model model;
  model.scheme = scheme::mixed;
  model.graph = net;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const double own = 1 + 0.5 * rng.real();
    model.thresholds.push_back(keeps_threshold(net[i].kind)
                                   ? model.thresholds[static_cast<std::size_t>(net[i].src[0])]
                                   : own);
    model.params.push_back(has_weights(net[i].kind)
                               ? random_weights(net, i, options, rng)
                               : random_integers(net, i, options.extremes, rng));
  }
  validate(model);
  return model;
}

}  // namespace octavo::testing
