// SPDX-License-Identifier: MIT
/// @file
/// A quantized network as MLIR's text, in the generic form that every release of mlir-opt reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/calibrate/propagate.hpp"
#include "octavo/io/mlir/attribute_list.hpp"
#include "octavo/io/mlir/integers.hpp"
#include "octavo/io/mlir/layers.hpp"
#include "octavo/io/mlir/network.hpp"
#include "octavo/io/mlir/syntax.hpp"
#include "octavo/io/mlir/text_body.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/tpu/neuron_map.hpp"
#include "octavo/tpu/weight_layout.hpp"

namespace octavo::inline v0::io {

/// What a text says beside the network.
struct mlir_options {
  std::string weights = {};  ///< name of the weights file; empty: the text's, with .npz
  /// One for each output of the graph; empty: dequantized, no softmax.
  std::vector<mlir_output> outputs = {};
};

namespace mlir {

/// Writes operation by operation. A model that has passed validate().
class text_writer {
 public:
  text_writer(const quantized_model& model, const mlir_options& options)
      : model_(model),
        options_(options),
        neurons_(tpu::make_neuron_map(model.graph)),
        weights_(tpu::make_weight_map(model.graph, tpu::layout_of(model.scheme))) {
    const std::size_t outputs = model.graph.outputs.size();
    if (!options.outputs.empty() && options.outputs.size() != outputs) {
      fail("mlir: ", options.outputs.size(), " names of outputs, expected ", outputs);
    }
    for (const node& each : model.graph) names_.insert(std::string(each.name.view()));
    for (const mlir_output& each : options.outputs) {
      if (!names_.insert(each.name).second) {
        fail("mlir: ", in_quotes(each.name), " is the name of two ops, expected different names");
      }
    }
  }

  std::string run() {
    const octavo::graph& net = model_.graph;
    bool has_layers = false;
    for (const node& each : net) has_layers = has_layers || has_weights(each.kind);
    if (has_layers) {
      const std::string file = attribute_list().text("filename", options_.weights).str();
      file_ = body_.emit("tpu.load_file", {}, file, weights_file);
    }
    for (std::size_t i = 0; i < net.size(); ++i) node_op(i);
    std::vector<reference> results;
    for (std::size_t i = 0; i < net.outputs.size(); ++i) results.push_back(output(i));
    return body_.function(results);
  }

 private:
  static inline const type weights_file = {type_kind::memref, {INT64_C(1) << 31}, "f32"};

  /// A name for an op that the graph does not have.
  std::string new_name(std::string name) {
    while (!names_.insert(name).second) name += '_';
    return name;
  }

  // ---- operands ----

  const node& node_at(std::size_t i) const { return model_.graph[i]; }
  static extents four_extents(const node& of) {
    return {of.shape.n, of.shape.c, of.shape.h, of.shape.w};
  }

  /// The tensor that a node reads, with these extents: reshaped where it has others.
  reference operand(const node& reader, std::size_t place, const extents& wanted) {
    const reference& from = tensors_[static_cast<std::size_t>(reader.src[place])];
    if (from.written.extents == wanted) return from;
    const std::string name = new_name(concat_text(reader.name, "_reshape"));
    return body_.emit("tpu.reshape", {from}, attribute_list().text("name", name).str(),
                      float_tensor(wanted));
  }
  reference image(const node& reader, std::size_t place = 0) {
    return operand(reader, place,
                   four_extents(node_at(static_cast<std::size_t>(reader.src[place]))));
  }

  /// tpu.load_weight of one part of a layer. Its address is that of the row that holds it, where
  /// the weight image has one for it alone or begins with it.
  reference load(std::size_t i, std::string_view suffix, const extents& dims,
                 const tpu::weight_row* row) {
    attribute_list attributes;
    attributes.text("name", concat_text(node_at(i).name, suffix));
    if (row != nullptr) attributes.address(row->offset);
    return body_.emit("tpu.load_weight", {file_}, attributes.str(), float_tensor(dims));
  }

  /// Filter, bias, shifts and, where the policy has them, multipliers: in the order of the text,
  /// whose reverse is that of the addresses.
  void load_layer(std::size_t i, std::vector<reference>& operands) {
    using tpu::weight_part;
    const auto row = [&](weight_part part) { return weights_.find(static_cast<int>(i), part); };
    const shape w = weights_shape(model_.graph, i);
    extents filter = {w.n, w.c, w.h, w.w};
    if (node_at(i).kind == op::fully_connected) filter.resize(2);
    const requantization& rule = model_.params[i].requantize;
    const auto entries = static_cast<std::int64_t>(rule.entries());
    const tpu::weight_row* records = row(weight_part::channel_records);
    operands.push_back(load(i, "_quant_int8_0", filter, row(weight_part::filter)));
    operands.push_back(load(i, "_quant_int8_1", {node_at(i).shape.c},
                            records != nullptr ? records : row(weight_part::bias)));
    operands.push_back(load(i, "_quant_int8_rshift", {entries}, row(weight_part::shift)));
    if (!rule.multiplier.empty()) {
      operands.push_back(load(i, "_quant_int8_multiplier", {entries}, nullptr));
    }
  }

