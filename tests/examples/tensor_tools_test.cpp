// SPDX-License-Identifier: MIT
/// @file
/// Parts of tensors: arguments, raw files, names that are not there, the largest elements.

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "io/io_test_tools.hpp"
#include "tensors/arguments.hpp"
#include "tensors/array_text.hpp"
#include "tensors/npz_file.hpp"
#include "tensors/raw_file.hpp"

using namespace octavo::examples;
using octavo::io::byte_vector;
using octavo::io::make_npy_array;
using octavo::io::npy_array;
using octavo_test::check_message;
using octavo_test::message_of;

namespace {

constexpr std::int64_t top = std::numeric_limits<std::int64_t>::max();
using extents = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("tensors: integers are decimal or hexadecimal, never octal") {
  CHECK(parse_integer("24739824", 0, top) == 24739824);
  CHECK(parse_integer("0x01797ff0", 0, top) == 24739824);
  CHECK(parse_integer("0X1f", 0, top) == 31);
  CHECK(parse_integer("010", 0, top) == 10);
  CHECK(parse_integer("-1", -5, 5) == -1);
  CHECK(parse_integer("-0x5", -5, 5) == -5);
  CHECK(parse_integer("9223372036854775807", 0, top) == top);
  for (const char* text : {"", "-", "0x", "12f", "1 ", " 1", "+1", "1.5", "0x-1", "--1"}) {
    check_message(message_of([&] { parse_integer(text, -10, 10); }), "expected an integer");
  }
  for (const char* text : {"11", "-11", "9223372036854775808", "0x8000000000000000",
                           "0xffffffffffffffff", "-0xffffffffffffffff", "99999999999999999999"}) {
    check_message(message_of([&] { parse_integer(text, -10, 10); }), "in -10..10");
  }
}

TEST_CASE("tensors: real numbers are finite and whole") {
  CHECK(parse_real("161.008056641") == 161.008056641);
  CHECK(parse_real("1e-3") == 0.001);
  CHECK(parse_reals("104.01,116.67,-1") == std::vector<double>{104.01, 116.67, -1});
  for (const char* text : {"", "nan", "inf", "1,5", "1e999", "x"}) {
    check_message(message_of([&] { parse_real(text); }), "expected a finite number");
  }
  check_message(message_of([] { parse_reals("1,,2"); }), "'', expected a finite number");
}

TEST_CASE("tensors: zeros in front of N C H W take dimensions away") {
  CHECK(parse_extents({"1", "3", "224", "224"}) == extents{1, 3, 224, 224});
  CHECK(parse_extents({"0", "3", "2", "2"}) == extents{3, 2, 2});
  CHECK(parse_extents({"0", "0", "0", "1000"}) == extents{1000});
  check_message(message_of([] { parse_extents({"0", "0", "0", "0"}); }), "all zero");
  check_message(message_of([] { parse_extents({"1", "0", "2", "2"}); }), "a zero behind");
  check_message(message_of([] { parse_extents({"1", "1", "1", "-2"}); }), "'-2'");
}

TEST_CASE("tensors: a raw file has exactly the bytes of its shape") {
  const octavo_test::temporary_folder folder;
  octavo::io::write_file(folder / "raw", byte_vector{1, 0, 0xFF, 0xFF, 0x80, 0x3F});
  CHECK(read_raw(folder / "raw", parse_raw_type("int8"), {6}) ==
        make_npy_array(std::vector<std::int8_t>{1, 0, -1, -1, -128, 63}, {6}));
  CHECK(read_raw(folder / "raw", parse_raw_type("int16"), {1, 3}) ==
        make_npy_array(std::vector<std::int16_t>{1, -1, 0x3F80}, {1, 3}));
  // 0x3F80 is 1 in the upper half of a float32.
  CHECK(numpy_text(read_raw(folder / "raw", parse_raw_type("bf16"), {3})) == "[ 0. nan  1.]");
  check_message(message_of([&] { read_raw(folder / "raw", parse_raw_type("int32"), {2}); }),
                "raw: has 6 bytes, expected 8 for int32 (2,)");
  check_message(message_of([&] { read_raw(folder / "raw", parse_raw_type("int8"), {5}); }),
                "raw: has 6 bytes, expected 5 for int8 (5,)");
  // Checked before anything is allocated.
  const extents huge = {2147483647, 2147483647, 1, 1};
  check_message(message_of([&] { read_raw(folder / "raw", parse_raw_type("int8"), huge); }),
                "expected 4611686014132420609");
  const extents more = {2147483647, 2147483647, 2147483647, 2147483647};
  check_message(message_of([&] { read_raw(folder / "raw", parse_raw_type("int8"), more); }),
                "more than 2^63 - 1 bytes");
  check_message(message_of([] { parse_raw_type("float16"); }), "'float16', expected int8, uint8");
}

TEST_CASE("tensors: what a raw type lacks is an error, bf16 rounds to even") {
  const npy_array values = make_npy_array(std::vector<float>{-128, 0, 127}, {3});
  CHECK(raw_bytes(values, parse_raw_type("int8"), "x") == byte_vector{0x80, 0, 0x7F});
  CHECK(raw_bytes(values, parse_raw_type("float32"), "x") == values.data);
  const npy_array fraction = make_npy_array(std::vector<float>{0.5F}, {1});
  check_message(message_of([&] { raw_bytes(fraction, parse_raw_type("int8"), "x"); }),
                "x: element 0 of type float32 is no int8");
  // 1 + 2^-8 is half-way between bf16's 1 and 1 + 2^-7; 1 + 3 * 2^-8 between that and 1 + 2^-6.
  const npy_array ties = make_npy_array(
      std::vector<float>{1 + 0x1p-8F, 1 + 0x3p-8F, std::numeric_limits<float>::infinity(),
                         std::numeric_limits<float>::quiet_NaN()},
      {4});
  const byte_vector bytes = raw_bytes(ties, parse_raw_type("bf16"), "x");
  CHECK(byte_vector(bytes.begin(), bytes.begin() + 6) ==
        byte_vector{0x80, 0x3F, 0x82, 0x3F, 0x80, 0x7F});
  CHECK((bytes[7] & 0x7F) == 0x7F);
  CHECK((bytes[6] & 0x7F) != 0);
}

TEST_CASE("tensors: of names that are not there the nearest are told") {
  CHECK(octavo::examples::detail::edit_distance("pool", "pool1") == 1);
  CHECK(octavo::examples::detail::edit_distance("", "abc") == 3);
  CHECK(octavo::examples::detail::edit_distance("kitten", "sitting") == 3);
  CHECK(nearest_names("x", {"b", "a"}) == std::vector<std::string>{"b", "a"});
  const std::vector<std::string> many = {"data", "conv1", "conv2", "pool1", "pool5",
                                         "fc",   "prob",  "relu",  "res2a"};
  const std::vector<std::string> nearest = nearest_names("pool", many);
  CHECK(nearest.size() == 5);
  CHECK(nearest[0] == "pool1");
  CHECK(nearest[1] == "pool5");
  CHECK(shown_name("caf\xC3\xA9") == "caf\xC3\xA9");
  CHECK(shown_name("a\x1B[2J") == "'a\\x1b[2J'");
}

TEST_CASE("tensors: the largest elements, equal ones by index, NaN last") {
  const npy_array values = make_npy_array(std::vector<std::int8_t>{3, 7, -2, 7, 3}, {5});
  CHECK(top_text(values, 3) == "Show Top-K 3\n(1, 7)\n(3, 7)\n(0, 3)\n");
  CHECK(top_text(values, 9) == "Show Top-K 9\n(1, 7)\n(3, 7)\n(0, 3)\n(4, 3)\n(2, -2)\n");
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const npy_array some = make_npy_array(std::vector<float>{nan, 1, nan, 0.1F}, {4});
  CHECK(top_text(some, 4) == "Show Top-K 4\n(1, 1.0)\n(3, 0.1)\n(0, nan)\n(2, nan)\n");
  // Two integers that no double tells apart.
  const npy_array wide =
      make_npy_array(std::vector<std::int64_t>{9007199254740992, 9007199254740993}, {2});
  CHECK(top_text(wide, 1) == "Show Top-K 1\n(1, 9007199254740993)\n");
}

TEST_CASE("tensors: a dump is the numbers, shape, type, channels of a picture, largest") {
  const npy_array picture = make_npy_array(std::vector<float>{1, 3, -2, 2, 0, 0.5F}, {1, 3, 1, 2});
  CHECK(array_text(picture, 1, /*with_type=*/true) ==
        "[[[[ 1.   3. ]]\n\n  [[-2.   2. ]]\n\n  [[ 0.   0.5]]]]\n"
        "shape (1, 3, 1, 2)\n"
        "dtype float32\n"
        "max [3.  2.  0.5]\n"
        "min [ 1. -2.  0.]\n"
        "mean [2.   0.   0.25]\n"
        "abs mean [2.   2.   0.25]\n"
        "std [1.   2.   0.25]\n"
        "Show Top-K 1\n(1, 3.0)\n");
  npy_array vector = picture;
  vector.shape = {6};
  CHECK(array_text(vector, 0, /*with_type=*/false) ==
        "[ 1.   3.  -2.   2.   0.   0.5]\nshape (6,)\n");
}
