// SPDX-License-Identifier: MIT
/// @file
/// Kernels for AArch64 with the int8 matrix products of Armv8.6: smmla multiplies 2 pixels x 8
/// input channels by 8 input channels x 2 output channels, 32 multiply-adds an instruction.
///
/// Of the region and the asm see isa/neon_dot.hpp. Armv8.2 is the least that may have i8mm, and the
/// dot products are all that is_available() asks for besides.
#pragma once

#include "octavo/simd/isa.hpp"

#if defined(__aarch64__) && defined(__GNUC__)

#include <arm_neon.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "octavo/simd/conv2d_rows.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/macros.hpp"
#include "octavo/simd/winograd_tiles.hpp"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#else
#pragma GCC push_options
#if defined(__ARM_FEATURE_DOTPROD)
#pragma GCC target("+i8mm")
#else
#pragma GCC target("arch=armv8.2-a+dotprod+i8mm")
#endif
#endif

namespace octavo::inline v0::simd::neon_i8mm {

#include "octavo/simd/isa/neon.inl"

struct vocabulary : neon {
  /// 24 accumulators, 3 registers of source, 1 of weights: 28 of 32.
  static constexpr int tile_pixels = 6;
  static constexpr int tile_vectors = 4;
  static constexpr int step_quads = 2;

  /// The first Piece bytes of two pixels, 8 or 4 and as many zeros.
  struct signed_source {
    template <int Piece>
    static OCTAVO_INLINE int8x16_t pair(const std::int8_t* p, const std::int8_t* q) {
      static_assert(Piece == 4 || Piece == 8);
      if constexpr (Piece == 8) return vcombine_s8(vld1_s8(p), vld1_s8(q));
      return vcombine_s8(load4(p), load4(q));
    }
    static OCTAVO_INLINE int8x16_t broadcast(const std::int8_t* p) { return pair<8>(p, p); }
  };
  using unsigned_source = signed_source;

  /// acc + [pixel][output channel], each the sum of eight products.
  static OCTAVO_INLINE i32 dot(i32 acc, int8x16_t s, weights w) {
    __asm__ volatile("smmla %0.4s, %1.16b, %2.16b" : "+w"(acc) : "w"(s), "w"(w));
    return acc;
  }

  /// The upper half of a and the lower half of b change places.
  static OCTAVO_INLINE void exchange_halves(i32& a, i32& b) {
    const int64x2_t low = vreinterpretq_s64_s32(a);
    const int64x2_t high = vreinterpretq_s64_s32(b);
    a = vreinterpretq_s32_s64(vzip1q_s64(low, high));
    b = vreinterpretq_s32_s64(vzip2q_s64(low, high));
  }
};

#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::neon_i8mm

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
