// SPDX-License-Identifier: MIT
/// @file
/// The channel-blocked layout that the fast kernels read and write:
///
///     [n][c / block][top + h + bottom][left + w + right][block]
///
/// The channels of a block lie together, pixel by pixel, so that a row of a plane is one run of
/// bytes. The border around each plane holds zeros: a convolution's padding is part of its source,
/// and its kernel needs no branches.
#pragma once

#include <cstdint>
#include <type_traits>

#include "octavo/core/align.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/core/window.hpp"

namespace octavo::inline v0 {

/// The block for a number of channels: 64, 32 or 16, the largest that pads the channels by no more
/// than a sixteenth above what 16 would.
constexpr int choose_block(int channels) {
  const int least = align_up(channels, 16);
  for (const int block : {64, 32}) {
    if (align_up(channels, block) - least <= channels / 16) return block;
  }
  return 16;
}

static_assert(choose_block(64) == 64 && choose_block(96) == 32 && choose_block(24) == 32);
static_assert(choose_block(1000) == 64 && choose_block(3) == 16 && choose_block(40) == 16);

/// Where each element of a tensor lies. All strides and offsets are bytes.
struct blocked_layout {
  octavo::shape shape = {};
  int block = 64;       ///< channels that lie together: 64, 32, 16, or all where there are up to 4
  padding border = {};  ///< pixels of zeros around every plane
  bool biased = false;  ///< bytes hold value + 128, unsigned, as some dot products want them

  /// Blocks of an image; the last one may end with channels of padding.
  constexpr int blocks() const { return (shape.c + block - 1) / block; }
  /// Bytes of one row of one block, its border included.
  constexpr std::int64_t row() const {
    return (std::int64_t{border.left} + shape.w + border.right) * block;
  }
  /// Bytes of one block of an image, its border included.
  constexpr std::int64_t plane() const {
    return (std::int64_t{border.top} + shape.h + border.bottom) * row();
  }
  /// Bytes of all blocks of an image.
  constexpr std::int64_t image() const { return blocks() * plane(); }
  /// Kernels read up to 3 bytes behind the last pixel where blocks are not whole quads.
  constexpr std::int64_t bytes() const { return shape.n * image() + (block % 4 == 0 ? 0 : 4); }

  /// Whether all channels of a pixel lie together without padding: kernels then take the columns of
  /// a window, which follow each other, as channels.
  constexpr bool is_narrow() const { return block < 16; }

  /// The byte that stands for 0. Any value is a byte with the bits of zero() flipped.
  constexpr std::int8_t zero() const { return biased ? -128 : 0; }

  /// The first channel of block 0 of image 0 at pixel (h, w); pixels of the border have negative
  /// positions or such beyond the last.
  constexpr std::int64_t pixel(int h, int w) const {
    return (std::int64_t{border.top} + h) * row() + (std::int64_t{border.left} + w) * block;
  }

  /// Element (n, c, h, w).
  constexpr std::int64_t offset(int n, int c, int h, int w) const {
    return n * image() + c / block * plane() + pixel(h, w) + c % block;
  }

  friend constexpr bool operator==(const blocked_layout&, const blocked_layout&) = default;
};

/// A pointer to a tensor in a channel-blocked layout: to its first byte, the border included.
template <class T>
struct blocked_view {
  T* data = nullptr;
  blocked_layout layout = {};

  constexpr operator blocked_view<const T>() const requires(!std::is_const_v<T>) {
    return {data, layout};
  }
};

}  // namespace octavo::inline v0
