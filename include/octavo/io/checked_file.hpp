// SPDX-License-Identifier: MIT
/// @file
/// The header of our own files, with a checksum of what follows it. Little-endian throughout.
///
///     bytes  field
///     8      magic
///     4      u32 format version
///     4      u32 CRC-32 of everything behind the header
///     8      u64 number of bytes behind the header
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "octavo/core/crc32.hpp"
#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo::inline v0::io::detail {

/// What tells one kind of file from others.
struct file_kind {
  std::string_view magic;  ///< 8 bytes
  std::uint32_t version = 1;
  std::string_view name;  ///< in messages: "Octavo model"
};

inline constexpr std::size_t checked_header_size = 24;

/// A file with this body.
inline byte_vector with_header(const file_kind& kind, byte_view body) {
  const byte_view magic = as_bytes(kind.magic);
  byte_vector file(magic.begin(), magic.end());
  append_little(file, kind.version);
  append_little(file, crc32(body));
  append_little(file, std::uint64_t{body.size()});
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

/// Reads the header, and returns the checksum that what follows must have: see expect_checksum().
/// @throws octavo::error for another magic, version or size.
template <class ByteReader>
std::uint32_t read_header(const file_kind& kind, ByteReader& in) {
  if (in.get_text(kind.magic.size(), "magic") != kind.magic) {
    octavo::fail(in.name(), ": is no ", kind.name, ": it does not begin with ", kind.magic);
  }
  const auto version = in.template get<std::uint32_t>("format version");
  if (version != kind.version) {
    in.fail("the format version is ", version, ", expected ", kind.version);
  }
  const auto checksum = in.template get<std::uint32_t>("checksum");
  const auto size = in.template get<std::uint64_t>("size");
  if (size != in.remaining()) {
    in.fail("the header announces ", size, " bytes, but ", in.remaining(), " follow");
  }
  return checksum;
}

inline void expect_checksum(std::string_view file, std::uint32_t found, std::uint32_t expected) {
  if (found == expected) return;
  octavo::fail(file, ": is damaged: its checksum does not fit its contents");
}

}  // namespace octavo::inline v0::io::detail
