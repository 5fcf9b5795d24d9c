// SPDX-License-Identifier: MIT
/// @file
/// Convolutions and fully connected layers of a quantized ONNX model, and the constants behind a
/// DequantizeLinear that they are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/float_layers.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/quantization.hpp"
#include "octavo/io/onnx/quantized_network.hpp"
#include "octavo/io/onnx/values.hpp"
#include "octavo/io/onnx/windows.hpp"

namespace octavo::inline v0::io::onnx {

/// A layer that waits for its output's scale; a constant that is added becomes its bias.
struct waiting_layer {
  node from = {};
  int8_tensor src = {};
  std::optional<conv2d_options> conv = {};  ///< none for a fully connected layer
  layer_integers integers = {};
};

/// Checks a Gemm: whether its weights are N x K.
inline bool read_plain_gemm(const model& from, const node& gemm) {
  expect_operands(from, gemm, 2, 3);
  const attribute_reader attributes(gemm, {"alpha", "beta", "transA", "transB"});
  attributes.expect("transA", 0);
  require(attributes.real("alpha", 1) == 1 && attributes.real("beta", 1) == 1,
          "alpha or beta is not 1, which is not supported");
  return attributes.integer("transB", 0) != 0;
}

/// Reads the layers of one model.
class quantized_layers {
 public:
  explicit quantized_layers(const model& from) : from_(from) {}

  void count_operands(const node& from) { limit_.count_operands(from_, from); }

  /// A DequantizeLinear of a constant.
  void set_constant(const node& from, const shared_constant& values) {
    const bool added =
        constants_.emplace(from.outputs[0], read_dequantized(from_, from, values)).second;
    require(added, "writes a tensor a second time");
  }
  /// Whether this is a constant, dequantized or as it is.
  bool has_constant(const std::string& name) const {
    return constants_.contains(name) || from_.find_constant(name) != nullptr;
  }

  waiting_layer conv(const node& from, const int8_tensor& src, const shape& in) {
    const dequantized_constant& w = weights(from);
    const conv2d_options read = read_conv(from, w.values->dims, in);
    waiting_layer made = {from, src, read, read_weights(w, read.channels, 0)};
    if (has_operand(from, 2)) read_bias(made, from.inputs[2], true);
    return made;
  }

  /// A Gemm or MatMul of an input of `depth` values an image.
  waiting_layer dense(const node& from, const int8_tensor& src, std::int64_t depth,
                      bool is_n_by_k) {
    const dequantized_constant& w = weights(from);
    const dense_shape found = read_dense_shape(*w.values, is_n_by_k, depth);
    waiting_layer made = {from, src, {}, read_weights(w, found.channels, is_n_by_k ? 0 : 1)};
    made.integers.weights = n_by_k(found, std::move(made.integers.weights));
    if (has_operand(from, 2)) read_bias(made, from.inputs[2], true);
    return made;
  }

  /// A bias: an int32 constant behind a DequantizeLinear, or real numbers. `flat`: of one extent,
  /// as an operand of the layer itself.
  void read_bias(waiting_layer& to, const std::string& name, bool flat) {
    require(!to.integers.has_bias(), "adds a second bias, which is not supported");
    if (const auto found = constants_.find(name); found != constants_.end()) {
      return set_bias(to.integers, found->second, to.src.scale);
    }
    const shared_constant real = from_.find_constant(name);
    if (real == nullptr) fail("the bias ", in_quotes(name), " is no initializer");
    to.integers.real_bias = channel_bias(*real, to.integers.channels, flat);
  }

 private:
  const dequantized_constant& weights(const node& from) {
    const auto found = constants_.find(from.inputs[1]);
    if (found == constants_.end()) {
      fail("its weights ", in_quotes(from.inputs[1]),
           " are no int8 initializer behind a DequantizeLinear");
    }
    limit_.count(found->second.values->elements());
    return found->second;
  }

  const model& from_;
  number_limit limit_{reading_limit};
  std::map<std::string, dequantized_constant, std::less<>> constants_ = {};
};

}  // namespace octavo::inline v0::io::onnx
