// SPDX-License-Identifier: MIT
/// @file
/// An ONNX model in floating point as a float_model: what the quantizer starts from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/elementwise.hpp"
#include "octavo/io/onnx/float_layers.hpp"
#include "octavo/io/onnx/layout.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/names.hpp"
#include "octavo/io/onnx/windows.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/fold_into.hpp"
#include "octavo/quant/fold.hpp"

namespace octavo::inline v0::io {

namespace onnx {

/// Takes the nodes of a model one after the other and appends to a graph what they compute.
class float_importer {
 public:
  float_importer(const model& from, const options& how) : from_(from) {
    const shape in = input_shape(from.input, how);
    if (!is_real(from.input.type)) {
      fail("the input holds ", to_string(from.input.type), ", expected real numbers");
    }
    params_.emplace_back();
    set(from.input.name,
        {builder_.input(names_.make(from.input.name), in), from.input.dims.size() == 2});
  }

  float_model run() {
    for (const node& each : from_.nodes) {
      with_context(label(each), [&] { visit(each); });
    }
    std::vector<tensor_id> outputs;
    for (const std::string& name : from_.outputs) outputs.push_back(tensor(name).id);
    return {builder_.finish(outputs), std::move(params_)};
  }

 private:
  struct value {
    tensor_id id = {};
    bool flat = false;    ///< N x K for ONNX
    bool shared = false;  ///< others read it too, under another name
  };
  using importer = void (float_importer::*)(const node&);

  /// What a float model may consist of.
  static const std::map<std::string_view, importer>& importers() {
    using self = float_importer;
    static const std::map<std::string_view, importer> all = {
        {"Add", &self::add},
        {"AveragePool", &self::average_pool},
        {"BatchNormalization", &self::batch_norm},
        {"Clip", &self::clip},
        {"Concat", &self::concat},
        {"Conv", &self::conv},
        {"Dropout", &self::pass},
        {"Flatten", &self::reshape},
        {"Gemm", &self::gemm},
        {"GlobalAveragePool", &self::global_average_pool},
        {"Identity", &self::pass},
        {"LeakyRelu", &self::leaky_relu},
        {"MatMul", &self::matmul},
        {"MaxPool", &self::max_pool},
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
      for (const char* mark : {"QuantizeLinear", "DequantizeLinear", "QLinear"}) {
        if (from.type.find(mark) == std::string::npos) continue;
        fail("is of a model that is quantized already, expected one in floating point; ",
             "octavo::io::quantized_model_of() is for such a model");
      }
      fail("is not supported; a float model ", supported(importers()));
    }
    reading_.count_operands(from_, from);
    require(has_operand(from, 0), "has no inputs");
    (this->*found->second)(from);
  }

  void set(const std::string& name, value made) { values_[name] = made; }
  void set(const node& from, tensor_id id, bool flat) { set(from.outputs[0], {id, flat}); }

  /// The node's output is the tensor it reads, perhaps of another shape for ONNX.
  void set_same(const node& from, bool flat) {
    value same = operand(from);
    same.flat = flat;
    same.shared = same.shared || from_.readers_of(from.inputs[0]) > 1;
    set(from.outputs[0], same);
  }

  const value& tensor(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) fail(in_quotes(name), " is a constant, expected a tensor");
    return found->second;
  }
  const value& operand(const node& from, std::size_t place = 0) const {
    return tensor(from.inputs[place]);
  }
  const shape& shape_of(const value& of) const { return builder_.shape_of(of.id); }

  /// An operand that is N x C x H x W for ONNX too.
  const value& image(const node& from) const {
    const value& found = operand(from);
    require(!found.flat, "its input is N x K, expected N x C x H x W");
    return found;
  }
  std::int64_t depth(const node& from) const {
    const value& found = operand(from);
    require(found.flat, "its left operand is N x C x H x W, expected N x K");
    return shape_of(found).elements_per_image();
  }

  /// The parameters behind the node that the builder has just appended.
  void append(float_params params = {}) { params_.push_back(std::move(params)); }

  void conv(const node& from) {
    const value src = image(from);
    float_conv read = read_float_conv(from_, from, shape_of(src));
    set(from, builder_.conv2d(names_.make(from), src.id, read.options), false);
    append(std::move(read.params));
  }
  void dense(const node& from, float_dense read) {
    set(from, builder_.fully_connected(names_.make(from), operand(from).id, read.channels), true);
    append(std::move(read.params));
  }
  void gemm(const node& from) {
    expect_operands(from_, from, 2, 3);
    dense(from, read_gemm(from_, from, depth(from)));
  }
  void matmul(const node& from) {
    expect_operands(from_, from, 2, 2);
    dense(from, read_matmul(from_, from, depth(from)));
  }

  /// Channel c becomes x * scale + bias, where scale and bias = at(c, b) follow from the bias b
  /// that is there: folded into the layer before, or a `scale` op where others read that layer too.
  template <class At>
  void apply_to_channels(const node& from, const std::string& name, const At& at) {
    value dst = tensor(name);
    const auto channels = static_cast<std::size_t>(shape_of(dst).c);
    if (!folds(name)) {
      dst = {builder_.scale(names_.make(from), dst.id), dst.flat};
      append({std::vector<double>(channels, 1), std::vector<double>(channels)});
    }
    float_params& params = params_[static_cast<std::size_t>(dst.id.index)];
    folding_.count(params.weights.size());
    for (std::size_t c = 0; c < channels; ++c) {
      octavo::detail::fold_into(params, c, at(c, params.bias[c]));
    }
    set(from.outputs[0], dst);
  }

