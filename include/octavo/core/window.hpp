// SPDX-License-Identifier: MIT
/// @file
/// The sliding window of convolutions and pools, and the output size it gives.
#pragma once

#include "octavo/core/error.hpp"

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

/// Output positions along one axis (Caffe's rule where rounding is ceil: a window that would start
/// beyond the input plus its leading padding is dropped).
/// @throws octavo::error where the window does not fit the padded input.
constexpr int output_extent(int in, int kernel, int stride, int dilation, int pad_before,
                            int pad_after, size_rounding rounding = size_rounding::floor) {
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

}  // namespace octavo::inline v0
