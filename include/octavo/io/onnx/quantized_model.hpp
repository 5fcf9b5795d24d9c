// SPDX-License-Identifier: MIT
/// @file
/// An ONNX model that is quantized already, with its own integers, as a quantized_model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/elementwise.hpp"
#include "octavo/io/onnx/layout.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/qlinear.hpp"
#include "octavo/io/onnx/quantization.hpp"
#include "octavo/io/onnx/quantized_layers.hpp"
#include "octavo/io/onnx/quantized_network.hpp"
#include "octavo/io/onnx/quantized_tensors.hpp"
#include "octavo/io/onnx/windows.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::io {

namespace onnx {

/// Takes the nodes of a model without QLinear ops one after the other. A node on real numbers waits
/// for the QuantizeLinear behind it, which says on what scale its result is to be rounded.
class quantized_importer {
 public:
  quantized_importer(const model& from, const options& how)
      : from_(from), tensors_(from), layers_(from) {
    const shape in = input_shape(from.input, how);
    const bool flat = from.input.dims.size() == 2;
    if (from.input.type == data_type::int8) {
      tensors_.set_input({.integers = rounded_input(in, flat, scale_of_input(from))});
    } else if (is_real(from.input.type)) {
      const auto rounded = [this, in, flat](double y) { return rounded_input(in, flat, y); };
      tensors_.set_input({.real = true, .rounded = rounded});
    } else {
      fail("the input holds ", to_string(from.input.type),
           ": only symmetric int8 quantization is supported");
    }
  }

  quantized_model run() {
    for (const node& each : from_.nodes) {
      with_context(label(each), [&] { visit(each); });
    }
    std::vector<int8_tensor> outputs;
    for (const std::string& name : from_.outputs) {
      const quantized_tensor& found = tensors_.at(name);
      if (!found.integers) {
        fail("the output ", in_quotes(name), " is real numbers that no QuantizeLinear rounds");
      }
      outputs.push_back(*found.integers);
    }
    return network_.finish(outputs);
  }

 private:
  using importer = void (quantized_importer::*)(const node&);

  /// What a quantized model may consist of, beside the QLinear ops.
  static const std::map<std::string_view, importer>& importers() {
    using self = quantized_importer;
    static const std::map<std::string_view, importer> all = {
        {"Add", &self::add},
        {"AveragePool", &self::average_pool},
        {"Clip", &self::clip},
        {"Concat", &self::concat},
        {"Conv", &self::conv},
        {"DequantizeLinear", &self::dequantize_linear},
        {"Dropout", &self::pass},
        {"Flatten", &self::reshape},
        {"Gemm", &self::gemm},
        {"GlobalAveragePool", &self::global_average_pool},
        {"Identity", &self::pass},
        {"LeakyRelu", &self::leaky_relu},
        {"MatMul", &self::matmul},
        {"MaxPool", &self::max_pool},
        {"QuantizeLinear", &self::quantize_linear},
        {"ReduceMean", &self::mean},
        {"Relu", &self::relu},
        {"Reshape", &self::reshape},
        {"Softmax", &self::softmax},
        {"Squeeze", &self::reshape},
    };
    return all;
  }

  void visit(const node& from) {
    const auto found = importers().find(from.type);
    if (found == importers().end()) {
      fail("is not supported; a quantized model ", supported(importers()), " and QLinear ops");
    }
    layers_.count_operands(from);
    require(has_operand(from, 0), "has no inputs");
    (this->*found->second)(from);
  }

  const int8_tensor& dequantized(const node& from, std::size_t place = 0) const {
    return tensors_.dequantized(from.inputs[place]);
  }
  /// The same, where ONNX too has N x C x H x W.
  const int8_tensor& image(const node& from) const {
    const int8_tensor& found = dequantized(from);
    require(!found.flat, "its input is N x K, expected N x C x H x W");
    return found;
  }

  // ---- scales ----

  /// Several QuantizeLinear may round the input, on one scale.
  int8_tensor rounded_input(const shape& in, bool flat, double scale) {
    if (!input_) input_ = network_.input(from_.input.name, in, flat, scale);
    if (input_->scale == scale) return *input_;
    fail("the input is rounded on the scales ", input_->scale, " and ", scale);
  }

