// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/zip.hpp with zip files that lie.

#include <doctest/doctest.h>

#include "io_test_tools.hpp"
#include "octavo/io/zip.hpp"
#include "zip_recipe.hpp"

namespace {

using octavo_test::append;
using octavo_test::byte_vector;
using octavo_test::bytes_of;
using octavo_test::check_message;
using octavo_test::make_zip;
using octavo_test::part_of;
using octavo_test::some_text;
using octavo_test::zip64_field;
using octavo_test::zip_part;
using octavo_test::zip_recipe;
using octavo_test::zip_refusal;

std::string zip_refusal(const zip_part& part) {
  return octavo_test::zip_refusal(make_zip({.parts = {part}}));
}

/// Both headers with `change` done to them.
template <class Change>
zip_part changed(Change&& change, bool compress = false) {
  zip_part part = part_of("a", some_text, compress);
  change(part.local);
  change(part.central);
  return part;
}

}  // namespace

TEST_CASE("end records that lie") {
  const zip_recipe good{.parts = {part_of("a", some_text), part_of("b", some_text)}};
  zip_recipe bad = good;
  bad.disk = 1;
  check_message(zip_refusal(make_zip(bad)), "x.zip: is split over several disks");
  bad = good;
  bad.extra_count = 1;
  check_message(zip_refusal(make_zip(bad)), "cannot hold the 3 members it says");
  bad.extra_count = -1;
  check_message(zip_refusal(make_zip(bad)), "bytes too many");
  bad.extra_count = -2;
  check_message(zip_refusal(make_zip(bad)), "cannot hold the 0 members it says");
  bad = good;
  bad.extra_size = 1;
  check_message(zip_refusal(make_zip(bad)), "does not fit before its end");
  bad.extra_size = 0x7FFFFFFF;
  check_message(zip_refusal(make_zip(bad)), "does not fit before its end");
  bad.extra_size = 0U - 1U;
  check_message(zip_refusal(make_zip(bad)), "no directory starts at offset ");
  bad = good;
  bad.base = 1;
  check_message(zip_refusal(make_zip(bad)), "does not fit before its end");

  bad = good;
  bad.zip64_end = true;
  bad.locator_error = 1;
  check_message(zip_refusal(make_zip(bad)), "x.zip: the zip64 locator points to ");
  bad.locator_error = 0;
  bad.wide_count_error = 1;
  check_message(zip_refusal(make_zip(bad)), "contradict each other");
  bad.wide_count_error = std::uint64_t{1} << 60U;
  bad.extra_count = 0xFFFF - 2;
  check_message(zip_refusal(make_zip(bad)), "cannot hold the 1152921504606846978 members");
  bad = good;
  bad.zip64_end = true;
  bad.wide_disks = 2;
  check_message(zip_refusal(make_zip(bad)), "several disks");
  byte_vector unsigned_record = make_zip({.parts = {}, .zip64_end = true});
  unsigned_record[0] = 'Q';
  check_message(zip_refusal(unsigned_record), "no zip64 end record of 56 bytes");
}

TEST_CASE("zip64 extra fields that lie") {
  const auto wide = [](std::uint32_t size, const byte_vector& extra) {
    return zip_refusal(changed([&](auto& fields) {
      fields.size = fields.stored_size = size;
      fields.extra = extra;
    }));
  };
  const std::uint64_t size = some_text.size();
  CHECK(wide(0xFFFFFFFF, zip64_field({size, size})).empty());
  check_message(wide(0xFFFFFFFF, {}), "no zip64 extra field");
  check_message(wide(0xFFFFFFFF, zip64_field({size})), "the zip64 field at offset ");
  check_message(wide(0xFFFFFFFF, {1, 0, 16, 0}), "an extra field at offset ");
  check_message(wide(0xFFFFFFFF, {1, 0, 16}), "the size of an extra field");
  check_message(wide(0xFFFFFFFF, zip64_field({~std::uint64_t{0}, ~std::uint64_t{0}})),
                "member 'a' of 18446744073709551615 stored bytes at offset 0 reaches over ");
  check_message(wide(0xFFFFFFFF, zip64_field({size + 1, size})), "cannot be in 31 stored bytes");
  byte_vector twice = zip64_field({size, size});
  append(twice, zip64_field({size, size}));
  check_message(wide(0xFFFFFFFF, twice), "a second zip64 extra field");

  zip_part part = part_of("a", some_text);
  part.local.size = part.local.stored_size = 0xFFFFFFFF;
  part.local.extra = zip64_field({size + 1, size});
  check_message(zip_refusal(part), "its local header says 32 bytes");
}

