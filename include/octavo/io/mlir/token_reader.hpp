// SPDX-License-Identifier: MIT
/// @file
/// The token that comes next, and what the parsers of types, attributes and operations do with it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "octavo/io/mlir/token.hpp"

namespace octavo::inline v0::io::mlir {

/// Looks one token ahead.
class token_reader {
 public:
  token_reader(std::string_view text, std::string file)
      : lexer_(text, std::move(file)), current_(lexer_.next()) {}

  const token& peek() const { return current_; }
  const std::string& file() const { return lexer_.file(); }

  token take() {
    const token taken = current_;
    current_ = lexer_.next();
    return taken;
  }

  /// Takes the token where it is this one.
  bool accept(std::string_view punctuation) {
    if (!current_.is(punctuation)) return false;
    take();
    return true;
  }
  bool accept_word(std::string_view word) {
    if (!current_.is_word(word)) return false;
    take();
    return true;
  }

  /// @throws octavo::error where it is another one.
  void expect(std::string_view punctuation) {
    if (!accept(punctuation)) fail_expecting(in_quotes(punctuation));
  }
  token expect(token_kind kind, std::string_view what) {
    if (current_.kind != kind) fail_expecting(what);
    return take();
  }

  /// Reports what stands here instead of `what`.
  [[noreturn]] void fail_expecting(std::string_view what) const {
    fail_at(file(), current_.at, "found ", describe(current_), ", expected ", what);
  }

  /// Calls parse() for every element of a list up to `close`, which is taken too.
  template <class Parse>
  void list(std::string_view close, const Parse& parse) {
    if (accept(close)) return;
    do parse();
    while (accept(","));
    if (!accept(close)) fail_expecting(concat_text("',' or ", in_quotes(close)));
  }

  /// Where in the program something came from, as --mlir-print-debuginfo prints it. It means
  /// nothing here and is not looked into: parentheses are counted.
  void skip_location() {
    if (!accept_word("loc")) return;
    expect("(");
    for (int open = 1; open > 0;) {
      if (current_.kind == token_kind::end) fail_expecting("')'");
      const token inside = take();
      if (inside.is("(")) ++open;
      if (inside.is(")")) --open;
    }
  }

 private:
  lexer lexer_;
  token current_;
};

/// Deepest nesting of attributes or regions in a text: nobody's stack is asked for more.
inline constexpr int deepest_nesting = 32;

/// One level of nesting, as long as it lives.
class nesting {
 public:
  nesting(int& depth, const token_reader& in) : depth_(depth) {
    if (depth_ == deepest_nesting) {
      fail_at(in.file(), in.peek().at, "found ", describe(in.peek()), " inside ", deepest_nesting,
              " levels, expected no deeper nesting");
    }
    ++depth_;
  }
  nesting(const nesting&) = delete;
  nesting& operator=(const nesting&) = delete;
  ~nesting() { --depth_; }

 private:
  int& depth_;
};

}  // namespace octavo::inline v0::io::mlir
