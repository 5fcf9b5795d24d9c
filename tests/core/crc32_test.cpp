// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/crc32.hpp: known answers, and the eight-byte steps against one bit at a time.

#include "octavo/core/crc32.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using octavo::crc32;

namespace {

using bytes = std::vector<std::uint8_t>;

std::uint32_t crc_of(std::string_view text) { return crc32(bytes(text.begin(), text.end())); }

/// The definition: polynomial 0x04C11DB7, bits reflected.
std::uint32_t bit_by_bit(const bytes& data) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::uint8_t byte : data) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1U) != 0 ? (crc >> 1) ^ 0xEDB88320U : crc >> 1;
    }
  }
  return ~crc;
}

}  // namespace

TEST_CASE("known answers") {
  CHECK(crc_of("123456789") == 0xCBF43926U);  // the check value of CRC-32/ISO-HDLC
  CHECK(crc_of("") == 0);
  CHECK(crc_of("a") == 0xE8B7BE43U);
  CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414FA339U);
  CHECK(crc32(bytes(32, 0)) == 0x190A55ADU);
  CHECK(crc32(bytes(32, 0xFF)) == 0xFF6CAB0BU);
}

TEST_CASE("every length around the steps of eight") {
  bytes data;
  for (unsigned i = 0; i < 70; ++i) {
    CAPTURE(i);
    CHECK(crc32(data) == bit_by_bit(data));
    data.push_back(static_cast<std::uint8_t>(i * 73 + 11));
  }
}

TEST_CASE("in two parts, cut anywhere") {
  bytes data;
  for (unsigned i = 0; i < 40; ++i) data.push_back(static_cast<std::uint8_t>(i * 73 + 11));
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    CAPTURE(cut);
    const std::span<const std::uint8_t> all = data;
    CHECK(crc32(all.subspan(cut), crc32(all.first(cut))) == bit_by_bit(data));
  }
}

TEST_CASE("every value of every byte of a step") {
  for (std::size_t at = 0; at < 8; ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      bytes data(11, 0x5A);
      data[at] = static_cast<std::uint8_t>(value);
      CHECK(crc32(data) == bit_by_bit(data));
    }
  }
}

TEST_CASE("a checksum can be a constant") {
  constexpr std::uint8_t digits[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  static_assert(crc32(digits) == 0xCBF43926U);
}
