// SPDX-License-Identifier: MIT
/// @file
/// Kernels for AVX-VNNI: the 256-bit vpdpbusd of CPUs without AVX-512.
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
#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,avxvnni")
#endif

namespace octavo::inline v0::simd::avxvnni {

OCTAVO_INLINE __m256i dpbusd(__m256i acc, __m256i s, __m256i w) {
  return _mm256_dpbusd_avx_epi32(acc, s, w);
}
OCTAVO_INLINE __m256i dpwssd(__m256i acc, __m256i s, __m256i w) {
  return _mm256_dpwssd_avx_epi32(acc, s, w);
}

#include "octavo/simd/isa/ymm.inl"
//
#include "octavo/simd/isa/vnni256.inl"
//
#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::avxvnni

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
