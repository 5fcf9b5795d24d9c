// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/protobuf_wire.hpp.

#include "octavo/io/protobuf_wire.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <vector>

#include "io_test_tools.hpp"
#include "protobuf_recipe.hpp"

using namespace octavo_test;
using octavo::io::buffered_file;
using octavo::io::byte_source;
using octavo::io::protobuf_field;
using octavo::io::protobuf_reader;
using octavo::io::wire_type;

namespace {

/// Calls action(reader) with a reader of these bytes.
template <class Action>
auto with_reader(const byte_vector& bytes, const Action& action) {
  byte_source source(bytes, "x");
  buffered_file file(source);
  protobuf_reader reader(file, source.name(), 0, bytes.size());
  return action(reader);
}

std::vector<protobuf_field> fields_of(const byte_vector& bytes) {
  return with_reader(bytes, [](protobuf_reader& reader) {
    std::vector<protobuf_field> fields;
    protobuf_field field;
    while (reader.next(field)) fields.push_back(field);
    CHECK(reader.at_end());
    return fields;
  });
}

std::string wire_refusal(const byte_vector& bytes) {
  return message_of([&] { fields_of(bytes); });
}

}  // namespace

TEST_CASE("a message of all four kinds of field") {
  const auto fields = fields_of(proto()
                                    .varint(1, 300)
                                    .fixed(2, 1.5)
                                    .text(3, "abc")
                                    .fixed(16, -2.0F)
                                    .varint((1U << 29U) - 1, ~std::uint64_t{0})
                                    .done());
  REQUIRE(fields.size() == 5);
  CHECK(fields[0].number == 1);
  CHECK(fields[0].type == wire_type::varint);
  CHECK(fields[0].value == 300);
  CHECK(fields[0].offset == 1);
  CHECK(fields[0].size == 2);
  CHECK(fields[1].number == 2);
  CHECK(fields[1].type == wire_type::fixed64);
  CHECK(fields[1].value == std::bit_cast<std::uint64_t>(1.5));
  CHECK(fields[1].offset == 4);
  CHECK(fields[1].size == 8);
  CHECK(fields[2].number == 3);
  CHECK(fields[2].type == wire_type::bytes);
  CHECK(fields[2].offset == 14);
  CHECK(fields[2].size == 3);
  CHECK(fields[3].number == 16);
  CHECK(fields[3].type == wire_type::fixed32);
  CHECK(fields[3].value == std::bit_cast<std::uint32_t>(-2.0F));
  CHECK(fields[3].size == 4);
  CHECK(fields[4].number == 536870911);
  CHECK(fields[4].value == ~std::uint64_t{0});
  CHECK(fields_of({}).empty());
}

TEST_CASE("messages within messages, and text") {
  const proto inner = proto().text(1, "name").varint(2, 7);
  const byte_vector bytes = proto().varint(9, 1).message(5, inner).done();
  with_reader(bytes, [](protobuf_reader& reader) {
    protobuf_field field;
    REQUIRE(reader.next(field));
    CHECK_THROWS_WITH(reader.message(field), "x: at offset 0: field 9 has wire type 0, expected 2");
    REQUIRE(reader.next(field));
    protobuf_reader part = reader.message(field);
    REQUIRE(part.next(field));
    CHECK(part.text(field) == "name");
    REQUIRE(part.next(field));
    CHECK(field.value == 7);
    CHECK_THROWS_WITH(part.text(field), "x: at offset 10: field 2 has wire type 0, expected 2");
    CHECK_FALSE(part.next(field));
    CHECK_FALSE(reader.next(field));
  });
}

TEST_CASE("a message inside another ends where that says") {
  // The inner length is right for the file, but not for the message it stands in.
  const byte_vector bytes = proto().bytes(1, {0x12, 3, 'a'}).raw({'b', 'c'}).done();
  const std::string found = with_reader(bytes, [](protobuf_reader& reader) {
    protobuf_field field;
    REQUIRE(reader.next(field));
    protobuf_reader part = reader.message(field);
    return message_of([&] { part.next(field); });
  });
  CHECK(found == "x: at offset 2: field 2 takes 3 bytes at offset 4, but only 1 are left");
}

TEST_CASE("varints") {
  const auto value_of = [](const byte_vector& bytes) {
    return with_reader(bytes, [](protobuf_reader& reader) { return reader.varint("it"); });
  };
  CHECK(value_of({0}) == 0);
  CHECK(value_of({0x7F}) == 127);
  CHECK(value_of({0x80, 1}) == 128);
  CHECK(value_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1}) == ~std::uint64_t{0});
  // Zeros above the number, which some writers leave room for.
  CHECK(value_of({0x85, 0x80, 0x80, 0}) == 5);
  CHECK(value_of({0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0}) == 5);

  const auto refused = [&](const byte_vector& bytes, std::string_view part) {
    check_message(message_of([&] { value_of(bytes); }), part);
  };
  refused({}, "it takes 1 bytes at offset 0, but only 0 are left");
  refused({0x80}, "it takes 1 bytes at offset 1, but only 0 are left");
  refused({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2}, "not end within 64 bits");
  refused({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0},
          "x: at offset 0: it does not end within 64 bits");
}

TEST_CASE("tags that lie") {
  check_message(wire_refusal({0x00}), "x: at offset 0: field number 0, expected 1..536870911");
  check_message(wire_refusal(proto().varint(1, 1).tag(1U << 29U, 0).done()),
                "x: at offset 2: field number 536870912");
  check_message(wire_refusal(proto().tag(~std::uint64_t{0} >> 3U, 0).done()),
                "field number 23058430");
  for (const unsigned type : {3U, 4U, 6U, 7U}) {
    check_message(wire_refusal(proto().tag(5, type).done()),
                  octavo::concat_text("field 5 has wire type ", type, ", expected 0, 1, 2 or 5"));
  }
}

TEST_CASE("lengths that lie") {
  check_message(wire_refusal({0x0A, 1}), "field 1 takes 1 bytes at offset 2, but only 0 are left");
  check_message(wire_refusal(proto().tag(1, 2).plain_varint(~std::uint64_t{0}).done()),
                "field 1 takes 18446744073709551615 bytes at offset 11, but only 0 are left");
  check_message(wire_refusal(proto().tag(1, 2).plain_varint(std::uint64_t{1} << 63U).done()),
                "field 1 takes 9223372036854775808 bytes");
}

TEST_CASE("a message that is cut anywhere but between fields is refused") {
  const byte_vector first = proto().varint(1, 1U << 20U).done();
  const byte_vector second = proto().raw(first).fixed(2, 0.5).done();
  const byte_vector third = proto().raw(second).text(100, "content").done();
  const byte_vector whole = proto().raw(third).fixed(4, 1.0F).done();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const bool between =
        size == 0 || size == first.size() || size == second.size() || size == third.size();
    CHECK(
        wire_refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty() ==
        between);
  }
}

TEST_CASE("fields far apart in a file that is not in memory") {
  const temporary_folder folder;
  const byte_vector large(3 * buffered_file::kept + 5, 0xAA);
  const byte_vector bytes =
      proto().bytes(1, large).varint(2, 5).bytes(3, large).text(4, "end").done();
  octavo::io::write_file(folder / "f", bytes);
  byte_source source(folder / "f");
  buffered_file file(source);
  protobuf_reader reader(file, source.name(), 0, file.size());
  protobuf_field field;
  std::vector<std::uint32_t> numbers;
  while (reader.next(field)) numbers.push_back(field.number);
  CHECK(numbers == std::vector<std::uint32_t>{1, 2, 3, 4});
  CHECK(reader.text(field) == "end");
}
