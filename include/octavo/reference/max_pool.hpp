// SPDX-License-Identifier: MIT
/// @file
/// The definition of max_pool.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"

namespace octavo::inline v0 {

/// How a pool slides. Its window has no dilation, and each padding is smaller than the kernel, so
/// that every window has a pixel.
struct pool_params {
  octavo::window window = {};
  size_rounding rounding = size_rounding::floor;
  bool count_padding = false;  ///< average pool: padded pixels count in the divisor
};

namespace detail {

/// The preconditions of both pools.
constexpr bool pools_into(const shape& src, const pool_params& params, const shape& dst) {
  const auto& [kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad] = params.window;
  return dilation_h == 1 && dilation_w == 1 && pad.top < kh && pad.bottom < kh && pad.left < kw &&
         pad.right < kw && dst.n == src.n && dst.c == src.c &&
         dst.h == output_extent(src.h, kh, stride_h, 1, pad.top, pad.bottom, params.rounding) &&
         dst.w == output_extent(src.w, kw, stride_w, 1, pad.left, pad.right, params.rounding);
}

}  // namespace detail

namespace reference {

/// dst[n,c,oh,ow] = max over the window's pixels inside the image; threshold unchanged.
constexpr void max_pool(tensor_view<const std::int8_t> src, const pool_params& params,
                        tensor_view<std::int8_t> dst) noexcept {
  const auto& [kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad] = params.window;
  assert(detail::pools_into(src.shape, params, dst.shape));

  for (int n = 0; n < dst.shape.n; ++n) {
    for (int c = 0; c < dst.shape.c; ++c) {
      for (int oh = 0; oh < dst.shape.h; ++oh) {
        for (int ow = 0; ow < dst.shape.w; ++ow) {
          std::int8_t largest = -128;
          for (int y = 0; y < kh; ++y) {
            const int ih = oh * stride_h - pad.top + y;
            if (ih < 0 || ih >= src.shape.h) continue;
            for (int x = 0; x < kw; ++x) {
              const int iw = ow * stride_w - pad.left + x;
              if (iw < 0 || iw >= src.shape.w) continue;
              if (src(n, c, ih, iw) > largest) largest = src(n, c, ih, iw);
            }
          }
          dst(n, c, oh, ow) = largest;
        }
      }
    }
  }
}

}  // namespace reference
}  // namespace octavo::inline v0
