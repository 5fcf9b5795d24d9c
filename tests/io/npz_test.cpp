// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/npz.hpp.

#include "octavo/io/npz.hpp"

#include <doctest/doctest.h>

#include "io_test_tools.hpp"
#include "npy_recipe.hpp"
#include "zip_recipe.hpp"

namespace {

namespace io = octavo::io;
using octavo_test::append;
using octavo_test::byte_vector;
using octavo_test::bytes_of;
using octavo_test::check_message;
using octavo_test::header_text;
using octavo_test::make_zip;
using octavo_test::message_of;
using octavo_test::npy_file;
using octavo_test::part_of;
using octavo_test::temporary_folder;

const io::npy_array weights = io::make_npy_array(std::vector<float>{1, -2, 3, 4, 5, 6}, {2, 3});
const io::npy_array scalar = io::make_npy_array(std::vector<std::int8_t>{-128}, {});
const io::npy_array empty = io::make_npy_array(std::vector<std::int32_t>{}, {0, 7});

io::npz_arrays read_npz(const byte_vector& bytes) {
  return io::npz_reader(bytes, "x.npz").read_all();
}

std::string npz_refusal(const byte_vector& bytes) {
  return message_of([&] { read_npz(bytes); });
}

/// A .npz with one member of this content.
byte_vector npz_of(const byte_vector& content, const std::string& name = "a.npy") {
  return make_zip({.parts = {part_of(name, content, true)}});
}

}  // namespace

TEST_CASE("arrays come back as they were written") {
  const temporary_folder folder;
  const io::npz_arrays arrays{
      {"conv1", weights}, {"layer1/0.scalar", scalar}, {"\xC3\xA4", empty}, {"", scalar}};
  for (const auto use : {io::zip64_use::when_needed, io::zip64_use::always}) {
    io::write_npz(folder / "x.npz", arrays, use);
    io::npz_reader reader{folder / "x.npz"};
    CHECK(reader.read_all() == arrays);
    CHECK(reader.contains("conv1"));
    CHECK_FALSE(reader.contains("conv1.npy"));
    CHECK(reader.read("layer1/0.scalar") == scalar);
    CHECK(reader.header("conv1").shape == weights.shape);
    CHECK(reader.header("conv1").type == io::element_type::float32);
    CHECK(reader.header("conv1").data_size == 24);
    check_message(message_of([&] { reader.read("conv2"); }), "x.npz: has no array 'conv2'");
    check_message(message_of([&] { reader.header("conv2"); }), "x.npz: has no array 'conv2'");
  }
  io::write_npz(folder / "none.npz", {});
  CHECK(io::npz_reader{folder / "none.npz"}.names().empty());
  CHECK(folder.size() == 2);
}

TEST_CASE("the same arrays make the same bytes") {
  const temporary_folder folder;
  // Sorted by the names of the members: '-' comes before the '.' of ".npy", 'b' after it.
  io::write_npz(folder / "1.npz", {{"a", weights}, {"a-b", scalar}, {"ab", empty}});
  io::write_npz(folder / "2.npz", {{"ab", empty}, {"a-b", scalar}, {"a", weights}});
  CHECK(io::read_file(folder / "1.npz") == io::read_file(folder / "2.npz"));
  io::npz_reader reader{folder / "1.npz"};
  CHECK(reader.names() == std::vector<std::string>{"a-b", "a", "ab"});
  io::write_npz(folder / "3.npz", reader.read_all());
  CHECK(io::read_file(folder / "1.npz") == io::read_file(folder / "3.npz"));
}

TEST_CASE("names come in the order of the file") {
  const byte_vector npy = io::serialize_npy(scalar);
  const byte_vector npz = make_zip({.parts = {part_of("z.npy", npy), part_of("dir/a.npy", npy)}});
  CHECK(io::npz_reader(npz, "x.npz").names() == std::vector<std::string>{"z", "dir/a"});
}

TEST_CASE("every truncation is refused, stored and deflated") {
  const byte_vector npy = io::serialize_npy(weights);
  const byte_vector npz = make_zip({.parts = {part_of("a.npy", npy), part_of("b.npy", npy, true)}});
  CHECK(read_npz(npz) == io::npz_arrays{{"a", weights}, {"b", weights}});
  for (std::size_t size = 0; size < npz.size(); ++size) {
    const byte_vector cut(npz.begin(), npz.begin() + static_cast<std::ptrdiff_t>(size));
    check_message(npz_refusal(cut), "x.npz: ");
  }
}

