// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/zip.hpp and io/zip_writer.hpp with zip files in order and with damaged ones.

#include "octavo/io/zip.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "io_test_tools.hpp"
#include "octavo/io/zip_writer.hpp"
#include "zip_recipe.hpp"

namespace {

namespace io = octavo::io;
using octavo_test::append;
using octavo_test::byte_vector;
using octavo_test::bytes_of;
using octavo_test::check_message;
using octavo_test::make_zip;
using octavo_test::message_of;
using octavo_test::part_of;
using octavo_test::read_zip;
using octavo_test::some_text;
using octavo_test::temporary_folder;
using octavo_test::zip64_field;
using octavo_test::zip_part;
using octavo_test::zip_recipe;
using octavo_test::zip_refusal;

byte_vector two_texts() {
  byte_vector both = some_text;
  append(both, some_text);
  return both;
}

}  // namespace

TEST_CASE("stored and deflated members, comment, bytes before the zip") {
  for (const bool zip64 : {false, true}) {
    const zip_recipe recipe{.parts = {part_of("a", some_text), part_of("b/c", some_text, true)},
                            .comment = "a comment",
                            .zip64_end = zip64};
    const byte_vector zip = make_zip(recipe);
    CHECK(read_zip(zip) == two_texts());
    byte_vector shifted = bytes_of("#!/bin/sh\n");
    append(shifted, zip);
    CHECK(read_zip(shifted) == two_texts());
    // The same bytes before the zip, but offsets that count them.
    zip_recipe counted = recipe;
    counted.base = 10;
    byte_vector adjusted = bytes_of("#!/bin/sh\n");
    append(adjusted, make_zip(counted));
    CHECK(read_zip(adjusted) == two_texts());
  }
  CHECK(read_zip(make_zip({})).empty());
  CHECK(read_zip(make_zip({.parts = {}, .comment = "empty"})).empty());
}

TEST_CASE("members are found by name and read in pieces") {
  const byte_vector zip =
      make_zip({.parts = {part_of("a", some_text, true), part_of("b", {}, true)}});
  io::zip_reader reader(io::byte_source(zip, "x.zip"));
  CHECK(reader.find("c") == nullptr);
  REQUIRE(reader.find("a") != nullptr);
  CHECK(reader.read(*reader.find("b")).empty());
  io::zip_stream stream = reader.open(*reader.find("a"));
  byte_vector head(4);
  byte_vector tail(some_text.size() - 4);
  byte_vector more(28);
  stream.read(head);
  check_message(message_of([&] { stream.finish(); }), "27 bytes were not read");
  check_message(message_of([&] { stream.read(more); }),
                "x.zip: member 'a': 28 bytes wanted at byte 4 of 31");
  stream.read(tail);
  stream.finish();
  append(head, tail);
  CHECK(head == some_text);
}

TEST_CASE("zip64 local headers as NumPy writes them, and descriptors") {
  zip_part wide = part_of("a", some_text);
  wide.local.size = wide.local.stored_size = 0xFFFFFFFF;
  wide.local.extra = zip64_field({some_text.size(), some_text.size()});
  CHECK(read_zip(make_zip({.parts = {wide}})) == some_text);
  wide.central.extra = zip64_field({some_text.size(), some_text.size()});
  wide.central.size = wide.central.stored_size = 0xFFFFFFFF;
  CHECK(read_zip(make_zip({.parts = {wide}})) == some_text);

  zip_part streamed = part_of("a", some_text, true);
  streamed.local.flags = streamed.central.flags = 8;
  streamed.local.crc = streamed.local.size = streamed.local.stored_size = 0;
  streamed.descriptor = byte_vector(16);
  CHECK(read_zip(make_zip({.parts = {streamed, part_of("b", some_text)}})) == two_texts());
  streamed.local.size = streamed.local.stored_size = 0xFFFFFFFF;
  CHECK(read_zip(make_zip({.parts = {streamed}})) == some_text);
}

TEST_CASE("every truncation and every longer file is refused") {
  for (const bool zip64 : {false, true}) {
    const byte_vector zip = make_zip(
        {.parts = {part_of("a", some_text), part_of("b", some_text, true)}, .zip64_end = zip64});
    for (std::size_t size = 0; size < zip.size(); ++size) {
      const byte_vector cut(zip.begin(), zip.begin() + static_cast<std::ptrdiff_t>(size));
      check_message(zip_refusal(cut), "x.zip: no end record");
    }
    byte_vector longer = zip;
    longer.push_back(0);
    check_message(zip_refusal(longer), "x.zip: no end record");
  }
}

