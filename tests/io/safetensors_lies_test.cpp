// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/safetensors.hpp with files that lie.

#include <doctest/doctest.h>

#include "io_test_tools.hpp"
#include "octavo/io/safetensors.hpp"
#include "safetensors_recipe.hpp"

using namespace octavo_test;
using octavo::io::byte_source;
using octavo::io::safetensors_reader;

namespace {

/// Of opening the file and reading all of it.
std::string safetensors_refusal(const byte_vector& bytes) {
  return message_of([&] {
    safetensors_reader file(byte_source(bytes, "f"));
    for (const std::string& name : file.names()) file.read(name);
  });
}

const byte_vector eight = {1, 2, 3, 4, 5, 6, 7, 8};

/// Of a file with eight bytes of data and a header of these entries.
std::string entry_refusal(const std::string& entries) {
  return safetensors_refusal(safetensors_of("{" + entries + "}", eight));
}

/// Of a tensor "x" with these entries.
std::string tensor_refusal(const std::string& entries) {
  return entry_refusal(R"("x":{)" + entries + "}");
}

const std::string good = tensor_text("x", "U8", "[8]", "[0,8]");

}  // namespace

TEST_CASE("header sizes that lie") {
  REQUIRE(safetensors_refusal(safetensors_of("{" + good + "}", eight)).empty());
  check_message(safetensors_refusal({1, 0, 0}),
                "f: the size of the header at offset 0 takes 8 bytes, but");
  check_message(safetensors_refusal(elements(std::uint64_t{1})),
                "f: the header at offset 8 takes 1 bytes, expected at most 100000000 and at most "
                "the 0 that follow");
  check_message(safetensors_refusal(elements(~std::uint64_t{0}, '{')),
                "takes 18446744073709551615 bytes");
  check_message(safetensors_refusal(elements(std::uint64_t{0}, '{', '}')),
                "does not begin with '{'");
  byte_vector large(8 + 100'000'001, ' ');
  octavo::io::store_little(large.data(), std::uint64_t{100'000'001});
  check_message(safetensors_refusal(large), "takes 100000001 bytes, expected at most 100000000");
  octavo::io::store_little(large.data(), std::uint64_t{100'000'000});
  large[8] = '{';
  large[9] = '}';
  large.pop_back();
  CHECK(safetensors_refusal(large).empty());
}

TEST_CASE("what stands around the header") {
  const auto header_refusal = [](std::string_view header) {
    return safetensors_refusal(safetensors_of(header, {}));
  };
  for (const char* const bad : {" {}", "[]", "\xEF\xBB\xBF{}", "{}\n", "{}\t", "{", "}", "{} x"}) {
    CAPTURE(bad);
    check_message(header_refusal(bad), "f: the header at offset 8 does not begin with '{' and end");
  }
  check_message(header_refusal({"{}\0 {}", 6}), "f: the header has a zero byte in it");
  check_message(header_refusal("{}{}"), "f: the header at offset 10 is no JSON");
  check_message(header_refusal("{} {}"), "f: the header at offset 11 is no JSON");
  check_message(safetensors_refusal(safetensors_of("{}", {0})),
                "f: the tensors take 0 bytes, but the data area has 1");
}

TEST_CASE("headers that are no JSON") {
  for (const std::string bad :
       {"{,}", "{\"a\"}", "{'a':{}}", "{\"a\\x\":{}}", "{\"a\n\":{}}", "{\"\xFF\":{}}",
        "{\"\xC0\x80\":{}}", "{\"\\ud800\":{}}", "{/**/}", "{\"x\":{\"shape\":[01]}}",
        "{\"x\":{\"shape\":[1,]}}", "{\"x\":{\"shape\":[1}}", "{\"x\":{\"shape\":[+1]}}",
        "{\"x\":{\"shape\":[NaN]}}", "{\"x\":{\"dtype\":U8}}"}) {
    CAPTURE(bad);
    check_message(safetensors_refusal(safetensors_of(bad, {})), "is no JSON");
  }
}

