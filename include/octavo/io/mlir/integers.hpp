// SPDX-License-Identifier: MIT
/// @file
/// The integers of a quantized network's ops: from attributes, and from arrays of the weights file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/scope.hpp"
#include "octavo/io/mlir/weights.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::io::mlir {

/// How `policy` is written: where it stands in the enumeration.
inline constexpr std::string_view policy_names[] = {"rshift", "rshift-half-away",
                                                    "multiplier-rshift", "multiplier-q31"};

/// The attribute `scheme`, mixed included.
inline std::optional<scheme> read_scheme(const op_reader& op) {
  if (!op.has("scheme")) return {};
  const std::string& text = op.text("scheme");
  std::string known;
  for (int i = 0; i < scheme_count; ++i) {
    const auto kind = static_cast<scheme>(i);
    if (to_string(kind) == text) return kind;
    append_item(known, to_string(kind));
  }
  op.fail_value(op.required("scheme"), "scheme", concat_text("one of ", known));
}

/// How a layer with weights is quantized.
struct layer_rule {
  octavo::scheme scheme = octavo::scheme::rshift16;
  octavo::policy policy = octavo::policy::rshift;
};

/// What `quant` calls a layer whose integers are these.
constexpr std::string_view quant_of(policy kind, bool per_channel) {
  if (!is_rshift(kind)) return "INT8_MULTIPLIER";
  return per_channel ? "INT8_PER_CHANNEL" : "INT8";
}

namespace detail {

/// What the original system meant by `quant` alone.
inline scheme scheme_without_name(std::string_view quant) {
  if (quant == "INT8") return scheme::rshift16;
  return quant == "INT8_PER_CHANNEL" ? scheme::rshift_channel : scheme::multiplier_q31;
}

inline policy read_policy(const op_reader& op, scheme kind) {
  if (!op.has("policy") && kind != scheme::mixed) return policy_of(kind);
  const std::string& text = op.text("policy");
  for (int i = 0; i < policy_count; ++i) {
    if (policy_names[i] == text) return static_cast<policy>(i);
  }
  op.fail_value(op.required("policy"), "policy",
                "rshift, rshift-half-away, multiplier-rshift or multiplier-q31");
}

}  // namespace detail

/// The scheme and policy of a layer, from `quant`, `scheme` and `policy`.
inline layer_rule read_layer_rule(const op_reader& op) {
  const std::string& quant = op.text("quant");
  if (quant != "INT8" && quant != "INT8_PER_CHANNEL" && quant != "INT8_MULTIPLIER") {
    op.fail_value(op.required("quant"), "quant", "INT8, INT8_PER_CHANNEL or INT8_MULTIPLIER");
  }
  layer_rule rule;
  rule.scheme = read_scheme(op).value_or(detail::scheme_without_name(quant));
  rule.policy = detail::read_policy(op, rule.scheme);
  const bool fits = rule.scheme == scheme::mixed
                        ? is_rshift(rule.policy) == (quant != "INT8_MULTIPLIER")
                        : quant == quant_of(policy_of(rule.scheme), is_per_channel(rule.scheme));
  if (!fits) {
    op.fail_value(op.required("quant"), "quant", "what its scheme or policy says of it");
  }
  return rule;
}

namespace detail {

/// A bias of rshift8 is stored in units of the output.
inline void scale_stored_bias(const op_reader& op, std::vector<std::int32_t>& bias, int shift) {
  for (std::int32_t& b : bias) {
    const std::int64_t scaled = shift <= 31 ? std::int64_t{b} << shift : INT64_MAX;
    if (b < -128 || b > 127 || scaled < INT32_MIN || scaled > INT32_MAX) {
      op.fail("found a bias of ", b, " with the shift ", shift,
              ", expected 8 bits that fit the accumulator");
    }
    b = static_cast<std::int32_t>(scaled);
  }
}

}  // namespace detail

