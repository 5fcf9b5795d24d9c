// SPDX-License-Identifier: MIT
/// @file
/// From the operations of one function to a network: in int8 where there is a tpu.quantization, in
/// floating point elsewhere.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "octavo/io/mlir/network.hpp"
#include "octavo/io/mlir/network_context.hpp"
#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/read_ends.hpp"
#include "octavo/io/mlir/read_layers.hpp"
#include "octavo/io/mlir/read_plain.hpp"

namespace octavo::inline v0::io::mlir {

class network_reader {
 public:
  /// `function` and `file` must outlive this; weights lie in `folder` or below it.
  network_reader(const operation& function, const std::string& file,
                 const std::filesystem::path& folder)
      : function_(function), body_(function.regions[0]), file_(file), net_(body_, file, folder) {}

  mlir_network run() {
    for (std::size_t i = 0; i < body_.arguments.size(); ++i) {
      net_.values.define(
          body_.arguments[i],
          {.kind = value_kind::argument, .index = i, .written = body_.argument_types[i]});
    }
    for (const operation& each : body_.operations) {
      if (each.name == "func.return") {
        if (&each != &body_.operations.back()) {
          fail_at(file_, each.at, "found a return inside the function, expected it at the end");
        }
        return finish(each);
      }
      visit(op_reader(each, file_));
    }
    fail_at(file_, body_.end, "found the end of the function, expected a return");
  }

 private:
  struct known_op {
    void (*read)(network_context&, const op_reader&);
    std::vector<std::string_view> attributes;  ///< that it may have
  };

  /// With the attributes that every op of the network may have, and its own.
  static known_op with(void (*read)(network_context&, const op_reader&),
                       std::vector<std::string_view> attributes = {}) {
    attributes.insert(attributes.begin(), {"name", "offset", "quant", "threshold_y"});
    return {read, std::move(attributes)};
  }

  static const std::map<std::string_view, known_op>& known_ops() {
    static const std::map<std::string_view, known_op> all = {
        {"tpu.batch_norm", with(detail::read_batch_norm, {"variance_epsilon"})},
        {"tpu.clip", with(detail::read_clip, {"max", "min", "quantized_max", "quantized_min"})},
        {"tpu.concat", with(detail::read_concat, {"multiplier", "rshift"})},
        {"tpu.conv_2d",
         with(detail::read_conv2d, {"dilation_h_factor", "dilation_w_factor", "group", "groups",
                                    "pad_bottom", "pad_left", "pad_right", "pad_top", "padding",
                                    "policy", "scheme", "stride_h", "stride_w"})},
        {"tpu.dequantization",
         {detail::read_dequantization, {"name", "offset", "quant", "threshold"}}},
        {"tpu.eltwise", with(detail::read_eltwise, {"multiplier", "rshift"})},
        {"tpu.fully_connected", with(detail::read_fully_connected, {"policy", "scheme"})},
        {"tpu.input", with(detail::read_input)},
        {"tpu.load_file", {detail::read_load_file, {"filename"}}},
        {"tpu.load_weight", {detail::read_load_weight, {"name", "offset", "storage"}}},
        {"tpu.pool_2d", with(detail::read_pool,
                             {"ceil_mode", "count_padding", "divisor", "filter_height",
                              "filter_width", "multiplier", "pad_bottom", "pad_left", "pad_right",
                              "pad_top", "padding", "pool", "rshift", "stride_h", "stride_w"})},
        {"tpu.quantization",
         {detail::read_quantization, {"name", "offset", "quant", "scheme", "threshold"}}},
        {"tpu.relu", with(detail::read_relu, {"multiplier", "negative_slope", "rshift"})},
        {"tpu.reshape", with(detail::read_reshape)},
        {"tpu.scale", with(detail::read_scale, {"policy", "scheme"})},
        {"tpu.softmax", with(detail::read_softmax)},
    };
    return all;
  }

  void visit(const op_reader& op) {
    const auto found = known_ops().find(op.name());
    if (found == known_ops().end()) {
      std::string list;
      for (const auto& [name, ignored] : known_ops()) list += concat_text(name, ", ");
      op.fail("found the operation ", in_quotes(op.name()), ", expected one of ", list,
              "func.return");
    }
    if (!op.get().regions.empty()) op.fail("found a region in ", op.name(), ", expected none");
    if (op.get().results.size() != 1) {
      op.fail("found ", op.get().results.size(), " results of ", op.name(), ", expected 1");
    }
    op.allow(found->second.attributes);
    op.check_offset();
    net_.values.check_operands(op.get());
    check_quant(op);
    static_cast<void>(op.optional_threshold("threshold_y"));
    found->second.read(net_, op);
  }

  static void check_quant(const op_reader& op) {
    const std::string quant = op.optional_text("quant").value_or("NONE");
    for (const std::string_view known : {"NONE", "INT8", "INT8_PER_CHANNEL", "INT8_MULTIPLIER"}) {
      if (quant == known) return;
    }
    op.fail_value(op.required("quant"), "quant", "NONE, INT8, INT8_PER_CHANNEL or INT8_MULTIPLIER");
  }

  mlir_network finish(const operation& end) {
    net_.values.check_operands(end);
    const attribute* signature = find_attribute(function_, "function_type");
    if (signature == nullptr) signature = find_attribute(function_, "type");
    check_signature(end, signature);
    std::vector<tensor_id> ids;
    mlir_network made;
    for (std::size_t i = 0; i < end.operands.size(); ++i) {
      const value& found = net_.values.operand(end, i);
      if (found.kind != value_kind::result) {
        net_.values.operand(end, i, net_.is_int8 ? value_kind::result : value_kind::tensor);
      }
      ids.push_back(network_context::id_of(found));
      const std::string& of_node = net_.state.nodes[found.index].name;
      made.outputs.push_back({found.name.empty() ? of_node : found.name, found.softmax});
    }
    if (ids.empty()) fail_at(file_, end.at, "found a return of nothing, expected a result");
    const std::string where = op_reader(end, file_).where();
    if (net_.is_int8) {
      made.model = net_.state.finish_quantized(ids, where);
    } else {
      made.model = net_.state.finish_float(ids, where);
    }
    return made;
  }

  void check_signature(const operation& end, const attribute* signature) const {
    const auto* written =
        signature == nullptr ? nullptr : std::get_if<type_value>(&signature->value);
    if (written == nullptr) {
      fail_at(file_, function_.at, "found a function without its type, expected 'function_type'");
    }
    if (written->inputs != body_.argument_types || written->results != end.operand_types) {
      fail_at(file_, signature->at,
              "found a function type that is not that of its arguments and its return, expected ",
              "the same types");
    }
  }

  const operation& function_;
  const region& body_;
  const std::string& file_;
  network_context net_;
};

}  // namespace octavo::inline v0::io::mlir