TEST_CASE("values of the wrong kind") {
  check_message(entry_refusal(R"("x":1)"), "f: in the header 'x': found 1, expected an object");
  check_message(entry_refusal(R"("x":[1])"), "found an array, expected an object");
  check_message(entry_refusal(R"("x":"U8")"), "found the text 'U8', expected an object");
  check_message(entry_refusal(R"("x":null)"), "found null, expected an object");
  check_message(entry_refusal(R"("__metadata__":null)"), "found null, expected an object");
  check_message(entry_refusal(R"("__metadata__":{"a":1})"),
                "f: in __metadata__ 'a': found 1, expected a text");
  check_message(entry_refusal(R"("__metadata__":{"a":{}})"), "found an object, expected a text");
  check_message(entry_refusal(R"("__metadata__":{"a":["b"]})"), "found an array, expected a text");

  check_message(tensor_refusal(R"("dtype":8)"), "f: tensor 'x': dtype: found 8, expected a text");
  check_message(tensor_refusal(R"("dtype":["U8"])"), "found an array, expected a text");
  check_message(tensor_refusal(R"("shape":8)"), "f: tensor 'x': shape: found 8, expected an array");
  check_message(tensor_refusal(R"("shape":{})"), "found an object, expected an array");
  check_message(tensor_refusal(R"("data_offsets":"0")"), "the text '0', expected an array");
  const auto shape_refusal = [](const std::string& extent) {
    return tensor_refusal(R"("shape":[)" + extent + "]");
  };
  for (const char* const bad : {"-1", "-0", "1.0", "1e0", "1e999", "9223372036854775808",
                                "18446744073709551616", "true", "null", "\"8\"", "[8]", "{}"}) {
    CAPTURE(bad);
    const std::string found = shape_refusal(bad);
    // 1e999 is no number of the JSON parser's.
    check_message(found, std::string_view(bad) == "1e999" ? "is no JSON" : "f: tensor 'x': shape");
  }
  std::string extents = "1";
  for (int i = 1; i < 64; ++i) extents += ",1";
  check_message(shape_refusal(extents), "has no dtype");
  check_message(shape_refusal(extents + ",1"), "found 1, expected at most 64 dimensions");
}

TEST_CASE("keys that are missing, unknown, or stand twice") {
  check_message(tensor_refusal(""), "f: tensor 'x' has no dtype");
  check_message(tensor_refusal(R"("dtype":"U8","data_offsets":[0,8])"), "'x' has no shape");
  check_message(tensor_refusal(R"("dtype":"U8","shape":[8])"), "'x' has no data_offsets");
  check_message(tensor_refusal(R"("dtype":"U8","stride":[8])"),
                "f: tensor 'x' has the unknown key 'stride', expected dtype, shape and");
  for (const char* const entry : {R"("dtype":"U8")", R"("shape":[8])", R"("data_offsets":[0,8])"}) {
    const std::string twice = octavo::concat_text(entry, ',', entry);
    check_message(tensor_refusal(twice), " stands twice");
  }
  check_message(entry_refusal(good + "," + good), "f: in the header 'x' stands twice");
  check_message(entry_refusal(good + R"(,"\u0078":{})"), "f: in the header 'x' stands twice");
  check_message(entry_refusal(R"("__metadata__":{},"__metadata__":{})"), "stands twice");
  check_message(entry_refusal(R"("__metadata__":{"a":"","a":""})"),
                "f: in __metadata__ 'a' stands twice");
}

