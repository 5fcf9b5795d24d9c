// SPDX-License-Identifier: MIT
/// @file
/// Tensors as raw files: float32, little-endian, C order.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo::examples {

/// As many numbers as `expected` has.
/// @throws octavo::error where the file has another number of bytes, or a number is not finite.
inline std::vector<float> read_floats(const std::filesystem::path& path, const shape& expected) {
  const io::byte_vector bytes = io::read_file(path);
  const auto wanted = static_cast<std::size_t>(expected.elements()) * sizeof(float);
  if (bytes.size() != wanted) {
    fail(path.string(), ": has ", bytes.size(), " bytes, expected ", wanted, " (float32 ", expected,
         ")");
  }
  std::vector<float> values(static_cast<std::size_t>(expected.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = io::load_little<float>(bytes.data() + i * sizeof(float));
    if (!is_finite(values[i])) {
      fail(path.string(), ": element ", i, " is ", double{values[i]}, ", expected a finite number");
    }
  }
  return values;
}

/// Writes the file whole or not at all.
inline void write_floats(const std::filesystem::path& path, const std::vector<float>& values) {
  io::byte_vector bytes;
  for (const float value : values) io::append_little(bytes, value);
  io::write_file(path, bytes);
}

}  // namespace octavo::examples
