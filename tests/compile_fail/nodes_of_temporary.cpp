// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: the nodes of a graph that is gone before the loop begins.
// expect: deleted

#include "octavo/networks/squeezenet.hpp"

int channels() {
  int sum = 0;
#if defined(OCTAVO_BAD)
  for (const octavo::node& each : octavo::networks::squeezenet().view()) sum += each.shape.c;
#else
  for (const octavo::node& each : octavo::networks::squeezenet()) sum += each.shape.c;
#endif
  return sum;
}
