// SPDX-License-Identifier: MIT
/// @file
/// Bilinear resizing with antialiasing, equal to Pillow's in every byte.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image_buffer.hpp"
#include "octavo/core/error.hpp"

namespace octavo::examples {

namespace detail {

/// Fixed point of the weights. A byte times the weights of one output then fits in 32 bits: their
/// sum is 2^22 but for rounding, and rounding at most doubles a weight.
inline constexpr int weight_bits = 22;

/// Which inputs along one axis make each output, and with what weight.
struct resize_filter {
  struct output {
    int first = 0;  ///< input
    int count = 0;
    std::size_t weights = 0;  ///< index of the first one
  };
  std::vector<output> outputs;
  std::vector<std::int32_t> weights;
};

/// `value` rounded to a double. Compilers may otherwise fuse a product with the sum it goes into
/// (-ffp-contract, the default of GCC where the machine has FMA), and weights could differ.
inline double rounded(double value) {
  volatile double stored = value;
  return stored;
}

/// Height at `distance` from the middle of a triangle 2 wide and 1 high.
inline double triangle(double distance) { return std::max(0.0, 1.0 - std::abs(distance)); }

/// Weights are computed in double in the order in which Pillow does it, so that they are the same
/// numbers: a triangle around the output's middle, as wide as two inputs or, shrinking, as two
/// outputs.
inline resize_filter make_resize_filter(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double support = std::max(scale, 1.0);
  const double inverse = 1.0 / support;
  resize_filter filter;
  filter.outputs.reserve(static_cast<std::size_t>(to));
  std::vector<double> heights;
  for (int i = 0; i < to; ++i) {
    const double centre = rounded((i + 0.5) * scale);
    // Truncation, not floor: they differ below zero only, where the maximum makes them equal.
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + support + 0.5), from);
    filter.outputs.push_back({first, end - first, filter.weights.size()});
    heights.clear();
    double sum = 0.0;
    for (int x = first; x < end; ++x) {
      heights.push_back(triangle(rounded((x - centre + 0.5) * inverse)));
      sum += heights.back();
    }
    for (const double height : heights) {
      // Exact but for the last rounding, fused or not: the factor is a power of two.
      filter.weights.push_back(static_cast<std::int32_t>(height / sum * (1 << weight_bits) + 0.5));
    }
  }
  return filter;
}

/// Applies `filter` to the middle index of `source`, an array [outer][from][inner], which becomes
/// `target`, [outer][to][inner].
inline void apply_resize_filter(const std::uint8_t* source, std::uint8_t* target,
                                const resize_filter& filter, std::size_t outer, std::size_t from,
                                std::size_t inner) {
  constexpr std::int32_t half = 1 << (weight_bits - 1);
  for (std::size_t o = 0; o < outer; ++o, source += from * inner) {
    for (const resize_filter::output& output : filter.outputs) {
      const std::uint8_t* first = source + static_cast<std::size_t>(output.first) * inner;
      const std::int32_t* weights = filter.weights.data() + output.weights;
      for (std::size_t i = 0; i < inner; ++i) {
        std::int32_t sum = half;
        for (int k = 0; k < output.count; ++k) {
          sum += first[static_cast<std::size_t>(k) * inner + i] * weights[k];
        }
        *target++ = static_cast<std::uint8_t>(std::min(sum >> weight_bits, 255));
      }
    }
  }
}

inline image resize_across(const image& source, int width) {
  const auto rows = static_cast<std::size_t>(source.height);
  image result = make_image(static_cast<std::uint64_t>(width), rows, "resize, across");
  apply_resize_filter(source.rgb.data(), result.rgb.data(), make_resize_filter(source.width, width),
                      rows, static_cast<std::size_t>(source.width), 3);
  return result;
}

inline image resize_down(const image& source, int height) {
  const auto columns = static_cast<std::size_t>(source.width);
  image result = make_image(columns, static_cast<std::uint64_t>(height), "resize, down");
  apply_resize_filter(source.rgb.data(), result.rgb.data(),
                      make_resize_filter(source.height, height), 1,
                      static_cast<std::size_t>(source.height), columns * 3);
  return result;
}

}  // namespace detail

/// `source` scaled to width x height, the same bytes as Pillow's Image.resize((width, height),
/// BILINEAR) on x86-64: across first, then down, both in fixed point with 22 bits, rounded to bytes
/// after each (halves up); a side that stays as it is, is not filtered. The same on every machine
/// and with every option but -ffast-math. Fails when the result, or the image between the two
/// steps, would have more than max_pixels.
inline image resize(const image& source, int width, int height) {
  check_image(source, "resize");
  if (width <= 0 || height <= 0) {
    fail("resize: the new size is ", width, " x ", height, ", but must be positive");
  }
  const bool same_height = height == source.height;
  if (width == source.width) return same_height ? source : detail::resize_down(source, height);
  image wide = detail::resize_across(source, width);
  return same_height ? wide : detail::resize_down(wide, height);
}

}  // namespace octavo::examples
