// SPDX-License-Identifier: MIT
/// @file
/// The examples' image readers: kinds of PNG, JPEG and BMP, damaged files, the photos.

#include "image.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "image_files.hpp"

namespace {

using namespace image_files;
using octavo::examples::decode_image;
using octavo::examples::image;
using octavo::examples::load_image;

image decoded(const bytes& file) { return decode_image(file, "file"); }

/// The message of the error that `file` leads to; empty when it is read.
std::string refusal(const bytes& file) {
  try {
    decoded(file);
    return {};
  } catch (const octavo::error& problem) {
    return problem.what();
  }
}

bool mentions(const std::string& text, const char* part) {
  INFO(text);
  return text.starts_with("file: ") && text.find(part) != std::string::npos;
}

const bytes small_png = make_png(2, 2, 8, png_rgb, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
const image small_picture{2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
const bytes small_bmp = make_bmp(2, 2, 24, {9, 8, 7, 12, 11, 10, 0, 0, 3, 2, 1, 6, 5, 4, 0, 0});
const bytes small_palette{1, 2, 3, 0, 40, 50, 60, 0};  // blue, green, red, unused

std::vector<bytes> every_kind() {
  return {small_png,
          make_png(3, 1, 16, png_grey_alpha, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}),
          make_png(4, 2, 2, png_palette, {0x1B, 0xE4},
                   png_chunk("PLTE", {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3})),
          small_bmp,
          make_bmp(3, 1, 8, {0, 1, 0, 0}, small_palette, 0, 2),
          make_jpeg(9, 10, {200, 30, 60}),
          make_jpeg(17, 3, {200, 30, 60}, true),
          make_jpeg(8, 8, {77})};
}

}  // namespace

TEST_CASE("PNG of all colour types") {
  CHECK(decoded(small_png) == small_picture);
  CHECK(decoded(make_png(1, 1, 8, png_rgb, {9, 8, 7})) == image{1, 1, {9, 8, 7}});
  CHECK(decoded(make_png(1, 3, 8, png_grey, {0, 128, 255})) ==
        image{1, 3, {0, 0, 0, 128, 128, 128, 255, 255, 255}});
  CHECK(decoded(make_png(3, 1, 8, png_grey, {0, 128, 255})) ==
        image{3, 1, {0, 0, 0, 128, 128, 128, 255, 255, 255}});
  CHECK(decoded(make_png(4, 1, 2, png_grey, {0x1B})) ==
        image{4, 1, {0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255}});
  CHECK(
      decoded(make_png(3, 1, 1, png_palette, {0x40}, png_chunk("PLTE", {1, 2, 3, 200, 100, 50}))) ==
      image{3, 1, {1, 2, 3, 200, 100, 50, 1, 2, 3}});
}

TEST_CASE("PNG: alpha is dropped, whatever its value") {
  CHECK(decoded(make_png(2, 1, 8, png_rgba, {1, 2, 3, 0, 200, 150, 100, 128})) ==
        image{2, 1, {1, 2, 3, 200, 150, 100}});
  CHECK(decoded(make_png(2, 1, 8, png_grey_alpha, {7, 0, 9, 255})) ==
        image{2, 1, {7, 7, 7, 9, 9, 9}});
  const bytes palette = png_chunk("PLTE", {1, 2, 3, 200, 100, 50});
  bytes transparent = palette;
  append(transparent, png_chunk("tRNS", {0, 128}));
  CHECK(decoded(make_png(2, 1, 8, png_palette, {0, 1}, transparent)) ==
        decoded(make_png(2, 1, 8, png_palette, {0, 1}, palette)));
}

TEST_CASE("PNG: 16 bits are divided by 257 and rounded") {
  // 0x12F0 / 257 = 18.86
  CHECK(decoded(make_png(1, 1, 16, png_rgb, {0x12, 0xF0, 0x80, 0x80, 0xFF, 0xFF})) ==
        image{1, 1, {19, 128, 255}});
  CHECK(decoded(make_png(1, 1, 16, png_grey, {0x40, 0x40})) == image{1, 1, {64, 64, 64}});
  CHECK(decoded(make_png(1, 1, 16, png_rgba, {1, 1, 2, 2, 3, 3, 0, 0})) == image{1, 1, {1, 2, 3}});
}

TEST_CASE("PNG: a gamma chunk changes nothing") {
  const bytes gamma = png_chunk("gAMA", {0, 1, 0x86, 0xA0});  // linear light
  CHECK(decoded(make_png(1, 1, 8, png_rgb, {9, 80, 200}, gamma)) == image{1, 1, {9, 80, 200}});
  CHECK(decoded(make_png(1, 1, 16, png_grey, {0x40, 0x40}, gamma)) == image{1, 1, {64, 64, 64}});
}

TEST_CASE("PNG: damage and excess are named") {
  CHECK(mentions(refusal(make_png(10001, 10000, 8, png_grey, bytes(10000))), "the limit is"));
  CHECK(mentions(refusal(make_png(2, 2, 8, png_grey, {1, 2})), "PNG"));  // too few samples
  bytes damaged = small_png;
  damaged[damaged.size() - 20] ^= 1U;  // in IDAT
  CHECK(mentions(refusal(damaged), "CRC"));
  bytes longer = small_png;
  longer.push_back(0);
  CHECK(decoded(longer) == small_picture);
}

TEST_CASE("JPEG: colour, grey, progressive, odd sizes") {
  struct extent {
    unsigned width, height;
  };
  for (const bool progressive : {false, true}) {
    for (const extent& size : {extent{1, 1}, {1, 33}, {33, 1}, {16, 16}, {19, 7}}) {
      const unsigned width = size.width;
      const unsigned height = size.height;
      CAPTURE(progressive);
      CAPTURE(width);
      const image colour = decoded(make_jpeg(width, height, {200, 30, 60}, progressive));
      REQUIRE(colour.rgb.size() == std::size_t{width} * height * 3);
      for (std::size_t i = 0; i < colour.rgb.size(); i += 3) {
        CHECK(std::abs(colour.rgb[i] - 200) <= 2);
        CHECK(std::abs(colour.rgb[i + 1] - 30) <= 2);
        CHECK(std::abs(colour.rgb[i + 2] - 60) <= 2);
      }
      const image grey = decoded(make_jpeg(width, height, {77}, progressive));
      CHECK(grey.rgb == bytes(std::size_t{width} * height * 3, 77));
    }
  }
}

TEST_CASE("JPEG: CMYK and excess are refused") {
  CHECK(mentions(refusal(make_jpeg(8, 8, {1, 2, 3, 4})), "CMYK"));
  bytes huge = make_jpeg(8, 8, {77});
  for (std::size_t i = 0; i + 8 < huge.size(); ++i) {
    if (huge[i] != 0xFF || huge[i + 1] != 0xC0) continue;
    huge[i + 5] = huge[i + 7] = 0xFF;  // the upper bytes of height and width
  }
  CHECK(mentions(refusal(huge), "the limit is"));
}

TEST_CASE("BMP: 24, 32 and 8 bits, bottom-up and top-down") {
  CHECK(decoded(small_bmp) == small_picture);
  CHECK(decoded(make_bmp(2, -2, 24, {3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0})) ==
        small_picture);
  const bytes rows{9, 8, 7, 99, 12, 11, 10, 99, 3, 2, 1, 99, 6, 5, 4, 99};
  CHECK(decoded(make_bmp(2, 2, 32, rows)) == small_picture);
  const bytes masks{0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0};
  CHECK(decoded(make_bmp(2, 2, 32, rows, masks, 3)) == small_picture);
  CHECK(decoded(make_bmp(3, 1, 8, {0, 1, 0, 0}, small_palette, 0, 2)) ==
        image{3, 1, {3, 2, 1, 60, 50, 40, 3, 2, 1}});
}

TEST_CASE("BMP: other kinds are refused with the reason") {
  CHECK(mentions(refusal(make_bmp(2, 2, 16, bytes(8))), "16 bits"));
  CHECK(mentions(refusal(make_bmp(2, 2, 24, bytes(16), {}, 1)), "compression 1"));
  CHECK(mentions(refusal(make_bmp(2, 2, 32, bytes(16), bytes(12), 3)), "masks"));
  CHECK(mentions(refusal(make_bmp(-2, 2, 24, bytes(16))), "negative width"));
  CHECK(mentions(refusal(make_bmp(0, 2, 24, bytes(16))), "neither side may be 0"));
  CHECK(mentions(refusal(make_bmp(3, 1, 8, {0, 2, 0, 0}, small_palette, 0, 2)), "colour 2"));
  CHECK(mentions(refusal(make_bmp(3, 1, 8, {0, 2, 0, 0}, {}, 0, 257)), "257 colours"));
  CHECK(mentions(refusal(make_bmp(INT32_MAX, INT32_MIN, 32, bytes(16))), "the limit is"));
  CHECK(mentions(refusal(make_bmp(10000, 10000, 24, bytes(16))), "are left"));
  bytes old = small_bmp;
  old[14] = 12;
  CHECK(mentions(refusal(old), "header of 12 bytes"));
  bytes far = small_bmp;
  far[13] = 0xFF;  // the upper byte of the offset of the pixels
  CHECK(mentions(refusal(far), "start at offset"));
}

TEST_CASE("other content is refused") {
  CHECK(mentions(refusal({}), "is empty"));
  CHECK(mentions(refusal({'G', 'I', 'F', '8', '9', 'a'}), "neither"));
  CHECK_THROWS_WITH_AS(load_image("there/is/none.png"), "there/is/none.png: there is no such file",
                       octavo::error);
  CHECK_THROWS_AS(load_image("."), octavo::error);
}

TEST_CASE("every truncation is an error") {
  for (const bytes& file : every_kind()) {
    REQUIRE(refusal(file) == "");
    for (std::size_t size = 0; size < file.size(); ++size) {
      CAPTURE(size);
      const bytes part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(refusal(part).starts_with("file: "));
    }
  }
}

TEST_CASE("a changed byte leads to an image or an error") {
  std::size_t refused = 0;
  for (const bytes& file : every_kind()) {
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const unsigned change : {1U, 0x10U, 0x80U, 0xFFU}) {
        bytes changed = file;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
        const std::string message = refusal(changed);
        const bool good = message.empty() || message.starts_with("file: ");
        CHECK_MESSAGE(good, message);
        refused += message.empty() ? 0U : 1U;
      }
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("data: the photos") {
  const char* data = std::getenv("OCTAVO_TEST_DATA");
  const std::filesystem::path photos =
      std::filesystem::path(data != nullptr ? data : "") / "photos";
  if (!std::filesystem::exists(photos)) {
    MESSAGE("skipped: OCTAVO_TEST_DATA names no folder with photos in it");
    return;
  }
  struct known {
    const char* name;
    int width, height;
  };
  for (const known& file : {known{"chelsea.png", 451, 300},
                            {"coffee.png", 600, 400},
                            {"cat_720p.jpg", 1280, 720},
                            {"hot_dog.jpg", 512, 384},
                            {"owl.jpg", 512, 384},
                            {"parrot.jpg", 512, 929},
                            {"bird.bmp", 512, 343},
                            {"dragonfly.bmp", 512, 418}}) {
    CAPTURE(file.name);
    const image photo = load_image(photos / file.name);
    CHECK(photo.width == file.width);
    CHECK(photo.height == file.height);
    CHECK_NOTHROW(octavo::examples::check_image(photo, file.name));
    double sum = 0;
    for (const std::uint8_t byte : photo.rgb) sum += byte;
    const double mean = sum / static_cast<double>(photo.rgb.size());
    CHECK(mean > 40);
    CHECK(mean < 215);
  }
}
