// SPDX-License-Identifier: MIT
/// @file
/// The pictures to calibrate on, or this machine's share of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "known_network.hpp"
#include "octavo/calibrate/collect.hpp"
#include "octavo/calibrate/shard.hpp"
#include "octavo/core/fingerprint.hpp"
#include "options.hpp"
#include "picture_files.hpp"

namespace octavo::examples {

using picture_list = std::vector<std::filesystem::path>;

/// The pictures of --images, or the --count of them that were asked for.
inline picture_list list_pictures(const options& wanted) {
  const picture_list all = pictures_in(wanted.images);
  return wanted.count ? evenly_chosen(all, *wanted.count) : all;
}

/// The pictures of a share.
inline picture_list share_of(const picture_list& pictures, const shard& share) {
  picture_list mine;
  for (const std::size_t i : images_of(share, pictures.size())) mine.push_back(pictures[i]);
  return mine;
}

/// Of the names without their folder, which may be elsewhere on another machine.
inline std::uint32_t fingerprint_of(const picture_list& pictures) {
  fingerprint names;
  for (const std::filesystem::path& file : pictures) {
    names.add(std::string_view(file.filename().string()));
  }
  return names.value();
}

/// Reads and preprocesses when asked; may be asked by several threads. Keeps its own list.
inline image_source source_of(picture_list pictures, const picture_preset& preset) {
  const std::size_t count = pictures.size();
  return {count, [pictures = std::move(pictures), preset](std::size_t i) {
            return load_input(pictures[i], preset);
          }};
}

}  // namespace octavo::examples
