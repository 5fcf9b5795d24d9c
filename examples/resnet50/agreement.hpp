// SPDX-License-Identifier: MIT
/// @file
/// How near the int8 tensors are to those of the float network, for the page.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "octavo/emulation/float_network.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/report/data.hpp"

namespace octavo::examples {

// Below these a tensor is marked. tpu-mlir asks for a cosine of 0.99; noise that is not correlated
// with the signal brings it there at 1 / (1 / 0.99^2 - 1), 17 dB.
inline constexpr double cosine_limit = 0.99;
inline constexpr double sqnr_limit_db = 17;

/// `expected` beside the int8 tensor `got` on threshold t, whose q stands for q * t / 128.
inline report::tensor_agreement compare_tensors(std::span<const float> expected,
                                                std::span<const std::int8_t> got, double t) {
  double xx = 0;  // sums over all elements
  double yy = 0;
  double xy = 0;
  double noise = 0;
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto x = static_cast<double>(expected[i]);
    const double y = got[i] * t / 128;
    xx += x * x;
    yy += y * y;
    xy += x * y;
    noise += (x - y) * (x - y);
    largest = std::max(largest, std::fabs(x - y));
  }
  const auto share = [&](int q) {
    const auto count = std::count(got.begin(), got.end(), static_cast<std::int8_t>(q));
    return static_cast<double>(count) / static_cast<double>(got.size());
  };
  report::tensor_agreement found = {
      .max_error = largest, .saturated_low = share(-128), .saturated_high = share(127)};
  if (xx > 0 && yy > 0) found.cosine = xy / std::sqrt(xx * yy);
  const double middle = xx + 2 * xy + yy;  // |x + y|^2
  if (middle > 0) found.euclid = 1 - 2 * std::sqrt(noise / middle);
  if (xx > 0) {
    found.sqnr_db =
        noise > 0 ? 10 * std::log10(xx / noise) : std::numeric_limits<double>::infinity();
  }
  const bool low = found.sqnr_db.value_or(sqnr_limit_db) < sqnr_limit_db ||
                   found.cosine.value_or(1) < cosine_limit;
  found.verdict = low ? "below the limit" : "good";
  return found;
}

/// The float network's run beside the int8 tensors of the same, unfused, network.
struct float_comparison {
  std::vector<report::tensor_agreement> tensors = {};
  tensor<float> logits = {};
};

inline float_comparison compare_with_float(const float_model& source, const quantized_model& model,
                                           const activations& quantized,
                                           const tensor<float>& input) {
  float_comparison made;
  const auto output = static_cast<std::size_t>(model.graph.outputs[0]);
  const emulation::float_network network(source);
  network.run(input, [&](std::size_t i, const tensor<float>& values) {
    made.tensors.push_back(
        compare_tensors(values.values, quantized[i].values, model.thresholds[i]));
    if (i == output) made.logits = values;
  });
  return made;
}

}  // namespace octavo::examples
