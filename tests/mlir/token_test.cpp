// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir/token.hpp: where tokens begin and end, and what is none.

#include "octavo/io/mlir/token.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "io/io_test_tools.hpp"

using namespace octavo::io::mlir;
using octavo_test::message_of;

namespace {

std::vector<token> tokens_of(std::string_view text) {
  lexer from(text, "f");
  std::vector<token> found;
  do found.push_back(from.next());
  while (found.back().kind != token_kind::end);
  return found;
}

std::vector<std::string> texts_of(std::string_view text) {
  std::vector<std::string> texts;
  for (const token& each : tokens_of(text)) texts.emplace_back(each.text);
  texts.pop_back();
  return texts;
}

std::string token_refusal(std::string_view text) {
  return message_of([&] { tokens_of(text); });
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("every kind of token") {
  const struct {
    std::string_view text;
    token_kind kind;
  } rows[] = {
      {"func.func", token_kind::word},    {"_a$1", token_kind::word},
      {"%0", token_kind::value},          {"%arg0", token_kind::value},
      {"@f", token_kind::symbol},         {"@\"a b\"", token_kind::symbol},
      {"^bb0", token_kind::label},        {"#loc1", token_kind::alias},
      {"\"a\\\"b\"", token_kind::string}, {"\"\"", token_kind::string},
      {"12", token_kind::integer},        {"0x7fC0", token_kind::integer},
      {"1.5", token_kind::real},          {"1.", token_kind::real},
      {"1.0e-5", token_kind::real},       {"1.7976931348623157E+308", token_kind::real},
      {"->", token_kind::punctuation},    {"?", token_kind::punctuation},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    const std::vector<token> found = tokens_of(row.text);
    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == row.kind);
    CHECK(found[0].text == row.text);
  }
}

TEST_CASE("lines and columns count from 1; comments and blanks are nothing") {
  const std::vector<token> found = tokens_of("a // b c\n\t %0 =\r\n\n  \"x\"// end");
  REQUIRE(found.size() == 5);
  CHECK(found[0].at == position{1, 1});
  CHECK(found[1].at == position{2, 3});
  CHECK(found[2].at == position{2, 6});
  CHECK(found[3].at == position{4, 3});
  CHECK(found[4].kind == token_kind::end);
  CHECK(found[4].at == position{4, 12});
  CHECK(tokens_of("//").size() == 1);
  CHECK(tokens_of("").size() == 1);
}

TEST_CASE("extents are split at their x, words are not") {
  CHECK(texts_of("tensor<1x3x224xf32>") ==
        texts{"tensor", "<", "1", "x", "3", "x", "224", "x", "f32", ">"});
  CHECK(texts_of("memref<2147483648xf32>") == texts{"memref", "<", "2147483648", "x", "f32", ">"});
  CHECK(texts_of("tensor<0x1xi8>") == texts{"tensor", "<", "0", "x", "1", "x", "i8", ">"});
  CHECK(texts_of("tensor<f32>") == texts{"tensor", "<", "f32", ">"});
  CHECK(texts_of("x3xf32") == texts{"x3xf32"});
  CHECK(texts_of("array<i64: 1, 2>") == texts{"array", "<", "i64", ":", "1", ",", "2", ">"});
  CHECK(texts_of("1x") == texts{"1", "x"});
}

TEST_CASE("numbers end where they end") {
  CHECK(texts_of("1.5e") == texts{"1.5", "e"});
  CHECK(texts_of("0x") == texts{"0", "x"});
  CHECK(texts_of("-1") == texts{"-", "1"});
  CHECK(texts_of("1->2") == texts{"1", "->", "2"});
}

TEST_CASE("what is no token") {
  CHECK(token_refusal("a\n  $") == "f:2:3: found '$', expected MLIR");
  CHECK(token_refusal("/ a") == "f:1:1: found '/', expected MLIR");
  CHECK(token_refusal("\xff") == "f:1:1: found '\\xff', expected MLIR");
  CHECK(token_refusal(std::string_view("\0", 1)) == "f:1:1: found '\\x00', expected MLIR");
  CHECK(token_refusal("% 1") == "f:1:1: found '% ', expected a value's name behind %");
  CHECK(token_refusal("@") == "f:1:1: found '@', expected a symbol's name behind @");
  CHECK(token_refusal("^") == "f:1:1: found '^', expected a block's name behind ^");
  CHECK(token_refusal("#!") == "f:1:1: found '#!', expected an alias's name behind #");
  CHECK(token_refusal(" \"ab") ==
        "f:1:2: found a string without an end, expected '\"' on its line");
  CHECK(token_refusal("\"a\nb\"") ==
        "f:1:1: found a string without an end, expected '\"' on its line");
  CHECK(token_refusal("\"a\\q\"") ==
        "f:1:3: found the escape '\\q', expected \\\", \\\\, \\n, \\t or two hexadecimal digits");
  CHECK(token_refusal("\"a\\4\"").find("f:1:3: found the escape '\\4'") == 0);
  CHECK(token_refusal("\"a\\").find("f:1:3: found the escape '\\'") == 0);
}

TEST_CASE("strings: escapes, both directions") {
  CHECK(decode_string(R"("a\"b\\c\n\t\41\ff")") == "a\"b\\c\n\tA\xff");
  CHECK(encode_string("a\"b\\c\n\x7f\xff") == R"("a\22b\\c\0A\7F\FF")");
  std::string all;
  for (int code = 0; code < 256; ++code) all += static_cast<char>(code);
  const std::string quoted = encode_string(all);
  const std::vector<token> found = tokens_of(quoted);
  REQUIRE(found.size() == 2);
  CHECK(decode_string(found[0].text) == all);
}
