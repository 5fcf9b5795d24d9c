// SPDX-License-Identifier: MIT
/// @file
/// The definition of clip (relu6 is clip from 0 to quantize(6, threshold)).
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0::reference {

/// dst = src clamped to [lo, hi]; shapes and thresholds are equal. In place is fine.
constexpr void clip(tensor_view<const std::int8_t> src, const clip_params& limits,
                    tensor_view<std::int8_t> dst) noexcept {
  assert(dst.shape == src.shape && limits.lo <= limits.hi);
  for (std::int64_t i = 0; i < src.shape.elements(); ++i) {
    const std::int8_t x = src.data[i];
    dst.data[i] = x < limits.lo ? limits.lo : x > limits.hi ? limits.hi : x;
  }
}

}  // namespace octavo::inline v0::reference
