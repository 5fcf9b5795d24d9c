// SPDX-License-Identifier: MIT
/// @file
/// Arrays of a .npz file by name, with help for a name that is not there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/npz.hpp"

namespace octavo::examples {

/// A name as it is, UTF-8 included, but none that would move a terminal's cursor.
inline std::string shown_name(std::string_view name) {
  const auto moves = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  };
  return std::any_of(name.begin(), name.end(), moves) ? in_quotes(name) : std::string(name);
}

namespace detail {

/// How many letters have to be added, taken away or changed to make b of a (Levenshtein). Only the
/// first 100 count: names come from files.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, 100);
  b = b.substr(0, 100);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t changed = corner + (a[i] == b[k] ? 0 : 1);
      corner = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace detail

/// The names that are nearest to `wanted`, nearest first, at most five; where there are no more
/// than eight names, all of them in their order.
inline std::vector<std::string> nearest_names(std::string_view wanted,
                                              std::vector<std::string> names) {
  constexpr std::size_t few = 8;
  constexpr std::size_t shown = 5;
  if (names.size() <= few) return names;
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (std::string& name : names) {
    ranked.emplace_back(detail::edit_distance(wanted, name), std::move(name));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < shown; ++i) nearest.push_back(std::move(ranked[i].second));
  return nearest;
}

/// One array. @throws octavo::error as npz_reader::read does; where there is no such name with
/// those that there are.
inline io::npy_array read_array(const std::string& file, const std::string& name) {
  io::npz_reader reader{std::filesystem::path(file)};
  if (reader.contains(name)) return reader.read(name);
  const std::vector<std::string> names = reader.names();
  if (names.empty()) fail(file, ": has no array ", in_quotes(name), ", and no other");
  const std::vector<std::string> nearest = nearest_names(name, names);
  std::string text;
  for (const std::string& found : nearest) text += (text.empty() ? "" : ", ") + shown_name(found);
  fail(file, ": has no array ", in_quotes(name),
       nearest.size() == names.size() ? ", it has: " : ", the nearest are: ", text);
}

}  // namespace octavo::examples
