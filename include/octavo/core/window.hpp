// SPDX-License-Identifier: MIT
/// @file
/// The sliding window of convolutions and pools, what else they are told, and the output size and
/// the divisors that follow.
#pragma once

#include "octavo/core/error.hpp"
#include "octavo/core/shape.hpp"

namespace octavo::inline v0 {

/// Zero rows and columns around the input, in pixels. Each side has its own.
struct padding {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;

  friend constexpr bool operator==(const padding&, const padding&) = default;
};

/// A window of kh x kw taps that slides over height and width.
struct window {
  int kh = 1;
  int kw = 1;
  int stride_h = 1;
  int stride_w = 1;
  int dilation_h = 1;  ///< distance between two taps in rows; 1 is an ordinary window
  int dilation_w = 1;
  padding pad = {};

  friend constexpr bool operator==(const window&, const window&) = default;
};

/// The common window: square, one stride, the same padding on all four sides.
constexpr window square(int kernel, int stride = 1, int pad = 0) {
  return {kernel, kernel, stride, stride, 1, 1, {pad, pad, pad, pad}};
}

/// How an output size is rounded when the stride does not divide the padded input.
enum class size_rounding {
  floor,  ///< every window lies inside the padded input
  ceil,   ///< Caffe: the last window may reach beyond it
};

/// Enumerators of size_rounding: files have their numbers.
inline constexpr int size_rounding_count = 2;

/// A window along one of its axes.
struct window_axis {
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int pad_before = 0;
  int pad_after = 0;
};

/// The window along the rows of the image.
constexpr window_axis along_height(const window& w) {
  return {w.kh, w.stride_h, w.dilation_h, w.pad.top, w.pad.bottom};
}

/// The window along the columns of the image.
constexpr window_axis along_width(const window& w) {
  return {w.kw, w.stride_w, w.dilation_w, w.pad.left, w.pad.right};
}

/// Output positions along one axis (Caffe's rule where rounding is ceil: a window that would start
/// beyond the input plus its leading padding is dropped).
/// @throws octavo::error where the window does not fit the padded input.
constexpr int output_extent(int in, const window_axis& axis,
                            size_rounding rounding = size_rounding::floor) {
  const auto& [kernel, stride, dilation, pad_before, pad_after] = axis;
  require(in >= 1, "window: the input is empty");
  require(kernel >= 1 && stride >= 1 && dilation >= 1,
          "window: kernel, stride and dilation must be at least 1");
  require(pad_before >= 0 && pad_after >= 0, "window: padding must not be negative");
  const long long reach = 1LL * dilation * (kernel - 1) + 1;
  const long long room = 1LL * in + pad_before + pad_after - reach;
  require(room >= 0, "window: the kernel is larger than the padded input");
  long long out = room / stride + 1;
  if (rounding == size_rounding::ceil && room % stride != 0) {
    const bool starts_inside = out * stride < 1LL * in + pad_before;
    if (starts_inside) ++out;
  }
  return static_cast<int>(out);
}

/// The shape that a window over `src` gives, with `channels` channels.
/// @throws octavo::error as output_extent()
constexpr shape window_shape(const shape& src, int channels, const window& w,
                             size_rounding rounding = size_rounding::floor) {
  return {src.n, channels, output_extent(src.h, along_height(w), rounding),
          output_extent(src.w, along_width(w), rounding)};
}

/// How a convolution slides and what is fused into it.
struct conv_params {
  octavo::window window = {};
  int groups = 1;     ///< divides ic and oc; groups == ic is a depthwise convolution
  bool relu = false;  ///< max(0, .) before requantization
};

/// How a pool slides. Its window has no dilation, and each padding is smaller than the kernel, so
/// that every window has a pixel.
struct pool_params {
  octavo::window window = {};
  size_rounding rounding = size_rounding::floor;
  bool count_padding = false;  ///< average pool: padded pixels count in the divisor
};

/// How many pixels divide the sum of one window along one axis. `start` is the window's first
/// position in the image, negative inside the leading padding. Padding counts where
/// `count_padding`; what a ceil-rounded window covers beyond the padded input never does.
constexpr int divisor_extent(int start, int kernel, int in, int pad_after, bool count_padding) {
  const int last = count_padding ? in + pad_after : in;
  const int end = start + kernel < last ? start + kernel : last;
  const int begin = count_padding || start > 0 ? start : 0;
  return end - begin;
}

/// The divisor of the window at (oh, ow): pixels of one channel that its sum is divided by.
constexpr int window_divisor(const pool_params& params, const shape& src, int oh, int ow) {
  const auto& w = params.window;
  return divisor_extent(oh * w.stride_h - w.pad.top, w.kh, src.h, w.pad.bottom,
                        params.count_padding) *
         divisor_extent(ow * w.stride_w - w.pad.left, w.kw, src.w, w.pad.right,
                        params.count_padding);
}

namespace detail {

/// The preconditions of both pools.
constexpr bool pools_into(const shape& src, const pool_params& params, const shape& dst) {
  const auto& [kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad] = params.window;
  return dilation_h == 1 && dilation_w == 1 && pad.top < kh && pad.bottom < kh && pad.left < kw &&
         pad.right < kw && dst == window_shape(src, src.c, params.window, params.rounding);
}

}  // namespace detail

}  // namespace octavo::inline v0