TEST_CASE("an array is read although another is damaged") {
  byte_vector npz = make_zip({.parts = {part_of("a.npy", io::serialize_npy(weights)),
                                        part_of("b.npy", io::serialize_npy(weights))}});
  npz[35 + 128] ^= 1U;  // in the data of the first, after its local and its .npy header
  io::npz_reader reader(npz, "x.npz");
  CHECK(reader.header("a").data_size == 24);
  CHECK(reader.read("b") == weights);
  check_message(message_of([&] { reader.read("a"); }),
                "x.npz: member 'a.npy': its content has CRC");
}

TEST_CASE("members that are no arrays are refused") {
  const byte_vector npy = io::serialize_npy(weights);
  for (const char* name : {"readme.txt", "a", "a.NPY", "anpy", "dir/", "a.npy/"}) {
    check_message(npz_refusal(npz_of(npy, name)),
                  "does not end in .npy, only arrays were expected");
  }
  check_message(npz_refusal(npz_of({})), "x.npz: member 'a.npy': has only 0 bytes");
  check_message(npz_refusal(npz_of(bytes_of("0123456789ABCDEF"))),
                "x.npz: member 'a.npy': does not start with the .npy magic");
  check_message(npz_refusal(npz_of(npy_file(header_text("'|O'", "(1,)"), byte_vector(8)))),
                "x.npz: member 'a.npy': holds pickled Python objects");
  check_message(npz_refusal(bytes_of("not a zip file, but longer than an end record")),
                "x.npz: no end record at its end: no zip file");
}

TEST_CASE("headers and members of different sizes are refused") {
  const std::string shape_of_three = header_text("'<f4'", "(3,)");
  check_message(npz_refusal(npz_of(npy_file(shape_of_three, byte_vector(11)))),
                "x.npz: member 'a.npy': has 11 bytes of data, but its .npy header says 12");
  check_message(npz_refusal(npz_of(npy_file(shape_of_three, byte_vector(13)))),
                "has 13 bytes of data, but its .npy header says 12");
  check_message(
      npz_refusal(npz_of(npy_file(header_text("'<f4'", "(1000000000000,)"), byte_vector(4)))),
      "has 4 bytes of data, but its .npy header says 4000000000000");
  byte_vector long_header = npy_file(shape_of_three, byte_vector(12));
  long_header[9] = 0x10;
  check_message(npz_refusal(npz_of(long_header)), "its .npy header ends at byte ");
  byte_vector no_header = long_header;
  no_header[8] = no_header[9] = 0;
  check_message(npz_refusal(npz_of(no_header)), "its .npy header ends at byte 10");
}

TEST_CASE("big-endian and Fortran order members") {
  const byte_vector data{0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6};
  const io::npz_arrays arrays =
      read_npz(npz_of(npy_file(header_text("'>i2'", "(2, 3)", "True"), data, 3)));
  CHECK(arrays.at("a").as<int>() == std::vector<int>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a write that fails leaves the old file") {
  const temporary_folder folder;
  io::write_npz(folder / "x.npz", {{"a", weights}});
  io::npy_array wrong = weights;
  wrong.data.pop_back();
  check_message(message_of([&] {
                  io::write_npz(folder / "x.npz", {{"b", wrong}});
                }),
                "x.npz: array 'b': has 23 bytes of data, but its shape and type take 24");
  check_message(message_of([&] {
                  io::write_npz(folder / "x.npz", {{"a", weights}, {"\xFF", weights}});
                }),
                "is no name for a member");
  CHECK(io::npz_reader{folder / "x.npz"}.read_all() == io::npz_arrays{{"a", weights}});
  CHECK(folder.size() == 1);
  check_message(message_of([&] { io::write_npz(folder.path(), {}); }), "is a directory");
  check_message(message_of([&] { io::npz_reader{folder.path()}; }), "is a directory");
  check_message(message_of([&] { io::npz_reader{folder / "y.npz"}; }), "there is no such file");
}
