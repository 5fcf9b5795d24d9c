// SPDX-License-Identifier: MIT
/// @file
/// What the readers of single operations share: the values and the network so far.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/io/mlir/graph_state.hpp"
#include "octavo/io/mlir/integers.hpp"
#include "octavo/io/mlir/layers.hpp"
#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/scope.hpp"
#include "octavo/io/mlir/weights.hpp"

namespace octavo::inline v0::io::mlir {

class network_context {
 public:
  network_context(const region& body, const std::string& file, const std::filesystem::path& folder)
      : values(body, file), files(folder) {
    for (const operation& each : body.operations) {
      is_int8 = is_int8 || each.name == "tpu.quantization";
    }
  }

  scope values;
  weights_files files;
  graph_state state = {};
  bool is_int8 = false;  ///< a quantized network
  /// Batch normalizations whose scale is still to come, by the names of their results.
  std::map<std::string, std::vector<batch_norm_channel>, std::less<>> waiting = {};

  void define(const op_reader& op, value made) {
    made.written = op.get().result_types[0];
    made.alone = true;  // as far as this operation knows
    values.define(op.get().results[0], std::move(made));
  }

  /// The same value under another name and perhaps with other extents.
  void define_alias(const op_reader& op, value same) {
    same.written = op.get().result_types[0];
    values.define(op.get().results[0], std::move(same));
  }

  const value& tensor(const op_reader& op, std::size_t place = 0) const {
    return values.operand(op.get(), place, value_kind::tensor);
  }
  static tensor_id id_of(const value& of) { return {static_cast<int>(of.index)}; }
  const shape& shape_of(const value& of) const { return state.builder.shape_of(id_of(of)); }

  /// An operand with four extents.
  const value& image(const op_reader& op, std::size_t place = 0) const {
    const value& found = tensor(op, place);
    extents_of(op, place, 4);
    return found;
  }

  /// Appends what make(name) appends to the graph. `result` is the extents of its type, the shape's
  /// four where it is not given. The node's parameters are the caller's to fill in.
  template <class Make>
  node_state& append(const op_reader& op, octavo::op kind, const std::optional<extents>& result,
                     const Make& make) {
    check_quant(op);
    node_state made{.name = state.new_name(op), .where = op.where()};
    const tensor_id id = with_context(op.where(), [&] { return make(node_name(made.name)); });
    const shape& s = state.builder.shape_of(id);
    expect_result(op, result.value_or(extents{s.n, s.c, s.h, s.w}));
    if (is_int8) made.threshold = threshold_of(op, kind);
    state.nodes.push_back(std::move(made));
    define(op, {.index = static_cast<std::size_t>(id.index)});
    return state.nodes.back();
  }

  /// The same for an op without weights.
  template <class Make>
  void append_weightless(const op_reader& op, octavo::op kind, const std::optional<extents>& result,
                         const Make& make) {
    constexpr std::string_view no_use = "where there are no integers";
    if (!is_int8) {
      op.forbid({"divisor", "multiplier", "rshift", "quantized_max", "quantized_min"}, no_use);
    }
    if (kind == op::relu) op.forbid({"multiplier", "rshift"}, no_use);
    if (kind == op::max_pool) {
      op.forbid({"count_padding", "divisor", "multiplier", "rshift"}, "behind pool MAX");
    }
    node_state& made = append(op, kind, result, make);
    if (is_int8) made.integers = read_integers(op, kind, op.get().operands.size());
  }

  /// The parameters of an op with weights.
  void set_layer(const op_reader& op, node_state& made, int channels) {
    if (!is_int8) {
      op.forbid({"policy", "scheme"}, "without a tpu.quantization");
      made.real = read_float_layer(op, values, files, channels);
      return;
    }
    const layer_rule rule = read_layer_rule(op);
    state.add_layer_scheme(op, rule.scheme);
    made.integers = read_layer(op, rule, values, files, channels);
  }

 private:
  /// Whether `quant`, where it is there, says what the network is.
  void check_quant(const op_reader& op) const {
    if (!op.has("quant") || (op.text("quant") != "NONE") == is_int8) return;
    op.fail_value(op.required("quant"), "quant",
                  is_int8 ? "INT8 ... behind tpu.quantization" : "NONE without a tpu.quantization");
  }

  /// Of an op that writes a tensor.
  double threshold_of(const op_reader& op, octavo::op kind) const {
    const std::optional<double> own = op.optional_threshold("threshold_y");
    if (keeps_threshold(kind)) {
      const double of_input = state.nodes[tensor(op).index].threshold;
      if (own && *own != of_input) {
        op.fail_value(op.required("threshold_y"), "threshold_y",
                      concat_text("its input's ", of_input));
      }
      return of_input;
    }
    if (!own) op.required("threshold_y");
    return *own;
  }
};

}  // namespace octavo::inline v0::io::mlir
