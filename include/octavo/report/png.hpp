// SPDX-License-Identifier: MIT
/// @file
/// A picture as a data URI: a PNG (ISO/IEC 15948) whose pixels are stored, not compressed, in
/// base64. Needs no zlib; 4 bytes of text for 3 of the picture.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/crc32.hpp"
#include "octavo/core/error.hpp"

namespace octavo::inline v0::report {

/// Rows from the top down, pixels from left to right, three bytes each: red, green, blue.
struct picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb = {};
};

/// Longest side of a picture in a page.
inline constexpr int picture_limit = 4096;

namespace detail {

using byte_list = std::vector<std::uint8_t>;

inline void append_big(byte_list& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    to.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

/// The checksum of zlib streams (RFC 1950).
inline std::uint32_t adler32(std::span<const std::uint8_t> bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

/// A zlib stream of stored blocks (RFC 1951, 3.2.4), each of at most 65535 bytes.
inline byte_list store_zlib(std::span<const std::uint8_t> bytes) {
  byte_list stream = {0x78, 0x01};
  std::size_t at = 0;
  do {
    const std::size_t count = std::min<std::size_t>(bytes.size() - at, 65535);
    const bool last = at + count == bytes.size();
    const auto low = static_cast<std::uint8_t>(count & 0xFF);
    const auto high = static_cast<std::uint8_t>(count >> 8);
    stream.insert(stream.end(),
                  {static_cast<std::uint8_t>(last ? 1 : 0), low, high,
                   static_cast<std::uint8_t>(~low), static_cast<std::uint8_t>(~high)});
    stream.insert(stream.end(), bytes.data() + at, bytes.data() + at + count);
    at += count;
  } while (at < bytes.size());
  append_big(stream, adler32(bytes));
  return stream;
}

inline void append_chunk(byte_list& to, std::string_view kind, const byte_list& body) {
  append_big(to, static_cast<std::uint32_t>(body.size()));
  const std::size_t start = to.size();
  to.insert(to.end(), kind.begin(), kind.end());
  to.insert(to.end(), body.begin(), body.end());
  append_big(to, crc32({to.data() + start, to.size() - start}));
}

}  // namespace detail

/// The bytes of a PNG file, 8 bits a channel, no filter.
/// @throws octavo::error where the picture is empty, too large, or has not the bytes its sides
/// need.
inline std::vector<std::uint8_t> encode_png(const picture& from) {
  if (from.width < 1 || from.height < 1 || from.width > picture_limit ||
      from.height > picture_limit) {
    fail("report: a picture of ", from.width, " x ", from.height, " pixels, expected sides of 1..",
         picture_limit);
  }
  const auto row = static_cast<std::size_t>(from.width) * 3;
  const auto rows = static_cast<std::size_t>(from.height);
  if (from.rgb.size() != row * rows) {
    fail("report: a picture of ", from.width, " x ", from.height, " pixels has ", from.rgb.size(),
         " bytes, expected ", row * rows);
  }
  detail::byte_list lines;
  lines.reserve((row + 1) * rows);
  for (std::size_t y = 0; y < rows; ++y) {
    lines.push_back(0);  // this row's filter: none
    lines.insert(lines.end(), from.rgb.data() + y * row, from.rgb.data() + (y + 1) * row);
  }
  detail::byte_list header;
  detail::append_big(header, static_cast<std::uint32_t>(from.width));
  detail::append_big(header, static_cast<std::uint32_t>(from.height));
  header.insert(header.end(), {8, 2, 0, 0, 0});  // bits, RGB, deflate, filters, not interlaced
  detail::byte_list file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  detail::append_chunk(file, "IHDR", header);
  detail::append_chunk(file, "IDAT", detail::store_zlib(lines));
  detail::append_chunk(file, "IEND", {});
  return file;
}

/// RFC 4648, padded.
inline std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < count ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? letters[bits >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

inline std::string data_uri(const picture& from) {
  return concat_text("data:image/png;base64,", base64(encode_png(from)));
}

}  // namespace octavo::inline v0::report
