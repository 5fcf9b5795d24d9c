// SPDX-License-Identifier: MIT
/// @file
/// Numbers, CSV fields and aligned columns for reports: the same bytes whatever the locale.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"

namespace octavo::inline v0::compare::detail {

/// With so many decimals: "0.998130", "inf", "-inf". Never "-0.000000".
inline std::string fixed_text(double value, int decimals) {
  char digits[400];  // 309 before the point at most
  const std::to_chars_result end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals);
  std::string text(digits, end.ptr);
  const bool is_zero = text.find_first_not_of("-0.") == std::string::npos;
  return is_zero && text[0] == '-' ? text.substr(1) : text;
}

/// With so many significant digits, as printf's %g.
inline std::string general_text(double value, int significant) {
  char digits[64];
  const std::to_chars_result end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, significant);
  return {digits, end.ptr};
}

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
