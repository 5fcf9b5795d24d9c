// SPDX-License-Identifier: MIT
/// @file
/// A quantized network as a value: graph, thresholds, int8 weights and the integers of every
/// requantization. Apart from whatever executes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/tensor.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/quant/fixed_point.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/quant/requantization.hpp"

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

/// Enumerators of scheme, mixed among them.
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
    append_item(known, to_string(kind));
  }
  fail("scheme ", in_quotes(text), ", expected one of ", known);
}

/// Whether a scheme that the quantizer knows has integers for each output channel.
/// @throws octavo::error for mixed, which may have either.
constexpr bool is_per_channel(scheme kind) {
  require(kind != scheme::mixed, "scheme: mixed may be per layer or per channel");
  return kind != scheme::rshift8 && kind != scheme::rshift16 && kind != scheme::rshift32;
}

/// Policies that a requantization may use.
inline constexpr int policy_count = 4;

/// The policy of a scheme that the quantizer knows.
/// @throws octavo::error for mixed, which may have any.
constexpr policy policy_of(scheme kind) {
  require(kind != scheme::mixed, "scheme: mixed has no policy of its own");
  if (kind == scheme::multiplier || kind == scheme::multiplier8) return policy::multiplier_rshift;
  return kind == scheme::multiplier_q31 ? policy::multiplier_q31 : policy::rshift;
}

/// The integers of one op. Fields that its kind does not use stay empty.
struct op_params {
  std::vector<std::int8_t> weights = {};    ///< conv2d: OIHW; fully connected: N x K; scale: C
  std::vector<std::int32_t> bias = {};      ///< one for each output channel
  requantization requantize = {};           ///< conv2d, fully_connected, scale
  add_params add = {};                      ///< add
  std::vector<pool_divisor> divisors = {};  ///< avg_pool: one for each divisor that occurs
  /// concat: one for each input; leaky_relu: the slope
  std::vector<multiplier_rshift> multipliers = {};
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

}  // namespace octavo::inline v0
