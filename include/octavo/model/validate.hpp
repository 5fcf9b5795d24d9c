// SPDX-License-Identifier: MIT
/// @file
/// Checks that a quantized model can be executed: sizes, ranges, and that no accumulator overflows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/check.hpp"
#include "octavo/model/check_layer_sizes.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/quant/activation.hpp"
#include "octavo/quant/check.hpp"
#include "octavo/quant/choose.hpp"

namespace octavo::inline v0 {

namespace detail {

/// The different values of extent_at(0 .. count - 1), in the order of their first appearance.
template <class ExtentAt>
std::vector<int> distinct_extents(int count, int largest, const ExtentAt& extent_at) {
  std::vector<bool> seen(static_cast<std::size_t>(largest) + 1);
  std::vector<int> found;
  for (int i = 0; i < count; ++i) {
    const int extent = extent_at(i);
    if (seen[static_cast<std::size_t>(extent)]) continue;
    seen[static_cast<std::size_t>(extent)] = true;
    found.push_back(extent);
  }
  return found;
}

}  // namespace detail

/// The divisors that occur in an average pool, each once, in the order of their windows. A divisor
/// is a product of an extent in rows and one in columns, so that the work grows with the sides of
/// the output and not with their product.
inline std::vector<int> divisors_of(const node& pool, const shape& src) {
  const window& w = pool.window;
  const std::vector<int> rows = detail::distinct_extents(pool.shape.h, w.kh, [&](int oh) {
    return divisor_extent(oh * w.stride_h - w.pad.top, w.kh, src.h, w.pad.bottom,
                          pool.count_padding);
  });
  const std::vector<int> columns = detail::distinct_extents(pool.shape.w, w.kw, [&](int ow) {
    return divisor_extent(ow * w.stride_w - w.pad.left, w.kw, src.w, w.pad.right,
                          pool.count_padding);
  });
  const auto area = static_cast<int>(rows.size() * columns.size());
  return detail::distinct_extents(area, w.kh * w.kw, [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    return rows[at / columns.size()] * columns[at % columns.size()];
  });
}

namespace detail {

/// How messages name a node.
inline std::string in_model(const node& op_node) {
  return concat_text("model: ", op_node.name.view());
}

/// What a scheme promises of the integers: its policy (in either rounding), one set for each layer
/// or channel, and the width of bias and multiplier.
inline void check_scheme(const op_params& params, scheme kind, std::string_view where) {
  if (kind == scheme::mixed) return;
  const requantization& r = params.requantize;
  const bool right_policy =
      is_rshift(policy_of(kind)) ? is_rshift(r.kind) : r.kind == policy_of(kind);
  expect(right_policy, where, "its policy is not its scheme's");
  expect(r.entries() == (is_per_channel(kind) ? params.bias.size() : 1), where,
         "the scheme has one shift for each layer, or for each channel");
  for (const std::int32_t bias : params.bias) {
    if (kind == scheme::rshift16) {
      expect(bias >= -32767 && bias <= 32767, where, "a bias has more than 16 bits");
    } else if (kind == scheme::rshift8) {
      const std::int64_t unit = std::int64_t{1} << r.shift[0];
      expect(bias % unit == 0 && bias / unit >= -128 && bias / unit <= 127, where,
             "a bias is no 8-bit number of output units");
    }
  }
  for (const std::int32_t m : r.multiplier) {
    expect(kind != scheme::multiplier8 || m <= 255, where, "a multiplier has more than 8 bits");
  }
}

inline void check_avg_pool(const node& pool, const shape& src, const op_params& params) {
  const std::vector<int> needed = divisors_of(pool, src);
  const std::string where = in_model(pool);
  expect(params.divisors.size() == needed.size(), where, "expected one entry a divisor");
  for (std::size_t i = 0; i < needed.size(); ++i) {
    expect(params.divisors[i].divisor == needed[i], where, "a divisor is not the window's");
    check_multiplier(params.divisors[i].requantize, where);
  }
}

/// Refuses integers that no op of this kind reads: they would be carried along unnoticed.
inline void check_unused(const node& op_node, const op_params& params) {
  const bool multiplies = op_node.kind == op::concat || op_node.kind == op::leaky_relu;
  const bool unused =
      (has_weights(op_node.kind) ||
       (params.weights.empty() && params.bias.empty() && params.requantize == requantization{})) &&
      (op_node.kind == op::add || params.add == add_params{}) &&
      (op_node.kind == op::avg_pool || params.divisors.empty()) &&
      (multiplies || params.multipliers.empty()) &&
      (op_node.kind == op::clip || params.clip == clip_params{});
  expect(unused, in_model(op_node), "has parameters that its kind has no use for");
}

inline void check_threshold(const quantized_model& model, std::size_t index) {
  const node& op_node = model.graph[index];
  const std::string where = in_model(op_node);
  expect(is_threshold(model.thresholds[index]), where,
         "its threshold is not a positive finite number");
  if (!keeps_threshold(op_node.kind)) return;
  expect(model.thresholds[index] == model.thresholds[static_cast<std::size_t>(op_node.src[0])],
         where, "its threshold is not its input's");
}

inline void check_params(const quantized_model& model, std::size_t index) {
  const node& op_node = model.graph[index];
  const op_params& params = model.params[index];
  const std::string where = in_model(op_node);
  if (has_weights(op_node.kind)) {
    check_layer_sizes(params, model.graph, index, where);
    check_requantization(params.requantize, op_node.shape.c, where);
    check_scheme(params, model.scheme, where);
    check_accumulators(params.bias, params.requantize, taps(model.graph, index), where);
  } else if (op_node.kind == op::add) {
    check_add(params.add, where);
  } else if (op_node.kind == op::avg_pool) {
    check_avg_pool(op_node, model.graph[static_cast<std::size_t>(op_node.src[0])].shape, params);
  } else if (op_node.kind == op::concat || op_node.kind == op::leaky_relu) {
    expect(params.multipliers.size() == op_node.src.size(), where,
           "expected one multiplier for each input");
    for (const multiplier_rshift& m : params.multipliers) check_multiplier(m, where);
  } else if (op_node.kind == op::clip) {
    expect(params.clip.lo <= params.clip.hi, where, "needs lo <= hi");
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
    detail::check_threshold(model, i);
    detail::check_unused(model.graph[i], model.params[i]);
    detail::check_params(model, i);
  }
}

}  // namespace octavo::inline v0
