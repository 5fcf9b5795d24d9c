// SPDX-License-Identifier: MIT
/// @file
/// The pictures of a folder.
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "octavo/core/error.hpp"

namespace octavo::examples {

/// Whether a name ends as those of pictures do: .png, .jpg, .jpeg or .bmp, in any case.
inline bool is_picture_name(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".bmp";
}

/// What a folder holds, in the order of the names. @throws octavo::error where it cannot be read.
inline std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::directory_iterator entries(folder, code);
  if (code) fail(folder.string(), ": cannot be read: ", code.message());
  std::vector<std::filesystem::path> found;
  for (const auto& entry : entries) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// The pictures of a folder in the order of their names. @throws octavo::error where it has none.
inline std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found = entries_of(folder);
  std::erase_if(found, [](const std::filesystem::path& path) {
    return !is_picture_name(path) || !std::filesystem::is_regular_file(path);
  });
  if (found.empty()) fail(folder.string(), ": has no picture (.png, .jpg, .jpeg, .bmp)");
  return found;
}

/// `wanted` of a list, evenly spread over it, in its order; all where it has no more.
template <class T>
std::vector<T> evenly_chosen(const std::vector<T>& from, std::size_t wanted) {
  if (wanted >= from.size()) return from;
  std::vector<T> chosen;
  for (std::size_t i = 0; i < wanted; ++i) chosen.push_back(from[i * from.size() / wanted]);
  return chosen;
}

}  // namespace octavo::examples
