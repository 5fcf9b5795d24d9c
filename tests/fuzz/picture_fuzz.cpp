// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes examples/common/image.hpp: PNG, JPEG and BMP.

#include "image.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::examples::image;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed(
      [&] {
        return octavo::examples::decode_image({data, size}, "picture");
      },
      [](const image& picture) { octavo::examples::check_image(picture, "picture"); });
  return 0;
}
