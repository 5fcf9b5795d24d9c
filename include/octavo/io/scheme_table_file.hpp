// SPDX-License-Identifier: MIT
/// @file
/// Scheme tables in files; their text is model/scheme_table.hpp's.
#pragma once

#include <filesystem>

#include "octavo/io/bytes.hpp"
#include "octavo/model/scheme_table.hpp"

namespace octavo::inline v0::io {

/// @throws octavo::error where the file cannot be read or a line is wrong.
inline scheme_table read_scheme_table(const std::filesystem::path& path) {
  const byte_vector bytes = read_file(path);
  return parse_scheme_table(as_text(bytes), path.string());
}

}  // namespace octavo::inline v0::io
