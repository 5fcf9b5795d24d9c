// SPDX-License-Identifier: MIT
/// @file
/// Writes zip files whose bytes depend on nothing but the names and contents of the members.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/zip.hpp"
#include "octavo/io/zip_directory.hpp"

namespace octavo::inline v0::io {

/// Whether sizes and offsets stand in zip64 fields even where 32 bits hold them.
enum class zip64_use { when_needed, always };

/// Writes stored members one after the other into a file that appears at finish(), whole or not at
/// all. Every time stamp is 1980-01-01, and names come in ascending order of their bytes, so that
/// the same members always make the same file.
class zip_writer {
 public:
  /// Fails as atomic_file does.
  explicit zip_writer(const std::filesystem::path& path, zip64_use use = zip64_use::when_needed)
      : file_(path), name_(path.string()), limit_(use == zip64_use::always ? 0 : 0xFFFFFFFF) {}

  /// Adds a member made of `parts`. Fails unless `name` is ASCII or UTF-8, of 1 to 65535 bytes, and
  /// above the one added before.
  void add(std::string_view name, std::initializer_list<byte_view> parts) {
    check_name(name);
    zip_member member;
    member.name = name;
    member.offset = written_;
    for (const byte_view part : parts) {
      member.size += part.size();
      member.crc = detail::extend_crc(member.crc, part);
    }
    member.stored_size = member.size;
    write(local_header(member));
    for (const byte_view part : parts) write(part);
    members_.push_back(std::move(member));
  }

  /// Writes the directory and puts the file in place. Nothing may be added afterwards.
  void finish() {
    const std::uint64_t start = written_;
    for (const zip_member& member : members_) write(central_header(member));
    write(end_records(start, written_ - start));
    file_.commit();
  }

 private:
  static constexpr std::uint16_t plain_version = 20;
  static constexpr std::uint16_t zip64_version = 45;

  bool needs_zip64(std::uint64_t value) const noexcept { return value >= limit_; }

  void check_name(std::string_view name) const {
    if (name.empty() || name.size() > 0xFFFF || name.find('\0') != std::string_view::npos ||
        !detail::is_utf8(name)) {
      fail(name_, ": ", in_quotes(name),
           " is no name for a member: UTF-8 of 1 to 65535 bytes expected");
    }
    if (!members_.empty() && name <= members_.back().name) {
      fail(name_, ": member ", in_quotes(name), " comes after ", in_quotes(members_.back().name),
           ", ascending names were expected");
    }
  }

  void write(byte_view bytes) {
    file_.write(bytes);
    written_ += bytes.size();
  }

  static void append_narrow(byte_vector& to, std::uint64_t value, bool wide) {
    append_little(to, wide ? detail::zip::see_extra : static_cast<std::uint32_t>(value));
  }

  /// The zip64 extra field with these values, or nothing when there are none.
  static byte_vector zip64_extra(const std::vector<std::uint64_t>& values) {
    byte_vector extra;
    if (values.empty()) return extra;
    append_little(extra, detail::zip::zip64_extra);
    append_little(extra, static_cast<std::uint16_t>(8 * values.size()));
    for (const std::uint64_t value : values) append_little(extra, value);
    return extra;
  }

  /// What local and central headers share, from the version to the length of the extra field.
  static void append_common(byte_vector& to, const zip_member& member, bool wide_size,
                            std::size_t extra_size) {
    constexpr std::uint16_t first_date = (0U << 9U) | (1U << 5U) | 1U;  // 1980-01-01
    const bool ascii = detail::is_ascii(member.name);
    append_little(to, extra_size != 0 ? zip64_version : plain_version);
    append_little(to, ascii ? std::uint16_t{0} : detail::zip::utf8_flag);
    append_little(to, std::uint16_t{0});  // stored
    append_little(to, std::uint16_t{0});  // midnight
    append_little(to, first_date);
    append_little(to, member.crc);
    append_narrow(to, member.stored_size, wide_size);
    append_narrow(to, member.size, wide_size);
    append_little(to, static_cast<std::uint16_t>(member.name.size()));
    append_little(to, static_cast<std::uint16_t>(extra_size));
  }

