// SPDX-License-Identifier: MIT
/// @file
/// Reads uncompressed BMP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "image_buffer.hpp"
#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo::examples {

namespace detail {

struct bmp_header {
  std::uint32_t data_offset = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool top_down = false;
  unsigned bits = 0;           ///< of a pixel: 8, 24 or 32
  io::byte_view palette = {};  ///< of 8-bit pixels: blue, green, red, unused
};

/// Fails unless the bytes of a 32-bit pixel are blue, green, red, unused.
inline void check_bmp_masks(io::byte_reader& reader) {
  const auto red = reader.get<std::uint32_t>("the mask of red");
  const auto green = reader.get<std::uint32_t>("the mask of green");
  const auto blue = reader.get<std::uint32_t>("the mask of blue");
  if (red != 0xFF0000U || green != 0xFF00U || blue != 0xFFU) {
    fail(reader.name(), ": is a BMP with unusual colour masks, only 8 bits each of blue, green ",
         "and red in this order are read");
  }
}

/// The colours behind a header that takes the file up to `offset`; `count` is as in the file.
inline io::byte_view bmp_palette(io::byte_view bytes, std::uint64_t offset, std::uint32_t count,
                                 const std::string& name) {
  constexpr std::uint32_t most = 256;
  if (count > most)
    fail(name, ": is a BMP with a palette of ", count, " colours, the limit is 256");
  if (offset > bytes.size()) fail(name, ": the file ends inside its BMP header");
  io::byte_reader reader(bytes.subspan(static_cast<std::size_t>(offset)), name, offset);
  return reader.take(std::uint64_t{4} * (count == 0 ? most : count), "the BMP palette");
}

inline bmp_header read_bmp_header(io::byte_view bytes, const std::string& name) {
  constexpr std::uint32_t file_header_size = 14;
  constexpr std::uint32_t info_header_size = 40;
  constexpr std::uint32_t uncompressed = 0;
  constexpr std::uint32_t bit_fields = 3;
  io::byte_reader reader(bytes, name);
  bmp_header header;
  reader.take(10, "the BMP file header");
  header.data_offset = reader.get<std::uint32_t>("the offset of the pixels");
  const auto size = reader.get<std::uint32_t>("the size of the BMP header");
  if (size < info_header_size) {
    fail(name, ": is a BMP with a header of ", size, " bytes, older ones than that of Windows 3 ",
         "with 40 are not read");
  }
  const auto width = reader.get<std::int32_t>("the width");
  const std::int64_t height = reader.get<std::int32_t>("the height");
  if (width < 0) fail(name, ": is a BMP with the negative width ", width);
  header.width = static_cast<std::uint32_t>(width);
  header.top_down = height < 0;
  header.height = static_cast<std::uint32_t>(height < 0 ? -height : height);
  reader.take(2, "the number of planes");
  header.bits = reader.get<std::uint16_t>("the bits of a pixel");
  const auto compression = reader.get<std::uint32_t>("the compression");
  reader.take(12, "the size and resolution");
  const auto colours = reader.get<std::uint32_t>("the number of colours");
  reader.take(4, "the number of important colours");
  if (header.bits != 8 && header.bits != 24 && header.bits != 32) {
    fail(name, ": is a BMP of ", header.bits, " bits a pixel, only 8, 24 and 32 are read");
  }
  if (compression == bit_fields && header.bits == 32) {
    check_bmp_masks(reader);
  } else if (compression != uncompressed) {
    fail(name, ": is a BMP with compression ", compression, ", only uncompressed ones are read");
  }
  if (header.bits == 8) {
    header.palette = bmp_palette(bytes, std::uint64_t{file_header_size} + size, colours, name);
  }
  return header;
}

/// Converts the pixels of one row.
inline void convert_bmp_row(const bmp_header& header, const std::uint8_t* from, std::uint8_t* to,
                            const std::string& name) {
  const std::size_t step = header.bits / 8;
  for (std::uint32_t x = 0; x < header.width; ++x, from += step, to += 3) {
    const std::uint8_t* colour = from;
    if (header.bits == 8) {
      const std::size_t entry = std::size_t{4} * *from;
      if (entry >= header.palette.size()) {
        fail(name, ": has a pixel of colour ", *from, ", but its palette only ",
             header.palette.size() / 4, " colours");
      }
      colour = header.palette.data() + entry;
    }
    to[0] = colour[2];
    to[1] = colour[1];
    to[2] = colour[0];
  }
}

}  // namespace detail

/// The image in the bytes of a BMP file, bottom-up or top-down, of 24 or 32 bits a pixel or 8 with
/// a palette, uncompressed. The fourth byte of 32-bit pixels is ignored, also where it is alpha.
/// Anything else is refused.
inline image decode_bmp(io::byte_view bytes, std::string_view file_name) {
  const std::string name(file_name);
  const detail::bmp_header header = detail::read_bmp_header(bytes, name);
  check_extent(header.width, header.height, name);
  // Rows are padded to multiples of four bytes.
  const std::uint64_t stride = (std::uint64_t{header.width} * header.bits + 31) / 32 * 4;
  if (header.data_offset > bytes.size()) {
    fail(name, ": its pixels start at offset ", header.data_offset, ", but the file has only ",
         bytes.size(), " bytes");
  }
  io::byte_reader reader(bytes.subspan(header.data_offset), name, header.data_offset);
  const io::byte_view rows = reader.take(stride * header.height, "the rows of pixels");
  image result = make_image(header.width, header.height, name);
  for (int i = 0; i < result.height; ++i) {
    const int y = header.top_down ? i : result.height - 1 - i;
    detail::convert_bmp_row(header, rows.data() + stride * static_cast<std::size_t>(i),
                            row_of(result, y), name);
  }
  return result;
}

}  // namespace octavo::examples
