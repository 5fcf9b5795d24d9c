// SPDX-License-Identifier: MIT
/// @file
/// The shape of a tensor: batch, channels, height, width.
#pragma once

#include <cstdint>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// No extent, kernel, stride or padding is larger: window positions (extent + paddings) stay inside
/// an int, and products of two far inside 64 bits.
inline constexpr int extent_limit = 1 << 24;

/// Extents of a tensor in NCHW order. A vector of k values is {1, k, 1, 1}.
struct shape {
  int n = 1;
  int c = 1;
  int h = 1;
  int w = 1;

  /// Number of elements, in 64 bits: four 31-bit extents of a hostile file may not wrap silently,
  /// so loaders check it with is_valid() first.
  constexpr std::int64_t elements() const { return std::int64_t{n} * c * (std::int64_t{h} * w); }

  /// Elements of one batch item.
  constexpr std::int64_t elements_per_image() const { return std::int64_t{c} * h * w; }

  /// Every extent is in 1..extent_limit and the element count below 2^31: what every layout here
  /// can address.
  constexpr bool is_valid() const {
    if (n < 1 || c < 1 || h < 1 || w < 1) return false;
    if (n > extent_limit || c > extent_limit || h > extent_limit || w > extent_limit) return false;
    const std::int64_t plane = std::int64_t{h} * w;
    const std::int64_t images = std::int64_t{n} * c;
    return plane <= INT32_MAX && images <= INT32_MAX / plane;
  }

  friend constexpr bool operator==(const shape&, const shape&) = default;
};

}  // namespace octavo::inline v0
