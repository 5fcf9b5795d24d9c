// SPDX-License-Identifier: MIT
/// @file
/// From plain layouts into the channel-blocked one and back.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "octavo/core/blocked.hpp"
#include "octavo/core/tensor.hpp"

namespace octavo::inline v0 {

/// A pointer to elements in NHWC order (channels last), as most image decoders leave them.
template <class T>
struct nhwc_view {
  T* data = nullptr;
  octavo::shape shape = {};

  /// The element of image n, channel c, row h, column w: the order of arguments is that of a shape.
  constexpr T& operator()(int n, int c, int h, int w) const {
    return data[((std::int64_t{n} * shape.h + h) * shape.w + w) * shape.c + c];
  }

  constexpr operator nhwc_view<const T>() const requires(!std::is_const_v<T>) {
    return {data, shape};
  }
};

/// Fills the border of every plane with zeros, for planes [begin, end) of images * blocks.
inline void clear_border(blocked_view<std::int8_t> dst, std::int64_t begin,
                         std::int64_t end) noexcept {
  const blocked_layout& at = dst.layout;
  const auto clear = [&](std::int8_t* data, std::int64_t bytes) {
    if (bytes > 0) std::memset(data, at.zero(), static_cast<std::size_t>(bytes));
  };
  const std::int64_t left = std::int64_t{at.border.left} * at.block;
  const std::int64_t right = std::int64_t{at.border.right} * at.block;
  for (std::int64_t i = begin; i < end; ++i) {
    std::int8_t* const plane = dst.data + i * at.plane();
    std::int8_t* const below = plane + (std::int64_t{at.border.top} + at.shape.h) * at.row();
    clear(plane, at.border.top * at.row() + left);
    for (int h = 0; h + 1 < at.shape.h; ++h) {  // right of a row and left of the next touch
      clear(plane + at.pixel(h, at.shape.w), right + left);
    }
    clear(plane + at.pixel(at.shape.h - 1, at.shape.w), right);
    clear(below, at.border.bottom * at.row());
  }
}

/// dst(n, c, h, w) = value(n, c, h, w) for every element. Borders and padding channels stay.
template <class Value>
void fill_blocked(blocked_view<std::int8_t> dst, const Value& value) {
  const blocked_layout& at = dst.layout;
  const shape& extents = at.shape;
  for (int n = 0; n < extents.n; ++n) {
    for (int first = 0; first < extents.c; first += at.block) {
      const int count = extents.c - first < at.block ? extents.c - first : at.block;
      for (int h = 0; h < extents.h; ++h) {
        std::int8_t* out = dst.data + at.offset(n, first, h, 0);
        for (int w = 0; w < extents.w; ++w, out += at.block) {
          for (int c = 0; c < count; ++c) {
            out[c] = static_cast<std::int8_t>(value(n, first + c, h, w) ^ at.zero());
          }
        }
      }
    }
  }
}

/// Channel-blocked to NCHW. Shapes are equal.
inline void copy_to_nchw(blocked_view<const std::int8_t> src,
                         tensor_view<std::int8_t> dst) noexcept {
  assert(src.layout.shape == dst.shape);
  const blocked_layout& at = src.layout;
  for (int n = 0; n < dst.shape.n; ++n) {
    for (int c = 0; c < dst.shape.c; ++c) {
      for (int h = 0; h < dst.shape.h; ++h) {
        const std::int8_t* in = src.data + at.offset(n, c, h, 0);
        std::int8_t* const out = &dst(n, c, h, 0);
        for (int w = 0; w < dst.shape.w; ++w) {
          out[w] = static_cast<std::int8_t>(in[std::int64_t{w} * at.block] ^ at.zero());
        }
      }
    }
  }
}

/// NCHW to channel-blocked. Shapes are equal.
inline void copy_from_nchw(tensor_view<const std::int8_t> src,
                           blocked_view<std::int8_t> dst) noexcept {
  assert(src.shape == dst.layout.shape);
  fill_blocked(dst, [&](int n, int c, int h, int w) { return src(n, c, h, w); });
}

}  // namespace octavo::inline v0
