// SPDX-License-Identifier: MIT
/// @file
/// The end record of a zip file: finds it, and says where the central directory is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo::inline v0::io {

namespace detail {

namespace zip {
inline constexpr std::uint32_t local_signature = 0x04034b50;
inline constexpr std::uint32_t central_signature = 0x02014b50;
inline constexpr std::uint32_t end_signature = 0x06054b50;
inline constexpr std::uint32_t end64_signature = 0x06064b50;
inline constexpr std::uint32_t locator_signature = 0x07064b50;
inline constexpr std::uint64_t local_size = 30;
inline constexpr std::uint64_t central_size = 46;
inline constexpr std::uint64_t end_size = 22;
inline constexpr std::uint64_t end64_size = 56;
inline constexpr std::uint64_t locator_size = 20;
inline constexpr std::uint64_t longest_comment = 0xFFFF;
inline constexpr std::uint32_t see_extra = 0xFFFFFFFF;  ///< the value is in the zip64 extra field
inline constexpr std::uint16_t zip64_extra = 1;
inline constexpr std::uint16_t utf8_flag = 1U << 11U;
inline constexpr std::uint16_t descriptor_flag = 1U << 3U;
/// Encrypted, patch data, strong encryption, masked local headers.
inline constexpr std::uint16_t unreadable_flags = 0x1U | 0x20U | 0x40U | 0x2000U;
}  // namespace zip

/// What an end-of-central-directory record says, with its zip64 part.
struct zip_end {
  std::uint64_t count = 0;   ///< members
  std::uint64_t size = 0;    ///< bytes of the directory
  std::uint64_t offset = 0;  ///< of the directory, from where the zip starts
  std::uint64_t end = 0;     ///< in the file, where the directory must end
  std::string problem;       ///< empty, or why there cannot be a directory here

