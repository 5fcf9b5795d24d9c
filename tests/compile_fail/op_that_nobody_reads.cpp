// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD, where such warnings are errors: the relu's result is
/// forgotten, and the network goes on without it.
// expect: it is what the next op reads

#include "octavo/graph/builder.hpp"

#pragma GCC diagnostic error "-Wunused-result"

octavo::graph make() {
  octavo::graph_builder<std::vector<octavo::node>> b;
  octavo::tensor_id x = b.input("image", {1, 3, 4, 4});
#if defined(OCTAVO_BAD)
  b.relu("relu", x);
#else
  x = b.relu("relu", x);
#endif
  return b.finish(x);
}
