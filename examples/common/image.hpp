// SPDX-License-Identifier: MIT
/// @file
/// Loads photographs: PNG, JPEG, BMP.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "image_bmp.hpp"
#include "image_buffer.hpp"
#include "image_jpeg.hpp"
#include "image_png.hpp"
#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo::examples {

/// The image in the bytes of a file, whose first bytes say which format it is; `name` stands for
/// the file in messages. What each format's reader does is said in image_png.hpp, image_jpeg.hpp
/// and image_bmp.hpp; in short: alpha is dropped, EXIF orientation and colour profiles ignored.
inline image decode_image(io::byte_view bytes, std::string_view name) {
  constexpr std::array<std::uint8_t, 8> png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  constexpr std::array<std::uint8_t, 3> jpeg{0xFF, 0xD8, 0xFF};
  constexpr std::array<std::uint8_t, 2> bmp{'B', 'M'};
  const auto starts_with = [&](const auto& magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
  };
  if (bytes.empty()) fail(name, ": is empty, an image was expected");
  if (starts_with(png)) return decode_png(bytes, name);
  if (starts_with(jpeg)) return decode_jpeg(bytes, name);
  if (starts_with(bmp)) return decode_bmp(bytes, name);
  fail(name, ": is neither a PNG nor a JPEG nor a BMP file");
}

/// Loads a PNG, JPEG or BMP file, whatever its name ends in. Fails with a sentence that names the
/// file when it is missing, of another format, damaged, or larger than max_pixels.
inline image load_image(const std::filesystem::path& path) {
  return decode_image(io::read_file(path), path.string());
}

}  // namespace octavo::examples
