// SPDX-License-Identifier: MIT
/// @file
/// An image in memory and the limit on its size; what loaders and resizing share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo::examples {

/// Rows from the top down, pixels from left to right, three bytes each: red, green, blue.
struct image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;

  friend bool operator==(const image&, const image&) = default;
};

inline constexpr std::uint64_t max_pixels = 100'000'000;

/// Fails, naming `name`, unless both sides are positive and there are at most max_pixels pixels.
inline void check_extent(std::uint64_t width, std::uint64_t height, std::string_view name) {
  if (width == 0 || height == 0) {
    fail(name, ": is ", width, " x ", height, " pixels, but neither side may be 0");
  }
  // The division keeps the product from overflowing.
  if (width > max_pixels / height) {
    fail(name, ": is ", width, " x ", height, " pixels, the limit is ", max_pixels, " in all");
  }
}

/// A black image. Fails as check_extent does, before anything is allocated.
inline image make_image(std::uint64_t width, std::uint64_t height, std::string_view name) {
  check_extent(width, height, name);
  return {static_cast<int>(width), static_cast<int>(height),
          io::make_bytes(width * height * 3, name)};
}

/// Fails, naming `name`, unless `picture` has the bytes that its width and height call for.
inline void check_image(const image& picture, std::string_view name) {
  if (picture.width < 0 || picture.height < 0) fail(name, ": the image has a negative side");
  const auto width = static_cast<std::uint64_t>(picture.width);
  const auto height = static_cast<std::uint64_t>(picture.height);
  check_extent(width, height, name);
  if (picture.rgb.size() != width * height * 3) {
    fail(name, ": an image of ", width, " x ", height, " pixels has ", picture.rgb.size(),
         " bytes, expected were ", width * height * 3);
  }
}

/// Where row `y` of `picture` starts.
inline const std::uint8_t* row_of(const image& picture, int y) {
  return picture.rgb.data() +
         static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) * 3;
}
inline std::uint8_t* row_of(image& picture, int y) {
  return picture.rgb.data() +
         static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) * 3;
}

}  // namespace octavo::examples