  byte_vector local_header(const zip_member& member) const {
    const bool wide = needs_zip64(member.size);
    const byte_vector extra = wide ? zip64_extra({member.size, member.stored_size}) : byte_vector{};
    byte_vector bytes;
    append_little(bytes, detail::zip::local_signature);
    append_common(bytes, member, wide, extra.size());
    bytes.insert(bytes.end(), member.name.begin(), member.name.end());
    bytes.insert(bytes.end(), extra.begin(), extra.end());
    return bytes;
  }

  byte_vector central_header(const zip_member& member) const {
    constexpr std::uint16_t unix_host = 3U << 8U;
    constexpr std::uint32_t readable_file = 0100644U << 16U;
    const bool wide_size = needs_zip64(member.size);
    const bool wide_offset = needs_zip64(member.offset);
    std::vector<std::uint64_t> wide;
    if (wide_size) wide = {member.size, member.stored_size};
    if (wide_offset) wide.push_back(member.offset);
    const byte_vector extra = zip64_extra(wide);
    byte_vector bytes;
    append_little(bytes, detail::zip::central_signature);
    append_little(bytes, static_cast<std::uint16_t>(
                             unix_host | (wide.empty() ? plain_version : zip64_version)));
    append_common(bytes, member, wide_size, extra.size());
    append_little(bytes, std::uint16_t{0});  // comment
    append_little(bytes, std::uint16_t{0});  // disk
    append_little(bytes, std::uint16_t{0});  // internal attributes
    append_little(bytes, readable_file);
    append_narrow(bytes, member.offset, wide_offset);
    bytes.insert(bytes.end(), member.name.begin(), member.name.end());
    bytes.insert(bytes.end(), extra.begin(), extra.end());
    return bytes;
  }

  byte_vector end_records(std::uint64_t start, std::uint64_t size) const {
    const std::uint64_t count = members_.size();
    const bool wide_count = count >= std::min<std::uint64_t>(limit_, 0xFFFF);
    const bool wide = wide_count || needs_zip64(start) || needs_zip64(size);
    byte_vector bytes;
    if (wide) append_zip64_end(bytes, start, size);
    append_little(bytes, detail::zip::end_signature);
    append_little(bytes, std::uint32_t{0});  // disks
    for (int i = 0; i < 2; ++i) {
      append_little(bytes, wide_count ? std::uint16_t{0xFFFF} : static_cast<std::uint16_t>(count));
    }
    append_narrow(bytes, size, needs_zip64(size));
    append_narrow(bytes, start, needs_zip64(start));
    append_little(bytes, std::uint16_t{0});  // comment
    return bytes;
  }

  void append_zip64_end(byte_vector& bytes, std::uint64_t start, std::uint64_t size) const {
    const std::uint64_t count = members_.size();
    append_little(bytes, detail::zip::end64_signature);
    append_little(bytes, detail::zip::end64_size - 12);  // of the rest of this record
    append_little(bytes, zip64_version);
    append_little(bytes, zip64_version);
    append_little(bytes, std::uint64_t{0});  // disks
    append_little(bytes, count);
    append_little(bytes, count);
    append_little(bytes, size);
    append_little(bytes, start);
    append_little(bytes, detail::zip::locator_signature);
    append_little(bytes, std::uint32_t{0});  // disk
    append_little(bytes, start + size);
    append_little(bytes, std::uint32_t{1});  // number of disks
  }

  atomic_file file_;
  std::string name_;
  std::uint64_t limit_;  ///< values from here on go into zip64 fields
  std::uint64_t written_ = 0;
  std::vector<zip_member> members_;
};

}  // namespace octavo::inline v0::io
