// SPDX-License-Identifier: MIT
/// @file
/// Makes small PNG, JPEG and BMP files in memory for the tests of the image readers.
#pragma once

// jpeglib.h uses FILE and size_t and does not include what declares them.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <zlib.h>
// clang-format on

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace image_files {

using bytes = std::vector<std::uint8_t>;

inline void append(bytes& to, const bytes& part) { to.insert(to.end(), part.begin(), part.end()); }
inline void append(bytes& to, std::string_view text) {
  for (const char letter : text) to.push_back(static_cast<std::uint8_t>(letter));
}

inline void append_big32(bytes& to, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    to.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

inline void append_little(bytes& to, std::uint32_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline bytes png_chunk(std::string_view type, const bytes& data) {
  bytes chunk;
  append_big32(chunk, data.size());
  append(chunk, type);
  append(chunk, data);
  append_big32(chunk, crc32_z(0, chunk.data() + 4, chunk.size() - 4));
  return chunk;
}

inline bytes deflated(const bytes& data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  bytes result(size);
  compress(result.data(), &size, data.data(), static_cast<uLong>(data.size()));
  result.resize(size);
  return result;
}

enum png_colour : std::uint8_t {
  png_grey = 0,
  png_rgb = 2,
  png_palette = 3,
  png_grey_alpha = 4,
  png_rgba = 6
};

/// `rows` are `height` equal parts of samples without filter bytes; `extra` are chunks that go
/// before the pixels.
inline bytes make_png(std::uint32_t width, std::uint32_t height, int depth, png_colour colour,
                      const bytes& rows, const bytes& extra = {}) {
  bytes header;
  append_big32(header, width);
  append_big32(header, height);
  append(header, {static_cast<std::uint8_t>(depth), colour, 0, 0, 0});
  bytes filtered;
  const std::size_t row = rows.size() / height;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % row == 0) filtered.push_back(0);
    filtered.push_back(rows[i]);
  }
  bytes file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  append(file, png_chunk("IHDR", header));
  append(file, extra);
  append(file, png_chunk("IDAT", deflated(filtered)));
  append(file, png_chunk("IEND", {}));
  return file;
}

/// The same colour, of 1 (grey), 3 or 4 (CMYK) samples, in every pixel.
inline bytes make_jpeg(unsigned width, unsigned height, const bytes& colour,
                       bool progressive = false) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = static_cast<int>(colour.size());
  info.in_color_space = colour.size() == 1   ? JCS_GRAYSCALE
                        : colour.size() == 3 ? JCS_RGB
                                             : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  bytes row;
  for (unsigned x = 0; x < width; ++x) append(row, colour);
  while (info.next_scanline < height) {
    JSAMPROW line = row.data();
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const bytes file(memory, memory + size);
  std::free(memory);
  return file;
}

/// `middle` stands between header and pixels: masks or a palette; `rows` are as the file has them.
inline bytes make_bmp(std::int32_t width, std::int32_t height, std::uint32_t bits,
                      const bytes& rows, const bytes& middle = {}, std::uint32_t compression = 0,
                      std::uint32_t colours = 0) {
  constexpr std::uint32_t headers = 14 + 40;
  const auto offset = headers + static_cast<std::uint32_t>(middle.size());
  bytes file{'B', 'M'};
  append_little(file, offset + static_cast<std::uint32_t>(rows.size()), 4);
  append_little(file, 0, 4);
  append_little(file, offset, 4);
  append_little(file, 40, 4);
  append_little(file, static_cast<std::uint32_t>(width), 4);
  append_little(file, static_cast<std::uint32_t>(height), 4);
  append_little(file, 1, 2);
  append_little(file, bits, 2);
  append_little(file, compression, 4);
  for (int i = 0; i < 3; ++i) append_little(file, 0, 4);
  append_little(file, colours, 4);
  append_little(file, 0, 4);
  append(file, middle);
  append(file, rows);
  return file;
}

}  // namespace image_files
