// SPDX-License-Identifier: MIT
/// @file
/// The examples' resizing, cropping and normalisation: cases by hand and PyTorch's input.

#include "preprocess.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <utility>
#include <vector>

#include "image.hpp"
#include "octavo/io/npz.hpp"
#include "synthetic_picture.hpp"

namespace {

using namespace octavo::examples;
using bytes = std::vector<std::uint8_t>;

/// One grey_row, or one column, of grey pixels.
image grey_row(const bytes& grey) {
  image result{static_cast<int>(grey.size()), 1, {}};
  for (const std::uint8_t value : grey) result.rgb.insert(result.rgb.end(), 3, value);
  return result;
}
image column(const bytes& grey) {
  image result = grey_row(grey);
  std::swap(result.width, result.height);
  return result;
}

/// An image in which every byte tells its place.
image ramp(int width, int height) {
  image result =
      make_image(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), "ramp");
  std::iota(result.rgb.begin(), result.rgb.end(), std::uint8_t{0});
  return result;
}

void check_line(const bytes& from, const bytes& to) {
  const int size = static_cast<int>(to.size());
  CHECK(resize(grey_row(from), size, 1) == grey_row(to));
  CHECK(resize(column(from), 1, size) == column(to));
}

}  // namespace

TEST_CASE("resize by hand") {
  check_line({10, 21}, {16});  // 15.5, halves up
  check_line({0, 255}, {128});
  check_line({7}, {7, 7, 7});
  check_line({0, 100}, {0, 25, 75, 100});
  // Triangles 4 wide around 1 and 3: weights 3, 3, 1 of 7.
  check_line({0, 70, 140, 210}, {50, 160});
  check_line({255, 255, 255, 255, 255}, {255, 255, 255});
}

TEST_CASE("resize keeps channels apart and goes across first") {
  CHECK(resize(image{2, 1, {0, 10, 20, 100, 110, 120}}, 1, 1) == image{1, 1, {50, 60, 70}});
  // Across: 0.5 and 1.5, so 1 and 2; down: 1.5, so 2. The other way round it would be 1.
  CHECK(resize(image{2, 2, {0, 0, 0, 1, 1, 1, 2, 2, 2, 1, 1, 1}}, 1, 1) == image{1, 1, {2, 2, 2}});
}

TEST_CASE("resize to the same size changes nothing") {
  const image picture = ramp(13, 7);
  CHECK(resize(picture, 13, 7) == picture);
  const image flat = resize(image{3, 3, bytes(27, 200)}, 50, 2);
  CHECK(flat.rgb == bytes(300, 200));
}

TEST_CASE("the synthetic picture: both ends of each gradient, from 2 x 2 pixels on") {
  const image picture = synthetic_picture(2);
  CHECK(picture.rgb == bytes{0, 0, 220, 255, 0, 220, 0, 255, 220, 0, 0, 220});
  CHECK_THROWS_AS(synthetic_picture(1), octavo::error);
}

