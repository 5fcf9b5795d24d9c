// SPDX-License-Identifier: MIT
/// @file
/// The definition of max_pool.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"

namespace octavo::inline v0::reference {

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

}  // namespace octavo::inline v0::reference
