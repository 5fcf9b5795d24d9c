// SPDX-License-Identifier: MIT
/// @file
/// Windows of pools, their divisors, and pooling by any reduction; int8 and float share it.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0::emulation {

/// A rectangle of pixels [top, bottom) x [left, right) in the coordinates of the input.
struct pixel_box {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;

  constexpr std::int64_t pixels() const { return (bottom - top) * (right - left); }
};

/// The pixels that are in both.
constexpr pixel_box intersect(const pixel_box& a, const pixel_box& b) {
  return {std::max(a.top, b.top), std::max(a.left, b.left), std::min(a.bottom, b.bottom),
          std::min(a.right, b.right)};
}

/// The whole window of one output pixel, whatever of it lies outside.
constexpr pixel_box window_box(const window& w, int oh, int ow) {
  const std::int64_t top = std::int64_t{oh} * w.stride_h - w.pad.top;
  const std::int64_t left = std::int64_t{ow} * w.stride_w - w.pad.left;
  return {top, left, top + w.kh, left + w.kw};
}

/// The whole input.
constexpr pixel_box input_box(const shape& in) { return {0, 0, in.h, in.w}; }

/// The input and its padding.
constexpr pixel_box padded_box(const shape& in, const padding& pad) {
  return {-pad.top, -pad.left, std::int64_t{in.h} + pad.bottom, std::int64_t{in.w} + pad.right};
}

/// Pixels that an average divides by: those of the window inside the input, with count_padding
/// those inside the padded input. What a window of a rounded-up size covers beyond that never
/// counts.
constexpr std::int64_t divisor_of(const node& pool, const shape& in, int oh, int ow) {
  const pixel_box bounds = pool.count_padding ? padded_box(in, pool.window.pad) : input_box(in);
  return intersect(window_box(pool.window, oh, ow), bounds).pixels();
}

/// Each output is reduce(the window's valid pixels as an Eigen array, the window's divisor).
template <class T, class Reduce>
tensor<T> pool_windows(const node& pool, tensor_view<const T> src, const Reduce& reduce) {
  using plane_map =
      Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  tensor<T> dst(pool.shape);
  for (int n = 0; n < pool.shape.n; ++n) {
    for (int c = 0; c < pool.shape.c; ++c) {
      const plane_map plane(src.data + src.index(n, c, 0, 0), src.shape.h, src.shape.w);
      T* out = dst.values.data() + dst.view().index(n, c, 0, 0);
      for (int oh = 0; oh < pool.shape.h; ++oh) {
        for (int ow = 0; ow < pool.shape.w; ++ow) {
          const pixel_box valid = intersect(window_box(pool.window, oh, ow), input_box(src.shape));
          *out++ = reduce(plane.block(valid.top, valid.left, valid.bottom - valid.top,
                                      valid.right - valid.left),
                          divisor_of(pool, src.shape, oh, ow));
        }
      }
    }
  }
  return dst;
}

/// The largest value of each window; padding is no value.
template <class T>
tensor<T> max_pool(const node& pool, tensor_view<const T> src) {
  return pool_windows(pool, src, [](const auto& valid, std::int64_t) { return valid.maxCoeff(); });
}

}  // namespace octavo::inline v0::emulation
