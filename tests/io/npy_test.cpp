// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/npy.hpp.

#include "octavo/io/npy.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include "io_test_tools.hpp"
#include "npy_recipe.hpp"

namespace {

namespace io = octavo::io;
using octavo_test::check_message;
using octavo_test::header_text;
using octavo_test::message_of;
using octavo_test::npy_file;
using octavo_test::temporary_folder;

template <class T>
std::string conversion_refusal(const io::npy_array& array) {
  return message_of([&] { array.as<T>("x"); });
}

template <class T>
io::npy_array one(T value) {
  return io::make_npy_array(std::array<T, 1>{value}, {1});
}

io::npy_array halves(const std::vector<std::uint16_t>& bits) {
  io::npy_array array = io::make_npy_array(bits, {static_cast<std::int64_t>(bits.size())});
  array.type = io::element_type::float16;
  return array;
}

}  // namespace

TEST_CASE("what NumPy writes, byte for byte") {
  const io::npy_array array = io::make_npy_array(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
  const std::string header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" + std::string(58, ' ') + "\n";
  REQUIRE(header.size() == 118);
  const io::byte_vector expected = npy_file(header, array.data);
  CHECK(io::serialize_npy(array) == expected);
  CHECK(io::parse_npy(expected, "x.npy") == array);
  CHECK(array.data[3] == 0x3F);  // 1.0F is 0x3F800000

  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{}, {1}, {1, 1}, {1, 1, 1, 1}}) {
    const io::npy_array small = io::make_npy_array(std::vector<std::int8_t>{-7}, shape);
    const io::byte_vector bytes = io::serialize_npy(small);
    CHECK((bytes.size() - 1) % 64 == 0);
    CHECK(io::parse_npy(bytes, "x.npy") == small);
  }
  const io::npy_array empty = io::make_npy_array(std::vector<double>{}, {3, 0, 2});
  CHECK(io::parse_npy(io::serialize_npy(empty), "x.npy") == empty);
}

TEST_CASE("headers as others write them") {
  const io::byte_vector six{1, 0, 2, 0, 3, 0};
  const io::npy_array expected = io::make_npy_array(std::vector<std::int16_t>{1, 2, 3}, {3});
  for (const std::string& header : {
           header_text("'<i2'", "(3,)"),
           header_text("\"<i2\"", "(3L,)"),
           header_text("'=i2'", "(3 , )"),
           std::string("{'shape':(3,),'fortran_order':False,'descr':'<i2'}"),
           std::string("  {  'shape'\t:\n( 3 , ) , 'descr' : '<i2' , 'fortran_order' : True }  \n"),
       }) {
    CAPTURE(header);
    CHECK(io::parse_npy(npy_file(header, six), "x.npy") == expected);
    CHECK(io::parse_npy(npy_file(header, six, 2), "x.npy") == expected);
    CHECK(io::parse_npy(npy_file(header, six, 3), "x.npy") == expected);
  }
  CHECK(io::parse_npy(npy_file(header_text("'|u1'", "(3,)"), {7, 8, 9}), "x").data ==
        io::byte_vector{7, 8, 9});
  CHECK(io::parse_npy(npy_file(header_text("'>i1'", "()"), {7}), "x").shape.empty());
  CHECK(io::parse_npy(npy_file(header_text("'>i2'", "(3,)"), {0, 1, 0, 2, 0, 3}), "x") == expected);
}

TEST_CASE("every type has its code") {
  for (const char* code :
       {"|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8"}) {
    const auto size = static_cast<std::size_t>(code[2] - '0');
    const std::string header = header_text(std::string("'") + code + "'", "(1,)");
    const io::npy_array array = io::parse_npy(npy_file(header, io::byte_vector(size)), "x");
    CHECK(array.size() == 1);
    CHECK(io::size_of(array.type) == size);
    const io::byte_vector bytes = io::serialize_npy(array);
    CHECK(std::string(bytes.begin(), bytes.end()).find(code) == 21);
  }
  CHECK(io::name_of(io::element_type_of<std::uint16_t>) == "uint16");
  CHECK(io::name_of(io::element_type_of<bool>) == "bool");
  CHECK(io::name_of(io::element_type_of<double>) == "float64");
}

TEST_CASE("Fortran order becomes C order") {
  // 2 x 3 x 2; element (i, j, k) is 100 i + 10 j + k.
  const io::byte_vector fortran{0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121};
  const io::npy_array array =
      io::parse_npy(npy_file(header_text("'|u1'", "(2, 3, 2)", "True"), fortran), "x");
  CHECK(array.data == io::byte_vector{0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121});
  CHECK(array.shape == std::vector<std::int64_t>{2, 3, 2});

  const io::byte_vector big{0, 1, 0, 2, 0, 3, 0, 4};
  const io::npy_array both =
      io::parse_npy(npy_file(header_text("'>u2'", "(2, 2)", "True"), big), "x");
  CHECK(both.as<int>() == std::vector<int>{1, 3, 2, 4});
  CHECK(io::parse_npy(npy_file(header_text("'<f8'", "(2, 0)", "True"), {}), "x").size() == 0);
}

