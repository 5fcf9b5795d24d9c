// SPDX-License-Identifier: MIT
/// @file
/// Checks that a quantized model can be executed: sizes, ranges, and that no accumulator overflows.
#pragma once

#include "octavo/graph/check.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/reference/avg_pool.hpp"

namespace octavo::inline v0 {

/// The divisors that occur in an average pool, each once, in the order of their windows.
inline std::vector<int> divisors_of(const node& pool, const shape& src) {
  const pool_params params = {pool.window, pool.rounding, pool.count_padding};
  std::vector<int> found;
  for (int oh = 0; oh < pool.shape.h; ++oh) {
    for (int ow = 0; ow < pool.shape.w; ++ow) {
      const int divisor = window_divisor(params, src, oh, ow);
      if (std::find(found.begin(), found.end(), divisor) == found.end()) found.push_back(divisor);
    }
  }
  return found;
}

namespace detail {

/// Refuses the parameters of `where` unless `rule` holds.
inline void expect(bool rule, std::string_view where, std::string_view message) {
  if (!rule) fail("model: ", where, ": ", message);
}

inline void check_requantization(const requantization& r, int channels, std::string_view where) {
  const bool per_layer = r.shift.size() == 1;
  expect(per_layer || r.shift.size() == static_cast<std::size_t>(channels), where,
         "expected one shift, or one for each output channel");
  const bool is_rshift = r.kind == policy::rshift || r.kind == policy::rshift_half_away;
  expect(r.multiplier.size() == (is_rshift ? 0 : r.shift.size()), where,
         is_rshift ? "the rshift policies have no multipliers" : "expected a multiplier a shift");
  const int largest_shift = r.kind == policy::multiplier_rshift ? 62 : 31;
  for (const int shift : r.shift) expect(shift <= largest_shift, where, "a shift is out of range");
  const int least = r.kind == policy::multiplier_q31 ? 1 << 30 : 1;
  for (const int m : r.multiplier) expect(m >= least, where, "a multiplier is out of range");
}

/// SPECIFICATION 1.2: |bias| + K * 128 * 128 + 2^(shift-1) < 2^31 for every output channel.
inline void check_accumulators(const op_params& params, std::int64_t taps, std::string_view where) {
  const requantization& r = params.requantize;
  for (std::size_t oc = 0; oc < params.bias.size(); ++oc) {
    const int shift = r.multiplier.empty() ? r.shift[r.is_per_channel() ? oc : 0] : 0;
    if (accumulator_fits(params.bias[oc], taps, shift)) continue;
    fail("model: ", where, ": channel ", oc, ": bias ", params.bias[oc],
         " may overflow the int32 accumulator");
  }
}

inline void check_multiplier(const multiplier_rshift& m, std::string_view where) {
  expect(m.multiplier >= 1 && m.shift >= 0 && m.shift <= 62, where,
         "a multiplier or its shift is out of range");
}

inline void check_avg_pool(const node& pool, const shape& src, const op_params& params) {
  const std::vector<int> needed = divisors_of(pool, src);
  expect(params.divisors.size() == needed.size(), pool.name, "expected one entry a divisor");
  for (std::size_t i = 0; i < needed.size(); ++i) {
    expect(params.divisors[i].divisor == needed[i], pool.name, "a divisor is not the window's");
    check_multiplier(params.divisors[i].requantize, pool.name);
  }
}

inline void check_params(const quantized_model& model, std::size_t index) {
  const node& op_node = model.graph[index];
  const op_params& params = model.params[index];
  if (has_weights(op_node.kind)) {
    expect(static_cast<std::int64_t>(params.weights.size()) ==
               weights_shape(model.graph, index).elements(),
           op_node.name, "the number of weights does not fit its shape");
    expect(params.bias.size() == static_cast<std::size_t>(op_node.shape.c), op_node.name,
           "expected one bias for each output channel");
    check_requantization(params.requantize, op_node.shape.c, op_node.name);
    check_accumulators(params, taps(model.graph, index), op_node.name);
  } else if (op_node.kind == op::add) {
    const auto& [m, shift] = params.add;
    expect(m[0] >= 0 && m[0] <= 127 && m[1] >= 0 && m[1] <= 127 && shift >= 0 && shift <= 31,
           op_node.name, "a multiplier is outside 0..127 or the shift outside 0..31");
  } else if (op_node.kind == op::avg_pool) {
    check_avg_pool(op_node, model.graph[static_cast<std::size_t>(op_node.src[0])].shape, params);
  } else if (op_node.kind == op::concat || op_node.kind == op::leaky_relu) {
    expect(params.inputs.size() == op_node.src.size(), op_node.name,
           "expected one multiplier for each input");
    for (const multiplier_rshift& m : params.inputs) check_multiplier(m, op_node.name);
  } else if (op_node.kind == op::clip) {
    expect(params.clip.lo <= params.clip.hi, op_node.name, "needs lo <= hi");
  }
}

}  // namespace detail

/// Refuses a model that an executor could not run exactly. Loaders call it; what it has passed
/// needs no further checks. @throws octavo::error naming the op and what is wrong with it.
inline void validate(const quantized_model& model) {
  check(model.graph);
  require(model.thresholds.size() == model.graph.size(), "model: expected one threshold a node");
  require(model.params.size() == model.graph.size(), "model: expected one parameter set a node");
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    detail::expect(is_threshold(model.thresholds[i]), model.graph[i].name,
                   "its threshold is not a positive finite number");
    detail::check_params(model, i);
  }
}

}  // namespace octavo::inline v0
