// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a float tensor where an op reads int8.
// expect: tensor_view<const signed char>

#include "octavo/reference/relu.hpp"

#if defined(OCTAVO_BAD)
using element = float;
#else
using element = std::int8_t;
#endif

void run(octavo::tensor<element>& src, octavo::tensor<std::int8_t>& dst) {
  octavo::reference::relu(src.view(), dst.view());
}
