// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a view of a tensor that is gone at the end of the line.
// expect: deleted

#include "octavo/core/tensor.hpp"

octavo::tensor<float> make_image();

float first_value() {
#if defined(OCTAVO_BAD)
  const octavo::tensor_view<const float> image = make_image().view();
#else
  const octavo::tensor<float> made = make_image();
  const octavo::tensor_view<const float> image = made.view();
#endif
  return image(0, 0, 0, 0);
}
