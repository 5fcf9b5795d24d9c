// SPDX-License-Identifier: MIT
/// @file
/// The definition of scale: a multiplication and an addition for each channel.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0::reference {

/// dst = requantize(relu?(src * weights[c] + bias[c]), c); shapes are equal.
/// |src * weight| <= 2^14, so accumulator_fits() with one tap bounds the sum.
template <class Bias, class Requantize>
constexpr void scale(tensor_view<const std::int8_t> src, const channel_scale<Bias>& scale,
                     bool relu, const Requantize& requantize,
                     tensor_view<std::int8_t> dst) noexcept {
  static_assert(requantize_rule<Requantize>,
                "scale: requantize must be a policy, per_channel<policy>, or called (acc, channel) "
                "and give std::int8_t");
  assert(dst.shape == src.shape);
  assert(scale.weights.size() == static_cast<std::size_t>(src.shape.c));
  assert(scale.bias.empty() || scale.bias.size() == scale.weights.size());

  for (int n = 0; n < dst.shape.n; ++n) {
    for (int c = 0; c < dst.shape.c; ++c) {
      const auto channel = static_cast<std::size_t>(c);
      const std::int32_t bias = scale.bias.empty() ? 0 : scale.bias[channel];
      for (int h = 0; h < dst.shape.h; ++h) {
        for (int w = 0; w < dst.shape.w; ++w) {
          std::int32_t acc = src(n, c, h, w) * scale.weights[channel] + bias;
          if (relu && acc < 0) acc = 0;
          dst(n, c, h, w) = requantize(acc, c);
        }
      }
    }
  }
}

}  // namespace octavo::inline v0::reference
