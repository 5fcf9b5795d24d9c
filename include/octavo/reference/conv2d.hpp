// SPDX-License-Identifier: MIT
/// @file
/// The definition of conv2d. Nobody speeds this up: other kernels are fast, this one is right.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0::reference {

/// dst[n,oc,oh,ow] = requantize(relu?(bias[oc] + sum over the window of src * weights), oc)
///
/// The window's taps outside the image read 0. Bias is std::int8_t, std::int16_t or std::int32_t;
/// Requantize is a policy or per_channel<policy> of quant/fixed_point.hpp.
///
/// The accumulator cannot overflow: |acc| <= |bias| + K * 128 * 128 with K = ic/groups * kh * kw,
/// and accumulator_fits() has been required of every parameter set (SPECIFICATION 1.2).
template <class Bias, class Requantize>
constexpr void conv2d(tensor_view<const std::int8_t> src, const filter<Bias>& filter,
                      const conv_params& params, const Requantize& requantize,
                      tensor_view<std::int8_t> dst) noexcept {
  static_assert(
      requantize_rule<Requantize>,
      "conv2d: requantize must be a policy, per_channel<policy>, or called (acc, channel) "
      "and give std::int8_t");
  const auto& [kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad] = params.window;
  const int group_ic = src.shape.c / params.groups;
  const int group_oc = dst.shape.c / params.groups;
  assert(src.shape.c % params.groups == 0 && dst.shape.c % params.groups == 0);
  assert((filter.weights.shape == shape{dst.shape.c, group_ic, kh, kw}));
  assert(filter.bias.empty() || filter.bias.size() == static_cast<std::size_t>(dst.shape.c));
  assert(dst.shape == window_shape(src.shape, dst.shape.c, params.window));

  for (int n = 0; n < dst.shape.n; ++n) {
    for (int oc = 0; oc < dst.shape.c; ++oc) {
      const int first_ic = oc / group_oc * group_ic;
      const std::int32_t bias = filter.bias.empty() ? 0 : filter.bias[static_cast<std::size_t>(oc)];
      for (int oh = 0; oh < dst.shape.h; ++oh) {
        for (int ow = 0; ow < dst.shape.w; ++ow) {
          std::int32_t acc = bias;
          for (int ic = 0; ic < group_ic; ++ic) {
            for (int y = 0; y < kh; ++y) {
              const int ih = oh * stride_h - pad.top + y * dilation_h;
              if (ih < 0 || ih >= src.shape.h) continue;
              for (int x = 0; x < kw; ++x) {
                const int iw = ow * stride_w - pad.left + x * dilation_w;
                if (iw < 0 || iw >= src.shape.w) continue;
                acc += src(n, first_ic + ic, ih, iw) * filter.weights(oc, ic, y, x);
              }
            }
          }
          if (params.relu && acc < 0) acc = 0;
          dst(n, oc, oh, ow) = requantize(acc, oc);
        }
      }
    }
  }
}

}  // namespace octavo::inline v0::reference
