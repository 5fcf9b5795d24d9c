// SPDX-License-Identifier: MIT
/// @file
/// Memory between two pages that nobody may access: a kernel that reads or writes one byte too many
/// crashes the test. Works under AddressSanitizer too, which does not see inside such memory.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <new>
#include <span>
#include <utility>

namespace octavo::testing {

/// Which end of the memory touches a forbidden page. The other lies within a page of one.
enum class guard {
  before,  ///< the first byte, which begins a page and so a cache line
  behind,  ///< the last byte
};

/// Memory of whole pages between two forbidden ones.
class guarded_pages {
 public:
  explicit guarded_pages(std::size_t inner) : size_(inner + 2 * page()) {
    void* const map = ::mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    map_ = static_cast<std::byte*>(map);
    // qemu refuses an empty range.
    if (inner > 0 && ::mprotect(data(), inner, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  guarded_pages(guarded_pages&& other) noexcept { *this = std::move(other); }
  guarded_pages& operator=(guarded_pages&& other) noexcept {
    std::swap(map_, other.map_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~guarded_pages() {
    if (map_ != nullptr) ::munmap(map_, size_);
  }

  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
  std::byte* data() const { return map_ + page(); }
  std::size_t size() const { return size_; }  ///< 0 when moved from

 private:
  std::byte* map_ = nullptr;
  std::size_t size_ = 0;
};

/// Pages that were used and are free. Mapping new ones took half of tests/simd's time.
class page_store {
 public:
  guarded_pages take(std::size_t inner) {
    const auto found = free_.find(inner);
    if (found == free_.end()) return guarded_pages(inner);
    held_ -= inner;
    return std::move(free_.extract(found).mapped());
  }
  void give(std::size_t inner, guarded_pages pages) {
    if (held_ + inner > most_held || pages.size() == 0) return;
    held_ += inner;
    free_.emplace(inner, std::move(pages));
  }

 private:
  static constexpr std::size_t most_held = std::size_t{64} << 20;

  std::multimap<std::size_t, guarded_pages> free_;
  std::size_t held_ = 0;
};

inline page_store& free_pages() {
  thread_local page_store store;
  return store;
}

/// Its content is whatever was there before.
class guarded_bytes {
 public:
  guarded_bytes(std::size_t size, guard side)
      : inner_((size + guarded_pages::page() - 1) / guarded_pages::page() * guarded_pages::page()),
        pages_(free_pages().take(inner_)),
        data_(pages_.data() + (side == guard::behind ? inner_ - size : 0)),
        size_(size) {}
  guarded_bytes(guarded_bytes&&) noexcept = default;
  guarded_bytes& operator=(guarded_bytes&&) = delete;
  ~guarded_bytes() { free_pages().give(inner_, std::move(pages_)); }

  std::span<std::byte> bytes() const { return {data_, size_}; }
  std::span<std::int8_t> values() const { return {reinterpret_cast<std::int8_t*>(data_), size_}; }

 private:
  std::size_t inner_;
  guarded_pages pages_;
  std::byte* data_;
  std::size_t size_;
};

}  // namespace octavo::testing
