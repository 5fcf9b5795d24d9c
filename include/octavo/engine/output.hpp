// SPDX-License-Identifier: MIT
/// @file
/// The way out of an engine as real numbers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "octavo/core/blocked.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/simd/kernels.hpp"

namespace octavo::inline v0::detail {

/// dst = src * threshold / 128 in NCHW order. Shapes are equal.
inline void dequantize_to_nchw(const simd::kernel_table& kernels,
                               blocked_view<const std::int8_t> src, double threshold,
                               tensor_view<float> dst) noexcept {
  constexpr std::int64_t at_once = 256;
  const blocked_layout& at = src.layout;
  const shape& extents = at.shape;
  std::int8_t gathered[at_once];
  for (std::int64_t begin = 0; begin < extents.elements(); begin += at_once) {
    const std::int64_t count = std::min(at_once, extents.elements() - begin);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t element = begin + i;
      const auto w = static_cast<int>(element % extents.w);
      const auto h = static_cast<int>(element / extents.w % extents.h);
      const auto c = static_cast<int>(element / extents.w / extents.h % extents.c);
      const auto n = static_cast<int>(element / extents.w / extents.h / extents.c);
      gathered[i] = static_cast<std::int8_t>(src.data[at.offset(n, c, h, w)] ^ at.zero());
    }
    kernels.dequantize(gathered, count, threshold, dst.data + begin);
  }
}

}  // namespace octavo::inline v0::detail
