// SPDX-License-Identifier: MIT
/// @file
/// The definition of avg_pool.
#pragma once

#include <span>

#include "octavo/quant/choose.hpp"
#include "octavo/reference/max_pool.hpp"

namespace octavo::inline v0 {

/// How many pixels divide the sum of one window along one axis. `start` is the window's first
/// position in the image, negative inside the leading padding. Padding counts where
/// `count_padding`; what a ceil-rounded window covers beyond the padded input never does.
constexpr int divisor_extent(int start, int kernel, int in, int pad_after, bool count_padding) {
  const int last = count_padding ? in + pad_after : in;
  const int end = start + kernel < last ? start + kernel : last;
  const int begin = count_padding || start > 0 ? start : 0;
  return end - begin;
}

/// The divisor of the window at (oh, ow): pixels of one channel that its sum is divided by.
constexpr int window_divisor(const pool_params& params, const shape& src, int oh, int ow) {
  const auto& w = params.window;
  return divisor_extent(oh * w.stride_h - w.pad.top, w.kh, src.h, w.pad.bottom,
                        params.count_padding) *
         divisor_extent(ow * w.stride_w - w.pad.left, w.kw, src.w, w.pad.right,
                        params.count_padding);
}

namespace reference {

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
          std::size_t i = 0;
          while (divisors[i].divisor != divisor) ++i;
          dst(n, c, oh, ow) = divisors[i].requantize(sum);
        }
      }
    }
  }
}

}  // namespace reference
}  // namespace octavo::inline v0