TEST_CASE("resize refuses what it cannot do") {
  CHECK_THROWS_AS(resize(ramp(2, 2), 0, 2), octavo::error);
  CHECK_THROWS_AS(resize(ramp(2, 2), 2, -1), octavo::error);
  CHECK_THROWS_AS(resize(ramp(2, 2), 100'000, 1001), octavo::error);
  CHECK_THROWS_AS(resize(image{2, 2, bytes(11)}, 1, 1), octavo::error);
  CHECK_THROWS_AS(resize(image{}, 1, 1), octavo::error);
}

TEST_CASE("shrinking by a large factor stays within a byte") {
  for (const int width : {1000, 65'535, 9'000'000}) {
    const image tiny =
        resize(image{width, 1, bytes(static_cast<std::size_t>(width) * 3, 255)}, 1, 1);
    CAPTURE(width);
    CHECK(tiny.width == 1);
  }
}

TEST_CASE("the longer side is rounded to the nearest pixel") {
  const image wide = ramp(451, 300);  // 451 * 256 / 300 = 384.85
  CHECK(resize_shorter_side(wide, 256).width == 385);
  CHECK(resize_shorter_side(wide, 256).height == 256);
  const image high = ramp(300, 451);
  CHECK(resize_shorter_side(high, 256).height == 385);
  CHECK(resize_shorter_side(high, 256).width == 256);
  CHECK(resize_shorter_side(ramp(4, 5), 2).height == 3);  // 2.5
  CHECK(resize_shorter_side(ramp(8, 9), 2).height == 2);  // 2.25
  CHECK(resize_shorter_side(wide, 300) == wide);
  CHECK(resize_shorter_side(ramp(1, 1), 256).rgb.size() == 256 * 256 * 3);
  CHECK_THROWS_AS(resize_shorter_side(ramp(1, 65'535), 256), octavo::error);
  CHECK_THROWS_AS(resize_shorter_side(wide, 0), octavo::error);
}

TEST_CASE("the crop's offset rounds halves to even") {
  const image line = grey_row({0, 1, 2, 3, 4, 5, 6});
  CHECK(centre_crop(line, 7, 1) == line);
  CHECK(centre_crop(line, 6, 1) == grey_row({0, 1, 2, 3, 4, 5}));  // 0.5 -> 0
  CHECK(centre_crop(line, 5, 1) == grey_row({1, 2, 3, 4, 5}));
  CHECK(centre_crop(line, 4, 1) == grey_row({2, 3, 4, 5}));  // 1.5 -> 2
  CHECK(centre_crop(line, 2, 1) == grey_row({2, 3}));        // 2.5 -> 2
  CHECK(centre_crop(column({0, 1, 2, 3}), 1, 1) == grey_row({2}));
  const image middle = centre_crop(ramp(5, 4), 1, 2);
  CHECK(middle == image{1, 2, {21, 22, 23, 36, 37, 38}});
  CHECK_THROWS_AS(centre_crop(line, 8, 1), octavo::error);
  CHECK_THROWS_AS(centre_crop(line, 1, 2), octavo::error);
  CHECK_THROWS_AS(centre_crop(line, 0, 1), octavo::error);
}

TEST_CASE("planes are in the network's order") {
  const image picture{2, 1, {0, 1, 2, 253, 254, 255}};
  const preprocessing plain{};
  CHECK(to_planes(picture, plain) == std::vector<float>{0, 253, 1, 254, 2, 255});
  CHECK(to_planes(picture, caffe_preset) == std::vector<float>{2 - 104.01F, 255 - 104.01F,
                                                               1 - 116.67F, 254 - 116.67F,
                                                               0 - 122.68F, 253 - 122.68F});
  const std::vector<float> scaled = to_planes(picture, torchvision_preset);
  CHECK(scaled[0] == (0.0F / 255.0F - 0.485F) / 0.229F);
  CHECK(scaled[3] == (254.0F / 255.0F - 0.456F) / 0.224F);
  CHECK(scaled[5] == (255.0F / 255.0F - 0.406F) / 0.225F);
}

TEST_CASE("preprocess resizes and crops") {
  const image grey{30, 20, bytes(1800, 51)};
  const std::vector<float> input = preprocess(grey, preprocessing{.divisor = 51.0F});
  CHECK(input == std::vector<float>(std::size_t{3} * 224 * 224, 1.0F));
  CHECK(preprocess(grey, caffe_preset, {.shorter_side = 9, .crop = 8}).size() == 3 * 8 * 8);
  CHECK_THROWS_AS(preprocess(grey, caffe_preset, {.shorter_side = 9, .crop = 10}), octavo::error);
}

TEST_CASE("data: a photo becomes the very floats that PyTorch's network was given") {
  const char* folder = std::getenv("OCTAVO_TEST_DATA");
  const std::filesystem::path data(folder != nullptr ? folder : "");
  if (!std::filesystem::exists(data / "resnet50" / "chelsea_fp32.npz")) {
    MESSAGE("skipped: OCTAVO_TEST_DATA names no folder with resnet50/chelsea_fp32.npz in it");
    return;
  }
  octavo::io::npz_reader oracle(data / "resnet50" / "chelsea_fp32.npz");
  const std::vector<float> expected = oracle.read("data").as<float>();
  const image photo = load_image(data / "photos" / "chelsea.png");
  const std::vector<float> input = preprocess(photo, torchvision_preset);
  REQUIRE(input.size() == expected.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < input.size(); ++i) different += input[i] == expected[i] ? 0U : 1U;
  CHECK(different == 0);
}
