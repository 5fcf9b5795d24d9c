// SPDX-License-Identifier: MIT
/// @file
/// The definition of avg_pool.
#pragma once

#include <cassert>
#include <cstdint>
#include <span>

#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0::reference {

/// dst[n,c,oh,ow] = requantize(sum over the window's pixels inside the image), where requantize is
/// the one of `divisors` for this window's divisor: 1 / divisor is part of its multiplier.
///
/// |sum| <= kh * kw * 128 fits int32 for every window of fewer than 2^24 pixels, which
/// pool_params' checks ask for.
constexpr void avg_pool(tensor_view<const std::int8_t> src, const pool_params& params,
                        std::span<const pool_divisor> divisors,
                        tensor_view<std::int8_t> dst) noexcept {
  const auto& [kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad] = params.window;
  assert(detail::pools_into(src.shape, params, dst.shape));

  for (int n = 0; n < dst.shape.n; ++n) {
    for (int c = 0; c < dst.shape.c; ++c) {
      for (int oh = 0; oh < dst.shape.h; ++oh) {
        for (int ow = 0; ow < dst.shape.w; ++ow) {
          std::int32_t sum = 0;
          for (int y = 0; y < kh; ++y) {
            const int ih = oh * stride_h - pad.top + y;
            if (ih < 0 || ih >= src.shape.h) continue;
            for (int x = 0; x < kw; ++x) {
              const int iw = ow * stride_w - pad.left + x;
              if (iw < 0 || iw >= src.shape.w) continue;
              sum += src(n, c, ih, iw);
            }
          }
          const int divisor = window_divisor(params, src.shape, oh, ow);
          dst(n, c, oh, ow) = find_divisor(divisors, divisor).requantize(sum);
        }
      }
    }
  }
}

}  // namespace octavo::inline v0::reference
