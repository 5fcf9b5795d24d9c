// SPDX-License-Identifier: MIT
/// @file
/// Memory that begins at a cache line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// Bytes of a cache line, and the alignment of everything that kernels read or write.
inline constexpr std::size_t cache_line = 64;

/// Bytes on the heap, aligned to a cache line.
class aligned_bytes {
 public:
  aligned_bytes() = default;

  /// Zeros.
  explicit aligned_bytes(std::size_t size) : aligned_bytes(unwritten(size)) {
    for (std::size_t i = 0; i < size; ++i) data_.get()[i] = std::byte{0};
  }

  /// Any bytes: their pages take no memory before they are written.
  static aligned_bytes unwritten(std::size_t size) {
    aligned_bytes made;
    made.data_.reset(static_cast<std::byte*>(::operator new(size, alignment)));
    made.size_ = size;
    return made;
  }

  aligned_bytes(aligned_bytes&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  aligned_bytes& operator=(aligned_bytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::span<std::byte> view() & { return {data_.get(), size_}; }
  std::span<const std::byte> view() const& { return {data_.get(), size_}; }
  std::span<const std::byte> view() const&& = delete;  ///< it would outlive the bytes

 private:
  static constexpr std::align_val_t alignment{cache_line};
  struct release {
    void operator()(std::byte* data) const { ::operator delete(data, alignment); }
  };

  std::unique_ptr<std::byte, release> data_;
  std::size_t size_ = 0;
};

/// Whether `data` begins at a cache line.
inline bool is_aligned(const void* data) {
  return reinterpret_cast<std::uintptr_t>(data) % cache_line == 0;
}

}  // namespace octavo::inline v0