  /// `name` is that of the op which puts the tensor on this scale, where one is needed.
  int8_tensor on_scale(const std::string& name, const quantized_tensor& src, double scale) {
    if (!src.integers) return src.rounded(scale);
    if (src.integers->scale == scale) return *src.integers;
    return network_.requantize(name, *src.integers, scale);
  }

  void quantize_linear(const node& from) {
    const double scale = read_quantize_linear(from_, from);
    const quantized_tensor& src = tensors_.at(from.inputs[0]);
    require(src.real, "reads a tensor that is int8 already");
    tensors_.set(from, {.integers = on_scale(own_name(from), src, scale)});
  }

  void dequantize_linear(const node& from) {
    expect_operands(from_, from, 2, 3);
    if (const shared_constant values = from_.find_constant(from.inputs[0])) {
      return layers_.set_constant(from, values);
    }
    const attribute_reader attributes(from, {"axis", "block_size"});
    attributes.expect("block_size", 0);
    check_zero_point(from_, from, 2, data_type::int8);
    const double scale = read_scale(from_, from, 1);
    require(!tensors_.at(from.inputs[0]).real, "reads real numbers, expected int8");
    const int8_tensor& src = tensors_.integers(from.inputs[0]);
    if (src.scale != scale) {
      fail("reads ", in_quotes(from.inputs[0]), " on the scale ", scale, ", but it is on ",
           src.scale);
    }
    tensors_.set(from, {.integers = src, .real = true});
  }

  // ---- layers ----

  void set_layer(const node& from, waiting_layer made) {
    const auto layer = std::make_shared<waiting_layer>(std::move(made));
    const auto rounds = [this, layer](double y) {
      const auto& [op_node, src, conv, integers] = *layer;
      if (conv) return network_.conv2d(op_node, src, *conv, integers, y);
      return network_.fully_connected(op_node, src, integers, y);
    };
    tensors_.set_waiting(from, rounds, layer);
  }
  void conv(const node& from) {
    expect_operands(from_, from, 2, 3);
    const int8_tensor& src = image(from);
    set_layer(from, layers_.conv(from, src, network_.shape_of(src)));
  }
  void gemm(const node& from) { dense(from, read_plain_gemm(from_, from)); }
  void matmul(const node& from) {
    check_plain(from_, from, 2);
    dense(from, false);
  }
  void dense(const node& from, bool is_n_by_k) {
    const int8_tensor& src = dequantized(from);
    require(src.flat, "its left operand is N x C x H x W, expected N x K");
    const std::int64_t depth = network_.shape_of(src).elements_per_image();
    set_layer(from, layers_.dense(from, src, depth, is_n_by_k));
  }

  // ---- what has no weights ----

  void add(const node& from) {
    check_plain(from_, from, 2);
    for (const std::size_t place : {std::size_t{0}, std::size_t{1}}) {
      const std::string& name = from.inputs[place];
      if (layers_.has_constant(name)) return add_bias(from, from.inputs[1 - place], name);
    }
    const int8_tensor a = dequantized(from, 0);
    const int8_tensor b = dequantized(from, 1);
    require(a.flat == b.flat, "adds tensors of two shapes, which is not supported");
    tensors_.set_waiting(from, [=, this](double y) { return network_.add(from, a, b, y); });
  }
  void add_bias(const node& from, const std::string& name, const std::string& bias) {
    quantized_tensor src = tensors_.at(name);
    require(src.layer != nullptr, "adds a constant to what is no layer's own result");
    layers_.read_bias(*src.layer, bias, !src.layer->conv);
    tensors_.set(from, std::move(src));
  }

  void average(const node& from, const pool_params& pool, bool flat) {
    const int8_tensor src = dequantized(from);
    tensors_.set_waiting(
        from, [=, this](double y) { return network_.avg_pool(from, src, pool, flat, y); });
  }
  void average_pool(const node& from) {
    expect_operands(from_, from, 1, 1);
    average(from, read_pool(from, network_.shape_of(image(from))), false);
  }
  void global_average_pool(const node& from) {
    check_plain(from_, from, 1);
    average(from, whole_image(network_.shape_of(image(from))), false);
  }
  void mean(const node& from) {
    const int8_tensor& src = dequantized(from);
    average(from, whole_image(network_.shape_of(src)), mean_is_flat(from_, from, src.flat));
  }

