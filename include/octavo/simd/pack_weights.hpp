// SPDX-License-Identifier: MIT
/// @file
/// Writes a layer's weights in the order in which a kernel reads them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "octavo/core/shape.hpp"
#include "octavo/simd/packed_filter.hpp"
#include "octavo/simd/plan_filter.hpp"
#include "octavo/simd/winograd.hpp"

namespace octavo::inline v0::simd {

namespace detail {

/// Where the weight of an output channel, a tap and a channel of its group stands in OIHW.
constexpr std::size_t weight_index(const filter_geometry& layer, int oc, int tap, int ic) {
  const shape& w = layer.weights;
  const auto at = [&](int c, int position) {
    const std::int64_t row = std::int64_t{oc} * w.c + c;
    return static_cast<std::size_t>(row * w.h * w.w + position);
  };
  if (layer.folds_columns()) return at(ic % w.c, tap * w.w + ic / w.c);
  return at(ic, tap);
}

/// Writes the weights of one panel in the order in which conv2d.inl reads them.
inline void pack_panel(const filter_geometry& layer, const packed_filter& filter,
                       std::span<const std::int8_t> weights, int panel, int step,
                       std::int8_t* out) {
  const int at_once = block_quads(layer, filter);
  const int taps = filter.kh * filter.kw;
  int begin = filter.first_quad(panel);
  const int end = begin + filter.quads;
  while (begin < end) {
    const int block_end = std::min(end, (begin / at_once + 1) * at_once);
    for (int tap = 0; tap < taps; ++tap) {
      for (int q = begin; q < block_end; q += step) {
        for (int o = 0; o < filter.panel; ++o) {
          const int oc = panel * filter.panel + o;
          const int first_ic = oc / filter.group_oc * filter.group_ic;
          for (int i = 0; i < step * quad; ++i) {
            const int ic = q * quad + i - first_ic;
            const bool inside = oc < layer.weights.n && ic >= 0 && ic < filter.group_ic &&
                                q * quad + i < block_end * quad;
            *out++ = inside ? weights[weight_index(layer, oc, tap, ic)] : std::int8_t{0};
          }
        }
      }
    }
    begin = block_end;
  }
}

/// Writes the weights of all panels in the order in which winograd.inl reads them.
inline void pack_winograd(const filter_geometry& layer, const packed_filter& filter,
                          std::span<const std::int8_t> weights, std::int8_t* out) {
  constexpr int taps = winograd::taps * winograd::taps;
  const int channels = filter.quads * quad;
  const std::int64_t point_words = std::int64_t{channels} * filter.panel;
  for (int oc = 0; oc < filter.channels; ++oc) {
    const int within = oc % filter.panel;
    std::int8_t* const panel = out + oc / filter.panel * filter.panel_bytes();
    for (int ic = 0; ic < channels; ++ic) {
      std::int8_t g[taps] = {};
      if (oc < layer.weights.n && ic < layer.weights.c) {
        const std::int64_t pair = std::int64_t{oc} * layer.weights.c + ic;
        std::copy_n(weights.begin() + pair * taps, taps, g);
      }
      std::int16_t points[winograd::points];
      transform_filter(g, points);
      const std::int64_t at = (ic / 2 * filter.panel + within) * 2 + ic % 2;
      for (int i = 0; i < winograd::points; ++i) {
        std::memcpy(panel + 2 * (i * point_words + at), &points[i], sizeof points[i]);
      }
    }
  }
}

/// [kh][kw][oc]
inline void pack_depthwise(const filter_geometry& layer, const packed_filter& filter,
                           std::span<const std::int8_t> weights, std::int8_t* out) {
  const int taps = filter.kh * filter.kw;
  for (int tap = 0; tap < taps; ++tap) {
    for (int c = 0; c < filter.channels; ++c) {
      const auto at = static_cast<std::size_t>(c) * static_cast<std::size_t>(taps) +
                      static_cast<std::size_t>(tap);
      *out++ = c < layer.weights.n ? weights[at] : std::int8_t{0};
    }
  }
}

inline void pack_weights(const filter_geometry& layer, const packed_filter& filter,
                         std::span<const std::int8_t> weights, int step, std::int8_t* out) {
  switch (filter.order) {
    case filter_order::depthwise:
      return pack_depthwise(layer, filter, weights, out);
    case filter_order::winograd:
      return pack_winograd(layer, filter, weights, out);
    case filter_order::dense:
      for (int panel = 0; panel < filter.panels(); ++panel) {
        pack_panel(layer, filter, weights, panel, step, out + panel * filter.panel_bytes());
      }
  }
}

}  // namespace detail

}  // namespace octavo::inline v0::simd
