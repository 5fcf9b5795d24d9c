// SPDX-License-Identifier: MIT
/// @file
/// Zip files made by hand for the tests, with everything wrong that a test wants.
#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "io_test_tools.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/zip.hpp"

namespace octavo_test {

using octavo::io::byte_vector;

inline byte_vector bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// What the zip tests pack.
inline const byte_vector some_text = bytes_of("some text, some text, some text");

inline void append(byte_vector& to, const byte_vector& more) {
  to.insert(to.end(), more.begin(), more.end());
}

inline std::uint32_t crc_of(const byte_vector& content) {
  return static_cast<std::uint32_t>(
      ::crc32(::crc32(0, nullptr, 0), content.data(), static_cast<uInt>(content.size())));
}

/// `content` as raw deflate data.
inline byte_vector deflated(const byte_vector& content) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  byte_vector result(::deflateBound(&stream, static_cast<uLong>(content.size())));
  byte_vector input = content;
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = result.data();
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  ::deflateEnd(&stream);
  return result;
}

/// One header, local or central.
struct zip_fields {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint32_t stored_size = 0;
  std::uint32_t size = 0;
  std::string name;
  byte_vector extra;
};

struct zip_part {
  zip_fields local;
  zip_fields central;
  byte_vector stored;
  byte_vector descriptor;
  std::int64_t offset_error = 0;
  std::uint16_t disk = 0;
};

/// A member that is in order.
inline zip_part part_of(const std::string& name, const byte_vector& content,
                        bool compress = false) {
  zip_part part;
  part.stored = compress ? deflated(content) : content;
  part.local.method = compress ? 8 : 0;
  part.local.crc = crc_of(content);
  part.local.size = static_cast<std::uint32_t>(content.size());
  part.local.stored_size = static_cast<std::uint32_t>(part.stored.size());
  part.local.name = name;
  part.central = part.local;
  return part;
}

/// A zip64 extra field.
inline byte_vector zip64_field(const std::vector<std::uint64_t>& values) {
  byte_vector field;
  octavo::io::append_little(field, std::uint16_t{1});
  octavo::io::append_little(field, static_cast<std::uint16_t>(8 * values.size()));
  for (const std::uint64_t value : values) octavo::io::append_little(field, value);
  return field;
}

struct zip_recipe {
  std::vector<zip_part> parts{};
  std::string comment{};
  std::uint64_t base = 0;        ///< added to every offset: bytes that stand before the zip
  std::uint16_t disk = 0;        ///< in the end record
  int extra_count = 0;           ///< added to the number of members
  std::uint32_t extra_size = 0;  ///< added to the size of the directory
  bool zip64_end = false;
  std::uint64_t locator_error = 0;
  std::uint64_t wide_count_error = 0;
  std::uint32_t wide_disks = 1;
};

inline void append_fields(byte_vector& to, const zip_fields& fields) {
  using octavo::io::append_little;
  append_little(to, std::uint16_t{45});
  append_little(to, fields.flags);
  append_little(to, fields.method);
  append_little(to, std::uint32_t{0x00210000});
  append_little(to, fields.crc);
  append_little(to, fields.stored_size);
  append_little(to, fields.size);
  append_little(to, static_cast<std::uint16_t>(fields.name.size()));
  append_little(to, static_cast<std::uint16_t>(fields.extra.size()));
}

inline void append_central(byte_vector& to, const zip_part& part, std::uint64_t offset) {
  using octavo::io::append_little;
  zip_fields fields = part.central;
  const bool wide = offset >= 0xFFFFFFFF;
  if (wide) fields.extra = zip64_field({offset});
  append_little(to, std::uint32_t{0x02014b50});
  append_little(to, std::uint16_t{45});
  append_fields(to, fields);
  append_little(to, std::uint16_t{0});
  append_little(to, part.disk);
  append_little(to, std::uint16_t{0});
  append_little(to, std::uint32_t{0});
  append_little(to, wide ? 0xFFFFFFFFU : static_cast<std::uint32_t>(offset));
  append(to, bytes_of(fields.name));
  append(to, fields.extra);
}

inline void append_zip64_end(byte_vector& to, const zip_recipe& recipe, std::uint64_t start,
                             std::uint64_t size) {
  using octavo::io::append_little;
  const std::uint64_t count = recipe.parts.size() + recipe.wide_count_error;
  append_little(to, std::uint32_t{0x06064b50});
  append_little(to, std::uint64_t{44});
  append_little(to, std::uint32_t{0x002D002D});
  append_little(to, std::uint64_t{0});
  append_little(to, count);
  append_little(to, count);
  append_little(to, size);
  append_little(to, start);
  append_little(to, std::uint32_t{0x07064b50});
  append_little(to, std::uint32_t{0});
  append_little(to, start + size + recipe.locator_error);
  append_little(to, recipe.wide_disks);
}

inline byte_vector make_zip(const zip_recipe& recipe) {
  using octavo::io::append_little;
  byte_vector zip;
  byte_vector directory;
  for (const zip_part& part : recipe.parts) {
    append_central(directory, part,
                   recipe.base + zip.size() + static_cast<std::uint64_t>(part.offset_error));
    append_little(zip, std::uint32_t{0x04034b50});
    append_fields(zip, part.local);
    append(zip, bytes_of(part.local.name));
    append(zip, part.local.extra);
    append(zip, part.stored);
    append(zip, part.descriptor);
  }
  const std::uint64_t start = recipe.base + zip.size();
  const auto size = static_cast<std::uint32_t>(directory.size()) + recipe.extra_size;
  append(zip, directory);
  if (recipe.zip64_end) append_zip64_end(zip, recipe, start, size);
  const auto count =
      static_cast<std::uint16_t>(static_cast<int>(recipe.parts.size()) + recipe.extra_count);
  append_little(zip, std::uint32_t{0x06054b50});
  append_little(zip, recipe.disk);
  append_little(zip, recipe.disk);
  append_little(zip, count);
  append_little(zip, count);
  append_little(zip, size);
  append_little(zip, start >= 0xFFFFFFFF ? 0xFFFFFFFFU : static_cast<std::uint32_t>(start));
  append_little(zip, static_cast<std::uint16_t>(recipe.comment.size()));
  append(zip, bytes_of(recipe.comment));
  return zip;
}

/// The contents of all members, one after the other.
inline byte_vector read_zip(const byte_vector& zip) {
  octavo::io::zip_reader reader(octavo::io::byte_source(zip, "x.zip"));
  byte_vector all;
  for (const octavo::io::zip_member& member : reader.members()) append(all, reader.read(member));
  return all;
}

/// Why a zip is not read.
inline std::string zip_refusal(const byte_vector& zip) {
  return message_of([&] { read_zip(zip); });
}

}  // namespace octavo_test
