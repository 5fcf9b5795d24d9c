// SPDX-License-Identifier: MIT
/// @file
/// Packs filters, and what other kernels need of a layer's integers, for an instruction set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/core/align.hpp"
#include "octavo/core/aligned.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/simd/accumulator_bounds.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/pack_weights.hpp"
#include "octavo/simd/packed_filter.hpp"
#include "octavo/simd/plan_filter.hpp"

namespace octavo::inline v0::simd {

/// The integers of a layer that have passed the checks of quant/check.hpp.
struct filter_integers {
  std::span<const std::int8_t> weights = {};  ///< OIHW
  std::span<const std::int32_t> bias = {};
  const requantization& rule;
};

namespace detail {

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

/// The arrays behind the weights; null are those that a policy does without.
struct channel_arrays {
  std::int32_t* start = nullptr;
  std::int32_t* shift = nullptr;
  std::int32_t* lowest = nullptr;
  std::int32_t* highest = nullptr;
  std::int32_t* multiplier = nullptr;
};

/// Where they lie, all of them zeros.
inline channel_arrays place_channel_arrays(const packed_filter& filter,
                                           std::span<std::byte> memory) {
  const std::int64_t size = channel_array_bytes(filter) / std::int64_t{sizeof(std::int32_t)};
  const int count = channel_array_count(filter.kind);
  auto* const first = reinterpret_cast<std::int32_t*>(memory.data() + weight_bytes(filter));
  std::fill_n(first, size * count, 0);
  const auto array = [&](int which) { return which < count ? first + which * size : nullptr; };
  return {array(0), array(1), array(2), array(3), array(4)};
}

inline void write_channel_arrays(const filter_geometry& layer, const packed_filter& filter,
                                 const filter_integers& integers, const channel_arrays& to) {
  const requantization& rule = integers.rule;
  const auto taps = static_cast<std::size_t>(layer.weights.elements_per_image());
  for (std::size_t oc = 0; oc < static_cast<std::size_t>(layer.weights.n); ++oc) {
    const std::size_t entry = rule.entry(static_cast<int>(oc));
    to.shift[oc] = rule.shift[entry];
    to.start[oc] = starting_value(integers.bias[oc], rule.kind, to.shift[oc], filter.source_offset,
                                  integers.weights.subspan(oc * taps, taps));
    if (to.lowest == nullptr) continue;
    const accumulator_bounds bounds =
        bounds_of([&](std::int32_t acc) { return requantize(rule, acc, static_cast<int>(oc)); });
    to.lowest[oc] = bounds.lowest;
    to.highest[oc] = bounds.highest;
    if (to.multiplier != nullptr) to.multiplier[oc] = rule.multiplier[entry];
  }
}

}  // namespace detail

/// Packs a layer into `memory`, which has packed_bytes() bytes and begins at a cache line.
inline packed_filter pack_filter(const filter_geometry& layer, const kernel_table& kernels,
                                 const filter_integers& integers, std::span<std::byte> memory) {
  packed_filter filter = detail::plan_filter(layer, kernels, integers.rule.kind);
  auto* const weights = reinterpret_cast<std::int8_t*>(memory.data());
  detail::pack_weights(layer, filter, integers.weights, kernels.step_quads, weights);
  filter.weights = weights;

  const bool dense = filter.order == filter_order::dense;
  filter.source_offset = dense && layer.signed_source ? kernels.source_offset : 0;
  const detail::channel_arrays arrays = detail::place_channel_arrays(filter, memory);
  detail::write_channel_arrays(layer, filter, integers, arrays);
  filter.bias = arrays.start;
  filter.shift = arrays.shift;
  filter.lowest = arrays.lowest;
  filter.highest = arrays.highest;
  filter.multiplier = arrays.multiplier;
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
