// SPDX-License-Identifier: MIT
/// @file
/// Convolution as a matrix product: the inputs that every output pixel sees, one column for each.
#pragma once

#include <Eigen/Core>
#include <algorithm>

#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"

namespace octavo::inline v0::emulation {

/// A matrix of Eigen that lies in memory as C arrays do.
template <class Scalar>
using row_major = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The channels of one image that one group of a convolution reads.
template <class T>
struct image_group {
  tensor_view<const T> src = {};
  int image = 0;
  int first_channel = 0;
  int channels = 1;
};

namespace detail {

/// Output positions [first, end) along one axis at which one tap of the window meets a real pixel.
/// The tap reads pixel position * stride + offset.
struct tap_range {
  Eigen::Index first = 0;
  Eigen::Index end = 0;
};

inline tap_range positions_inside(Eigen::Index offset, int stride, int pixels, int positions) {
  const Eigen::Index step = stride;
  tap_range inside;
  if (offset < 0) inside.first = (-offset + step - 1) / step;
  if (offset < pixels) inside.end = (pixels - 1 - offset) / step + 1;
  inside.end = std::min<Eigen::Index>(inside.end, positions);
  return inside;
}

}  // namespace detail

/// The matrix with a row for each tap (channel, then kh, then kw: the order of OIHW weights) and a
/// column for each of the oh x ow output pixels. Taps in the padding are 0.
template <class Scalar, class T>
row_major<Scalar> im2col(const image_group<T>& group, const window& w, const shape& dst) {
  const Eigen::Index taps = Eigen::Index{group.channels} * w.kh * w.kw;
  row_major<Scalar> columns = row_major<Scalar>::Zero(taps, Eigen::Index{dst.h} * dst.w);
  const shape& in = group.src.shape;
  for (Eigen::Index tap = 0; tap < taps; ++tap) {
    const Eigen::Index kw = tap % w.kw;
    const Eigen::Index kh = tap / w.kw % w.kh;
    const auto channel = group.first_channel + static_cast<int>(tap / w.kw / w.kh);
    const Eigen::Index row_offset = kh * w.dilation_h - w.pad.top;
    const Eigen::Index column_offset = kw * w.dilation_w - w.pad.left;
    const auto rows = detail::positions_inside(row_offset, w.stride_h, in.h, dst.h);
    const auto pixels = detail::positions_inside(column_offset, w.stride_w, in.w, dst.w);
    const T* plane = group.src.data + group.src.index(group.image, channel, 0, 0);
    Scalar* out = columns.row(tap).data();
    for (Eigen::Index oh = rows.first; oh < rows.end; ++oh) {
      const T* line = plane + (oh * w.stride_h + row_offset) * in.w;
      for (Eigen::Index ow = pixels.first; ow < pixels.end; ++ow) {
        out[oh * dst.w + ow] = static_cast<Scalar>(line[ow * w.stride_w + column_offset]);
      }
    }
  }
  return columns;
}

}  // namespace octavo::inline v0::emulation