TEST_CASE("make_npy_array wants as many values as the shape") {
  const std::vector<float> values{1, 2, 3};
  CHECK_THROWS_AS(io::make_npy_array(values, {2}), octavo::error);
  CHECK_THROWS_AS(io::make_npy_array(values, {-3}), octavo::error);
  CHECK(io::make_npy_array(std::array<bool, 2>{true, false}, {2}).data == io::byte_vector{1, 0});
  CHECK(io::npy_array{}.as<float>().empty());
  io::npy_array wrong = io::make_npy_array(values, {3});
  wrong.shape = {4};
  check_message(conversion_refusal<float>(wrong), "x: has 12 bytes of data");
  CHECK_THROWS_AS(io::serialize_npy(wrong), octavo::error);
}

TEST_CASE("conversions keep the value") {
  CHECK(one<std::int8_t>(-128).as<float>()[0] == -128.0F);
  CHECK(one<std::int64_t>(-5).as<std::int8_t>()[0] == -5);
  CHECK(one<std::uint64_t>(255).as<std::uint8_t>()[0] == 255);
  CHECK(one(-127.0F).as<std::int8_t>()[0] == -127);
  CHECK(one(-0.0F).as<std::int8_t>()[0] == 0);
  CHECK(std::signbit(one(-0.0F).as<double>()[0]));
  CHECK(one<bool>(true).as<double>()[0] == 1.0);
  CHECK(one(16777216).as<float>()[0] == 16777216.0F);
  CHECK(one(std::numeric_limits<std::int64_t>::min()).as<float>()[0] == -0x1p63F);
  CHECK(one(-0x1p63).as<std::int64_t>()[0] == std::numeric_limits<std::int64_t>::min());
  CHECK(one(0x1p63F).as<std::uint64_t>()[0] == std::uint64_t{1} << 63U);
  CHECK(one(0.1).as<float>()[0] == 0.1F);
  CHECK(one(0x1.000001p0).as<float>()[0] == 1.0F);           // a tie goes to even
  CHECK(one(0x1.000003p0).as<float>()[0] == 0x1.000004p0F);  // a tie goes to even
  CHECK(std::isinf(one(-std::numeric_limits<double>::infinity()).as<float>()[0]));
  CHECK(std::isnan(one(std::numeric_limits<float>::quiet_NaN()).as<double>()[0]));
}

TEST_CASE("conversions that would change a value are refused") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr double endless = std::numeric_limits<double>::infinity();
  CHECK(conversion_refusal<float>(io::make_npy_array(std::vector<int>{1, 16777217}, {2})) ==
        "x: element 1 of type int32 is no float32 without a change of its value");
  CHECK_FALSE(conversion_refusal<std::int8_t>(one(128)).empty());
  CHECK_FALSE(conversion_refusal<std::int8_t>(one(-129.0F)).empty());
  CHECK_FALSE(conversion_refusal<std::int8_t>(one(128.0F)).empty());
  CHECK_FALSE(conversion_refusal<std::uint8_t>(one(-1.0)).empty());
  CHECK_FALSE(conversion_refusal<std::uint8_t>(one<std::int8_t>(-1)).empty());
  CHECK_FALSE(conversion_refusal<std::int32_t>(one(0.5F)).empty());
  CHECK_FALSE(conversion_refusal<std::int32_t>(one(nan)).empty());
  CHECK_FALSE(conversion_refusal<std::int64_t>(one(endless)).empty());
  CHECK_FALSE(conversion_refusal<std::int64_t>(one(0x1p63)).empty());
  CHECK_FALSE(conversion_refusal<std::uint64_t>(one(0x1p64)).empty());
  CHECK_FALSE(conversion_refusal<float>(one(1e39)).empty());
  CHECK_FALSE(conversion_refusal<double>(one((std::int64_t{1} << 53) + 1)).empty());
  CHECK_FALSE(conversion_refusal<float>(one(std::numeric_limits<std::int64_t>::max())).empty());
  io::npy_array odd_bool = one<bool>(true);
  odd_bool.data[0] = 2;
  CHECK_FALSE(conversion_refusal<int>(odd_bool).empty());
}

TEST_CASE("float16 is converted exactly") {
  const std::vector<float> values = halves({0x0000, 0x8000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0xC000,
                                            0x3555, 0x7BFF, 0x7C00, 0xFC00})
                                        .as<float>();
  CHECK(values == std::vector<float>{0.0F, -0.0F, 0x1p-24F, 0x1.FF8p-15F, 0x1p-14F, 1.0F, -2.0F,
                                     0x1.554p-2F, 65504.0F, std::numeric_limits<float>::infinity(),
                                     -std::numeric_limits<float>::infinity()});
  CHECK(std::signbit(values[1]));
  CHECK(std::isnan(halves({0x7E00}).as<double>()[0]));
  CHECK(halves({0xC000}).as<std::int8_t>()[0] == -2);
  CHECK_FALSE(conversion_refusal<int>(halves({0x3555})).empty());
}

TEST_CASE(".npy files") {
  const temporary_folder folder;
  const io::npy_array array = io::make_npy_array(std::vector<std::uint32_t>{1, 2, 3, 4}, {2, 2});
  io::write_npy(folder / "x.npy", array);
  CHECK(io::read_npy(folder / "x.npy") == array);
  const std::string missing = (folder / "y.npy").string();
  check_message(message_of([&] { io::read_npy(missing); }), missing + ": there is no such file");
}
