// SPDX-License-Identifier: MIT
/// @file
/// Files that belong together: none of them appears before all of them are written.
#pragma once

#include <filesystem>
#include <list>

#include "octavo/io/bytes.hpp"

namespace octavo::examples {

/// Whatever lacks room or may not be written fails in add(), where nothing has appeared yet.
class file_set {
 public:
  /// Writes the bytes into a temporary file beside `path`. Fails as io::atomic_file does.
  void add(const std::filesystem::path& path, io::byte_view bytes) {
    io::atomic_file& file = files_.emplace_back(path);
    file.write(bytes);
    file.close();  // so that a full disk is noticed here
  }

  /// Puts them in place, one after the other in the order in which they came.
  void commit() {
    for (io::atomic_file& file : files_) file.commit();
    files_.clear();
  }

 private:
  std::list<io::atomic_file> files_;  // a file does not move
};

}  // namespace octavo::examples
