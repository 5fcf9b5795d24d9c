// SPDX-License-Identifier: MIT
/// @file
/// Calibration tables in files; their text is calibrate/table.hpp's.
#pragma once

#include <filesystem>

#include "octavo/calibrate/table.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo::inline v0::io {

/// @throws octavo::error where the file cannot be read or a line is wrong.
inline calibration_table read_calibration_table(const std::filesystem::path& path) {
  const byte_vector bytes = read_file(path);
  return parse_calibration_table(as_text(bytes), path.string());
}

/// Writes the file whole or not at all. @throws octavo::error where it cannot be written.
inline void write_calibration_table(const std::filesystem::path& path,
                                    const calibration_table& table) {
  write_file(path, as_bytes(to_text(table)));
}

}  // namespace octavo::inline v0::io
