// SPDX-License-Identifier: MIT
/// @file
/// The definition of relu.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"

namespace octavo::inline v0::reference {

/// dst = max(0, src); shapes and thresholds are equal. In place is fine.
constexpr void relu(tensor_view<const std::int8_t> src, tensor_view<std::int8_t> dst) noexcept {
  assert(dst.shape == src.shape);
  for (std::int64_t i = 0; i < src.shape.elements(); ++i) {
    dst.data[i] = src.data[i] > 0 ? src.data[i] : std::int8_t{0};
  }
}

}  // namespace octavo::inline v0::reference
