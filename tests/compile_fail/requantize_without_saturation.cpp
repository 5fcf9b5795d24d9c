// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a requantization that gives an int, which would be cut off.
// expect: conv2d: requantize must be a policy

#include "octavo/reference/conv2d.hpp"

constexpr std::int8_t weights[1] = {3};

std::int8_t run(octavo::tensor_view<const std::int8_t> src) {
  std::int8_t sum = 0;
  const octavo::filter<std::int32_t> filter = {{weights, {1, 1, 1, 1}}, {}};
#if defined(OCTAVO_BAD)
  const auto halve = [](std::int32_t acc, int) { return acc / 2; };
#else
  const auto halve = [](std::int32_t acc, int) { return octavo::sat8(acc / 2); };
#endif
  octavo::reference::conv2d(src, filter, {}, halve, {&sum, {1, 1, 1, 1}});
  return sum;
}