  void concat(const node& from) {
    check_concat(from_, from, dequantized(from).flat ? 2 : 4);
    std::vector<int8_tensor> parts;
    for (std::size_t i = 0; i < from.inputs.size(); ++i) {
      parts.push_back(dequantized(from, i));
      require(parts[i].flat == parts[0].flat, "joins N x K and N x C x H x W");
    }
    tensors_.set_waiting(from, [=, this](double y) { return network_.concat(from, parts, y); });
  }

  void relu(const node& from) {
    check_plain(from_, from, 1);
    append_relu(from);
  }
  void append_relu(const node& from) {
    tensors_.set_kept(from, [=, this](const int8_tensor& src) { return network_.relu(from, src); });
  }
  void max_pool(const node& from) {
    expect_operands(from_, from, 1, 1);
    tensors_.set_kept(from, [=, this](const int8_tensor& src) {
      require(!src.flat, "its input is N x K, expected N x C x H x W");
      return network_.max_pool(from, src, read_pool(from, network_.shape_of(src)));
    });
  }
  /// Its limits are real numbers, which are rounded on the scale of the result.
  void clip(const node& from) {
    const clip_limits limits = read_clip(from_, from);
    if (limits.is_relu()) return append_relu(from);
    const quantized_tensor src = tensors_.at(from.inputs[0]);
    require(src.real, "reads an int8 tensor; expected one behind a DequantizeLinear");
    const auto rounds = [=, this](double y) {
      const std::string name = concat_text(own_name(from), "_requantize");
      return network_.clip(from, on_scale(name, src, y), limits);
    };
    tensors_.set_waiting(from, rounds, nullptr, src.depth + 1);
  }
  void leaky_relu(const node& from) {
    const double slope = read_slope(from_, from);
    const int8_tensor src = dequantized(from);
    tensors_.set_waiting(from, [=, this](double y) {
      if (y == src.scale) return network_.leaky_relu(from, src, slope);
      fail("changes the scale from ", src.scale, " to ", y, ", which is not supported");
    });
  }

  void reshape(const node& from) {
    tensors_.set_kept(from, [=, this](int8_tensor src) {
      src.flat = reshapes_to_flat(from_, from, network_.shape_of(src), src.flat);
      return src;
    });
  }
  void pass(const node& from) {
    check_pass(from_, from);
    tensors_.set_kept(from, [](const int8_tensor& src) { return src; });
  }
  void softmax(const node& from) {
    check_last_softmax(from_, from);
    tensors_.set_kept(from, [](const int8_tensor& src) { return src; });
  }

  const model& from_;
  quantized_network network_ = {};
  quantized_tensors tensors_;
  quantized_layers layers_;
  std::optional<int8_tensor> input_ = {};  ///< once its scale is known
};

}  // namespace onnx

/// The int8 network of an ONNX model that is quantized already: in QDQ form, by QLinear ops, or
/// both. Symmetric int8 alone: zero points are 0; the weights have one scale or one for each output
/// channel. Weights and int32 biases keep their integers, a real bias is rounded to the
/// accumulator's unit; the scheme is `mixed`, a tensor's threshold 128 times its scale.
///
/// What ONNX computes on real numbers is computed in integers here, by SPECIFICATION 1.4:
/// requantization by a 31-bit multiplier that rounds ties up, where ONNX rounds them to even
/// (rarely a difference of 1); an add by choose_add(), whose multipliers have 7 bits. A tensor that
/// is only put on another scale becomes a concat of one.
/// @throws octavo::error naming the file, the node, its op and what is supported.
inline quantized_model quantized_model_of(const onnx::model& from, const onnx::options& how = {}) {
  return with_context(from.file, [&] {
    const onnx::model plain = onnx::expand_qlinear(from);
    return onnx::quantized_importer(plain, how).run();
  });
}

}  // namespace octavo::inline v0::io
