// SPDX-License-Identifier: MIT
/// @file
/// A vector whose elements lie inside it, so that a list of known maximal length can be a constant.
#pragma once

#include <array>
#include <cstddef>

#include "octavo/core/error.hpp"

namespace octavo::inline v0 {

/// Up to `Capacity` values of T, kept in place. The part of std::vector that lists here need.
template <class T, std::size_t Capacity>
class inline_vector {
 public:
  using value_type = T;

  constexpr inline_vector() = default;
  constexpr explicit inline_vector(std::size_t count) { resize(count); }

  static constexpr std::size_t capacity() { return Capacity; }
  constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  constexpr T* data() { return items_.data(); }
  constexpr const T* data() const { return items_.data(); }
  constexpr T& operator[](std::size_t i) { return items_[i]; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  constexpr T& back() { return items_[size_ - 1]; }

  /// @throws octavo::error where the vector is full.
  constexpr void push_back(const T& value) {
    require(size_ < Capacity, "inline_vector: full; give the list a larger capacity");
    items_[size_++] = value;
  }

  /// @throws octavo::error where `count` exceeds the capacity.
  constexpr void resize(std::size_t count) {
    require(count <= Capacity, "inline_vector: full; give the list a larger capacity");
    for (std::size_t i = size_; i < count; ++i) items_[i] = T{};
    size_ = count;
  }

  friend constexpr bool operator==(const inline_vector& a, const inline_vector& b) {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (!(a.items_[i] == b.items_[i])) return false;
    }
    return true;
  }

 private:
  std::array<T, Capacity> items_ = {};
  std::size_t size_ = 0;
};

}  // namespace octavo::inline v0
