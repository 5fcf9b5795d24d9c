// SPDX-License-Identifier: MIT
/// @file
/// CSV fields and aligned columns for reports: the same bytes whatever the locale.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/number_text.hpp"

namespace octavo::inline v0::compare::detail {

using octavo::detail::fixed_text;
using octavo::detail::general_text;

/// In double quotes where it has to be (RFC 4180).
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char letter : text) {
    if (letter == '"') field += '"';
    field += letter;
  }
  return field + '"';
}

/// The fields, ended by a newline.
inline std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    line += csv_field(field);
  }
  return line + '\n';
}

/// As it is where it is short and printable, else as in_quotes() shows it: names come from files.
inline std::string printable(std::string_view text) {
  const auto plain = [](char letter) { return letter >= 0x20 && letter < 0x7F; };
  const bool fits = text.size() <= 100 && std::all_of(text.begin(), text.end(), plain);
  return fits ? std::string(text) : in_quotes(text);
}

/// Lines of cells in columns, two blanks apart: the first `left` to the left, the others to the
/// right. All lines have as many cells.
inline std::string aligned_columns(const std::vector<std::vector<std::string>>& lines,
                                   std::size_t left) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    widths.resize(line.size());
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const std::vector<std::string>& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - line[i].size(), ' ');
      row +=
          concat_text(i == 0 ? "" : "  ", i < left ? "" : blanks, line[i], i < left ? blanks : "");
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

}  // namespace octavo::inline v0::compare::detail
