// SPDX-License-Identifier: MIT
/// @file
/// Loads an image, resizes it and writes the bare RGB bytes, which resize_pillow_test.py compares
/// with Pillow's.

#include <cstdio>
#include <exception>
#include <string>

#include "image.hpp"
#include "octavo/io/bytes.hpp"
#include "resize.hpp"

int main(int count, char** arguments) {
  try {
    if (count != 3 && count != 5) {
      std::fputs("usage: resize_tool IN OUT [WIDTH HEIGHT]\n", stderr);
      return 2;
    }
    octavo::examples::image picture = octavo::examples::load_image(arguments[1]);
    if (count == 5) {
      picture = octavo::examples::resize(picture, std::stoi(arguments[3]), std::stoi(arguments[4]));
    }
    octavo::io::write_file(arguments[2], picture.rgb);
    std::printf("%d %d\n", picture.width, picture.height);
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "resize_tool: %s\n", problem.what());
    return 1;
  }
}