  // ---- attributes ----

  /// What every op that writes a tensor has.
  attribute_list common(std::size_t i, std::string_view quant = "INT8") const {
    attribute_list made;
    made.text("name", node_at(i).name).real("threshold_y", model_.thresholds[i]);
    made.text("quant", quant).address(neurons_.find(static_cast<int>(i))->offset);
    return made;
  }

  attribute_list layer_attributes(std::size_t i) const {
    const requantization& rule = model_.params[i].requantize;
    const bool mixed = model_.scheme == scheme::mixed;
    const bool per_channel = mixed ? rule.entries() > 1 : is_per_channel(model_.scheme);
    attribute_list made = common(i, quant_of(rule.kind, per_channel));
    made.text("scheme", to_string(model_.scheme));
    if (mixed || rule.kind != policy_of(model_.scheme)) {
      made.text("policy", policy_names[static_cast<std::size_t>(rule.kind)]);
    }
    return made;
  }

  static void add_window(attribute_list& to, const window& w) {
    to.integer("stride_h", w.stride_h).integer("stride_w", w.stride_w);
    to.integer("pad_top", w.pad.top).integer("pad_left", w.pad.left);
    to.integer("pad_bottom", w.pad.bottom).integer("pad_right", w.pad.right);
  }

  static void add_multipliers(attribute_list& to, const std::vector<multiplier_rshift>& values) {
    std::vector<int> multipliers;
    std::vector<int> shifts;
    for (const multiplier_rshift& each : values) {
      multipliers.push_back(each.multiplier);
      shifts.push_back(each.shift);
    }
    to.integers("multiplier", multipliers).integers("rshift", shifts);
  }

  // ---- operations ----

  void node_op(std::size_t i) {
    const node& op_node = node_at(i);
    switch (op_node.kind) {
      case op::input:
        return input(i);
      case op::conv2d:
        return conv2d(i);
      case op::fully_connected:
        return fully_connected(i);
      case op::max_pool:
      case op::avg_pool:
        return pool(i);
      case op::add:
        return eltwise(i);
      case op::concat:
        return concat(i);
      case op::scale:
      case op::relu:
      case op::clip:
      case op::leaky_relu:
        return elementwise(i);
    }
  }

  void write(std::string_view op, const std::vector<reference>& operands,
             const attribute_list& attributes, const extents& dims) {
    tensors_.push_back(body_.emit(op, operands, attributes.str(), float_tensor(dims)));
  }

  void input(std::size_t i) {
    const type written = float_tensor(four_extents(node_at(i)));
    const reference argument = body_.add_argument(written);
    std::string real(name_in_table(model_.graph, i));
    if (real == node_at(i).name.view()) real += "_real";
    attribute_list attributes;
    attributes.text("name", new_name(real)).real("threshold_y", model_.thresholds[i]);
    const reference image = body_.emit("tpu.input", {argument}, attributes.str(), written);
    attribute_list quantization;
    quantization.text("name", node_at(i).name).real("threshold", model_.thresholds[i]);
    quantization.text("quant", "INT8").text("scheme", to_string(model_.scheme));
    quantization.address(neurons_.find(static_cast<int>(i))->offset);
    write("tpu.quantization", {image}, quantization, written.extents);
  }

  void conv2d(std::size_t i) {
    const node& conv = node_at(i);
    std::vector<reference> operands = {image(conv)};
    load_layer(i, operands);
    attribute_list attributes = layer_attributes(i);
    add_window(attributes, conv.window);
    attributes.integer("dilation_h_factor", conv.window.dilation_h);
    attributes.integer("dilation_w_factor", conv.window.dilation_w);
    attributes.integer("group", conv.groups);
    write("tpu.conv_2d", operands, attributes, four_extents(conv));
  }

  void fully_connected(std::size_t i) {
    const node& fc = node_at(i);
    const shape& in = node_at(static_cast<std::size_t>(fc.src[0])).shape;
    std::vector<reference> operands = {operand(fc, 0, {in.n, in.elements_per_image()})};
    load_layer(i, operands);
    write("tpu.fully_connected", operands, layer_attributes(i), {fc.shape.n, fc.shape.c});
  }

