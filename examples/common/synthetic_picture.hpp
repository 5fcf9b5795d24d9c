// SPDX-License-Identifier: MIT
/// @file
/// A deterministic picture, for runs that need no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image_buffer.hpp"

namespace octavo::examples {

/// Colour gradients with stripes and a disc: edges in every direction, all brightnesses. `size` x
/// `size` pixels. @throws octavo::error where that is fewer than 2 x 2: a gradient needs two ends.
inline image synthetic_picture(int size = 256) {
  require(size >= 2, "synthetic picture: needs at least 2 x 2 pixels");
  image picture{size, size,
                std::vector<std::uint8_t>(static_cast<std::size_t>(size) *
                                          static_cast<std::size_t>(size) * 3)};
  std::size_t at = 0;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const int dx = 2 * x - size;
      const int dy = 2 * y - size;
      const bool in_disc = 4 * (dx * dx + dy * dy) < size * size;
      const bool in_stripe = (x + y) / 16 % 2 == 0;
      const int red = x * 255 / (size - 1);
      const int green = y * 255 / (size - 1);
      const int blue = in_stripe ? 220 : 40;
      picture.rgb[at++] = static_cast<std::uint8_t>(in_disc ? 255 - red : red);
      picture.rgb[at++] = static_cast<std::uint8_t>(in_disc ? 255 - green : green);
      picture.rgb[at++] = static_cast<std::uint8_t>(blue);
    }
  }
  return picture;
}

}  // namespace octavo::examples
