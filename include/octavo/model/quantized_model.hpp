// SPDX-License-Identifier: MIT
/// @file
/// A quantized network as a value: graph, thresholds, int8 weights and the integers of every
/// requantization. Apart from whatever executes it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "octavo/core/tensor.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/quant/choose.hpp"
#include "octavo/quant/fixed_point.hpp"
#include "octavo/reference/clip.hpp"

namespace octavo::inline v0 {

/// How a network's parameters are chosen and stored; the rules are in model/quantize.hpp.
enum class scheme : std::uint8_t {
  rshift8,         ///< one shift for each layer, 8-bit bias in units of the output
  rshift16,        ///< one shift for each layer, 16-bit bias
  rshift32,        ///< one shift for each layer, 32-bit bias
  rshift_channel,  ///< one shift for each output channel
  multiplier,      ///< 31-bit multiplier and shift for each channel, one rounding
  multiplier8,     ///< 8-bit multiplier and shift for each channel: the device's form
  multiplier_q31,  ///< gemmlowp's and TFLite's pair of roundings for each channel
  mixed,           ///< any policy in any op: integers that no scheme here has chosen
};

inline constexpr int scheme_count = 8;

/// The schemes that the quantizer knows: all but mixed.
inline constexpr scheme all_schemes[] = {
    scheme::rshift8,    scheme::rshift16,    scheme::rshift32,      scheme::rshift_channel,
    scheme::multiplier, scheme::multiplier8, scheme::multiplier_q31};

/// "rshift8", "rshift-channel", "multiplier-q31" ...
constexpr std::string_view to_string(scheme kind) {
  constexpr std::string_view names[] = {"rshift8",        "rshift16",   "rshift32",
                                        "rshift-channel", "multiplier", "multiplier8",
                                        "multiplier-q31", "mixed"};
  return names[static_cast<std::size_t>(kind)];
}

/// @throws octavo::error listing the names there are.
inline scheme parse_scheme(std::string_view text) {
  std::string known;
  for (const scheme kind : all_schemes) {
    if (to_string(kind) == text) return kind;
    known += concat_text(known.empty() ? "" : ", ", to_string(kind));
  }
  fail("scheme '", text, "', expected one of ", known);
}

constexpr bool is_per_channel(scheme kind) {
  return kind != scheme::rshift8 && kind != scheme::rshift16 && kind != scheme::rshift32;
}

/// Which policy of quant/fixed_point.hpp a requantization uses.
enum class policy : std::uint8_t { rshift, rshift_half_away, multiplier_rshift, multiplier_q31 };

/// Shifts alone, no multipliers.
constexpr bool is_rshift(policy kind) {
  return kind == policy::rshift || kind == policy::rshift_half_away;
}

/// The policy of a scheme that the quantizer knows.
constexpr policy policy_of(scheme kind) {
  if (kind == scheme::multiplier || kind == scheme::multiplier8) return policy::multiplier_rshift;
  return kind == scheme::multiplier_q31 ? policy::multiplier_q31 : policy::rshift;
}

/// The requantization of one op: one entry for the whole layer, or one for each output channel.
struct requantization {
  policy kind = policy::rshift;
  std::vector<std::int32_t> multiplier = {};  ///< empty for the rshift policies
  std::vector<std::uint8_t> shift = {};       ///< 1 entry or one for each output channel

  bool is_per_channel() const { return shift.size() > 1; }
  friend bool operator==(const requantization&, const requantization&) = default;
};

/// The integers of one op. Fields that its kind does not use stay empty.
struct op_params {
  std::vector<std::int8_t> weights = {};    ///< conv2d: OIHW; fully connected: N x K; scale: C
  std::vector<std::int32_t> bias = {};      ///< one for each output channel
  requantization requantize = {};           ///< conv2d, fully_connected, scale
  add_params add = {};                      ///< add
  std::vector<pool_divisor> divisors = {};  ///< avg_pool: one for each divisor that occurs
  std::vector<multiplier_rshift> inputs =
      {};                 ///< concat: one for each input; leaky_relu: the slope
  clip_params clip = {};  ///< clip

  friend bool operator==(const op_params&, const op_params&) = default;
};

/// A network ready to be executed: by the interpreter, the emulation, the engine, or a TPU.
struct quantized_model {
  octavo::scheme scheme = octavo::scheme::rshift16;
  octavo::graph graph = {};             ///< unfused; executors fuse as they like
  std::vector<double> thresholds = {};  ///< of each node's output: value = q * threshold / 128
  std::vector<op_params> params = {};   ///< of each node

  friend bool operator==(const quantized_model&, const quantized_model&) = default;
};

/// What an executor hands back: the tensor of every node of the graph that it ran.
using activations = std::vector<tensor<std::int8_t>>;

/// The shape of a node's weights: {oc, ic / groups, kh, kw}, {channels, K, 1, 1} or {1, c, 1, 1}.
inline shape weights_shape(const graph& net, std::size_t index) {
  const node& op_node = net[index];
  const shape& in = net[static_cast<std::size_t>(op_node.src[0])].shape;
  switch (op_node.kind) {
    case op::conv2d:
      return {op_node.shape.c, in.c / op_node.groups, op_node.window.kh, op_node.window.kw};
    case op::fully_connected:
      return {op_node.shape.c, static_cast<int>(in.elements_per_image()), 1, 1};
    default:
      return {1, op_node.shape.c, 1, 1};
  }
}

/// Products that one accumulator of a node sums up: ic / groups * kh * kw, K, or 1.
inline std::int64_t taps(const graph& net, std::size_t index) {
  return net[index].kind == op::scale ? 1 : weights_shape(net, index).elements_per_image();
}

}  // namespace octavo::inline v0
