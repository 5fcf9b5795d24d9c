// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/safetensors.hpp with files that are in order.

#include "octavo/io/safetensors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "io_test_tools.hpp"
#include "octavo/graph/builder.hpp"
#include "safetensors_recipe.hpp"

using namespace octavo_test;
using octavo::named_array;
using octavo::io::byte_source;
using octavo::io::safetensors_reader;

namespace {

using extents = std::vector<std::int64_t>;
using numbers = std::vector<double>;
using name_list = std::vector<std::string>;

/// The one tensor of a file with these bytes of data.
numbers read_one(std::string_view dtype, std::int64_t count, const byte_vector& data) {
  const std::string header = "{" +
                             tensor_text("x", dtype, octavo::concat_text('[', count, ']'),
                                         octavo::concat_text("[0,", data.size(), ']')) +
                             "}";
  const byte_vector bytes = safetensors_of(header, data);
  return safetensors_reader(byte_source(bytes, "f")).read("x").values;
}

}  // namespace

TEST_CASE("tensors in any order, spaces, metadata, and what JSON can write in other ways") {
  const std::string header =
      "{ " + tensor_text("b", "I8", "[2, 1]", "[8, 10]") +
      R"(,"__metadata__": {"format": "pt", "": "{\"a\": [1]}"},)" + "\n\t" +
      tensor_text("a", "F32", "[2]", "[0,8]") +
      R"(,"\u00e4/\"" : {"data_offsets":[10,12],"shape":[],"dtype":"F16"}})" + "       ";
  const byte_vector bytes = safetensors_of(
      header, elements(1.5F, -0.1F, std::int8_t{-128}, std::int8_t{127}, std::uint16_t{0x3C00}));
  safetensors_reader file(byte_source(bytes, "f"));
  CHECK(file.names() == name_list{"a", "b", "\xC3\xA4/\""});
  CHECK(file.read("a").shape == extents{2});
  CHECK(file.read("a").values == numbers{1.5, -0.1F});
  CHECK(file.read("b").shape == extents{2, 1});
  CHECK(file.read("b").values == numbers{-128, 127});
  CHECK(file.read("\xC3\xA4/\"").shape.empty());
  CHECK(file.read("\xC3\xA4/\"").values == numbers{1});
  CHECK(file.contains("a"));
  CHECK_FALSE(file.contains("__metadata__"));
  CHECK(file.header().metadata.at("format") == "pt");
  CHECK(file.header().metadata.at("") == "{\"a\": [1]}");
  CHECK_THROWS_WITH(file.read("c"), "f: has no tensor 'c'");
}

TEST_CASE("every dtype that is read, to the last bit") {
  CHECK(read_one("F64", 2, elements(0.1, 1e-300)) == numbers{0.1, 1e-300});
  CHECK(read_one("F32", 2, elements(0.1F, 1e-45F)) == numbers{0.1F, 1e-45F});
  // The smallest, the largest, one third.
  CHECK(read_one("F16", 3, elements<std::uint16_t>({1, 0x7BFF, 0x3555})) ==
        numbers{0x1p-24, 65504, 0x1.554p-2});
  // The smallest, -1, pi, the largest.
  CHECK(read_one("BF16", 4, elements<std::uint16_t>({1, 0xBF80, 0x4049, 0x7F7F})) ==
        numbers{0x1p-133, -1, 3.140625, 0x1.FEp127});
  CHECK(read_one("I8", 2, elements<std::int8_t>({-128, 127})) == numbers{-128, 127});
  CHECK(read_one("U8", 2, elements<std::uint8_t>({0, 255})) == numbers{0, 255});
  CHECK(read_one("I16", 2, elements<std::int16_t>({-32768, 32767})) == numbers{-32768, 32767});
  CHECK(read_one("I32", 2, elements<std::int32_t>({-2147483647 - 1, 2147483647})) ==
        numbers{-2147483648.0, 2147483647});
  constexpr std::int64_t large = std::int64_t{1} << 53;
  CHECK(read_one("I64", 3, elements<std::int64_t>({-large, large - 1, large + 2})) ==
        numbers{-9007199254740992, 9007199254740991, 9007199254740994});
}

TEST_CASE("an int64 that no double has is refused") {
  constexpr std::int64_t large = std::int64_t{1} << 53;
  for (const std::int64_t value :
       {large + 1, -large - 1, std::numeric_limits<std::int64_t>::max()}) {
    CHECK_THROWS_WITH(read_one("I64", 2, elements<std::int64_t>({0, value})),
                      "f: tensor 'x': element 1 is no float64 without a change of its value");
  }
}