TEST_CASE("damaged contents") {
  const auto with_crc = [](auto& fields) { fields.crc ^= 1U; };
  check_message(zip_refusal(changed(with_crc)), "x.zip: member 'a': its content has CRC ");
  check_message(zip_refusal(changed(with_crc, true)), "x.zip: member 'a': its content has CRC ");
  check_message(zip_refusal(changed([](auto& fields) { ++fields.size; }, true)), "end too soon");
  check_message(zip_refusal(changed([](auto& fields) { --fields.size; }, true)),
                "hold more than the 30 bytes");
  check_message(zip_refusal(changed([](auto& fields) { --fields.stored_size; }, true)),
                "cut short");
  zip_part part = changed([](auto& fields) { ++fields.stored_size; }, true);
  part.stored.push_back(0);
  check_message(zip_refusal(part), "1 bytes follow the end of its deflate data");
  part = part_of("a", some_text, true);
  part.stored[0] = 0xFF;
  check_message(zip_refusal(part), "deflate data are damaged");
  check_message(zip_refusal(changed([](auto& fields) { fields.size = 0xFFFFFFFE; }, true)),
                "of 4294967294 bytes cannot be in");
  check_message(zip_refusal(changed([](auto& fields) { --fields.size; })),
                "cannot be in 31 stored");
}

TEST_CASE("members that are not read") {
  for (const unsigned flag : {0x1U, 0x20U, 0x40U, 0x2000U}) {
    check_message(zip_refusal(changed([&](auto& fields) { fields.flags |= std::uint16_t(flag); })),
                  "x.zip: member 'a' is encrypted or patched");
  }
  for (const int method : {1, 9, 12, 14, 93, 99}) {
    check_message(zip_refusal(changed(
                      [&](auto& fields) { fields.method = static_cast<std::uint16_t>(method); })),
                  "expected 0 (stored) or 8 (deflate)");
  }
  zip_part part = part_of("a", some_text);
  part.disk = 1;
  check_message(zip_refusal(part), "is on disk 1");
  check_message(
      zip_refusal(make_zip({.parts = {part_of("a", some_text), part_of("a", some_text)}})),
      "x.zip: has two members 'a'");
  const auto named = [](const std::string& name, unsigned flags) {
    return zip_refusal(changed([&](auto& fields) {
      fields.name = name;
      fields.flags = static_cast<std::uint16_t>(flags);
    }));
  };
  CHECK(named("\xC3\xA4", 0x800).empty());
  check_message(named("\xC3\xA4", 0), "'\\xc3\\xa4' has a name that is neither ASCII nor");
  for (const char* bad : {"\xC3", "\xC3(", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80"}) {
    check_message(named(bad, 0x800), "neither ASCII nor");
  }
  check_message(named("", 0), "has an empty name");
  check_message(named(std::string("a\0b", 3), 0), "zero byte");
}

TEST_CASE("local headers and places that contradict the directory") {
  zip_part part = part_of("a", some_text);
  part.local.name.assign(1, 'b');
  check_message(zip_refusal(part), "its local header says 'b'");
  part = part_of("a", some_text);
  part.local.method = 8;
  check_message(zip_refusal(part), "unlike the directory");
  part = part_of("a", some_text);
  part.local.crc ^= 1U;
  check_message(zip_refusal(part), "its local header says 31 bytes, 31 stored, CRC ");
  part = part_of("a", some_text);
  part.offset_error = 1;
  check_message(zip_refusal(part), "reaches over ");
  part.offset_error = 0x7FFFFFFF;
  check_message(zip_refusal(part), "past the start of the directory");
  part = part_of("a", some_text);
  part.descriptor = bytes_of("room after it");
  part.offset_error = 2;
  check_message(zip_refusal(part), "no local header is at offset 2");
  // Two names for one content.
  zip_part second = part_of("b", some_text);
  second.offset_error = -62;
  check_message(zip_refusal(make_zip({.parts = {part_of("a", some_text), second}})),
                "reaches over 0");
}
