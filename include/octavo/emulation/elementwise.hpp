// SPDX-License-Identifier: MIT
/// @file
/// The two patterns that ops without a window follow, for int8 and float: element by element, and
/// channels one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/core/tensor.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0::emulation {

/// Every element is f(element).
template <class T, class F>
tensor<T> map_elements(const tensor<T>& src, const F& f) {
  tensor<T> dst(src.shape);
  std::transform(src.values.begin(), src.values.end(), dst.values.begin(), f);
  return dst;
}

/// Every element is f(a's, b's).
template <class T, class F>
tensor<T> map_elements(const tensor<T>& a, const tensor<T>& b, const F& f) {
  tensor<T> dst(a.shape);
  std::transform(a.values.begin(), a.values.end(), b.values.begin(), dst.values.begin(), f);
  return dst;
}

/// Every element is f(channel, element).
template <class T, class F>
tensor<T> map_channels(const tensor<T>& src, const F& f) {
  tensor<T> dst(src.shape);
  const auto plane = static_cast<std::size_t>(src.shape.h) * static_cast<std::size_t>(src.shape.w);
  const auto channels = static_cast<std::size_t>(src.shape.c);
  for (std::size_t i = 0; i < src.values.size(); ++i) {
    dst.values[i] = f(i / plane % channels, src.values[i]);
  }
  return dst;
}

/// The channels of input 0, of input 1 and so on, image by image; each element is f(input, its
/// value). `tensors` are those of the whole network.
template <class T, class F>
tensor<T> join_channels(const node& concat, const std::vector<tensor<T>>& tensors, const F& f) {
  tensor<T> dst(concat.shape);
  auto out = dst.values.begin();
  for (int n = 0; n < concat.shape.n; ++n) {
    for (std::size_t input = 0; input < concat.src.size(); ++input) {
      const tensor<T>& src = tensors[static_cast<std::size_t>(concat.src[input])];
      const std::int64_t count = src.shape.elements_per_image();
      const auto from = src.values.begin() + n * count;
      out = std::transform(from, from + count, out, [&](T value) { return f(input, value); });
    }
  }
  return dst;
}

}  // namespace octavo::inline v0::emulation