TEST_CASE("any changed byte is read or refused, nothing else") {
  const byte_vector zip =
      make_zip({.parts = {part_of("a", some_text), part_of("b", some_text, true)},
                .comment = "PK",
                .zip64_end = true});
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < zip.size(); ++i) {
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      byte_vector bytes = zip;
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ flip);
      // What is read after all is unchanged: no damage goes by the CRC.
      std::string message = message_of([&] { wrong += read_zip(bytes) == two_texts() ? 0U : 1U; });
      CHECK((message.empty() || message.starts_with("x.zip: ")));
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("an end record in the comment") {
  byte_vector fake{'P', 'K', 5, 6};
  fake.resize(22);
  zip_recipe recipe{.parts = {part_of("a", some_text)}};
  recipe.comment.assign(fake.begin(), fake.end());
  CHECK(read_zip(make_zip(recipe)) == some_text);
  recipe.comment += "with the comment not ending at the end";
  CHECK(read_zip(make_zip(recipe)) == some_text);

  // A whole other zip in the comment: nobody knows which one is meant.
  const byte_vector other = make_zip({.parts = {part_of("b", some_text)}});
  recipe.comment.assign(other.begin(), other.end());
  check_message(zip_refusal(make_zip(recipe)), "x.zip: has two end records that fit, at ");
}

TEST_CASE("what the writer makes, byte for byte") {
  const temporary_folder folder;
  io::zip_writer writer(folder / "x.zip");
  writer.add("a", {some_text, {}, some_text});
  writer.add("b/\xC3\xA4", {});
  writer.finish();
  const byte_vector zip = io::read_file(folder / "x.zip");
  CHECK(read_zip(zip) == two_texts());
  zip_part first = part_of("a", two_texts());
  zip_part second = part_of("b/\xC3\xA4", {});
  second.local.flags = second.central.flags = 0x800;
  // The recipe says version 45 and has no attributes.
  byte_vector expected = make_zip({.parts = {first, second}});
  const std::size_t directory = 30 + 1 + 62 + 30 + 4;
  expected[4] = expected[30 + 1 + 62 + 4] = 20;
  for (const std::size_t at : {directory, directory + 47}) {
    expected[at + 4] = expected[at + 6] = 20;
    expected[at + 5] = 3;
    expected[at + 40] = 0xA4;
    expected[at + 41] = 0x81;
  }
  CHECK(zip == expected);
}

TEST_CASE("zip64 when asked for and with more than 65534 members") {
  const temporary_folder folder;
  io::zip_writer wide(folder / "wide.zip", io::zip64_use::always);
  wide.add("a", {some_text});
  wide.add("b", {some_text});
  wide.finish();
  CHECK(read_zip(io::read_file(folder / "wide.zip")) == two_texts());

  for (const int count : {65534, 65535, 65536, 70000}) {
    io::zip_writer many(folder / "many.zip");
    for (int i = 0; i < count; ++i) many.add(std::to_string(100000 + i), {});
    many.finish();
    io::zip_reader reader{io::byte_source(folder / "many.zip")};
    CHECK(reader.members().size() == static_cast<std::size_t>(count));
    CHECK(reader.find("100000") != nullptr);
    CHECK(reader.read(reader.members().back()).empty());
    // 76 bytes for each member, 22 for the end record, 76 for its zip64 part.
    const std::size_t plain = static_cast<std::size_t>(count) * (30 + 46 + 6 + 6) + 22;
    CHECK(io::read_file(folder / "many.zip").size() == plain + (count > 65534 ? 76 : 0));
  }
}

TEST_CASE("the writer refuses names and leaves nothing then") {
  const temporary_folder folder;
  {
    io::zip_writer writer(folder / "x.zip");
    writer.add("b", {});
    const auto refused = [&](const std::string& name) {
      return message_of([&] { writer.add(name, {}); });
    };
    check_message(refused("a"), "x.zip: member 'a' comes after 'b', ascending names were expected");
    check_message(refused("b"), "member 'b' comes after 'b'");
    check_message(refused(""), "'' is no name for a member");
    check_message(refused(std::string("c\0", 2)), "is no name");
    check_message(refused("\xFF"), "'\\xff' is no name");
    check_message(refused(std::string(65536, 'c')), "is no name");
  }
  CHECK(folder.size() == 0);
}

TEST_CASE("offsets above 4 GiB") {
  const temporary_folder folder;
  constexpr std::uint64_t gap = (std::uint64_t{5} << 30U) + 7;
  for (const bool counted : {false, true}) {
    // A hole of 5 GiB, which takes no room on most file systems.
    const byte_vector zip =
        make_zip({.parts = {part_of("a", some_text), part_of("b", some_text, true)},
                  .base = counted ? gap : 0,
                  .zip64_end = true});
    const std::filesystem::path path = folder / (counted ? "counted" : "shifted");
    io::write_file(path, {});
    std::filesystem::resize_file(path, gap);
    std::ofstream(path, std::ios::binary | std::ios::app)
        .write(reinterpret_cast<const char*>(zip.data()), static_cast<std::streamsize>(zip.size()));
    io::zip_reader reader{io::byte_source(path)};
    REQUIRE(reader.members().size() == 2);
    CHECK(reader.members()[0].offset == gap);
    CHECK(reader.read(reader.members()[0]) == some_text);
    CHECK(reader.read(reader.members()[1]) == some_text);
  }
}
