// SPDX-License-Identifier: MIT
/// @file
/// The central directory of a zip file: what it says of every member.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/utf8.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/zip_end.hpp"

namespace octavo::inline v0::io {

/// One member of a zip file, as the central directory has it.
struct zip_member {
  std::string name;               ///< ASCII or UTF-8; may hold slashes
  std::uint64_t size = 0;         ///< bytes
  std::uint64_t stored_size = 0;  ///< bytes in the file, less than size when compressed
  std::uint64_t offset = 0;       ///< in the file, of the member's local header
  std::uint32_t crc = 0;
  bool deflated = false;
};

namespace detail {

using octavo::detail::is_utf8;

inline bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

/// Fills in from the zip64 extra field, among `extra`, those of `values` that are zip::see_extra.
inline void read_zip64_extra(byte_reader extra, std::initializer_list<std::uint64_t*> values) {
  bool wanted = false;
  for (const std::uint64_t* value : values) wanted |= *value == zip::see_extra;
  bool found = false;
  while (extra.remaining() > 0) {
    const auto id = extra.get<std::uint16_t>("the id of an extra field");
    const auto size = extra.get<std::uint16_t>("the size of an extra field");
    const std::uint64_t at = extra.position();
    byte_reader field(extra.take(size, "an extra field"), extra.name(), at);
    if (id != zip::zip64_extra) continue;
    if (found) extra.fail("a second zip64 extra field");
    found = true;
    for (std::uint64_t* value : values) {
      if (*value == zip::see_extra) *value = field.get<std::uint64_t>("the zip64 field");
    }
  }
  if (wanted && !found) extra.fail("sizes of 4 GiB, but no zip64 extra field that has them");
}

/// What the directory says of a member beside what is kept of it.
struct zip_member_form {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint16_t disk = 0;
};

/// Refuses a member of a form that is not read, and one that cannot be as the directory says.
inline void check_zip_member(const zip_member& member, const zip_member_form& form,
                             const zip_end& end, std::string_view file) {
  const std::string label = concat_text(file, ": member ", in_quotes(member.name));
  if ((form.flags & zip::unreadable_flags) != 0) {
    fail(label, " is encrypted or patched, which is not read");
  }
  if (form.method != 0 && form.method != 8) {
    fail(label, " has compression method ", form.method, ", expected 0 (stored) or 8 (deflate)");
  }
  if (form.disk != 0) fail(label, " is on disk ", form.disk, ", only one disk is read");
  if (member.name.empty() || member.name.find('\0') != std::string::npos) {
    fail(label, " has an empty name or a zero byte in it");
  }
  if ((form.flags & zip::utf8_flag) != 0 ? !is_utf8(member.name) : !is_ascii(member.name)) {
    fail(label, " has a name that is neither ASCII nor marked UTF-8");
  }
  // Deflate makes at most 258 bytes out of 2 bits.
  constexpr std::uint64_t best_ratio = 1032;
  if (member.deflated ? member.size / best_ratio > member.stored_size
                      : member.size != member.stored_size) {
    fail(label, " of ", member.size, " bytes cannot be in ", member.stored_size, " stored bytes");
  }
  if (member.offset >= end.offset) {
    fail(label, " starts at ", member.offset, ", past the start of the directory, ", end.offset);
  }
}

/// The next member of the directory.
inline zip_member read_zip_member(byte_reader& reader, const zip_end& end) {
  if (reader.get<std::uint32_t>("the signature of a member") != zip::central_signature) {
    reader.fail("a member of the directory was expected before here");
  }
  reader.take(4, "the versions");
  zip_member_form form;
  form.flags = reader.get<std::uint16_t>("the flags");
  form.method = reader.get<std::uint16_t>("the method");
  reader.take(4, "the time");
  zip_member member;
  member.crc = reader.get<std::uint32_t>("the CRC");
  member.stored_size = reader.get<std::uint32_t>("the stored size");
  member.size = reader.get<std::uint32_t>("the size");
  const auto name_size = reader.get<std::uint16_t>("the length of the name");
  const auto extra_size = reader.get<std::uint16_t>("the length of the extra field");
  const auto comment_size = reader.get<std::uint16_t>("the length of the comment");
  form.disk = reader.get<std::uint16_t>("the disk");
  reader.take(6, "the attributes");
  member.offset = reader.get<std::uint32_t>("the offset of a member");
  member.name = reader.get_text(name_size, "the name of a member");
  const std::uint64_t at = reader.position();
  const byte_reader extra(reader.take(extra_size, "the extra field"), reader.name(), at);
  read_zip64_extra(extra, {&member.size, &member.stored_size, &member.offset});
  reader.take(comment_size, "the comment of a member");
  member.deflated = form.method == 8;
  check_zip_member(member, form, end, reader.name());
  member.offset += end.prefix();
  return member;
}

/// Fails unless every member lies before `end`, the start of the directory, and none in another.
inline void check_zip_places(const std::vector<zip_member>& members, std::uint64_t end,
                             std::string_view name) {
  std::vector<const zip_member*> sorted;
  sorted.reserve(members.size());
  for (const zip_member& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(),
            [](const zip_member* a, const zip_member* b) { return a->offset < b->offset; });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const zip_member& member = *sorted[i];
    const std::uint64_t limit = i + 1 < sorted.size() ? sorted[i + 1]->offset : end;
    const std::uint64_t least = zip::local_size + member.name.size();
    if (member.offset > limit || limit - member.offset < least ||
        limit - member.offset - least < member.stored_size) {
      fail(name, ": member ", in_quotes(member.name), " of ", member.stored_size,
           " stored bytes at offset ", member.offset, " reaches over ", limit,
           ", where the next thing starts");
    }
  }
}

}  // namespace detail

/// The members of a zip file in the order of its directory. Fails at whatever cannot be read in
/// just one way: damage, encryption, several disks, other methods, equal names, overlaps.
inline std::vector<zip_member> read_zip_directory(byte_source& source) {
  const detail::zip_end end = detail::find_zip_end(source);
  byte_vector bytes = make_bytes(end.size, source.name());
  source.read(end.start(), bytes, "the directory");
  byte_reader reader(bytes, source.name(), end.start());
  std::vector<zip_member> members;
  std::set<std::string_view> names;
  members.reserve(static_cast<std::size_t>(end.count));
  for (std::uint64_t i = 0; i < end.count; ++i) {
    members.push_back(detail::read_zip_member(reader, end));
    if (!names.insert(members.back().name).second) {
      fail(source.name(), ": has two members ", in_quotes(members.back().name));
    }
  }
  reader.expect_end();
  detail::check_zip_places(members, end.start(), source.name());
  return members;
}

}  // namespace octavo::inline v0::io
