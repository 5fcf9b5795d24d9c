// SPDX-License-Identifier: MIT
/// @file
/// MLIR's text cut into tokens, one at a time. Every token knows its line and column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/core/letters.hpp"

namespace octavo::inline v0::io::mlir {

/// Where something stands in a file: both count from 1, columns in bytes.
struct position {
  int line = 1;
  int column = 1;

  friend bool operator==(const position&, const position&) = default;
};

/// Reports "<file>:<line>:<column>: <parts>".
template <class... Parts>
[[noreturn]] void fail_at(std::string_view file, const position& at, const Parts&... parts) {
  fail(file, ":", at.line, ":", at.column, ": ", parts...);
}

enum class token_kind {
  end,          ///< of the file
  word,         ///< tensor, func.func, true
  value,        ///< %0
  symbol,       ///< `@tpu_func`, `@"tpu func"`
  label,        ///< ^bb0
  alias,        ///< `#loc1`
  string,       ///< "conv1", quotes and escapes as in the file
  integer,      ///< 12, 0x7FC0
  real,         ///< 1.5, 1.0e-5
  punctuation,  ///< one of ( ) [ ] { } < > , : = - ? *, the arrow -> or the x between extents
};

/// A piece of the text, valid as long as that.
struct token {
  token_kind kind = token_kind::end;
  std::string_view text = {};
  position at = {};

