// SPDX-License-Identifier: MIT
/// @file
/// Reads PNG through libpng's simplified interface.
#pragma once

#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "image_buffer.hpp"
#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo::examples {

namespace detail {

inline std::uint32_t load_big32(const std::uint8_t* from) {
  return std::uint32_t{from[0]} << 24U | std::uint32_t{from[1]} << 16U |
         std::uint32_t{from[2]} << 8U | std::uint32_t{from[3]};
}

/// The file with only the chunks that hold its pixels (IHDR, PLTE, IDAT, IEND), all checked.
/// libpng's simplified interface would apply gAMA to the pixel values, and it stops at the last
/// row, so that a file without its end would pass.
inline io::byte_vector critical_chunks(io::byte_view bytes, std::string_view name) {
  constexpr std::size_t signature_size = 8;
  constexpr std::size_t crc_size = 4;
  io::byte_reader reader(bytes, std::string(name));
  io::byte_vector kept;
  kept.reserve(bytes.size());
  const auto keep = [&](io::byte_view part) { kept.insert(kept.end(), part.begin(), part.end()); };
  keep(reader.take(signature_size, "the PNG signature"));
  for (std::string type; type != "IEND";) {
    const io::byte_view header = reader.take(8, "a PNG chunk's length and type");
    const std::size_t length = load_big32(header.data());
    type.assign(header.begin() + 4, header.end());
    const io::byte_view body = reader.take(length + crc_size, "a PNG chunk");
    const auto crc = crc32_z(crc32_z(0, header.data() + 4, 4), body.data(), length);
    if (crc != load_big32(body.data() + length)) {
      reader.fail("the PNG chunk ", io::in_quotes(type), " that ends here is damaged, its CRC is ",
                  "not that of its bytes");
    }
    const bool ancillary = (header[4] & 0x20U) != 0;
    if (ancillary) continue;
    keep(header);
    keep(body);
  }
  return kept;
}

struct png_reader {
  png_image state{};

  png_reader() { state.version = PNG_IMAGE_VERSION; }
  png_reader(const png_reader&) = delete;
  png_reader& operator=(const png_reader&) = delete;
  ~png_reader() { png_image_free(&state); }
};

/// Takes the fourth byte out of every four.
inline void drop_alpha(io::byte_vector& pixels) {
  const std::size_t count = pixels.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>(4 * i), 3,
                pixels.begin() + static_cast<std::ptrdiff_t>(3 * i));
  }
  pixels.resize(3 * count);
}

}  // namespace detail

/// The image in the bytes of a PNG file of any colour type, bit depth and interlacing.
///
/// - Alpha is dropped, not blended with a background, as Pillow's convert("RGB") does. So is the
///   transparency of a palette or of one colour.
/// - 16-bit samples are divided by 257 and rounded (Pillow takes the upper byte: up to 1 less).
/// - Colours are taken as they stand: gAMA, cHRM, iCCP, sRGB, and orientation in eXIf are ignored.
/// - Of an animation only the default image is read.
inline image decode_png(io::byte_view bytes, std::string_view name) {
  const io::byte_vector chunks = detail::critical_chunks(bytes, name);
  detail::png_reader reader;
  png_image& state = reader.state;
  if (png_image_begin_read_from_memory(&state, chunks.data(), chunks.size()) == 0) {
    fail(name, ": cannot be read as PNG: ", state.message);
  }
  check_extent(state.width, state.height, name);
  const bool alpha = (state.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  state.format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  // Otherwise libpng takes 16-bit samples for linear light and brightens them.
  state.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const std::uint64_t pixels = std::uint64_t{state.width} * state.height;
  image result{static_cast<int>(state.width), static_cast<int>(state.height),
               io::make_bytes(pixels * (alpha ? 4 : 3), name)};
  if (png_image_finish_read(&state, nullptr, result.rgb.data(), 0, nullptr) == 0) {
    fail(name, ": cannot be read as PNG: ", state.message);
  }
  if (alpha) detail::drop_alpha(result.rgb);
  return result;
}

}  // namespace octavo::examples