  void pool(std::size_t i) {
    const node& op_node = node_at(i);
    const bool averages = op_node.kind == op::avg_pool;
    attribute_list attributes = common(i);
    attributes.text("pool", averages ? "AVE" : "MAX");
    attributes.integer("filter_height", op_node.window.kh);
    attributes.integer("filter_width", op_node.window.kw);
    add_window(attributes, op_node.window);
    attributes.flag("ceil_mode", op_node.rounding == size_rounding::ceil);
    if (averages) {
      attributes.flag("count_padding", op_node.count_padding);
      std::vector<int> divisors;
      std::vector<multiplier_rshift> multipliers;
      for (const pool_divisor& each : model_.params[i].divisors) {
        divisors.push_back(each.divisor);
        multipliers.push_back(each.requantize);
      }
      attributes.integers("divisor", divisors);
      add_multipliers(attributes, multipliers);
    }
    write("tpu.pool_2d", {image(op_node)}, attributes, four_extents(op_node));
  }

  void eltwise(std::size_t i) {
    const node& sum = node_at(i);
    const add_params& params = model_.params[i].add;
    const extents dims = tensors_[static_cast<std::size_t>(sum.src[0])].written.extents;
    attribute_list attributes = common(i);
    attributes.integers("multiplier", {params.multiplier[0], params.multiplier[1]});
    attributes.integer("rshift", params.shift);
    write("tpu.eltwise", {operand(sum, 0, dims), operand(sum, 1, dims)}, attributes, dims);
  }

  void concat(std::size_t i) {
    const node& joined = node_at(i);
    std::vector<reference> operands;
    for (std::size_t place = 0; place < joined.src.size(); ++place) {
      operands.push_back(image(joined, place));
    }
    attribute_list attributes = common(i);
    add_multipliers(attributes, model_.params[i].multipliers);
    write("tpu.concat", operands, attributes, four_extents(joined));
  }

  /// Ops that keep the extents of the one tensor they read.
  void elementwise(std::size_t i) {
    const node& op_node = node_at(i);
    std::vector<reference> operands = {tensors_[static_cast<std::size_t>(op_node.src[0])]};
    const extents dims = operands[0].written.extents;
    if (op_node.kind == op::scale) {
      load_layer(i, operands);
      return write("tpu.scale", operands, layer_attributes(i), dims);
    }
    attribute_list attributes = common(i);
    if (op_node.kind == op::clip) {
      const clip_params& clip = model_.params[i].clip;
      attributes.real("min", op_node.lo).real("max", op_node.hi);
      attributes.integer("quantized_min", clip.lo).integer("quantized_max", clip.hi);
      return write("tpu.clip", operands, attributes, dims);
    }
    attributes.real("negative_slope", op_node.slope);
    if (op_node.kind == op::leaky_relu) add_multipliers(attributes, model_.params[i].multipliers);
    write("tpu.relu", operands, attributes, dims);
  }

  /// An output of the graph, dequantized, and its softmax where one is asked for.
  reference output(std::size_t i) {
    const auto index = static_cast<std::size_t>(model_.graph.outputs[i]);
    const mlir_output wanted =
        options_.outputs.empty()
            ? mlir_output{new_name(concat_text(node_at(index).name, "_dequant")), false}
            : options_.outputs[i];
    const std::string name = wanted.softmax ? new_name(wanted.name + "_quant") : wanted.name;
    attribute_list attributes;
    attributes.text("name", name).real("threshold", model_.thresholds[index]);
    attributes.text("quant", "INT8");
    const type& written = tensors_[index].written;
    reference real = body_.emit("tpu.dequantization", {tensors_[index]}, attributes.str(), written);
    if (!wanted.softmax) return real;
    return body_.emit("tpu.softmax", {real}, attribute_list().text("name", wanted.name).str(),
                      written);
  }

  const quantized_model& model_;
  const mlir_options& options_;
  tpu::neuron_map<std::vector<node>> neurons_;
  tpu::weight_map weights_;
  std::set<std::string> names_ = {};
  text_body body_ = {};
  reference file_ = {};
  std::vector<reference> tensors_ = {};  ///< of every node
};

/// The text of a model that has passed validate(). Names and addresses are those of the neuron map
/// and of the weight image in the layout of the model's scheme.
/// @throws octavo::error where `options` has not one output for each of the graph's, or a name that
/// the graph has too.
inline std::string write(const quantized_model& model, const mlir_options& options) {
  return text_writer(model, options).run();
}

}  // namespace mlir

}  // namespace octavo::inline v0::io
