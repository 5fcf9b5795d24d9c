// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: one product more than the accumulator holds.
// expect: the accumulator may overflow int32

#include "octavo/graph/builder.hpp"

constexpr auto net = [] {
  octavo::static_graph_builder<2> b;
#if defined(OCTAVO_BAD)
  const int channels = 131072;  // * 128 * 128 = 2^31
#else
  const int channels = 131071;
#endif
  const auto x = b.input("data", {1, channels, 1, 1});
  return b.finish(b.fully_connected("fc", x, 10));
}();

static_assert(net.size() == 2);
