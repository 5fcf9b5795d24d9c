// SPDX-License-Identifier: MIT
/// @file
/// Text tables that people edit: a line `name value ...`, `#` comments, empty lines.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "octavo/version.hpp"

namespace octavo::inline v0::detail {

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Whether the text form can hold this name: a word that does not look like a comment.
inline bool is_table_name(std::string_view name) {
  if (name.empty() || name.front() == '#' || name.starts_with(byte_order_mark)) return false;
  for (const char letter : name) {
    const auto code = static_cast<unsigned char>(letter);
    if (code <= 0x20 || code == 0x7F) return false;
  }
  return true;
}

/// The words of a line, up to the first that starts with #.
inline std::vector<std::string_view> table_fields(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\v\f";
  std::vector<std::string_view> fields;
  std::size_t begin = line.find_first_not_of(blanks);
  while (begin != std::string_view::npos && line[begin] != '#') {
    const std::size_t end = line.find_first_of(blanks, begin);
    fields.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(blanks, end);
  }
  return fields;
}

/// Calls parse(line) for every line. A byte order mark, CRLF ends of lines and a last line without
/// an end are accepted (a CR is a blank to table_fields()).
template <class Parse>
void for_each_line(std::string_view text, const Parse& parse) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    parse(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace octavo::inline v0::detail
