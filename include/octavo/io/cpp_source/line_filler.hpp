// SPDX-License-Identifier: MIT
/// @file
/// Lines of C++ that are as long as they may be and no longer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "octavo/version.hpp"

namespace octavo::inline v0::io::cpp {

inline constexpr std::size_t line_length = 100;

/// Appends words to a text, as many to a line as it holds.
class line_filler {
 public:
  /// Every line but the first begins with `indent`; the first begins with what is on it already.
  line_filler(std::string& to, std::string_view indent) : to_(to), indent_(indent) {
    const std::size_t end = to.rfind('\n');
    begin_ = end == std::string::npos ? 0 : end + 1;
  }

  void put(std::string_view word) {
    const bool needs_blank = to_.size() > begin_ && to_.back() != ' ';
    if (to_.size() - begin_ + (needs_blank ? 1 : 0) + word.size() > line_length) {
      break_line();
    } else if (needs_blank) {
      to_ += ' ';
    }
    to_ += word;
  }

  /// Each word of a text that may be broken at its blanks.
  void put_words(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find(' ');
      put(text.substr(0, end));
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
  }

  void break_line() {
    to_ += '\n';
    begin_ = to_.size();
    to_ += indent_;
  }

 private:
  std::string& to_;
  std::string_view indent_;
  std::size_t begin_;  ///< where the line begins
};

/// Appends `first`, then the words of `text`, and ends the line. `text` may be broken at each of
/// its blanks; the lines that follow begin with `indent`.
inline void append_lines(std::string& to, std::string_view first, std::string_view text,
                         std::string_view indent) {
  to += first;
  line_filler(to, indent).put_words(text);
  to += '\n';
}

}  // namespace octavo::inline v0::io::cpp
