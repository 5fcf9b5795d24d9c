// SPDX-License-Identifier: MIT
/// @file
/// Kernels for AVX2: 256-bit vectors; a dot product is vpmaddubsw, vpmaddwd and vpaddd where the
/// source is 0..127, else two vpmaddwd of words.
///
/// g++ 12 computes the products of a whole tile before it adds any, and runs out of registers: for
/// it a dot product is one piece of asm.
#pragma once

#include "octavo/simd/isa.hpp"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "octavo/simd/conv2d_rows.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/macros.hpp"
#include "octavo/simd/winograd_tiles.hpp"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

namespace octavo::inline v0::simd::avx2 {

#include "octavo/simd/isa/ymm.inl"

struct vocabulary : ymm {
  /// 10 accumulators, 2 registers of weights, 1 of source, 1 of ones, 1 of products: 15 of 16. A
  /// dot product is 3 instructions, and what a core can begin in a cycle, 4, is the limit: 10 of
  /// them in 10 cycles leave 10 instructions, for 7 loads and a half of the loop's 4.
  static constexpr int tile_pixels = 5;
  static constexpr int turn_quads = 2;
  static constexpr std::int32_t source_offset = 0;

  struct unsigned_source {
    __m256i bytes4;

    static OCTAVO_INLINE unsigned_source broadcast(const std::int8_t* p) { return {broadcast4(p)}; }
  };

  /// The four bytes as two pairs of words: each lane has bytes 0 and 2, and bytes 1 and 3.
  struct signed_source {
    /// 8 accumulators, 4 registers of weights, 2 of source, 1 of products: 15 of 16.
    static constexpr int tile_pixels = 4;

    __m256i even;
    __m256i odd;

    static OCTAVO_INLINE signed_source broadcast(const std::int8_t* p) {
      const __m256i v = broadcast4(p);
      return {even_words(v), odd_words(v)};
    }
  };

  /// Exact: the sum of two products lies in -32512..32258.
  static OCTAVO_INLINE i32 dot(i32 acc, unsigned_source s, weights w) {
    const __m256i ones = _mm256_set1_epi16(1);
#if defined(__clang__)
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(s.bytes4, w), ones));
#else
    __m256i pairs;
    __asm__(
        "vpmaddubsw {%3, %2, %1|%1, %2, %3}\n\t"
        "vpmaddwd {%4, %1, %1|%1, %1, %4}\n\t"
        "vpaddd {%1, %0, %0|%0, %0, %1}"
        : "+x"(acc), "=&x"(pairs)
        : "x"(s.bytes4), "x"(w), "x"(ones));
    return acc;
#endif
  }

  /// Exact for all int8. What is done to the weights is done once for all pixels of a tile.
  static OCTAVO_INLINE i32 dot(i32 acc, signed_source s, weights w) {
    return add_products(add_products(acc, s.even, even_words(w)), s.odd, odd_words(w));
  }

  /// 12 accumulators, 2 registers of weights, 1 of source, 1 of products: 16 of 16. The sums alone
  /// are asm: of both, g++ 12 copies some accumulators.
  static constexpr int winograd_pixels = 6;
  static OCTAVO_INLINE i32 dot_words(i32 acc, words a, weights w) {
    const __m256i pairs = _mm256_madd_epi16(a, w);
#if defined(__clang__)
    return _mm256_add_epi32(acc, pairs);
#else
    __asm__("vpaddd {%1, %0, %0|%0, %0, %1}" : "+x"(acc) : "x"(pairs));
    return acc;
#endif
  }

  /// v, but the compiler must not know.
  static OCTAVO_INLINE __m256i opaque(__m256i v) {
    __asm__("" : "+x"(v));
    return v;
  }

 private:
  /// acc + the two products of words of every lane.
  static OCTAVO_INLINE i32 add_products(i32 acc, __m256i a, __m256i b) {
#if defined(__clang__)
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#else
    __m256i sum;
    __asm__(
        "vpmaddwd {%3, %2, %1|%1, %2, %3}\n\t"
        "vpaddd {%1, %0, %0|%0, %0, %1}"
        : "+x"(acc), "=&x"(sum)
        : "x"(a), "x"(b));
    return acc;
#endif
  }

  static OCTAVO_INLINE __m256i even_words(__m256i v) {
    return _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8);
  }
  static OCTAVO_INLINE __m256i odd_words(__m256i v) { return _mm256_srai_epi16(v, 8); }
};

#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::avx2

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
