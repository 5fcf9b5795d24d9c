// SPDX-License-Identifier: MIT
/// @file
/// How the kernels of an instruction set want a layer's filter: its order, its panels, its bytes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "octavo/core/align.hpp"
#include "octavo/core/aligned.hpp"
#include "octavo/core/blocked.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/packed_filter.hpp"
#include "octavo/simd/winograd.hpp"

namespace octavo::inline v0::simd {

/// What packing has to know of a layer.
struct filter_geometry {
  shape weights = {};  ///< oc, ic / groups, kh, kw
  int groups = 1;
  int src_block = 64;
  int dst_block = 64;
  bool signed_source = true;
  bool winograd = false;  ///< suits it, and is exact: taken where the kernels and blocks allow

  /// Whether the columns of a window count as channels: those of a pixel, which are up to 4, and of
  /// its right neighbours lie together.
  constexpr bool folds_columns() const { return src_block < 16; }

  constexpr int group_channels() const { return weights.c * (folds_columns() ? weights.w : 1); }
  constexpr int columns() const { return folds_columns() ? 1 : weights.w; }
  constexpr int source_channels() const { return group_channels() * groups; }
  constexpr bool is_depthwise() const {
    return weights.c == 1 && groups == weights.n && groups > 1;
  }
};

namespace detail {

/// The most quads that any panel reads: those of the groups of its output channels.
constexpr int panel_quads(const filter_geometry& layer, int panel) {
  if (layer.groups == 1) return (layer.group_channels() + quad - 1) / quad;
  const int group_oc = layer.weights.n / layer.groups;
  int most = 0;
  for (int oc = 0; oc < layer.weights.n; oc += panel) {
    const int last_oc = std::min(oc + panel, layer.weights.n) - 1;
    const int first_ic = oc / group_oc * layer.weights.c;
    const int end_ic = (last_oc / group_oc + 1) * layer.weights.c;
    most = std::max(most, (end_ic + quad - 1) / quad - first_ic / quad);
  }
  return most;
}

/// Quads of the source that lie together at a tap.
constexpr int block_quads(const filter_geometry& layer, const packed_filter& filter) {
  return layer.folds_columns() ? filter.quads : layer.src_block / quad;
}

/// One tap's quads of weights for a panel: where a run of quads, which ends with the source's
/// block, does not fill its last step, zeros do.
constexpr int quads_in_steps(const packed_filter& filter, int panel, int block_quads, int step) {
  const int end = filter.first_quad(panel) + filter.quads;
  int total = 0;
  for (int begin = filter.first_quad(panel); begin < end;) {
    const int run_end = std::min(end, (begin / block_quads + 1) * block_quads);
    total += align_up(run_end - begin, step);
    begin = run_end;
  }
  return total;
}

/// A wide panel writes whole cache lines, and loads less for a dot product, but more weights: as
/// long as these stay in the first level.
constexpr int choose_panel(const filter_geometry& layer, const kernel_table& kernels) {
  constexpr std::int64_t near_bytes = 16 << 10;
  const int wide = kernels.wide_panel;
  const bool fits = wide != 0 && layer.dst_block % wide == 0 &&
                    layer.weights.elements_per_image() * wide <= near_bytes;
  return fits && layer.groups == 1 && !layer.signed_source ? wide
                                                           : kernels.panel_for(layer.dst_block);
}

constexpr filter_order choose_order(const filter_geometry& layer, const kernel_table& kernels) {
  if (layer.is_depthwise()) return filter_order::depthwise;
  const bool has_words = kernels.conv2d_winograd != nullptr &&
                         layer.src_block % (kernels.vector_bytes / 2) == 0 &&
                         layer.dst_block % kernels.panel == 0;
  return layer.winograd && layer.groups == 1 && has_words ? filter_order::winograd
                                                          : filter_order::dense;
}

/// Everything but the pointers.
constexpr packed_filter plan_filter(const filter_geometry& layer, const kernel_table& kernels,
                                    policy kind) {
  packed_filter filter;
  filter.order = choose_order(layer, kernels);
  filter.kind = kind;
  filter.signed_source = layer.signed_source;
  filter.kh = layer.weights.h;
  filter.kw = layer.columns();
  filter.channels = align_up(layer.weights.n, layer.dst_block);
  filter.panel = choose_panel(layer, kernels);
  filter.group_ic = layer.group_channels();
  filter.group_oc = layer.weights.n / layer.groups;
  filter.quads = panel_quads(layer, filter.panel);
  filter.source_quads = (layer.source_channels() + quad - 1) / quad;
  filter.weight_quads = filter.quads;
  if (filter.order == filter_order::winograd) {
    filter.panel = kernels.panel;
    filter.quads = filter.source_quads = align_up(layer.weights.c, layer.src_block) / quad;
    filter.weight_quads = 2 * winograd::points / (winograd::taps * winograd::taps) * filter.quads;
    return filter;
  }
  if (kernels.step_quads > 1) {
    for (int panel = 0; panel < filter.panels(); ++panel) {
      filter.weight_quads =
          std::max(filter.weight_quads,
                   quads_in_steps(filter, panel, block_quads(layer, filter), kernels.step_quads));
    }
  }
  return filter;
}

constexpr std::int64_t weight_bytes(const packed_filter& filter) {
  const std::int64_t bytes = filter.order == filter_order::depthwise
                                 ? std::int64_t{filter.kh} * filter.kw * filter.channels
                                 : filter.panels() * filter.panel_bytes();
  return align_up(bytes, std::int64_t{cache_line});
}

/// Arrays of one int32 a channel: bias and shift; the other policies have bounds, and a multiplier.
constexpr int channel_array_count(policy kind) {
  if (kind == policy::rshift) return 2;
  return kind == policy::rshift_half_away ? 4 : 5;
}

/// Of one of them: they go on to the end of the last block.
constexpr std::int64_t channel_array_bytes(const packed_filter& filter) {
  return align_up(filter.channels * std::int64_t{4}, std::int64_t{cache_line});
}

}  // namespace detail

/// Bytes that pack_filter writes, a multiple of a cache line.
constexpr std::int64_t packed_bytes(const filter_geometry& layer, const kernel_table& kernels,
                                    policy kind) {
  const packed_filter filter = detail::plan_filter(layer, kernels, kind);
  return detail::weight_bytes(filter) +
         detail::channel_array_bytes(filter) * detail::channel_array_count(kind);
}

}  // namespace octavo::inline v0::simd
