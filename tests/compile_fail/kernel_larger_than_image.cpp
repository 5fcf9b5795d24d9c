// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a 5x5 kernel over a 4x4 image.
// expect: the kernel is larger than the padded input

#include "octavo/graph/builder.hpp"

constexpr auto net = [] {
  octavo::static_graph_builder<2> b;
  const auto x = b.input("data", {1, 3, 4, 4});
#if defined(OCTAVO_BAD)
  const octavo::window window = octavo::square(5);
#else
  const octavo::window window = octavo::square(5, 1, 1);
#endif
  return b.finish(b.conv2d("conv", x, {.channels = 8, .window = window}));
}();

static_assert(net.size() == 2);
