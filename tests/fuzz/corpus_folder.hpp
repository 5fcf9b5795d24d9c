// SPDX-License-Identifier: MIT
/// @file
/// Where programs that make a corpus put their files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "octavo/io/bytes.hpp"

namespace octavo_fuzz {

/// FOLDER/TARGET/NUMBER: one folder for each target, emptied first.
class corpus_folder {
 public:
  corpus_folder(const std::filesystem::path& root, const std::string& target)
      : path_(root / target) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }

  void add(octavo::io::byte_view bytes) {
    octavo::io::write_file(path_ / std::to_string(count_++), bytes);
  }
  void add(std::string_view text) { add(octavo::io::as_bytes(text)); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int count_ = 0;
};

}  // namespace octavo_fuzz
