// SPDX-License-Identifier: MIT
/// @file
/// The definition of softmax: the one op that leaves the integers.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>

#include "octavo/core/tensor.hpp"

namespace octavo::inline v0::reference {

/// dst[n,i] = exp((q_i - q_max) * t / 128) / sum, over the c * h * w logits of each image, where t
/// is the logits' threshold. In double, summed in index order, rounded once to float32; the bytes
/// follow the C library's exp.
inline void softmax(tensor_view<const std::int8_t> logits, double threshold,
                    tensor_view<float> dst) noexcept {
  assert(dst.shape == logits.shape);
  const std::int64_t count = logits.shape.elements_per_image();
  for (int n = 0; n < logits.shape.n; ++n) {
    const std::int8_t* q = logits.data + n * count;
    float* p = dst.data + n * count;
    int largest = q[0];
    for (std::int64_t i = 1; i < count; ++i) largest = q[i] > largest ? q[i] : largest;
    const auto exponential = [&](std::int64_t i) {
      return std::exp((q[i] - largest) * threshold / 128);
    };
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += exponential(i);
    for (std::int64_t i = 0; i < count; ++i) p[i] = static_cast<float>(exponential(i) / sum);
  }
}

}  // namespace octavo::inline v0::reference
