// SPDX-License-Identifier: MIT
/// @file
/// Text files, line by line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "octavo/io/bytes.hpp"

namespace octavo::examples {

/// The lines of a file without their ends, LF or CRLF; of the last one an end is not expected.
inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::string line;
  for (const std::uint8_t byte : io::read_file(path)) {
    if (byte == '\n') {
      lines.push_back(std::exchange(line, {}));
    } else if (byte != '\r') {
      line += static_cast<char>(byte);
    }
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace octavo::examples
