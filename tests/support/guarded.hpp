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
#include <new>
#include <span>
#include <utility>

namespace octavo::testing {

/// Which end of the memory touches a forbidden page. The other lies within a page of one.
enum class guard {
  before,  ///< the first byte, which begins a page and so a cache line
  behind,  ///< the last byte
};

class guarded_bytes {
 public:
  guarded_bytes(std::size_t size, guard side) : size_(size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t inner = (size + page - 1) / page * page;
    mapped_ = inner + 2 * page;
    void* const map = ::mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    map_ = static_cast<std::byte*>(map);
    // qemu refuses an empty range.
    if (inner > 0 && ::mprotect(map_ + page, inner, PROT_READ | PROT_WRITE) != 0) {
      throw std::bad_alloc();
    }
    data_ = map_ + page + (side == guard::behind ? inner - size : 0);
  }
  guarded_bytes(guarded_bytes&& other) noexcept
      : map_(std::exchange(other.map_, nullptr)),
        data_(other.data_),
        mapped_(other.mapped_),
        size_(other.size_) {}
  guarded_bytes& operator=(guarded_bytes&&) = delete;
  ~guarded_bytes() {
    if (map_ != nullptr) ::munmap(map_, mapped_);
  }

  std::span<std::byte> bytes() const { return {data_, size_}; }
  std::span<std::int8_t> values() const { return {reinterpret_cast<std::int8_t*>(data_), size_}; }

 private:
  std::byte* map_ = nullptr;
  std::byte* data_ = nullptr;
  std::size_t mapped_ = 0;
  std::size_t size_ = 0;
};

}  // namespace octavo::testing
