// SPDX-License-Identifier: MIT
/// @file
/// The definition of leaky_relu.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0::reference {

/// dst = src < 0 ? slope(src) : src, where slope is to_multiplier_rshift(the real slope); shapes
/// and thresholds are equal. In place is fine.
constexpr void leaky_relu(tensor_view<const std::int8_t> src, const multiplier_rshift& slope,
                          tensor_view<std::int8_t> dst) noexcept {
  assert(dst.shape == src.shape);
  for (std::int64_t i = 0; i < src.shape.elements(); ++i) {
    dst.data[i] = src.data[i] < 0 ? slope(src.data[i]) : src.data[i];
  }
}

}  // namespace octavo::inline v0::reference
