// SPDX-License-Identifier: MIT
/// @file
/// 3x3 convolutions by the minimal filtering algorithm F(4x4, 3x3) of Winograd (A. Lavin, S. Gray,
/// "Fast Algorithms for Convolutional Neural Networks", 2015), in integers, and exact.
///
/// Of a tile of 4x4 outputs Y, with d the 6x6 inputs and g the 3x3 weights of a channel:
///
///     576 Y = A' [ sum over channels of (G g G') (.) (B' d B) ] A
///
/// where the usual matrices have been multiplied so that none has fractions: each row of G by what
/// its denominators ask for, 4, 6, 6, 24, 24 and 1, and the columns of A by 24 over that. 36
/// products take the place of 144. |G g G'| <= 7 * 7 * 128 and |B' d B| <= 10 * 10 * 128 are words
/// of 16 bits. Sums of products wrap around 2^32, and that does no harm: 576 = 9 * 64, 9 has an
/// inverse modulo 2^32, and 64 Y is what stands there as long as |Y| < 2^25. winograd_is_exact()
/// knows from the weights whether it is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "octavo/core/align.hpp"
#include "octavo/core/aligned.hpp"
#include "octavo/core/window.hpp"
#include "octavo/simd/packed_filter.hpp"

namespace octavo::inline v0::simd {

struct winograd {
  static constexpr int outputs = 4;  ///< rows, and columns, of a tile
  static constexpr int inputs = 6;
  static constexpr int taps = 3;
  static constexpr int points = inputs * inputs;
  /// 9 * inverse_of_9 = 1 modulo 2^32.
  static constexpr std::uint32_t inverse_of_9 = 954437177;
  static constexpr int twos = 6;  ///< 576 = 9 * 2^6
  /// G, its rows multiplied by 4, -6, -6, 24, 24, 1.
  static constexpr int filter[inputs][taps] = {{1, 0, 0}, {1, 1, 1},  {1, -1, 1},
                                               {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
};

static_assert(9 * winograd::inverse_of_9 == 1);

/// Tiles of an image of so many rows or columns: the last one lies over the one before it where
/// they do not come out even.
constexpr int winograd_tiles(int extent) {
  return (extent + winograd::outputs - 1) / winograd::outputs;
}

/// Whether a convolution has the form. @param dst of one group
constexpr bool suits_winograd(const window& w, const shape& dst) {
  const bool plain = w.stride_h == 1 && w.stride_w == 1 && w.dilation_h == 1 && w.dilation_w == 1;
  return plain && w.kh == winograd::taps && w.kw == winograd::taps && dst.h >= winograd::outputs &&
         dst.w >= winograd::outputs;
}

/// Whether it pays, as measured: enough channels for products to outweigh the transforms, little of
/// the image computed twice, and weights, which are eight times as many bytes, that the caches
/// bring in time.
constexpr bool favors_winograd(const shape& dst, const shape& weights) {
  constexpr int least_channels = 32;
  constexpr std::int64_t most_bytes = 5 << 18;
  const std::int64_t words = winograd::points * std::int64_t{weights.n} * weights.c;
  const std::int64_t pixels = std::int64_t{winograd_tiles(dst.h)} * winograd_tiles(dst.w) *
                              winograd::outputs * winograd::outputs;
  return std::min(weights.n, weights.c) >= least_channels && 2 * words <= most_bytes &&
         3 * pixels <= 4 * std::int64_t{dst.h} * dst.w;
}

/// Whether all sums stay below 2^25 for every int8 source. @param weights OIHW of `channels`
/// outputs
inline bool winograd_is_exact(std::span<const std::int8_t> weights, int channels) {
  constexpr std::int64_t limit = (std::int64_t{1} << 25) / 128;
  const std::size_t taps = weights.size() / static_cast<std::size_t>(channels);
  for (std::size_t first = 0; first < weights.size(); first += taps) {
    std::int64_t sum = 0;
    for (const std::int8_t w : weights.subspan(first, taps)) sum += std::abs(int{w});
    if (sum >= limit) return false;
  }
  return true;
}

/// A thread's memory for the tiles that it computes together: their transformed inputs, their sums
/// for one panel of outputs, and one tile of outputs.
struct winograd_scratch {
  int tiles = 0;
  int channels = 0;
  int panel = 0;

  /// Bytes of one of the 36 points. A cache line more keeps them out of each other's places in the
  /// cache.
  constexpr std::int64_t input_point() const {
    return align_up(std::int64_t{2} * tiles * channels, line) + line;
  }
  constexpr std::int64_t sum_point() const {
    return align_up(std::int64_t{4} * tiles * panel, line) + line;
  }

  constexpr std::int64_t sums() const { return winograd::points * input_point(); }
  constexpr std::int64_t outputs() const { return sums() + winograd::points * sum_point(); }
  /// Four vectors more, which are read behind the last pixel, are not more than a pixel of 64.
  constexpr std::int64_t bytes() const {
    constexpr int pixels = winograd::outputs * winograd::outputs;
    return outputs() + align_up(std::int64_t{4} * (pixels * panel + 64), line);
  }

 private:
  static constexpr std::int64_t line = cache_line;
};

/// What a packed filter asks for where `tiles` are computed together.
constexpr winograd_scratch scratch_for(const packed_filter& filter, int tiles) {
  return {tiles, filter.quads * quad, filter.panel};
}

/// G g G' of one pair of channels, as [row][column].
inline void transform_filter(const std::int8_t (&g)[9], std::int16_t (&out)[winograd::points]) {
  int rows[winograd::inputs][winograd::taps];
  for (int i = 0; i < winograd::inputs; ++i) {
    const int(&f)[winograd::taps] = winograd::filter[i];
    for (int x = 0; x < winograd::taps; ++x) {
      rows[i][x] = f[0] * g[x] + f[1] * g[3 + x] + f[2] * g[6 + x];
    }
  }
  for (int i = 0; i < winograd::points; ++i) {
    const int(&f)[winograd::taps] = winograd::filter[i % winograd::inputs];
    const int(&row)[winograd::taps] = rows[i / winograd::inputs];
    out[i] = static_cast<std::int16_t>(f[0] * row[0] + f[1] * row[1] + f[2] * row[2]);
  }
}

}  // namespace octavo::inline v0::simd
