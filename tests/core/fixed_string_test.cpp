// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/fixed_string.hpp: text that is a constant.

#include "octavo/core/fixed_string.hpp"

#include <doctest/doctest.h>

#include <string>

using octavo::fixed_string;

TEST_CASE("a fixed string is a value at compile time") {
  constexpr fixed_string<8> name = [] {
    fixed_string<8> text("res");
    text.append("2a");
    return text;
  }();
  static_assert(name.view() == "res2a" && name.length == 5);
  static_assert(fixed_string<8>().view().empty());
  CHECK(std::string_view(name) == "res2a");
}

TEST_CASE("it holds its capacity and not a letter more") {
  fixed_string<4> text("abcd");
  CHECK(text.view() == "abcd");
  CHECK(text.text[4] == '\0');  // what a debugger prints ends
  text.append("");
  CHECK_THROWS_WITH(text.append("e"), "name: longer than a graph's names may be");
  CHECK(text.view() == "abcd");
  CHECK_THROWS_WITH(fixed_string<4>("abcde"), "name: longer than a graph's names may be");
  CHECK(octavo::node_name(std::string(63, 'x')).length == 63);
  const octavo::node_name numbered = "relu" + std::to_string(12);  // as in a loop over layers
  CHECK(numbered.view() == "relu12");
  CHECK_THROWS_AS(octavo::node_name(std::string(64, 'x')), octavo::error);
}

TEST_CASE("two are equal where their texts are") {
  CHECK(fixed_string<4>("ab") == fixed_string<4>("ab"));
  CHECK(fixed_string<4>("ab") != fixed_string<4>("abc"));
  CHECK(fixed_string<4>("ab") != fixed_string<4>("ac"));
  CHECK(fixed_string<4>() != fixed_string<4>(std::string_view("\0", 1)));
}
