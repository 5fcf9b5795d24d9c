// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a real scale where the kernels take a policy.
// expect: conv2d: requantize must be a policy

#include "octavo/kernels.hpp"

void run(const octavo::kernels& fast, octavo::tensor_view<const std::int8_t> src,
         const octavo::filter<std::int32_t>& filter, octavo::tensor_view<std::int8_t> dst) {
#if defined(OCTAVO_BAD)
  fast.conv2d(src, filter, {}, 0.25, dst);
#else
  fast.conv2d(src, filter, {}, octavo::rshift{2}, dst);
#endif
}
