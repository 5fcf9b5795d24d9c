// SPDX-License-Identifier: MIT
/// @file
/// Builds a quantized_model op by op from the scales of its tensors: graph, thresholds, integers.
///
/// A tensor of scale v holds q for the value q * v; its threshold is 128 * v.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/io/onnx/elementwise.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/names.hpp"
#include "octavo/io/onnx/quantization.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/activation.hpp"
#include "octavo/quant/choose.hpp"
#include "octavo/quant/scale.hpp"

namespace octavo::inline v0::io::onnx {

/// An int8 tensor of the network that is being built.
struct int8_tensor {
  tensor_id id = {};
  double scale = 0;
  bool flat = false;  ///< N x K for ONNX
};

/// Each function appends one op and returns its tensor.
class quantized_network {
 public:
  const shape& shape_of(const int8_tensor& of) const { return builder_.shape_of(of.id); }

  int8_tensor input(std::string_view name, const shape& s, bool flat, double scale) {
    return append(builder_.input(names_.make(name), s), scale, flat);
  }

  /// s = input scale * weight scale / y for each output channel.
  int8_tensor conv2d(const node& from, const int8_tensor& src, const conv2d_options& options,
                     const layer_integers& integers, double y) {
    const tensor_id id = builder_.conv2d(names_.make(from), src.id, options);
    const shape& in = shape_of(src);
    const std::int64_t taps =
        std::int64_t{in.c / options.groups} * options.window.kh * options.window.kw;
    return append(id, y, false, layer_params(integers, src.scale, y, taps));
  }
  int8_tensor fully_connected(const node& from, const int8_tensor& src,
                              const layer_integers& integers, double y) {
    const tensor_id id = builder_.fully_connected(names_.make(from), src.id, integers.channels);
    const std::int64_t taps = shape_of(src).elements_per_image();
    return append(id, y, true, layer_params(integers, src.scale, y, taps));
  }

  int8_tensor add(const node& from, const int8_tensor& a, const int8_tensor& b, double y) {
    const tensor_id id = builder_.add(names_.make(from), a.id, b.id);
    return append(id, y, a.flat, {.add = choose_add(a.scale, b.scale, y)});
  }
  int8_tensor concat(const node& from, const std::vector<int8_tensor>& parts, double y) {
    return concat(names_.make(from), parts, y);
  }
  /// The same tensor on another scale: a concat of one.
  int8_tensor requantize(const std::string& name, const int8_tensor& src, double y) {
    return concat(names_.make(name), {src}, y);
  }
  /// Multipliers of 31 bits, where the quantizer's own have 8: what the model's scales say, not an
  /// approximation of them.
  int8_tensor avg_pool(const node& from, const int8_tensor& src, const pool_params& pool, bool flat,
                       double y) {
    const tensor_id id = builder_.avg_pool(names_.make(from), src.id, pool);
    octavo::node made{.kind = op::avg_pool, .shape = builder_.shape_of(id), .window = pool.window};
    made.count_padding = pool.count_padding;
    op_params params;
    for (const int divisor : divisors_of(made, shape_of(src))) {
      params.divisors.push_back({divisor, to_multiplier_rshift(src.scale / (y * divisor))});
    }
    return append(id, y, flat, std::move(params));
  }

  int8_tensor relu(const node& from, const int8_tensor& src) {
    return append(builder_.relu(names_.make(from), src.id), src.scale, src.flat);
  }
  int8_tensor clip(const node& from, const int8_tensor& src, const clip_limits& limits) {
    const tensor_id id = builder_.clip(names_.make(from), src.id, limits.lo, limits.hi);
    const double t = threshold(src.scale);
    return append(id, src.scale, src.flat,
                  {.clip = {quantize(limits.lo, t), quantize(limits.hi, t)}});
  }
  int8_tensor leaky_relu(const node& from, const int8_tensor& src, double slope) {
    const tensor_id id = builder_.leaky_relu(names_.make(from), src.id, slope);
    return append(id, src.scale, src.flat, {.multipliers = {to_multiplier_rshift(slope)}});
  }
  int8_tensor max_pool(const node& from, const int8_tensor& src, const pool_params& pool) {
    return append(builder_.max_pool(names_.make(from), src.id, pool), src.scale, false);
  }

  quantized_model finish(const std::vector<int8_tensor>& outputs) {
    std::vector<tensor_id> ids;
    for (const int8_tensor& each : outputs) ids.push_back(each.id);
    model_.graph = builder_.finish(ids);
    validate(model_);
    return std::move(model_);
  }

 private:
  static double threshold(double scale) { return 128 * scale; }

  int8_tensor append(tensor_id id, double scale, bool flat, op_params params = {}) {
    model_.thresholds.push_back(threshold(scale));
    model_.params.push_back(std::move(params));
    return {id, scale, flat};
  }

  int8_tensor concat(const node_name& name, const std::vector<int8_tensor>& parts, double y) {
    std::vector<tensor_id> src;
    op_params params;
    for (const int8_tensor& part : parts) {
      src.push_back(part.id);
      params.multipliers.push_back(to_multiplier_rshift(part.scale / y));
    }
    return append(builder_.concat(name, src), y, parts[0].flat, std::move(params));
  }

  /// The bias of a channel whose accumulator counts in `unit`: its integer, or its real number
  /// rounded to that.
  static std::int32_t bias_of(const layer_integers& from, std::size_t oc, double unit,
                              std::int64_t taps) {
    if (!from.bias.empty()) return from.bias[oc];
    if (from.real_bias.empty()) return 0;
    const double rounded = round_up(from.real_bias[oc] / unit);
    if (accumulator_fits(rounded, taps)) return static_cast<std::int32_t>(rounded);
    fail("the bias of channel ", oc, " is ", from.real_bias[oc], ", which does not fit the int32 ",
         "accumulator in units of ", unit);
  }

  static op_params layer_params(const layer_integers& from, double x, double y, std::int64_t taps) {
    op_params params{.weights = from.weights, .requantize = {.kind = policy::multiplier_rshift}};
    for (std::size_t i = 0; i < from.weight_scales.size(); ++i) {
      const multiplier_rshift m = to_multiplier_rshift(x * from.weight_scales[i] / y);
      params.requantize.multiplier.push_back(m.multiplier);
      params.requantize.shift.push_back(static_cast<std::uint8_t>(m.shift));
    }
    for (std::size_t oc = 0; oc < static_cast<std::size_t>(from.channels); ++oc) {
      params.bias.push_back(bias_of(from, oc, x * from.weight_scale(oc), taps));
    }
    return params;
  }

  graph_builder<std::vector<octavo::node>> builder_ = {};
  op_names names_ = {};
  quantized_model model_ = {.scheme = scheme::mixed};
};

}  // namespace octavo::inline v0::io::onnx
