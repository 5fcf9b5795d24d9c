// SPDX-License-Identifier: MIT
/// @file
/// One convolution in int8 by the conv2d that is given: prints the four rows that README.md shows.
#pragma once

#include <cstdint>
#include <cstdio>
#include <octavo/core/tensor.hpp>
#include <octavo/quant/fixed_point.hpp>
#include <octavo/quant/params.hpp>

template <class Convolution>
void sharpen(Convolution conv2d) {
  const std::int8_t src[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const std::int8_t weights[9] = {0, -1, 0, -1, 5, -1, 0, -1, 0};
  const std::int32_t bias[1] = {3};
  std::int8_t dst[16] = {};
  conv2d(octavo::tensor_view<const std::int8_t>{src, {1, 1, 4, 4}},
         octavo::filter<std::int32_t>{{weights, {1, 1, 3, 3}}, bias},
         octavo::conv_params{.window = octavo::square(3, 1, 1), .relu = true}, octavo::rshift{1},
         octavo::tensor_view<std::int8_t>{dst, {1, 1, 4, 4}});
  for (int i = 0; i < 16; ++i) std::printf("%d%c", dst[i], i % 4 == 3 ? '\n' : ' ');
}
