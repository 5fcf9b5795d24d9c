// SPDX-License-Identifier: MIT
/// @file
/// The int8 ops that are no matrix product, written from SPECIFICATION.md a second time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/emulation/elementwise.hpp"
#include "octavo/emulation/pool.hpp"
#include "octavo/emulation/requantize.hpp"

namespace octavo::inline v0::emulation {

/// NCHW, int8.
using int8_tensor = tensor<std::int8_t>;

/// requantize(x * w[c] + b[c])
inline int8_tensor scale(const op_params& params, const int8_tensor& src, bool relu) {
  return map_channels(src, [&](std::size_t c, int x) {
    return requantize(x * params.weights[c] + params.bias[c], rule_of(params.requantize, c, relu));
  });
}

/// max(x, 0)
inline int8_tensor relu(const int8_tensor& src) {
  return map_elements(src, [](int x) { return saturate(x, 0); });
}

/// min(max(x, lo), hi), lo <= hi as integers.
inline int8_tensor clip(const clip_params& params, const int8_tensor& src) {
  return map_elements(src, [&](std::int8_t x) { return std::clamp(x, params.lo, params.hi); });
}

/// Below 0 the slope, a multiplier and shift; above, the value itself.
inline int8_tensor leaky_relu(const op_params& params, const int8_tensor& src) {
  const auto [multiplier, shift] = params.multipliers[0];
  return map_elements(
      src, [m = multiplier, r = shift](std::int8_t x) { return x < 0 ? multiply(x, m, r) : x; });
}

/// The integer sum of a window times 1 / divisor, which the divisor's multiplier contains.
inline int8_tensor avg_pool(const node& pool, const op_params& params, const int8_tensor& src) {
  const auto average = [&](const auto& valid, std::int64_t divisor) {
    const std::int64_t sum = valid.template cast<std::int64_t>().sum();
    for (const pool_divisor& entry : params.divisors) {
      if (entry.divisor == divisor) {
        return multiply(sum, entry.requantize.multiplier, entry.requantize.shift);
      }
    }
    fail("emulation: ", pool.name.view(), ": no multiplier for divisor ", divisor);
  };
  return pool_windows(pool, src.view(), average);
}

/// floor((m0 * x0 + m1 * x1) / 2^r + 1/2)
inline int8_tensor add(const add_params& params, const int8_tensor& x0, const int8_tensor& x1,
                       bool relu) {
  const std::int64_t divisor = std::int64_t{1} << params.shift;
  return map_elements(x0, x1, [&](int a, int b) {
    const int sum = params.multiplier[0] * a + params.multiplier[1] * b;
    return saturate(divide_ties_up(sum, divisor), relu ? 0 : -128);
  });
}

/// Each input on the output's threshold.
inline int8_tensor concat(const node& op_node, const op_params& params,
                          const std::vector<int8_tensor>& tensors) {
  return join_channels(op_node, tensors, [&](std::size_t input, std::int8_t x) {
    return multiply(x, params.multipliers[input].multiplier, params.multipliers[input].shift);
  });
}

}  // namespace octavo::inline v0::emulation
