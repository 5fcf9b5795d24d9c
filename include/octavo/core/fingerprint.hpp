// SPDX-License-Identifier: MIT
/// @file
/// A number that tells lists of names and numbers apart: to notice that two files which should
/// belong together do not. A checksum against mistakes, not against malice.
#pragma once

#include <cstdint>
#include <string_view>

#include "octavo/core/crc32.hpp"
#include "octavo/core/little_endian.hpp"

namespace octavo::inline v0 {

/// The CRC-32 of what is added, little-endian, a text behind its length: the same on every machine.
class fingerprint {
 public:
  template <number T>
  void add(T value) {
    std::uint8_t bytes[sizeof(T)];
    store_little(bytes, value);
    crc_ = crc32(bytes, crc_);
  }

  void add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    crc_ = crc32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, crc_);
  }

  std::uint32_t value() const { return crc_; }

 private:
  std::uint32_t crc_ = 0;
};

}  // namespace octavo::inline v0
