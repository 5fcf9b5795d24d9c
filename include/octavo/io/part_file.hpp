// SPDX-License-Identifier: MIT
/// @file
/// The partial result of one machine in a file. Little-endian throughout.
///
/// The header is that of io/checked_file.hpp with the magic "OCTAVOPT" and the version 1. Behind
/// it: u8 kind (0 ranges, 1 histograms, 2 evaluation); u32 index and u32 count of the shard; u64
/// images of the whole set; u32 fingerprints of the images' names, of the network and of the
/// options; then the content of that kind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "octavo/calibrate/shard.hpp"
#include "octavo/core/crc32.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/checked_file.hpp"

namespace octavo::inline v0::io {

/// A file whose checksum and identity were read.
struct part_file {
  std::string name = {};
  part_identity identity = {};
  byte_vector content = {};          ///< of its kind
  std::uint64_t content_offset = 0;  ///< in the file, for messages

  /// Reads the content; lasts as long as this object.
  byte_reader reader() const { return {content, name, content_offset}; }
};

namespace detail {

inline constexpr file_kind part_header = {"OCTAVOPT", 1, "partial result"};

inline part_identity read_identity(byte_reader& in) {
  part_identity found;
  const auto kind = in.get<std::uint8_t>("kind");
  if (kind >= part_kind_names.size()) {
    in.fail("kind is ", int{kind}, ", expected 0..", part_kind_names.size() - 1);
  }
  found.kind = static_cast<part_kind>(kind);
  found.shard.index = in.get<std::uint32_t>("shard index");
  found.shard.count = in.get<std::uint32_t>("shard count");
  if (!is_shard(found.shard)) {
    in.fail("the shard is ", to_text(found.shard),
            ", expected i/n with 1 <= i <= n <= ", max_shards);
  }
  found.images = in.get<std::uint64_t>("number of images");
  found.files = in.get<std::uint32_t>("fingerprint of the images");
  found.network = in.get<std::uint32_t>("fingerprint of the network");
  found.options = in.get<std::uint32_t>("fingerprint of the options");
  return found;
}

}  // namespace detail

/// The bytes of a file.
inline byte_vector serialize_part(const part_identity& identity, byte_view content) {
  byte_vector body;
  append_little(body, static_cast<std::uint8_t>(identity.kind));
  append_little(body, identity.shard.index);
  append_little(body, identity.shard.count);
  append_little(body, identity.images);
  append_little(body, identity.files);
  append_little(body, identity.network);
  append_little(body, identity.options);
  body.insert(body.end(), content.begin(), content.end());
  return detail::with_header(detail::part_header, body);
}

/// @throws octavo::error naming `name`, the offset and what was expected there; a damaged file is
/// refused by its checksum.
inline part_file parse_part(byte_view bytes, const std::string& name) {
  byte_reader in(bytes, name);
  const std::uint32_t checksum = detail::read_header(detail::part_header, in);
  detail::expect_checksum(name, crc32(bytes.subspan(detail::checked_header_size)), checksum);
  part_file part{.name = name, .identity = detail::read_identity(in)};
  part.content_offset = in.position();
  const byte_view content = in.take(in.remaining(), "content");
  part.content.assign(content.begin(), content.end());
  return part;
}

/// Writes the file whole or not at all. @throws octavo::error where it cannot be written.
inline void write_part(const std::filesystem::path& path, const part_identity& identity,
                       byte_view content) {
  write_file(path, serialize_part(identity, content));
}

/// @throws octavo::error as parse_part() does, or where the file cannot be read.
inline part_file read_part(const std::filesystem::path& path) {
  return parse_part(read_file(path), path.string());
}

/// The same for a part that must be of one kind.
inline part_file read_part(const std::filesystem::path& path, part_kind expected) {
  part_file part = read_part(path);
  if (part.identity.kind == expected) return part;
  fail(part.name, ": holds ", to_string(part.identity.kind), ", expected ", to_string(expected));
}

}  // namespace octavo::inline v0::io
