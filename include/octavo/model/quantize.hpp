// SPDX-License-Identifier: MIT
/// @file
/// The quantizer: from a folded float network and the thresholds of its tensors to the integers of
/// a scheme. One function for each op; the arithmetic of a single number is in quant/choose.hpp.
///
/// Notation: t_x and t_y are the thresholds of an op's input and output, W and B its folded weights
/// and bias, acc the int32 accumulator. An accumulator unit is worth t_y / 128 * s, where s is the
/// scale that the requantization multiplies by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/model/check_layer_sizes.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/activation.hpp"
#include "octavo/quant/check.hpp"
#include "octavo/quant/choose.hpp"
#include "octavo/quant/scale.hpp"

namespace octavo::inline v0 {

namespace detail {

/// What the quantizer of one layer, or of one output channel, works on.
struct quantizer_input {
  std::span<const double> weights;
  std::span<const double> bias;
  std::int64_t taps = 0;  ///< products in one accumulator
  double t_x = 0;
  double t_y = 0;
};

/// The integers of one layer, or of one output channel.
struct quantizer_output {
  std::vector<std::int8_t> weights = {};
  std::vector<std::int32_t> bias = {};
  std::int32_t multiplier = 1;
  int shift = 0;
};

inline std::vector<std::int8_t> quantize_weights(std::span<const double> weights, double factor,
                                                 int shift) {
  const double scale = power_of_two(shift);
  std::vector<std::int8_t> quantized(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    // A 0 stays 0 whatever the thresholds: 0 times an infinite ratio would be NaN.
    if (weights[i] != 0) quantized[i] = round_to_int8(weights[i] * factor * scale);
  }
  return quantized;
}

/// The bias of an rshift scheme at one shift, or no value where it does not fit. In rshift8 it is
/// stored in 8 bits in units of the output; elsewhere it is rounded in accumulator units.
inline bool rshift_bias(const quantizer_input& in, scheme kind, int shift,
                        std::vector<std::int32_t>& bias) {
  const double scale = power_of_two(shift);
  for (std::size_t i = 0; i < in.bias.size(); ++i) {
    const double output_units = in.bias[i] * 128 / in.t_y;
    const double b = kind == scheme::rshift8 ? round_to_int8(output_units) * scale
                                             : round_up(output_units * scale);
    if (kind == scheme::rshift16 && (b > 32767 || b < -32767)) return false;
    if (!accumulator_fits(b, in.taps, shift)) return false;
    bias[i] = static_cast<std::int32_t>(b);
  }
  return true;
}

/// acc / 2^shift: the largest weight uses 7 bits, unless the bias asks for a smaller shift.
inline quantizer_output quantize_rshift(const quantizer_input& in, scheme kind) {
  quantizer_output out;
  out.bias.resize(in.bias.size());
  out.shift = choose_rshift(max_abs(in.weights) * in.t_x / in.t_y);
  while (!rshift_bias(in, kind, out.shift, out.bias)) {
    require(out.shift > 0, "the bias does not fit, whatever the shift");
    --out.shift;
  }
  out.weights = quantize_weights(in.weights, in.t_x / in.t_y, out.shift);
  return out;
}

/// The integers that multiply an accumulator by s, in the form that `kind` stores.
inline multiplier_rshift multiplier_of(scheme kind, double s) {
  if (kind == scheme::multiplier8) return to_multiplier8_rshift(s);
  if (kind == scheme::multiplier) return to_multiplier_rshift(s);
  const multiplier_q31 q31 = to_multiplier_q31(s);
  return {q31.multiplier, q31.shift};
}

/// A channel without weights (or one whose scale Q31 cannot hold): the bias alone, at a scale of 1,
/// or 1/2 in Q31, which must stay below 1.
inline quantizer_output quantize_dead_channel(const quantizer_input& in, scheme kind) {
  const double s = kind == scheme::multiplier_q31 ? 0.5 : 1;
  const double b = round_up(in.bias[0] * 128 / (in.t_y * s));
  require(accumulator_fits(b, in.taps), "the bias of a channel without weights does not fit");
  const multiplier_rshift m = multiplier_of(kind, s);
  return {std::vector<std::int8_t>(in.weights.size()),
          {static_cast<std::int32_t>(b)},
          m.multiplier,
          m.shift};
}

/// acc * multiplier / 2^shift for one output channel: its largest weight becomes 127, unless the
/// bias asks for coarser weights (and so a larger accumulator unit).
inline quantizer_output quantize_multiplier(const quantizer_input& in, scheme kind) {
  double u = max_abs(in.weights);
  if (u == 0) return quantize_dead_channel(in, kind);
  require(is_finite(in.bias[0] * 128), "the bias is too large");
  double s = u * in.t_x / (127 * in.t_y);
  double b = round_up(in.bias[0] * 128 / (in.t_y * s));
  while (!accumulator_fits(b, in.taps)) {
    u = u * 2;
    s = u * in.t_x / (127 * in.t_y);
    b = round_up(in.bias[0] * 128 / (in.t_y * s));
  }
  if (kind == scheme::multiplier_q31 && !has_multiplier_q31(s)) {
    return quantize_dead_channel(in, kind);
  }
  const multiplier_rshift m = multiplier_of(kind, s);
  quantizer_output out{
      .bias = {static_cast<std::int32_t>(b)}, .multiplier = m.multiplier, .shift = m.shift};
  out.weights.resize(in.weights.size());
  for (std::size_t i = 0; i < in.weights.size(); ++i) {
    out.weights[i] = round_to_int8(in.weights[i] * 127 / u);
  }
  return out;
}

inline void append(op_params& params, const quantizer_output& out) {
  params.weights.insert(params.weights.end(), out.weights.begin(), out.weights.end());
  params.bias.insert(params.bias.end(), out.bias.begin(), out.bias.end());
  if (params.requantize.kind != policy::rshift) {
    params.requantize.multiplier.push_back(out.multiplier);
  }
  params.requantize.shift.push_back(static_cast<std::uint8_t>(out.shift));
}

/// A convolution, a fully connected layer or a scale layer.
inline op_params quantize_layer(const quantizer_input& layer, scheme kind) {
  op_params params{.requantize = {.kind = policy_of(kind)}};
  if (!is_per_channel(kind)) {
    append(params, quantize_rshift(layer, kind));
    return params;
  }
  const std::size_t channels = layer.bias.size();
  const std::size_t per_channel = layer.weights.size() / channels;
  for (std::size_t oc = 0; oc < channels; ++oc) {
    quantizer_input channel = layer;
    channel.weights = layer.weights.subspan(oc * per_channel, per_channel);
    channel.bias = layer.bias.subspan(oc, 1);
    append(params, kind == scheme::rshift_channel ? quantize_rshift(channel, kind)
                                                  : quantize_multiplier(channel, kind));
  }
  return params;
}

/// Ops without weights: everything follows from the thresholds.
inline op_params quantize_weightless(const graph& net, const node& op_node,
                                     std::span<const double> thresholds, double t_y) {
  const auto t_x = [&](std::size_t i) {
    return thresholds[static_cast<std::size_t>(op_node.src[i])];
  };
  op_params params;
  switch (op_node.kind) {
    case op::add:
      params.add = choose_add(t_x(0), t_x(1), t_y);
      break;
    case op::avg_pool: {
      const shape& src = net[static_cast<std::size_t>(op_node.src[0])].shape;
      for (const int divisor : divisors_of(op_node, src)) {
        params.divisors.push_back(choose_pool_divisor(t_x(0), t_y, divisor));
      }
      break;
    }
    case op::concat:
      for (std::size_t i = 0; i < op_node.src.size(); ++i) {
        params.multipliers.push_back(to_multiplier_rshift(t_x(i) / t_y));
      }
      break;
    case op::leaky_relu:
      params.multipliers.push_back(to_multiplier_rshift(op_node.slope));
      break;
    case op::clip:
      params.clip = {quantize(op_node.lo, t_y), quantize(op_node.hi, t_y)};
      break;
    case op::input:
    case op::relu:
    case op::max_pool:  // have no integers
    case op::conv2d:
    case op::fully_connected:
    case op::scale:  // quantize_layer's
      break;
  }
  return params;
}

inline op_params quantize_node(const float_model& model, std::size_t index,
                               std::span<const double> thresholds, scheme kind) {
  const node& op_node = model.graph[index];
  const double t_y = thresholds[index];
  if (op_node.kind == op::input) return {};
  if (!has_weights(op_node.kind)) {
    return quantize_weightless(model.graph, op_node, thresholds, t_y);
  }
  const float_params& folded = model.params[index];
  return quantize_layer({.weights = folded.weights,
                         .bias = folded.bias,
                         .taps = taps(model.graph, index),
                         .t_x = thresholds[static_cast<std::size_t>(op_node.src[0])],
                         .t_y = t_y},
                        kind);
}

/// Refuses parameters that are not finite or do not fit the graph: the rules above rely on it.
/// `where` stands before the message.
inline void check_float_params(const float_model& model, std::size_t index,
                               std::string_view where) {
  if (!has_weights(model.graph[index].kind)) return;
  const float_params& params = model.params[index];
  check_layer_sizes(params, model.graph, index, where);
  for (const double w : params.weights) expect(is_finite(w), where, "a weight is not finite");
  for (const double b : params.bias) expect(is_finite(b), where, "a bias is not finite");
}

}  // namespace detail

namespace detail {

/// The scheme that all layers with weights have, or mixed. Of none: that of the first node.
inline scheme common_scheme(const graph& net, std::span<const scheme> kinds) {
  scheme common = kinds[0];
  bool found = false;
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!has_weights(net[i].kind)) continue;
    if (found && kinds[i] != common) return scheme::mixed;
    common = kinds[i];
    found = true;
  }
  return common;
}

