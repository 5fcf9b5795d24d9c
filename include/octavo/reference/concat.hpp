// SPDX-License-Identifier: MIT
/// @file
/// The definition of concat along the channels, one input at a time.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0::reference {

/// Channels [first_channel, first_channel + src.c) of dst = requantize(src), where requantize is
/// to_multiplier_rshift(t_src / t_dst): an exact copy where the thresholds are equal.
constexpr void concat(tensor_view<const std::int8_t> src, const multiplier_rshift& requantize,
                      int first_channel, tensor_view<std::int8_t> dst) noexcept {
  assert(dst.shape.n == src.shape.n && dst.shape.h == src.shape.h && dst.shape.w == src.shape.w);
  assert(first_channel >= 0 && first_channel + src.shape.c <= dst.shape.c);
  for (int n = 0; n < src.shape.n; ++n) {
    for (int c = 0; c < src.shape.c; ++c) {
      for (int h = 0; h < src.shape.h; ++h) {
        for (int w = 0; w < src.shape.w; ++w) {
          dst(n, first_channel + c, h, w) = requantize(src(n, c, h, w));
        }
      }
    }
  }
}

}  // namespace octavo::inline v0::reference
