// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a name that is taken.
// expect: two nodes have this name

#include "octavo/graph/builder.hpp"

constexpr auto net = [] {
  octavo::static_graph_builder<4> b;
  const auto x = b.input("data", {1, 8, 4, 4});
  const auto y = b.relu("relu", x);
#if defined(OCTAVO_BAD)
  return b.finish(b.scale("relu", y));
#else
  return b.finish(b.scale("scale", y));
#endif
}();

static_assert(net.size() == 3);
