// SPDX-License-Identifier: MIT
/// @file
/// CRC-32 (ISO-HDLC: zlib's and PNG's), for files that must be read without zlib.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

namespace detail {

/// table[k][b]: the CRC of byte b followed by k zero bytes, so that eight bytes go in one step.
constexpr std::array<std::array<std::uint32_t, 256>, 8> make_crc32_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> table = {};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
    table[0][b] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      table[k][b] = (table[k - 1][b] >> 8) ^ table[0][table[k - 1][b] & 0xFF];
    }
  }
  return table;
}

inline constexpr auto crc32_tables = make_crc32_tables();

}  // namespace detail

/// The checksum of `bytes`: polynomial 0x04C11DB7, reflected, from ~0, complemented; 0xCBF43926 for
/// "123456789". With `before`, that of bytes whose checksum it is and of these behind them.
constexpr std::uint32_t crc32(std::span<const std::uint8_t> bytes, std::uint32_t before = 0) {
  const auto& table = detail::crc32_tables;
  std::uint32_t crc = ~before;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    const std::uint8_t* b = bytes.data() + i;
    const auto mixed = [&](std::size_t k) { return b[k] ^ ((crc >> (8 * k)) & 0xFF); };
    crc = table[7][mixed(0)] ^ table[6][mixed(1)] ^ table[5][mixed(2)] ^ table[4][mixed(3)] ^
          table[3][b[4]] ^ table[2][b[5]] ^ table[1][b[6]] ^ table[0][b[7]];
  }
  for (; i < bytes.size(); ++i) crc = (crc >> 8) ^ table[0][(crc ^ bytes[i]) & 0xFF];
  return ~crc;
}

}  // namespace octavo::inline v0