inline void check_quantizer_input(const float_model& model, std::span<const double> thresholds,
                                  std::span<const scheme> kinds) {
  check(model.graph);
  require(thresholds.size() == model.graph.size(), "quantize: expected one threshold a node");
  require(kinds.size() == model.graph.size(), "quantize: expected one scheme a node");
  require(model.params.size() == model.graph.size(), "quantize: expected one parameter set a node");
  for (const double t : thresholds) {
    if (!is_threshold(t))
      fail("quantize: a threshold is ", t, ", expected a positive finite number");
  }
  for (const scheme kind : kinds) {
    require(kind != scheme::mixed, "quantize: mixed is no scheme with rules of its own");
  }
}

}  // namespace detail

/// The network in int8, each layer with weights by the rules of its own scheme; of other nodes the
/// scheme says nothing. Where layers differ the model's scheme is mixed. `thresholds` and `kinds`
/// have one entry for each node, the thresholds as propagate_thresholds() gives them, no scheme
/// mixed. @throws octavo::error naming the layer that does not fit.
inline quantized_model quantize(const float_model& model, std::span<const double> thresholds,
                                std::span<const scheme> kinds) {
  detail::check_quantizer_input(model, thresholds, kinds);
  quantized_model quantized{.scheme = detail::common_scheme(model.graph, kinds),
                            .graph = model.graph,
                            .thresholds = {thresholds.begin(), thresholds.end()}};
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    const std::string where =
        concat_text("quantize (", to_string(kinds[i]), "): ", model.graph[i].name);
    detail::check_float_params(model, i, where);
    quantized.params.push_back(
        with_context(where, [&] { return detail::quantize_node(model, i, thresholds, kinds[i]); }));
  }
  validate(quantized);
  return quantized;
}

/// The network in int8, every layer by the rules of `kind`.
inline quantized_model quantize(const float_model& model, std::span<const double> thresholds,
                                scheme kind) {
  return quantize(model, thresholds, std::vector<scheme>(model.graph.size(), kind));
}

}  // namespace octavo::inline v0
