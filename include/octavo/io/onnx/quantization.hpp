// SPDX-License-Identifier: MIT
/// @file
/// Scales, zero points and integer constants of quantized ONNX models: symmetric int8, no other.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/float_layers.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/values.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0::io::onnx {

/// An integer constant behind a DequantizeLinear.
struct dequantized_constant {
  shared_constant values = nullptr;
  std::vector<double> scales = {};  ///< one, or one for each index of `axis`
  std::int64_t axis = 0;

  /// The scale at an index of the axis.
  double scale(std::size_t i) const { return scales[scales.size() == 1 ? 0 : i]; }
};

/// One scale, or one for each index of an axis. @throws octavo::error where one is not positive.
inline std::vector<double> read_scales(const model& from, const node& op_node, std::size_t place) {
  const constant& found = constant_operand(from, op_node, place, "the scale");
  if (found.dims.size() > 1) {
    fail("the scale ", label(found), " has the shape ", to_string(found.dims),
         ", expected one number or one for each channel");
  }
  std::vector<double> scales = real_values(found);
  require(!scales.empty(), "the scale has no elements");
  for (const double scale : scales) {
    if (scale > 0) continue;
    fail("the scale ", label(found), " holds ", scale, ", expected positive numbers");
  }
  return scales;
}

inline double read_scale(const model& from, const node& op_node, std::size_t place) {
  const std::vector<double> scales = read_scales(from, op_node, place);
  if (scales.size() != 1) fail("has ", scales.size(), " scales, expected one for the whole tensor");
  return scales[0];
}

/// The scale that the file gives an int8 input where it is read.
inline double scale_of_input(const model& from) {
  for (const node& each : from.nodes) {
    if (each.type != "DequantizeLinear" || each.inputs.size() < 2) continue;
    if (each.inputs[0] == from.input.name) return read_scale(from, each, 1);
  }
  fail("nothing says what the scale of the int8 input is");
}

/// Refuses zero points other than 0, and types other than `type`.
inline void check_zero_point(const model& from, const node& op_node, std::size_t place,
                             data_type type) {
  if (!has_operand(op_node, place)) return;
  const constant& found = constant_operand(from, op_node, place, "the zero point");
  if (found.type != type) {
    fail("its zero point is ", to_string(found.type), ", expected ", to_string(type),
         ": only symmetric int8 quantization is supported");
  }
  for (const char byte : found.bytes) {
    if (byte == 0) continue;
    fail("the zero point ", label(found),
         " is not 0, expected 0: ", "only symmetric int8 quantization is supported");
  }
}

/// The scale of a QuantizeLinear, which must make int8 of the whole tensor.
inline double read_quantize_linear(const model& from, const node& op_node) {
  expect_operands(from, op_node, 2, 3);
  const attribute_reader attributes(op_node, {"axis", "block_size", "output_dtype", "saturate"});
  attributes.expect("block_size", 0);
  attributes.expect("saturate", 1);
  const auto int8 = static_cast<std::int64_t>(data_type::int8);
  if (has_operand(op_node, 2)) {
    check_zero_point(from, op_node, 2, data_type::int8);
  } else if (attributes.integer("output_dtype", 0) != int8) {
    fail("makes uint8: only symmetric int8 quantization is supported");
  }
  return read_scale(from, op_node, 1);
}

/// The DequantizeLinear of a constant: int8 weights or an int32 bias.
inline dequantized_constant read_dequantized(const model& from, const node& op_node,
                                             const shared_constant& values) {
  const attribute_reader attributes(op_node, {"axis", "block_size"});
  attributes.expect("block_size", 0);
  if (values->type != data_type::int8 && values->type != data_type::int32) {
    fail(label(*values), " holds ", to_string(values->type),
         ", expected int8 weights or an int32 bias: only symmetric int8 quantization is supported");
  }
  check_zero_point(from, op_node, 2, values->type);
  return {values, read_scales(from, op_node, 1), attributes.integer("axis", 1)};
}

/// The integers of a convolution or fully connected layer, and what they are worth.
struct layer_integers {
  std::vector<std::int8_t> weights = {};   ///< OIHW or N x K
  std::vector<double> weight_scales = {};  ///< one, or one for each output channel
  std::vector<std::int32_t> bias = {};     ///< in units of input scale * weight scale, or
  std::vector<double> real_bias = {};      ///< a real one; at most one of the two
  int channels = 0;

  double weight_scale(std::size_t oc) const {
    return weight_scales[weight_scales.size() == 1 ? 0 : oc];
  }
  bool has_bias() const { return !bias.empty() || !real_bias.empty(); }
};

/// Weights whose output channels lie along `axis`.
inline layer_integers read_weights(const dequantized_constant& from, int channels,
                                   std::int64_t axis) {
  layer_integers read = {
      .weights = int8_values(*from.values), .weight_scales = from.scales, .channels = channels};
  if (from.scales.size() == 1) return read;
  if (from.scales.size() != static_cast<std::size_t>(channels) || from.axis != axis) {
    fail(label(*from.values), " has ", from.scales.size(), " scales along axis ", from.axis,
         ", expected one, or ", channels, " along axis ", axis);
  }
  return read;
}

/// An int32 bias, whose integers stay what they are: its scale must be the accumulator's. The file
/// rounds that product to float32, so that the last bits may differ.
inline void set_bias(layer_integers& layer, const dequantized_constant& from, double input_scale) {
  const std::vector<std::int32_t> values = int32_values(*from.values);
  const auto channels = static_cast<std::size_t>(layer.channels);
  if (values.size() != channels || from.values->dims.size() != 1 ||
      (from.scales.size() != 1 && (from.scales.size() != channels || from.axis != 0))) {
    fail("the bias ", label(*from.values), " has the shape ", to_string(from.values->dims), " and ",
         from.scales.size(), " scales, expected (", channels, ")");
  }
  constexpr double rounding = 1e-6;
  for (std::size_t oc = 0; oc < channels; ++oc) {
    const double unit = input_scale * layer.weight_scale(oc);
    if (std::abs(from.scale(oc) - unit) <= rounding * unit) continue;
    fail("the bias of channel ", oc, " has the scale ", from.scale(oc), ", expected ", unit,
         ", the input's scale times the weights'");
  }
  layer.bias = values;
}

}  // namespace octavo::inline v0::io::onnx
