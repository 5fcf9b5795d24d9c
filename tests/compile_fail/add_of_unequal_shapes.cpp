// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: the sum of 8 and 16 channels.
// expect: the inputs must have one shape

#include "octavo/graph/builder.hpp"

constexpr auto net = [] {
  octavo::static_graph_builder<4> b;
  const auto x = b.input("data", {1, 8, 4, 4});
#if defined(OCTAVO_BAD)
  const int channels = 16;
#else
  const int channels = 8;
#endif
  const auto y = b.conv2d("conv", x, {.channels = channels});
  return b.finish(b.add("sum", x, y));
}();

static_assert(net.size() == 3);
