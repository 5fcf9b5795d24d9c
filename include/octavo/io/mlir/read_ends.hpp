// SPDX-License-Identifier: MIT
/// @file
/// Operations at both ends of a network: weights files, the input, the results; and
/// tpu.reshape, which moves nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "octavo/io/mlir/layers.hpp"
#include "octavo/io/mlir/network_context.hpp"
#include "octavo/io/mlir/op_reader.hpp"

namespace octavo::inline v0::io::mlir::detail {

inline void read_load_file(network_context& net, const op_reader& op) {
  op.expect_operands(0, 0);
  const type& written = op.get().result_types[0];
  if (written.kind != type_kind::memref) {
    op.fail_at(written.at, "found ", to_string(written),
               " as the result of tpu.load_file, expected a memref");
  }
  net.define(op, {.kind = value_kind::weights_file, .index = net.files.open(op)});
}

inline void read_load_weight(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& file = net.values.operand(op.get(), 0, value_kind::weights_file);
  static_cast<void>(op.optional_text("storage"));  // how the original's image holds it
  const type& written = op.get().result_types[0];
  if (written.kind != type_kind::tensor) {
    op.fail_at(written.at, "found ", to_string(written),
               " as the result of tpu.load_weight, expected a tensor");
  }
  net.define(op, {.kind = value_kind::array, .index = file.index, .name = op.text("name")});
}

inline void read_input(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  net.values.operand(op.get(), 0, value_kind::argument);
  const std::vector<int> e = extents_of(op, 0, 4);
  if (!net.is_int8) {
    net.append(op, op::input, {}, [&](const node_name& name) {
      return net.state.builder.input(name, {e[0], e[1], e[2], e[3]});
    });
    return;
  }
  expect_result(op, op.get().operand_types[0].extents);
  net.define(op, {.kind = value_kind::image,
                  .name = net.state.new_name(op),
                  .threshold = op.optional_threshold("threshold_y").value_or(0)});
}

inline void read_quantization(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& from = net.values.operand(op.get(), 0, value_kind::image);
  const std::vector<int> e = extents_of(op, 0, 4);
  if (const auto kind = read_scheme(op)) net.state.add_network_scheme(op, *kind);
  node_state state{.name = net.state.new_name(op), .where = op.where()};
  state.threshold = op.optional_threshold("threshold").value_or(from.threshold);
  if (state.threshold == 0) op.required("threshold");
  if (from.threshold != 0 && from.threshold != state.threshold) {
    op.fail_value(op.required("threshold"), "threshold",
                  concat_text(from.threshold, " as tpu.input says"));
  }
  state.integers.emplace();
  const tensor_id id = with_context(op.where(), [&] {
    return net.state.builder.input(node_name(state.name), {e[0], e[1], e[2], e[3]});
  });
  expect_result(op, from.written.extents);
  net.state.nodes.push_back(std::move(state));
  net.define(op, {.index = static_cast<std::size_t>(id.index)});
}

inline void read_dequantization(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& from = net.tensor(op);
  if (!net.is_int8) op.fail("found tpu.dequantization, expected a tpu.quantization before it");
  const double threshold = net.state.nodes[from.index].threshold;
  if (op.optional_threshold("threshold").value_or(threshold) != threshold) {
    op.fail_value(op.required("threshold"), "threshold", concat_text("its operand's ", threshold));
  }
  expect_result(op, from.written.extents);
  net.define(op, {.kind = value_kind::result, .index = from.index, .name = net.state.new_name(op)});
}

inline void read_softmax(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& from =
      net.values.operand(op.get(), 0, net.is_int8 ? value_kind::result : value_kind::tensor);
  if (from.softmax) op.fail("found the softmax of a softmax, expected one");
  expect_result(op, from.written.extents);
  net.define(op, {.kind = value_kind::result,
                  .index = from.index,
                  .name = net.state.new_name(op),
                  .softmax = true});
}

/// The tensor it reads, as N x K or again with the four extents that the tensor has.
inline void read_reshape(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& from = net.values.operand(op.get(), 0);
  if (from.kind != value_kind::result) net.tensor(op);
  const shape& s = net.shape_of(from);
  net.state.new_name(op);
  const extents four = {s.n, s.c, s.h, s.w};
  const bool to_four = op.get().result_types[0].extents.size() == 4;
  expect_result(op, to_four ? four : extents{s.n, s.elements_per_image()});
  net.define_alias(op, from);
}

}  // namespace octavo::inline v0::io::mlir::detail
