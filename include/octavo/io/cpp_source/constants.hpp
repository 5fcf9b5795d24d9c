// SPDX-License-Identifier: MIT
/// @file
/// The integers of one op as constant arrays.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/io/cpp_source/expressions.hpp"
#include "octavo/io/cpp_source/line_filler.hpp"
#include "octavo/io/cpp_source/names.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::io::cpp {

/// What an op of the unfused graph, and all that belongs to it, is called.
inline std::string name_of(const graph& net, int op) {
  const auto i = static_cast<std::size_t>(op);
  return identifier(i, net[i].name);
}

/// NUMBER 'NAME' OP, for comments.
inline std::string in_comment(const graph& net, int op) {
  const auto i = static_cast<std::size_t>(op);
  return concat_text(in_comment(i, net[i].name), " ", to_string(net[i].kind));
}

inline bool has_bias(const op_params& params) {
  return std::any_of(params.bias.begin(), params.bias.end(), [](int b) { return b != 0; });
}

/// The narrowest type that the reference ops take and that holds every value.
inline std::string_view bias_type(std::span<const std::int32_t> bias) {
  const auto inside = [&](std::int32_t lo, std::int32_t hi) {
    return std::all_of(bias.begin(), bias.end(),
                       [&](std::int32_t value) { return value >= lo && value <= hi; });
  };
  if (inside(INT8_MIN, INT8_MAX)) return "std::int8_t";
  return inside(INT16_MIN, INT16_MAX) ? "std::int16_t" : "std::int32_t";
}

/// `count` elements item(0), item(1) ..., with a new line begun for each row of `row` of them.
template <class Item>
void append_array(std::string& to, std::string_view type, const std::string& name,
                  std::size_t count, std::size_t row, const Item& item) {
  to += concat_text("inline constexpr ", type, " ", name, "[", count, "] = {");
  line_filler lines(to, "    ");
  for (std::size_t i = 0; i < count; ++i) {
    if (i % row == 0) lines.break_line();
    lines.put_words(concat_text(item(i), ","));
  }
  to += "\n};\n";
}

/// Weights, a line begun for each output channel; the bias unless all of it is zero; the
/// requantization where each channel has its own.
inline void append_layer(std::string& to, const quantized_model& model, int op) {
  const auto index = static_cast<std::size_t>(op);
  const op_params& params = model.params[index];
  const requantization& rule = params.requantize;
  const shape extents = weights_shape(model.graph, index);
  const std::string name = name_of(model.graph, op);
  const bool by_channel = rule.entries() > 1;
  append_lines(to, "// ",
               concat_text(in_comment(model.graph, op), ": weights ", to_expression(extents), ", ",
                           has_bias(params) ? "" : "no bias, ", to_name(rule.kind),
                           by_channel ? " for each channel" : " for the layer"),
               "// ");
  append_array(to, "std::int8_t", name + "_weights", params.weights.size(),
               static_cast<std::size_t>(extents.elements_per_image()),
               [&](std::size_t i) { return int{params.weights[i]}; });
  if (has_bias(params)) {
    append_array(to, bias_type(params.bias), name + "_bias", params.bias.size(), params.bias.size(),
                 [&](std::size_t i) { return params.bias[i]; });
  }
  if (by_channel) {
    append_array(to, concat_text("octavo::", to_name(rule.kind)), name + "_requantize",
                 rule.entries(), rule.entries(),
                 [&](std::size_t i) { return entry_expression(rule, i); });
  }
  to += '\n';
}

/// The integers of every op that has more than fit into its call.
inline void append_constants(std::string& to, const quantized_model& model, int op) {
  const auto index = static_cast<std::size_t>(op);
  const octavo::op kind = model.graph[index].kind;
  if (has_weights(kind)) return append_layer(to, model, op);
  if (kind != op::avg_pool) return;
  const std::vector<pool_divisor>& divisors = model.params[index].divisors;
  append_lines(to, "// ", in_comment(model.graph, op) + ": {divisor, {multiplier, shift}}", "// ");
  append_array(to, "octavo::pool_divisor", name_of(model.graph, op) + "_divisors", divisors.size(),
               divisors.size(), [&](std::size_t i) {
                 const auto& [multiplier, shift] = divisors[i].requantize;
                 return concat_text("{", divisors[i].divisor, ", {", multiplier, ", ", shift, "}}");
               });
  to += '\n';
}

}  // namespace octavo::inline v0::io::cpp