TEST_CASE("NaN, infinities and the sign of zero stay") {
  const numbers half = read_one("F16", 4, elements<std::uint16_t>({0x7C01, 0xFC00, 0x8000, 0}));
  const numbers brain = read_one("BF16", 4, elements<std::uint16_t>({0x7F81, 0xFF80, 0x8000, 0}));
  for (const numbers& values : {half, brain}) {
    CHECK(std::isnan(values[0]));
    CHECK(values[1] == -std::numeric_limits<double>::infinity());
    CHECK(std::signbit(values[2]));
    CHECK_FALSE(std::signbit(values[3]));
  }
}

TEST_CASE("another dtype is an error where it is read, and only there") {
  const std::string header = "{" + tensor_text("flags", "BOOL", "[2]", "[0,2]") + "," +
                             tensor_text("new", "F4", "[6]", "[2,5]") + "," +
                             tensor_text("x", "U8", "[1]", "[5,6]") + "}";
  const byte_vector bytes = safetensors_of(header, {0, 1, 2, 3, 4, 5});
  safetensors_reader file(byte_source(bytes, "f"));
  CHECK(file.contains("flags"));
  CHECK_THROWS_WITH(file.read("flags"),
                    "f: tensor 'flags' has dtype 'BOOL', expected F64, F32, F16, BF16, I8, U8, "
                    "I16, I32 or I64");
  check_message(message_of([&] { file.read("new"); }), "f: tensor 'new' has dtype 'F4', expected");
  CHECK(file.read("x").values == numbers{5});
}

TEST_CASE("tensors without elements, and files without tensors") {
  const std::string header = "{" + tensor_text("a", "F32", "[0]", "[0,0]") + "," +
                             tensor_text("b", "F32", "[1]", "[0,4]") + "," +
                             tensor_text("c", "U8", "[1,0,4611686018427387904]", "[4,4]") + "}";
  const byte_vector bytes = safetensors_of(header, elements(2.0F));
  safetensors_reader file(byte_source(bytes, "f"));
  CHECK(file.read("a").values.empty());
  CHECK(file.read("b").values == numbers{2});
  CHECK(file.read("c").shape == extents{1, 0, std::int64_t{1} << 62});
  for (const char* const nothing : {"{}", "{}      ", R"({"__metadata__":{}})"}) {
    const byte_vector none = safetensors_of(nothing, {});
    CHECK(safetensors_reader(byte_source(none, "f")).names().empty());
  }
}

TEST_CASE("a network's parameters from a file, which stays open as long as somebody may ask") {
  const temporary_folder folder;
  const std::string header = "{" + tensor_text("fc.weight", "F32", "[2,2]", "[0,16]") + "," +
                             tensor_text("fc.bias", "I16", "[2]", "[16,20]") + "}";
  byte_vector data = elements(0.1F, -2.0F, 3e-40F, 4.0F);
  const byte_vector bias = elements<std::int16_t>({-7, 300});
  data.insert(data.end(), bias.begin(), bias.end());
  octavo::io::write_file(folder / "m", safetensors_of(header, data));
  octavo::state_dict source;
  source = octavo::io::safetensors_state_dict(folder / "m");
  CHECK(source.file == (folder / "m").string());
  CHECK(source.contains("fc.weight"));
  CHECK_FALSE(source.contains("fc"));
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 2, 1, 1});
  x = net.fully_connected("fc", x, 2);
  const octavo::float_model model =
      load_float_model(net.finish(x), source, [](const octavo::node&) {
        return octavo::layer_names{.weights = "fc.weight", .bias = "fc.bias"};
      });
  CHECK(model.params[1].weights == numbers{0.1F, -2, 3e-40F, 4});
  CHECK(model.params[1].bias == numbers{-7, 300});
  check_message(message_of([&] { octavo::io::safetensors_state_dict(folder / "none"); }),
                "none: there is no such file");
}

TEST_CASE("a tensor larger than what is read at a time") {
  const std::size_t count = 3 * octavo::io::buffered_file::kept / sizeof(float) + 1;
  numbers expected;
  byte_vector data;
  for (std::size_t i = 0; i < count; ++i) {
    expected.push_back(static_cast<double>(i) + 0.25);
    octavo::io::append_little(data, static_cast<float>(expected.back()));
  }
  CHECK(read_one("F32", static_cast<std::int64_t>(count), data) == expected);
}

TEST_CASE("a tensor beyond 4 GiB, in a file with a hole") {
  const temporary_folder folder;
  constexpr std::uint64_t size = std::uint64_t{5} << 30U;
  const std::string header = "{" + tensor_text("big", "U8", "[5368709120]", "[0,5368709120]") +
                             "," + tensor_text("x", "F32", "[1]", "[5368709120,5368709124]") + "}";
  octavo::io::write_file(folder / "m", safetensors_of(header, {}));
  std::filesystem::resize_file(folder / "m", 8 + header.size() + size);
  const byte_vector last = elements(0.5F);
  std::ofstream(folder / "m", std::ios::binary | std::ios::app)
      .write(reinterpret_cast<const char*>(last.data()), 4);
  CHECK(safetensors_reader(byte_source(folder / "m")).read("x").values == numbers{0.5});
}