  /// In the file, of the directory.
  std::uint64_t start() const noexcept { return end - size; }
  /// Bytes before the zip, which offsets in it do not count.
  std::uint64_t prefix() const noexcept { return end - size - offset; }
};

/// Whether a 16 or 32-bit field says what its zip64 counterpart does.
inline bool agrees(std::uint64_t field, std::uint64_t saturated, std::uint64_t wide) noexcept {
  return field == saturated || field == wide;
}

/// The zip64 part of the end record at `at`, when its locator is there.
inline void read_zip64_end(byte_source& source, std::uint64_t at, zip_end& end) {
  byte_vector bytes(zip::end64_size + zip::locator_size);
  if (at < bytes.size()) return;
  const std::uint64_t start = at - bytes.size();
  source.read(start, bytes, "the zip64 end record");
  byte_reader reader(bytes, source.name(), start);
  const byte_view record = reader.take(zip::end64_size, "the zip64 end record");
  if (reader.get<std::uint32_t>("the locator") != zip::locator_signature) return;
  const auto disk = reader.get<std::uint32_t>("the disk");
  const auto record_offset = reader.get<std::uint64_t>("the offset of the zip64 end record");
  const auto disks = reader.get<std::uint32_t>("the number of disks");
  byte_reader wide(record, source.name(), start);
  const bool present = wide.get<std::uint32_t>("the signature") == zip::end64_signature;
  const bool plain = wide.get<std::uint64_t>("the record size") == zip::end64_size - 12;
  if (!present || !plain) {
    end.problem = "there is no zip64 end record of 56 bytes before its locator";
    return;
  }
  wide.take(4, "the versions");
  const auto this_disk = wide.get<std::uint32_t>("the disk");
  const auto first_disk = wide.get<std::uint32_t>("the first disk");
  const auto count_here = wide.get<std::uint64_t>("the number of members");
  const zip_end narrow = end;
  end.count = wide.get<std::uint64_t>("the number of members");
  end.size = wide.get<std::uint64_t>("the size of the directory");
  end.offset = wide.get<std::uint64_t>("the offset of the directory");
  end.end = start;
  if (disk != 0 || disks > 1 || this_disk != 0 || first_disk != 0 || count_here != end.count) {
    end.problem = "is split over several disks, which is not read";
  } else if (!agrees(narrow.count, 0xFFFF, end.count) ||
             !agrees(narrow.size, zip::see_extra, end.size) ||
             !agrees(narrow.offset, zip::see_extra, end.offset)) {
    end.problem = "the end record and the zip64 end record contradict each other";
  } else if (end.size <= start && end.offset <= start - end.size &&
             record_offset != start - end.prefix()) {
    end.problem = concat_text("the zip64 locator points to ", record_offset,
                              ", the record was expected at ", start - end.prefix());
  }
}

/// The end record at `at` in the file, which must be one; zip_end::problem says what is wrong.
inline zip_end read_zip_end(byte_source& source, std::uint64_t at) {
  byte_vector bytes(zip::end_size);
  source.read(at, bytes, "the end record");
  byte_reader reader(bytes, source.name(), at);
  reader.take(4, "the signature");
  const auto disk = reader.get<std::uint16_t>("the disk");
  const auto first_disk = reader.get<std::uint16_t>("the first disk");
  const auto count_here = reader.get<std::uint16_t>("the number of members");
  zip_end end;
  end.count = reader.get<std::uint16_t>("the number of members");
  end.size = reader.get<std::uint32_t>("the size of the directory");
  end.offset = reader.get<std::uint32_t>("the offset of the directory");
  end.end = at;
  const bool split = (disk != 0 && disk != 0xFFFF) || (first_disk != 0 && first_disk != 0xFFFF) ||
                     count_here != end.count;
  read_zip64_end(source, at, end);
  if (!end.problem.empty()) return end;
  if (split) {
    end.problem = "is split over several disks, which is not read";
  } else if (end.size > end.end || end.offset > end.end - end.size) {
    end.problem = concat_text("a directory of ", end.size, " bytes at offset ", end.offset,
                              " does not fit before its end at ", end.end);
  } else if (end.count > end.size / zip::central_size || (end.count == 0) != (end.size == 0)) {
    end.problem = concat_text("a directory of ", end.size, " bytes cannot hold the ", end.count,
                              " members it says");
  } else if (end.count == 0) {
    if (end.prefix() != 0) end.problem = "an empty directory was expected right before its end";
  } else {
    byte_vector signature(4);
    source.read(end.start(), signature, "the directory");
    if (load_little<std::uint32_t>(signature.data()) != zip::central_signature) {
      end.problem = concat_text("no directory starts at offset ", end.start());
    }
  }
  return end;
}

/// Finds the one end record whose comment ends with the file and whose directory is in its place.
/// A comment or a member may hold what looks like such a record; two that fit are refused.
inline zip_end find_zip_end(byte_source& source) {
  const std::uint64_t size = std::min(source.size(), zip::end_size + zip::longest_comment);
  const std::uint64_t start = source.size() - size;
  byte_vector tail(static_cast<std::size_t>(size));
  source.read(start, tail, "the end of the file");
  zip_end best;
  best.problem = "no end record at its end: no zip file, cut short, or with bytes after it";
  for (std::size_t i = 0; i + zip::end_size <= tail.size(); ++i) {
    if (load_little<std::uint32_t>(tail.data() + i) != zip::end_signature) continue;
    const std::size_t comment = load_little<std::uint16_t>(tail.data() + i + zip::end_size - 2);
    if (i + zip::end_size + comment != tail.size()) continue;
    zip_end end = read_zip_end(source, start + i);
    if (best.problem.empty() && end.problem.empty()) {
      fail(source.name(), ": has two end records that fit, at ", best.end, " and ", end.end);
    }
    if (!best.problem.empty()) best = std::move(end);
  }
  if (!best.problem.empty()) fail(source.name(), ": ", best.problem);
  return best;
}

}  // namespace detail

}  // namespace octavo::inline v0::io
