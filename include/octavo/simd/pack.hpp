// SPDX-License-Identifier: MIT
/// @file
/// Packs filters for the kernels of an instruction set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "octavo/core/align.hpp"
#include "octavo/core/aligned.hpp"
#include "octavo/core/blocked.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/packed_filter.hpp"

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

/// The integers of a layer that have passed the checks of quant/check.hpp.
struct filter_integers {
  std::span<const std::int8_t> weights = {};  ///< OIHW
  std::span<const std::int32_t> bias = {};
  const requantization& rule;
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
constexpr int channel_arrays(policy kind) {
  if (kind == policy::rshift) return 2;
  return kind == policy::rshift_half_away ? 4 : 5;
}

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

inline void pack_weights(const filter_geometry& layer, const packed_filter& filter,
                         std::span<const std::int8_t> weights, int step, std::int8_t* out) {
  if (filter.order == filter_order::winograd) return pack_winograd(layer, filter, weights, out);
  if (filter.order == filter_order::dense) {
    for (int panel = 0; panel < filter.panels(); ++panel) {
      pack_panel(layer, filter, weights, panel, step, out + panel * filter.panel_bytes());
    }
    return;
  }
  const int taps = filter.kh * filter.kw;
  for (int tap = 0; tap < taps; ++tap) {
    for (int c = 0; c < filter.channels; ++c) {
      const auto at = static_cast<std::size_t>(c) * static_cast<std::size_t>(taps) +
                      static_cast<std::size_t>(tap);
      *out++ = c < layer.weights.n ? weights[at] : std::int8_t{0};
    }
  }
}

/// What the accumulator of channel `oc` starts from, modulo 2^32: the bias, half a unit of the last
/// place where the policy is a plain shift (the bound of SPECIFICATION 1.2 leaves it room), and
/// what takes an offset of the source away again.
inline std::int32_t starting_value(std::int32_t bias, policy kind, int shift,
                                   std::int32_t source_offset,
                                   std::span<const std::int8_t> weights) {
  std::int64_t start = bias;
  if (kind == policy::rshift && shift > 0) start += std::int64_t{1} << (shift - 1);
  if (source_offset != 0) {
    for (const std::int8_t w : weights) start -= std::int64_t{source_offset} * w;
  }
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(start));
}

/// The least accumulator for which f is at least `value`, INT32_MAX where there is none. f is
/// monotone.
template <class F>
std::int32_t first_at_least(const F& f, int value) {
  std::int64_t low = INT32_MIN;
  std::int64_t high = INT32_MAX;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (f(static_cast<std::int32_t>(middle)) >= value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<std::int32_t>(low);
}

/// Accumulators beyond these give the same int8 as they do.
struct accumulator_bounds {
  std::int32_t lowest = INT32_MIN;
  std::int32_t highest = INT32_MAX;
};

template <class F>
accumulator_bounds bounds_of(const F& f) {
  const std::int32_t above_least = first_at_least(f, -127);
  return {above_least == INT32_MIN ? INT32_MIN : above_least - 1, first_at_least(f, 127)};
}

}  // namespace detail

/// Bytes that pack_filter writes, a multiple of a cache line.
constexpr std::int64_t packed_bytes(const filter_geometry& layer, const kernel_table& kernels,
                                    policy kind) {
  const packed_filter filter = detail::plan_filter(layer, kernels, kind);
  const std::int64_t array = align_up(filter.channels * std::int64_t{4}, std::int64_t{cache_line});
  return detail::weight_bytes(filter) + array * detail::channel_arrays(kind);
}

/// Packs a layer into `memory`, which has packed_bytes() bytes and begins at a cache line.
inline packed_filter pack_filter(const filter_geometry& layer, const kernel_table& kernels,
                                 const filter_integers& integers, std::span<std::byte> memory) {
  const requantization& rule = integers.rule;
  packed_filter filter = detail::plan_filter(layer, kernels, rule.kind);
  auto* const packed = reinterpret_cast<std::int8_t*>(memory.data());
  detail::pack_weights(layer, filter, integers.weights, kernels.step_quads, packed);
  filter.weights = packed;

  const auto channels = static_cast<std::size_t>(filter.channels);
  const std::size_t array = align_up(channels, cache_line / sizeof(std::int32_t));
  auto* const arrays =
      reinterpret_cast<std::int32_t*>(memory.data() + detail::weight_bytes(filter));
  std::fill_n(arrays, array * static_cast<std::size_t>(detail::channel_arrays(rule.kind)), 0);
  std::int32_t* const start = arrays;
  std::int32_t* const shift = arrays + array;
  std::int32_t* const lowest = arrays + 2 * array;
  std::int32_t* const highest = arrays + 3 * array;
  std::int32_t* const multiplier = arrays + 4 * array;

  const bool dense = filter.order == filter_order::dense;
  filter.source_offset = dense && layer.signed_source ? kernels.source_offset : 0;
  const auto taps = static_cast<std::size_t>(layer.weights.elements_per_image());
  for (std::size_t oc = 0; oc < static_cast<std::size_t>(layer.weights.n); ++oc) {
    const std::size_t entry = rule.entry(static_cast<int>(oc));
    shift[oc] = rule.shift[entry];
    start[oc] =
        detail::starting_value(integers.bias[oc], rule.kind, shift[oc], filter.source_offset,
                               integers.weights.subspan(oc * taps, taps));
    if (rule.kind == policy::rshift) continue;
    const detail::accumulator_bounds bounds = detail::bounds_of(
        [&](std::int32_t acc) { return requantize(rule, acc, static_cast<int>(oc)); });
    lowest[oc] = bounds.lowest;
    highest[oc] = bounds.highest;
    if (!is_rshift(rule.kind)) multiplier[oc] = rule.multiplier[entry];
  }
  filter.bias = start;
  filter.shift = shift;
  if (rule.kind != policy::rshift) {
    filter.lowest = lowest;
    filter.highest = highest;
  }
  if (!is_rshift(rule.kind)) filter.multiplier = multiplier;
  return filter;
}

/// An average pool's entry as its kernel reads it.
inline pool_rule make_pool_rule(const pool_divisor& entry) {
  const detail::accumulator_bounds bounds = detail::bounds_of(entry.requantize);
  return {entry.divisor, entry.requantize.multiplier, entry.requantize.shift, bounds.lowest,
          bounds.highest};
}

inline constexpr std::int64_t lookup_table_bytes = 256;

/// Writes f(-128) .. f(127) into `memory`, lookup_table_bytes. Returns the table, or null where f
/// changes nothing.
template <class F>
const std::int8_t* make_lookup_table(const F& f, std::span<std::byte> memory) {
  auto* const table = reinterpret_cast<std::int8_t*>(memory.data());
  bool changes = false;
  for (int x = -128; x < 128; ++x) {
    table[x + 128] = f(x);
    changes = changes || table[x + 128] != x;
  }
  return changes ? table : nullptr;
}

}  // namespace octavo::inline v0::simd
