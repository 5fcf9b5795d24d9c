// SPDX-License-Identifier: MIT
/// @file
/// Files whose header, of 24 bytes, has a checksum at 12 and a size at 16. A change anywhere is
/// refused by them, so that nothing behind the header would ever be fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/core/crc32.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo_fuzz {

/// The same bytes with the checksum and the size that fit them; short ones as they are.
inline octavo::io::byte_vector with_checksum(std::span<const std::uint8_t> bytes) {
  octavo::io::byte_vector made(bytes.begin(), bytes.end());
  constexpr std::size_t header = 24;
  if (made.size() < header) return made;
  octavo::io::store_little(made.data() + 12, octavo::crc32(bytes.subspan(header)));
  octavo::io::store_little(made.data() + 16, std::uint64_t{made.size() - header});
  return made;
}

}  // namespace octavo_fuzz
