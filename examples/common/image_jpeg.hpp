// SPDX-License-Identifier: MIT
/// @file
/// Reads JPEG through libjpeg.
#pragma once

// jpeglib.h uses FILE and size_t and does not include what declares them.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <cstdint>
#include <string_view>

#include "image_buffer.hpp"
#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo::examples {

namespace detail {

/// libjpeg reports an error by a call that must not return, which jumps back to the last setjmp.
/// A jump over a destructor is undefined: the two functions with setjmp have no objects of their
/// own, everything lives in this class or with its user.
class jpeg_decoder {
 public:
  jpeg_decoder() = default;
  jpeg_decoder(const jpeg_decoder&) = delete;
  jpeg_decoder& operator=(const jpeg_decoder&) = delete;
  ~jpeg_decoder() { jpeg_destroy_decompress(&info_); }

  /// False: message() says why.
  bool read_header(const std::uint8_t* bytes, std::size_t size) noexcept {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = give_up;
    errors_.emit_message = take_warning;
    progress_.progress_monitor = limit_scans;
    if (setjmp(escape_) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, bytes, static_cast<unsigned long>(size));
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  /// Fills the `height` rows at `rgb`. False: message() says why.
  bool read_pixels(std::uint8_t* rgb) noexcept {
    if (setjmp(escape_) != 0) return false;
    info_.out_color_space = JCS_RGB;
    // libjpeg's defaults, and Pillow's, written out because pixel values depend on them.
    info_.dct_method = JDCT_ISLOW;
    info_.do_fancy_upsampling = TRUE;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = rgb + std::size_t{info_.output_scanline} * info_.output_width * 3;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    // Reads on to the end marker, so that a file without it is found out.
    jpeg_finish_decompress(&info_);
    return true;
  }

  std::uint32_t width() const noexcept { return info_.image_width; }
  std::uint32_t height() const noexcept { return info_.image_height; }
  J_COLOR_SPACE colour_space() const noexcept { return info_.jpeg_color_space; }
  int components() const noexcept { return info_.num_components; }
  const char* message() const noexcept { return message_.data(); }

 private:
  static jpeg_decoder& of(j_common_ptr common) noexcept {
    return *static_cast<jpeg_decoder*>(common->client_data);
  }

  [[noreturn]] static void give_up(j_common_ptr common) {
    jpeg_decoder& self = of(common);
    self.errors_.format_message(common, self.message_.data());
    std::longjmp(self.escape_, 1);
  }

  /// libjpeg goes on after damaged or missing data and makes the rest up: grey areas. Here that is
  /// an error. Levels from 0 on are for tracing.
  static void take_warning(j_common_ptr common, int level) {
    if (level < 0) give_up(common);
  }

  /// A progressive file of a few kilobytes can ask for thousands of passes over 100 megapixels;
  /// files in use have about ten.
  static void limit_scans(j_common_ptr common) {
    constexpr int max_scans = 100;
    jpeg_decoder& self = of(common);
    if (self.info_.input_scan_number <= max_scans) return;
    std::snprintf(self.message_.data(), self.message_.size(), "it has more than %d scans",
                  max_scans);
    std::longjmp(self.escape_, 1);
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf escape_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
};

}  // namespace detail

/// The image in the bytes of a JPEG file, baseline or progressive, colour or grey.
///
/// - CMYK (also as YCCK) is refused.
/// - Damaged or missing data is an error, even where libjpeg would only warn.
/// - EXIF orientation and colour profiles are ignored: the pixels are as the file stores them.
inline image decode_jpeg(io::byte_view bytes, std::string_view name) {
  detail::jpeg_decoder decoder;
  if (!decoder.read_header(bytes.data(), bytes.size())) {
    fail(name, ": cannot be read as JPEG: ", decoder.message());
  }
  const J_COLOR_SPACE space = decoder.colour_space();
  if (space == JCS_CMYK || space == JCS_YCCK) {
    fail(name, ": is a JPEG in CMYK, only colour as RGB or YCbCr and grey are read");
  }
  if (space != JCS_RGB && space != JCS_YCbCr && space != JCS_GRAYSCALE) {
    fail(name, ": is a JPEG of ", decoder.components(), " components of unknown meaning");
  }
  image result = make_image(decoder.width(), decoder.height(), name);
  if (!decoder.read_pixels(result.rgb.data())) {
    fail(name, ": cannot be read as JPEG: ", decoder.message());
  }
  return result;
}

}  // namespace octavo::examples
