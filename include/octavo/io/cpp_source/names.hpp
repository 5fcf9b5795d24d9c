// SPDX-License-Identifier: MIT
/// @file
/// Names of a graph as names of C++, and a check of names that a caller chooses.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/core/letters.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0::io::cpp {

using octavo::detail::is_digit;
using octavo::detail::is_letter;

/// C++20's keywords and alternative tokens, and the namespaces that the text itself names.
inline constexpr std::string_view taken_words[] = {
    "alignas",   "alignof",      "and",           "and_eq",
    "asm",       "auto",         "bitand",        "bitor",
    "bool",      "break",        "case",          "catch",
    "char",      "char16_t",     "char32_t",      "char8_t",
    "class",     "co_await",     "co_return",     "co_yield",
    "compl",     "concept",      "const",         "const_cast",
    "consteval", "constexpr",    "constinit",     "continue",
    "decltype",  "default",      "delete",        "do",
    "double",    "dynamic_cast", "else",          "enum",
    "explicit",  "export",       "extern",        "false",
    "float",     "for",          "friend",        "goto",
    "if",        "inline",       "int",           "long",
    "mutable",   "namespace",    "new",           "noexcept",
    "not",       "not_eq",       "nullptr",       "octavo",
    "operator",  "or",           "or_eq",         "private",
    "protected", "public",       "register",      "reinterpret_cast",
    "requires",  "return",       "short",         "signed",
    "sizeof",    "static",       "static_assert", "static_cast",
    "std",       "struct",       "switch",        "template",
    "this",      "thread_local", "throw",         "true",
    "try",       "typedef",      "typeid",        "typename",
    "union",     "unsigned",     "using",         "virtual",
    "void",      "volatile",     "wchar_t",       "while",
    "xor",       "xor_eq"};

/// Refuses what is not the name of a namespace of the user's own.
/// @throws octavo::error with the rule that `name` breaks.
inline void check_namespace(std::string_view name) {
  const auto refuse = [&](std::string_view expected) {
    fail("namespace ", in_quotes(name), ", expected ", expected);
  };
  const auto fits = [](char letter) {
    return is_letter(letter) || is_digit(letter) || letter == '_';
  };
  if (name.empty() || !is_letter(name.front()) || !std::all_of(name.begin(), name.end(), fits)) {
    refuse("a letter, then letters, digits and underscores");
  }
  if (name.find("__") != name.npos) refuse("no two underscores in a row: C++ keeps such names");
  if (std::find(std::begin(taken_words), std::end(taken_words), name) != std::end(taken_words)) {
    refuse("no word of C++, nor std or octavo");
  }
}

/// n7_conv1 for the op 'conv1' that is number 7 of its graph. The number makes it unique, whatever
/// becomes of the name: what C++ does not allow is an underscore, and only so much is kept that
/// every line of the text has room for it.
inline std::string identifier(std::size_t number, std::string_view name) {
  constexpr std::size_t longest = 24;
  std::string text;
  for (const char letter : name) {
    if (text.size() == longest) break;
    if (is_letter(letter) || is_digit(letter)) {
      text += letter;
    } else if (!text.empty() && text.back() != '_') {  // two in a row are C++'s own
      text += '_';
    }
  }
  if (!text.empty() && text.back() == '_') text.pop_back();
  return concat_text("n", number, text.empty() ? "" : "_", text);
}

/// 7 'conv1': an op in a comment. Names have neither blanks nor line ends, and the quote behind one
/// keeps a backslash from the end of the line, where it would join the next line to the comment.
inline std::string in_comment(std::size_t number, std::string_view name) {
  return concat_text(number, " ", in_quotes(name));
}

}  // namespace octavo::inline v0::io::cpp
