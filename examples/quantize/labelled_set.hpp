// SPDX-License-Identifier: MIT
/// @file
/// Pictures whose classes are known, in three forms: a picture for each class, a subfolder for each
/// class, or a list.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "octavo/calibrate/shard.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/fingerprint.hpp"
#include "picture_files.hpp"
#include "text_lines.hpp"

namespace octavo::examples {

struct labelled_picture {
  std::filesystem::path file = {};
  std::string name = {};  ///< as in the folder or list: the same on every machine
  std::size_t label = 0;  ///< the right class
};

using labelled_set = std::vector<labelled_picture>;

namespace detail {

/// "path class", where the path may hold blanks; `where` is the line for messages.
inline labelled_picture parse_label(const std::string& line, const std::string& where,
                                    const std::filesystem::path& folder, std::size_t classes) {
  constexpr std::string_view blanks = " \t";
  const std::size_t end = line.find_last_not_of(blanks) + 1;
  const std::size_t gap = std::string_view(line).substr(0, end).find_last_of(blanks);
  const std::size_t name_end =
      gap == std::string::npos ? std::string::npos : line.find_last_not_of(blanks, gap);
  if (name_end == std::string::npos) {
    fail(where, ": ", in_quotes(line), ", expected a picture's path and its class");
  }
  const std::string_view digits = std::string_view(line).substr(gap + 1, end - gap - 1);
  labelled_picture picture{.name = line.substr(0, name_end + 1)};
  const auto [stop, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), picture.label);
  if (code != std::errc{} || stop != digits.data() + digits.size() || picture.label >= classes) {
    fail(where, ": class ", in_quotes(digits), ", expected 0..", classes - 1);
  }
  picture.file = folder / picture.name;
  return picture;
}

inline labelled_set read_list(const std::filesystem::path& folder,
                              const std::filesystem::path& list, std::size_t classes) {
  labelled_set found;
  std::size_t number = 0;
  for (const std::string& line : read_lines(list)) {
    ++number;
    if (line.find_first_not_of(" \t") == std::string::npos || line[0] == '#') continue;
    found.push_back(parse_label(line, concat_text(list.string(), ":", number), folder, classes));
  }
  if (found.empty()) fail(list.string(), ": names no picture");
  return found;
}

inline labelled_set read_subfolders(const std::vector<std::filesystem::path>& subfolders) {
  labelled_set found;
  for (std::size_t i = 0; i < subfolders.size(); ++i) {
    for (const std::filesystem::path& file : entries_of(subfolders[i])) {
      if (!is_picture_name(file) || !std::filesystem::is_regular_file(file)) continue;
      const std::filesystem::path name = subfolders[i].filename() / file.filename();
      found.push_back({file, name.generic_string(), i});
    }
  }
  return found;
}

}  // namespace detail

/// The pictures of `folder` with their classes. With a list, its lines `path class` (paths from
/// `folder` on; empty lines and # comments are skipped). Without: where the folder has as many
/// subfolders as there are classes, those in the order of their names are the classes; where it has
/// as many pictures, those.
/// @throws octavo::error naming the folder or line where neither is so.
inline labelled_set read_labelled_set(const std::filesystem::path& folder,
                                      const std::filesystem::path& list, std::size_t classes) {
  if (!list.empty()) return detail::read_list(folder, list, classes);
  std::vector<std::filesystem::path> subfolders;
  labelled_set flat;
  for (const std::filesystem::path& entry : entries_of(folder)) {
    if (std::filesystem::is_directory(entry)) {
      subfolders.push_back(entry);
    } else if (is_picture_name(entry)) {
      flat.push_back({entry, entry.filename().string(), flat.size()});
    }
  }
  if (subfolders.size() == classes) {
    labelled_set found = detail::read_subfolders(subfolders);
    if (found.empty()) fail(folder.string(), ": has no picture in its subfolders");
    return found;
  }
  if (flat.size() == classes) return flat;
  fail(folder.string(), ": has ", flat.size(), " pictures and ", subfolders.size(),
       " subfolders, expected ", classes, " of either, one for each class, or --labels");
}

/// Those of a share.
inline labelled_set share_of(const labelled_set& all, const shard& share) {
  labelled_set mine;
  for (const std::size_t i : images_of(share, all.size())) mine.push_back(all[i]);
  return mine;
}

/// Of names and classes.
inline std::uint32_t fingerprint_of(const labelled_set& all) {
  fingerprint names;
  for (const labelled_picture& picture : all) {
    names.add(std::string_view(picture.name));
    names.add(static_cast<std::uint64_t>(picture.label));
  }
  return names.value();
}

}  // namespace octavo::examples
