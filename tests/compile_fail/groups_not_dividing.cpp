// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: three groups of four channels.
// expect: groups must divide the input channels

#include "octavo/graph/builder.hpp"

constexpr auto net = [] {
  octavo::static_graph_builder<2> b;
  const auto x = b.input("data", {1, 4, 8, 8});
#if defined(OCTAVO_BAD)
  const int groups = 3;
#else
  const int groups = 2;
#endif
  return b.finish(b.conv2d("conv", x, {.channels = 6, .groups = groups}));
}();

static_assert(net.size() == 2);