  /// Whether a tensor is the result of a layer with weights that nobody else reads.
  bool folds(const std::string& name) const {
    const value& src = tensor(name);
    const bool alone = !src.shared && from_.readers_of(name) == 1;
    return alone && !params_[static_cast<std::size_t>(src.id.index)].bias.empty();
  }

  void batch_norm(const node& from) {
    expect_operands(from_, from, 5, 5);
    const int channels = channels_of(operand(from));
    const std::vector<batch_norm_channel> norm = read_batch_norm(from_, from, channels);
    apply_to_channels(from, from.inputs[0],
                      [&](std::size_t c, double bias) { return fold(norm[c], bias); });
  }
  /// A flat tensor has as many channels as values, so that our shape must be N x C x 1 x 1.
  int channels_of(const value& of) const {
    const octavo::shape& s = shape_of(of);
    require(!of.flat || (s.h == 1 && s.w == 1), "is not supported on a flattened image");
    return s.c;
  }

  void add(const node& from) {
    check_plain(from_, from, 2);
    for (const std::size_t place : {std::size_t{0}, std::size_t{1}}) {
      const shared_constant bias = from_.find_constant(from.inputs[place]);
      if (bias != nullptr) return add_bias(from, from.inputs[1 - place], *bias);
    }
    const value a = operand(from, 0);
    const value b = operand(from, 1);
    require(a.flat == b.flat, "adds tensors of two shapes, which is not supported");
    set(from, builder_.add(names_.make(from), a.id, b.id), a.flat);
    append();
  }
  void add_bias(const node& from, const std::string& name, const constant& bias) {
    const value& src = tensor(name);
    require(bias.elements() > 1 || folds(name), "adds one number to what is no layer's own result");
    const std::vector<double> added = channel_bias(bias, channels_of(src), src.flat);
    apply_to_channels(from, name, [&](std::size_t c, double old) {
      return folded_channel{1, old + added[c]};
    });
  }

  void relu(const node& from) {
    check_plain(from_, from, 1);
    append_relu(from);
  }
  void append_relu(const node& from) {
    const value src = operand(from);
    set(from, builder_.relu(names_.make(from), src.id), src.flat);
    append();
  }
  void leaky_relu(const node& from) {
    const double slope = read_slope(from_, from);
    const value src = operand(from);
    set(from, builder_.leaky_relu(names_.make(from), src.id, slope), src.flat);
    append();
  }
  void clip(const node& from) {
    const clip_limits limits = read_clip(from_, from);
    if (limits.is_relu()) return append_relu(from);
    const value src = operand(from);
    set(from, builder_.clip(names_.make(from), src.id, limits.lo, limits.hi), src.flat);
    append();
  }

  void max_pool(const node& from) {
    expect_operands(from_, from, 1, 1);
    const value src = image(from);
    const pool_params pool = read_pool(from, shape_of(src));
    set(from, builder_.max_pool(names_.make(from), src.id, pool), false);
    append();
  }
  void average(const node& from, const pool_params& pool, bool flat) {
    set(from, builder_.avg_pool(names_.make(from), operand(from).id, pool), flat);
    append();
  }
  void average_pool(const node& from) {
    expect_operands(from_, from, 1, 1);
    average(from, read_pool(from, shape_of(image(from))), false);
  }
  void global_average_pool(const node& from) {
    check_plain(from_, from, 1);
    average(from, whole_image(shape_of(image(from))), false);
  }
  void mean(const node& from) {
    const bool flat = mean_is_flat(from_, from, operand(from).flat);
    average(from, whole_image(shape_of(operand(from))), flat);
  }

  void concat(const node& from) {
    const bool flat = operand(from).flat;
    check_concat(from_, from, flat ? 2 : 4);
    std::vector<tensor_id> parts;
    for (std::size_t i = 0; i < from.inputs.size(); ++i) {
      require(operand(from, i).flat == flat, "joins N x K and N x C x H x W");
      parts.push_back(operand(from, i).id);
    }
    set(from, builder_.concat(names_.make(from), parts), flat);
    append();
  }

  void reshape(const node& from) {
    const value& src = operand(from);
    set_same(from, reshapes_to_flat(from_, from, shape_of(src), src.flat));
  }
  void pass(const node& from) {
    check_pass(from_, from);
    set_same(from, operand(from).flat);
  }
  void softmax(const node& from) {
    check_last_softmax(from_, from);
    set_same(from, operand(from).flat);
  }

  const model& from_;
  graph_builder<std::vector<octavo::node>> builder_ = {};
  op_names names_ = {};
  number_limit reading_{reading_limit};
  number_limit folding_{folding_limit};
  std::vector<float_params> params_ = {};  ///< of each node of the graph
  std::map<std::string, value, std::less<>> values_ = {};
};

}  // namespace onnx

/// The float network of an ONNX model. Batch normalizations and constants that are added are folded
/// into the convolution or fully connected layer before them where nobody else reads it; one that
/// stands alone becomes a `scale`. A Softmax at the end is dropped: the outputs are the logits.
/// @throws octavo::error naming the file, the node, its op and what is supported.
inline float_model float_model_of(const onnx::model& from, const onnx::options& how = {}) {
  return with_context(from.file, [&] { return onnx::float_importer(from, how).run(); });
}

}  // namespace octavo::inline v0::io
