// SPDX-License-Identifier: MIT
/// @file
/// One op by its definition, as the arrays that describe it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "kit.hpp"
#include "octavo/interpreter.hpp"

namespace octavo::examples {

namespace detail {

inline void describe_window(const node& op_node, io::npz_arrays& arrays) {
  const window& w = op_node.window;
  arrays.emplace("stride", integers({w.stride_h, w.stride_w}));
  arrays.emplace("pads", integers({w.pad.top, w.pad.left, w.pad.bottom, w.pad.right}));
  if (op_node.kind == op::conv2d) {
    arrays.emplace("dilation", integers({w.dilation_h, w.dilation_w}));
    arrays.emplace("groups", integers({op_node.groups}));
    return;
  }
  arrays.emplace("kernel", integers({w.kh, w.kw}));
  arrays.emplace("ceil", integers({op_node.rounding == size_rounding::ceil ? 1 : 0}));
}

inline void describe_layer(const quantized_model& model, const node& op_node,
                           io::npz_arrays& arrays) {
  const auto index = static_cast<std::size_t>(op_node.from.params);
  const op_params& params = model.params[index];
  const shape extents = weights_shape(model.graph, index);
  std::vector<std::int64_t> dims = {extents.n, extents.c, extents.h, extents.w};
  if (op_node.kind == op::fully_connected) dims.resize(2);
  if (op_node.kind == op::scale) dims = {extents.c};
  arrays.emplace("weights", io::make_npy_array(params.weights, dims));
  arrays.emplace("bias", vector_of(params.bias));
  arrays.emplace("relu", integers({op_node.relu ? 1 : 0}));
  const requantization& rule = params.requantize;
  arrays.emplace("policy", integers({static_cast<int>(rule.kind)}));
  arrays.emplace("shift",
                 vector_of(std::vector<std::int32_t>(rule.shift.begin(), rule.shift.end())));
  if (!rule.multiplier.empty()) arrays.emplace("multiplier", vector_of(rule.multiplier));
}

/// Multipliers and shifts of what multiplier_rshift is applied to.
inline void describe_multipliers(const std::vector<multiplier_rshift>& rules,
                                 io::npz_arrays& arrays) {
  std::vector<std::int32_t> multipliers;
  std::vector<std::int32_t> shifts;
  for (const multiplier_rshift& rule : rules) {
    multipliers.push_back(rule.multiplier);
    shifts.push_back(rule.shift);
  }
  arrays.emplace("multiplier", vector_of(multipliers));
  arrays.emplace("shift", vector_of(shifts));
}

inline void describe_avg_pool(const node& op_node, const op_params& params,
                              io::npz_arrays& arrays) {
  arrays.emplace("count_padding", integers({op_node.count_padding ? 1 : 0}));
  std::vector<std::int32_t> divisors;
  std::vector<multiplier_rshift> rules;
  for (const pool_divisor& each : params.divisors) {
    divisors.push_back(each.divisor);
    rules.push_back(each.requantize);
  }
  arrays.emplace("divisor", vector_of(divisors));
  describe_multipliers(rules, arrays);
}

inline io::npz_arrays describe_params(const quantized_model& model, const node& op_node) {
  const op_params& params = model.params[static_cast<std::size_t>(op_node.from.params)];
  io::npz_arrays arrays;
  if (op_node.kind == op::conv2d || op_node.kind == op::max_pool || op_node.kind == op::avg_pool) {
    describe_window(op_node, arrays);
  }
  if (has_weights(op_node.kind)) describe_layer(model, op_node, arrays);
  if (op_node.kind == op::avg_pool) describe_avg_pool(op_node, params, arrays);
  if (op_node.kind == op::concat || op_node.kind == op::leaky_relu) {
    describe_multipliers(params.multipliers, arrays);
  }
  if (op_node.kind == op::clip) {
    arrays.emplace("limits", integers({params.clip.lo, params.clip.hi}));
  }
  if (op_node.kind == op::add) {
    arrays.emplace("relu", integers({op_node.relu ? 1 : 0}));
    arrays.emplace("multiplier", integers({params.add.multiplier[0], params.add.multiplier[1]}));
    arrays.emplace("shift", integers({params.add.shift}));
  }
  return arrays;
}

}  // namespace detail

/// Runs a node of a model, whose relu may be fused, on `src`, and adds all that there is of it.
/// @returns what it writes.
inline tensor<std::int8_t> add_op(conformance_kit& kit, const std::string& name,
                                  std::string_view about, const quantized_model& model,
                                  const node& op_node,
                                  const std::vector<tensor<std::int8_t>>& src) {
  std::vector<tensor_view<const std::int8_t>> views;
  for (const tensor<std::int8_t>& each : src) views.push_back(each.view());
  tensor<std::int8_t> dst(op_node.shape);
  run_node(model, op_node, views, dst.view());

  io::npz_arrays arrays = detail::describe_params(model, op_node);
  const bool several = op_node.kind == op::add || op_node.kind == op::concat;
  for (std::size_t i = 0; i < views.size(); ++i) {
    arrays.emplace(several ? concat_text("src", i) : std::string("src"), nchw_of(views[i]));
  }
  arrays.emplace("dst", nchw_of(std::as_const(dst).view()));
  kit.add(name, to_string(op_node.kind), about, arrays);
  return dst;
}

}  // namespace octavo::examples