  bool is(std::string_view punctuation) const {
    return kind == token_kind::punctuation && text == punctuation;
  }
  bool is_word(std::string_view word) const { return kind == token_kind::word && text == word; }
};

/// How messages call a token.
inline std::string describe(const token& found) {
  return found.kind == token_kind::end ? "the end of the file" : in_quotes(found.text);
}

namespace detail {

using octavo::detail::is_digit;
using octavo::detail::is_letter;

constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_word_part(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '$' || c == '.';
}

}  // namespace detail

/// Hands out the tokens of a text in their order.
///
/// Behind `tensor<` and `memref<` the extents are split at their x: in `1x3xf32` stand the integer
/// 1, x, the integer 3, x and the word f32. Elsewhere `x3xf32` would be a word.
class lexer {
 public:
  /// `text` must outlive the lexer and its tokens; `file` stands for it in messages.
  lexer(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  const std::string& file() const { return file_; }

  /// The next token; behind the last one for ever the end.
  /// @throws octavo::error where no token begins with what stands there.
  token next() {
    const token found = in_extents_ ? next_in_extents() : next_anywhere();
    const bool opens = found.is("<") && shaped_;
    if (opens) in_extents_ = true;
    shaped_ = found.is_word("tensor") || found.is_word("memref");
    return found;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return next_ + ahead < text_.size() ? text_[next_ + ahead] : '\0';
  }
  bool at_end() const { return next_ >= text_.size(); }
  position here() const { return {line_, static_cast<int>(next_ - line_start_) + 1}; }

  void skip_blanks() {
    for (; !at_end(); ++next_) {
      if (peek() == '\n') {
        ++line_;
        line_start_ = next_ + 1;
      } else if (peek() == '/' && peek(1) == '/') {
        while (next_ + 1 < text_.size() && peek(1) != '\n') ++next_;
      } else if (peek() != ' ' && peek() != '\t' && peek() != '\r') {
        return;
      }
    }
  }

  token make(token_kind kind, std::size_t length) {
    const token made{kind, text_.substr(next_, length), here()};
    next_ += length;
    return made;
  }

  template <class Accept>
  std::size_t count_while(std::size_t from, const Accept& accept) const {
    std::size_t length = from;
    while (next_ + length < text_.size() && accept(text_[next_ + length])) ++length;
    return length;
  }

  /// An extent and the x behind it, or what ends the extents.
  token next_in_extents() {
    skip_blanks();
    if (peek() == 'x' && after_extent_) {
      after_extent_ = false;
      return make(token_kind::punctuation, 1);
    }
    const std::size_t digits = count_while(0, detail::is_digit);
    if (digits > 0) {
      after_extent_ = true;
      return make(token_kind::integer, digits);
    }
    in_extents_ = after_extent_ = false;
    return next_anywhere();
  }

  token next_anywhere() {
    skip_blanks();
    if (at_end()) return make(token_kind::end, 0);
    const char first = peek();
    if (detail::is_letter(first) || first == '_') {
      return make(token_kind::word, count_while(1, detail::is_word_part));
    }
    if (detail::is_digit(first)) return number();
    switch (first) {
      case '"':
        return make(token_kind::string, string_length(0));
      case '%':
        return name(token_kind::value, "a value's name behind %");
      case '^':
        return name(token_kind::label, "a block's name behind ^");
      case '#':
        return name(token_kind::alias, "an alias's name behind #");
      case '@':
        if (peek(1) == '"') return make(token_kind::symbol, string_length(1));
        return name(token_kind::symbol, "a symbol's name behind @");
      default:
        return punctuation();
    }
  }

  token punctuation() {
    constexpr std::string_view known = "()[]{}<>,:=-?*";
    if (peek() == '-' && peek(1) == '>') return make(token_kind::punctuation, 2);
    if (known.find(peek()) != std::string_view::npos) return make(token_kind::punctuation, 1);
    fail_at(file_, here(), "found ", in_quotes(text_.substr(next_, 1)), ", expected MLIR");
  }

  token number() {
    if (peek() == '0' && peek(1) == 'x' && detail::is_hex_digit(peek(2))) {
      return make(token_kind::integer, count_while(2, detail::is_hex_digit));
    }
    std::size_t length = count_while(0, detail::is_digit);
    if (peek(length) != '.') return make(token_kind::integer, length);
    length = count_while(length + 1, detail::is_digit);
    if (peek(length) == 'e' || peek(length) == 'E') {
      const bool has_sign = peek(length + 1) == '+' || peek(length + 1) == '-';
      const std::size_t digits = length + (has_sign ? 2 : 1);
      if (detail::is_digit(peek(digits))) length = count_while(digits, detail::is_digit);
    }
    return make(token_kind::real, length);
  }

  token name(token_kind kind, std::string_view expected) {
    const auto accept = [](char c) { return detail::is_word_part(c) || c == '-'; };
    const std::size_t length = count_while(1, accept);
    if (length == 1) {
      fail_at(file_, here(), "found ", in_quotes(text_.substr(next_, 2)), ", expected ", expected);
    }
    return make(kind, length);
  }

  /// Up to the closing quote of the string whose opening one stands `from` bytes ahead.
  std::size_t string_length(std::size_t from) const {
    std::size_t length = from + 1;
    while (peek(length) != '"') {
      const char c = peek(length);
      if (next_ + length >= text_.size() || c == '\n') {
        fail_at(file_, here(), "found a string without an end, expected '\"' on its line");
      }
      length += c == '\\' ? escape_length(length) : 1;
    }
    return length + 1;
  }

  /// Of the escape that stands `from` bytes ahead: `\" \\ \n \t` or two hexadecimal digits.
  std::size_t escape_length(std::size_t from) const {
    constexpr std::string_view letters = "\"\\nt";
    const char c = peek(from + 1);
    if (c != '\0' && letters.find(c) != std::string_view::npos) return 2;
    if (detail::is_hex_digit(c) && detail::is_hex_digit(peek(from + 2))) return 3;
    const position at = {line_, here().column + static_cast<int>(from)};
    fail_at(file_, at, "found the escape ", in_quotes(text_.substr(next_ + from, 2)),
            ", expected \\\", \\\\, \\n, \\t or two hexadecimal digits");
  }

  std::string_view text_;
  std::string file_;
  std::size_t next_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
  bool shaped_ = false;        ///< the last token was tensor or memref
  bool in_extents_ = false;    ///< behind tensor< or memref<
  bool after_extent_ = false;  ///< an x may follow
};

/// The text that a string token (or the string of a symbol) stands for.
inline std::string decode_string(std::string_view quoted) {
  const auto digit = [](char c) {
    return detail::is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;  // lower case is 0x20 more
  };
  std::string text;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      text += quoted[i];
      continue;
    }
    const char c = quoted[++i];
    if (c == 'n' || c == 't') {
      text += c == 'n' ? '\n' : '\t';
    } else if (c == '"' || c == '\\') {
      text += c;
    } else {
      text += static_cast<char>(digit(c) * 16 + digit(quoted[++i]));
    }
  }
  return text;
}

/// The other direction, quotes included: printable ASCII as it is, but quotes and backslashes
/// escaped as mlir-opt escapes them, everything else as `\NN`.
inline std::string encode_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '\\') {
      quoted += "\\\\";
    } else if (code < 0x20 || code >= 0x7F || letter == '"') {
      quoted += {'\\', digits[code >> 4U], digits[code & 15U]};
    } else {
      quoted += letter;
    }
  }
  return quoted + '"';
}

}  // namespace octavo::inline v0::io::mlir
