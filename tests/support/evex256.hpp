// SPDX-License-Identifier: MIT
/// @file
/// The 256-bit kernels of vpdpbusd in the encoding of AVX-512: what isa/avxvnni.hpp shares with it
/// runs on CPUs that have AVX-512 VNNI and not AVX-VNNI.
#pragma once

#include "octavo/simd/isa.hpp"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "octavo/simd/kernels.hpp"
#include "octavo/simd/macros.hpp"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512vl,avx512vnni"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,avx512f,avx512vl,avx512vnni")
#endif

namespace octavo::inline v0::simd::evex256 {

OCTAVO_INLINE __m256i dpwssd(__m256i acc, __m256i s, __m256i w) {
  return _mm256_dpwssd_epi32(acc, s, w);
}
OCTAVO_INLINE __m256i dpbusd(__m256i acc, __m256i s, __m256i w) {
#if defined(__clang__)
  return _mm256_dpbusd_epi32(acc, s, w);
#else
  __asm__("vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+v"(acc) : "v"(s), "v"(w));
  return acc;
#endif
}

#include "octavo/simd/isa/ymm.inl"
//
#include "octavo/simd/isa/vnni256.inl"
//
#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::evex256

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