TEST_CASE("offsets that lie") {
  const auto placed = [](std::string_view shape, std::string_view offsets) {
    return entry_refusal(tensor_text("x", "U8", shape, offsets));
  };
  check_message(placed("[8]", "[]"), "f: tensor 'x': data_offsets: found the end of the array");
  check_message(placed("[8]", "[0]"), "expected two offsets");
  check_message(placed("[8]", "[0,8,8]"), "found 8, expected two offsets");
  check_message(placed("[8]", "[-1,8]"), "found -1, expected two offsets");
  check_message(placed("[8]", "[8,0]"),
                "f: tensor 'x': data_offsets [8, 0] do not lie in the 8 bytes of the data area");
  check_message(placed("[9]", "[0,9]"), "[0, 9] do not lie in the 8 bytes");
  check_message(placed("[8]", "[18446744073709551608,18446744073709551615]"), "do not lie in");
  check_message(placed("[7]", "[0,8]"),
                "f: tensor 'x': data_offsets [0, 8] hold 8 bytes, expected 7 for its shape");
  check_message(placed("[0]", "[0,8]"), "hold 8 bytes, expected 0");
  check_message(placed("[7]", "[1,8]"),
                "[1, 8] leave a hole behind the tensor before, which ends "
                "at 0");
  check_message(placed("[7]", "[0,7]"), "f: the tensors take 7 bytes, but the data area has 8");
  check_message(placed("[4294967296,4294967296]", "[0,8]"), "to more than 2^63 - 1 bytes");
  check_message(placed("[4294967296,0,4294967296]", "[0,8]"), "to more than 2^63 - 1 bytes");
  check_message(entry_refusal(tensor_text("x", "F64", "[2305843009213693953]", "[0,8]")),
                "to more than 2^63 - 1 bytes");
  // The sizes of dtypes that are not read are known too.
  check_message(entry_refusal(tensor_text("x", "C64", "[2]", "[0,8]")), "expected 16");
}

TEST_CASE("tensors that overlap or leave holes") {
  const auto two = [](const char* first, const char* second) {
    const std::string a = tensor_text("a", "U8", "[4]", first);
    const std::string b = tensor_text("b", "U8", "[4]", second);
    const std::string in_order = entry_refusal(a + "," + b);
    CHECK(entry_refusal(b + "," + a) == in_order);
    return in_order;
  };
  CHECK(two("[0,4]", "[4,8]").empty());
  CHECK(two("[4,8]", "[0,4]").empty());
  check_message(two("[0,4]", "[0,4]"),
                "tensor 'b': data_offsets [0, 4] overlap the tensor before, "
                "which ends at 4");
  check_message(two("[0,4]", "[3,7]"), "tensor 'b': data_offsets [3, 7] overlap");
  const std::string inside = tensor_text("e", "U8", "[0]", "[3,3]");
  check_message(entry_refusal(good + "," + inside), "tensor 'e': data_offsets [3, 3] overlap");
  check_message(entry_refusal(tensor_text("a", "U8", "[3]", "[0,3]") + "," +
                              tensor_text("b", "U8", "[4]", "[4,8]")),
                "tensor 'b': data_offsets [4, 8] leave a hole behind the tensor before, which ends "
                "at 3");
}

TEST_CASE("a file that is cut or longer is refused") {
  byte_vector whole = safetensors_of("{" + tensor_text("a", "U8", "[4]", "[4,8]") + "," +
                                         tensor_text("b", "F32", "[]", "[0,4]") + "}",
                                     eight);
  REQUIRE(safetensors_refusal(whole).empty());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(
        safetensors_refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
            .empty());
  }
  whole.push_back(0);
  check_message(safetensors_refusal(whole), "f: the tensors take 8 bytes, but the data area has 9");
}

TEST_CASE("a file with any bits changed is read or refused") {
  const byte_vector whole = safetensors_of("{" + tensor_text("a", "U8", "[4]", "[4,8]") + "," +
                                               tensor_text("b", "F32", "[]", "[0,4]") + "}",
                                           eight);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      byte_vector damaged = whole;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
      if (!safetensors_refusal(damaged).empty()) ++refused;
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("a header that nests deep or is full of keys ends early") {
  check_message(entry_refusal(R"("x":)" + std::string(1'000'000, '[') + "}"), "found an array");
  std::string deep = R"("x":{"shape":)";
  for (int i = 0; i < 100'000; ++i) deep += R"({"a":)";
  check_message(entry_refusal(deep + "}"), "found an object, expected an array");
}
