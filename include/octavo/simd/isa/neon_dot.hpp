// SPDX-License-Identifier: MIT
/// @file
/// Kernels for AArch64 with the dot products of Armv8.2: 128-bit vectors, sdot (16 multiply-adds an
/// instruction).
///
/// g++ 12 and its assembler take sdot only from Armv8.2 on; where the user's flags give it, `arch=`
/// must not take other features away again. clang 14 has the intrinsic of sdot only where the whole
/// file is compiled for it; g++ moves loads of the source so far ahead of it that an accumulator
/// goes to the stack, hence the asm, volatile so that it stays in order.
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
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC push_options
#if !defined(__ARM_FEATURE_DOTPROD)
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif
#endif

namespace octavo::inline v0::simd::neon_dot {

#include "octavo/simd/isa/neon.inl"

struct vocabulary : neon {
  /// 24 accumulators, 4 registers of weights, 1 of source: 29 of 32.
  static constexpr int tile_pixels = 6;
  static constexpr int tile_vectors = 4;

  /// sdot multiplies every lane by the first four bytes of its last operand: a plain load of them
  /// does for a broadcast, which would take a slot of the multipliers.
  struct signed_source {
    static OCTAVO_INLINE int8x8_t broadcast(const std::int8_t* p) {
#if defined(__clang__)
      return load4(p);
#else
      using word __attribute__((may_alias, aligned(1))) = std::int32_t;
      int8x8_t s;
      __asm__ volatile("ldr %s0, %1" : "=w"(s) : "m"(*reinterpret_cast<const word*>(p)));
      return s;
#endif
    }
  };
  using unsigned_source = signed_source;

  /// acc + the four products of every lane.
  static OCTAVO_INLINE i32 dot(i32 acc, int8x8_t s, weights w) {
    __asm__ volatile("sdot %0.4s, %1.16b, %2.4b[0]" : "+w"(acc) : "w"(w), "w"(s));
    return acc;
  }
};

#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::neon_dot

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
