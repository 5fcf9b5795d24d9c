// SPDX-License-Identifier: MIT
/// @file
/// Writes HTML and SVG. Whatever comes from outside passes through escaped(): names, labels and
/// numbers cannot become markup.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/core/utf8.hpp"
#include "octavo/report/numbers.hpp"

namespace octavo::inline v0::report {

/// Stands for bytes that are not text.
inline constexpr std::string_view replacement = "\uFFFD";

/// `text` as HTML shows it, in an element or in a quoted attribute: & < > " ' as references, bytes
/// that are no UTF-8 and control characters (but line breaks) as U+FFFD.
inline std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = octavo::detail::utf8_length(text);
    const char letter = text[0];
    const bool control = length == 1 && letter != '\n' &&
                         (static_cast<std::uint8_t>(letter) < 0x20 || letter == 0x7F);
    if (length == 0 || control) {
      result += replacement;
    } else if (letter == '&') {
      result += "&amp;";
    } else if (letter == '<') {
      result += "&lt;";
    } else if (letter == '>') {
      result += "&gt;";
    } else if (letter == '"') {
      result += "&quot;";
    } else if (letter == '\'') {
      result += "&#39;";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

/// At most `longest` characters of `text`: of a longer one its beginning and its end, which is what
/// tells layers apart.
inline std::string shortened(std::string_view text, std::size_t longest) {
  std::string whole;
  std::u32string marks;  // where each character begins
  while (!text.empty()) {
    const std::size_t length = octavo::detail::utf8_length(text);
    marks += static_cast<char32_t>(whole.size());
    whole += length == 0 ? replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  if (marks.size() <= longest || longest < 2) return whole;
  const std::size_t back = longest / 2;
  const std::size_t front = longest - 1 - back;
  return concat_text(whole.substr(0, marks[front]), "\u2026",
                     whole.substr(marks[marks.size() - back]));
}

/// A position or length in pixels.
inline std::string px(double value) { return short_decimal(value, 2); }

/// A share of the width, 0..1, as SVG and CSS take it.
inline std::string width_share(double value) {
  return concat_text(short_decimal(value * 100, 3), "%");
}

struct attribute {
  std::string_view name;
  std::string value;
};

using attributes = std::initializer_list<attribute>;

/// A text that grows element by element.
class html {
 public:
  /// Ours alone: style, script, what has been written by another html.
  void raw(std::string_view markup) { text_ += markup; }

  void text(std::string_view words) { text_ += escaped(words); }

  void open(std::string_view tag, attributes with = {}) {
    start(tag, with);
    text_ += '>';
  }

  void close(std::string_view tag) { text_ += concat_text("</", tag, ">"); }

  /// `<tag ...>words</tag>`
  void element(std::string_view tag, attributes with, std::string_view words) {
    open(tag, with);
    text(words);
    close(tag);
  }

  void element(std::string_view tag, std::string_view words) { element(tag, {}, words); }

  /// <tag .../>: an element of SVG, or one of HTML that has no end. With `hint`, what an element of
  /// SVG says when it is pointed at.
  void leaf(std::string_view tag, attributes with = {}, std::string_view hint = {}) {
    start(tag, with);
    if (hint.empty()) {
      text_ += "/>";
      return;
    }
    text_ += '>';
    element("title", hint);
    close(tag);
  }

  /// A line break in the page's own text, for those who read it.
  void line() { text_ += '\n'; }

  const std::string& str() const& { return text_; }
  std::string str() && { return std::move(text_); }

 private:
  void start(std::string_view tag, attributes with) {
    text_ += concat_text("<", tag);
    for (const attribute& each : with) {
      text_ += concat_text(" ", each.name, "=\"", escaped(each.value), "\"");
    }
  }

  std::string text_ = {};
};

}  // namespace octavo::inline v0::report
