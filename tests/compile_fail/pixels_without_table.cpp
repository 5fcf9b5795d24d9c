// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: pixels of 8 bits that nothing brings to the input's scale.
// expect: pixels of 8 bits need a pixel_table

#include "octavo/engine.hpp"

void run(octavo::engine& net, octavo::nhwc_view<const std::uint8_t> image,
         const octavo::pixel_table& pixels) {
#if defined(OCTAVO_BAD)
  static_cast<void>(pixels);
  net.run(image);
#else
  net.run(image, pixels);
#endif
}