/// The parameters of a convolution, a fully connected layer or a scale layer, from the operands
/// (input, filter, bias, rshift) or (input, filter, bias, rshift, multiplier); without a bias it is
/// zeros.
inline op_params read_layer(const op_reader& op, const layer_rule& rule, const scope& values,
                            weights_files& files, int channels) {
  const std::size_t behind = is_rshift(rule.policy) ? 1 : 2;  // operands behind the bias
  op.expect_operands(2 + behind, 3 + behind);
  const auto array = [&](std::size_t place) -> const value& {
    return values.operand(op.get(), place, value_kind::array);
  };
  const bool has_bias = op.get().operands.size() == 3 + behind;
  const std::size_t shift_at = has_bias ? 3 : 2;
  op_params params;
  params.weights = files.read<std::int8_t>(op, array(1));
  params.requantize.kind = rule.policy;
  params.requantize.shift = files.read<std::uint8_t>(op, array(shift_at));
  if (behind == 2) {
    params.requantize.multiplier = files.read<std::int32_t>(op, array(shift_at + 1));
  }
  params.bias.resize(static_cast<std::size_t>(channels));
  if (has_bias) params.bias = files.read<std::int32_t>(op, array(2));
  if (has_bias && rule.scheme == scheme::rshift8 && params.requantize.entries() == 1) {
    detail::scale_stored_bias(op, params.bias, params.requantize.shift[0]);
  }
  return params;
}

namespace detail {

inline constexpr integer_range int8_range = {-128, 127};
inline constexpr integer_range shift_range = {0, 62};
inline constexpr integer_range multiplier_range = {1, INT32_MAX};

/// Whether an op says its integers itself: all of these attributes, or none.
inline bool has_integers(const op_reader& op, std::initializer_list<std::string_view> names) {
  std::size_t found = 0;
  for (const std::string_view name : names) found += op.has(name) ? 1U : 0U;
  if (found == 0) return false;
  for (const std::string_view name : names) op.required(name);
  return true;
}

/// `multiplier` and `rshift`, `count` of each.
inline std::vector<multiplier_rshift> read_multipliers(const op_reader& op, std::size_t count) {
  const std::vector<int> multipliers = op.integers("multiplier", multiplier_range);
  const std::vector<int> shifts = op.integers("rshift", shift_range);
  for (const auto& [name, size] :
       {std::pair{"multiplier", multipliers.size()}, std::pair{"rshift", shifts.size()}}) {
    if (size == count) continue;
    op.fail_at(op.required(name).at, "found ", size, " integers for '", name, "', expected ",
               count);
  }
  std::vector<multiplier_rshift> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back({multipliers[i], shifts[i]});
  return made;
}

}  // namespace detail

/// The integers that the text gives an op without weights, or none where it leaves them to the
/// rules of the quantizer. `operands` is how many tensors it reads.
inline std::optional<op_params> read_integers(const op_reader& op, octavo::op kind,
                                              std::size_t operands) {
  op_params params;
  if (kind == op::add && detail::has_integers(op, {"multiplier", "rshift"})) {
    const std::vector<int> m = op.integers("multiplier", {0, 127});
    if (m.size() != 2) {
      op.fail_at(op.required("multiplier").at, "found ", m.size(),
                 " integers for 'multiplier', expected 2");
    }
    params.add = {{m[0], m[1]}, op.integer("rshift", {0, 31})};
    return params;
  }
  if (kind == op::avg_pool && detail::has_integers(op, {"divisor", "multiplier", "rshift"})) {
    const std::vector<int> divisors = op.integers("divisor", {1, extent_limit});
    const auto multipliers = detail::read_multipliers(op, divisors.size());
    for (std::size_t i = 0; i < divisors.size(); ++i) {
      params.divisors.push_back({divisors[i], multipliers[i]});
    }
    return params;
  }
  const bool multiplies = kind == op::concat || kind == op::leaky_relu;
  if (multiplies && detail::has_integers(op, {"multiplier", "rshift"})) {
    params.multipliers = detail::read_multipliers(op, operands);
    return params;
  }
  if (kind == op::clip && detail::has_integers(op, {"quantized_min", "quantized_max"})) {
    params.clip = {static_cast<std::int8_t>(op.integer("quantized_min", detail::int8_range)),
                   static_cast<std::int8_t>(op.integer("quantized_max", detail::int8_range))};
    return params;
  }
  return {};
}

}  // namespace octavo::inline v0::io::mlir
