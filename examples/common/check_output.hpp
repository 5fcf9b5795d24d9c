// SPDX-License-Identifier: MIT
/// @file
/// Finds out before a long run whether what it gives can be written.
#pragma once

#include <filesystem>

#include "octavo/io/bytes.hpp"

namespace octavo::examples {

/// Nothing where `path` is empty. @throws octavo::error where io::write_file() would.
inline void check_output(const std::filesystem::path& path) {
  if (path.empty()) return;
  const io::atomic_file removed_again(path);
}

}  // namespace octavo::examples
