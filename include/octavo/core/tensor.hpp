// SPDX-License-Identifier: MIT
/// @file
/// Tensors in plain NCHW order: a view that carries its shape, and an owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "octavo/core/shape.hpp"

namespace octavo::inline v0 {

/// A pointer to NCHW elements and their shape. Indices are not checked.
template <class T>
struct tensor_view {
  T* data = nullptr;
  octavo::shape shape = {};

  /// The element of image n, channel c, row h, column w.
  constexpr T& operator()(int n, int c, int h, int w) const { return data[index(n, c, h, w)]; }

  /// How many elements lie before it.
  constexpr std::int64_t index(int n, int c, int h, int w) const {
    return ((std::int64_t{n} * shape.c + c) * shape.h + h) * shape.w + w;
  }

  constexpr operator tensor_view<const T>() const requires(!std::is_const_v<T>) {
    return {data, shape};
  }
};

/// A tensor that owns its elements.
template <class T>
struct tensor {
  octavo::shape shape = {};
  std::vector<T> values = {};

  tensor() = default;
  /// All elements 0.
  explicit tensor(const octavo::shape& extents)
      : shape(extents), values(static_cast<std::size_t>(extents.elements())) {}

  tensor_view<T> view() & { return {values.data(), shape}; }
  tensor_view<const T> view() const& { return {values.data(), shape}; }
  tensor_view<const T> view() const&& = delete;  ///< it would outlive the elements

  friend bool operator==(const tensor&, const tensor&) = default;
};

}  // namespace octavo::inline v0
