// SPDX-License-Identifier: MIT
/// @file
/// The definition of quantize and dequantize over whole tensors: the way in and the way out.
#pragma once

#include <cstdint>

#include "octavo/core/error.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0::reference {

/// dst = sat8(round_up(src * 128 / threshold)). Shapes are equal.
/// @throws octavo::error where the threshold is not positive and finite, or a value is NaN or
/// infinite (naming its index): neither ever becomes a number.
inline void quantize(tensor_view<const float> src, double threshold, tensor_view<std::int8_t> dst) {
  if (!is_threshold(threshold)) {
    fail("quantize: threshold ", threshold, ", expected a positive finite number");
  }
  for (std::int64_t i = 0; i < src.shape.elements(); ++i) {
    if (!is_finite(src.data[i])) {
      fail("quantize: element ", i, " is ", double{src.data[i]}, ", expected a finite number");
    }
    dst.data[i] = octavo::quantize(src.data[i], threshold);
  }
}

/// dst = src * threshold / 128, rounded once to float32. Shapes are equal.
inline void dequantize(tensor_view<const std::int8_t> src, double threshold,
                       tensor_view<float> dst) noexcept {
  for (std::int64_t i = 0; i < src.shape.elements(); ++i) {
    dst.data[i] = static_cast<float>(octavo::dequantize(src.data[i], threshold));
  }
}

}  // namespace octavo::inline v0::reference
