// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: an image that is a vector: it has no shape.
// expect: an image is a tensor, tensor_view or nhwc_view

#include "octavo/engine.hpp"

void run(octavo::engine& net, const std::vector<float>& values) {
#if defined(OCTAVO_BAD)
  net.run(values);
#else
  net.run(octavo::tensor_view<const float>{values.data(), net.graph()[0].shape});
#endif
}
