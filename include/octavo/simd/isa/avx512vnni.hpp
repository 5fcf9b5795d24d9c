// SPDX-License-Identifier: MIT
/// @file
/// Kernels for AVX-512 with VNNI: 512-bit vectors, vpdpbusd (64 multiply-adds an instruction).
///
/// Two habits of g++ 12 shape the spelling. Its headers give many intrinsics an undefined operand,
/// of which -Wuninitialized warns in the user's build: the maskz forms have none and compile to the
/// same instruction. And it copies an accumulator for every vpdpbusd where its type is __m512i, of
/// 64-bit lanes: hence `sum`, the type that the instruction is of.
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
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#endif

namespace octavo::inline v0::simd::avx512vnni {

struct vocabulary {
  using i32 = __m512i;
  using sum [[gnu::vector_size(64)]] = std::int32_t;
  using bytes = __m512i;
  using weights = __m512i;

  static constexpr int lanes = 16;
  /// 28 accumulators, 2 registers of weights, 1 of source: 31 of 32.
  static constexpr int tile_pixels = 14;
  static constexpr int tile_vectors = 2;
  /// 24 accumulators, 4 registers of weights, 1 of source: 29 of 32.
  static constexpr int wide_pixels = 6;
  static constexpr int wide_vectors = 4;
  /// vpdpbusd takes an unsigned source: a signed one is read as x + 128.
  static constexpr std::int32_t source_offset = 128;

  static constexpr __mmask16 all = 0xffff;
  static constexpr __mmask8 all8 = 0xff;

  static OCTAVO_INLINE i32 load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  static OCTAVO_INLINE void store(std::int32_t* p, i32 v) { _mm512_storeu_si512(p, v); }
  static OCTAVO_INLINE i32 broadcast(std::int32_t v) { return _mm512_set1_epi32(v); }
  static OCTAVO_INLINE i32 add(i32 a, i32 b) { return _mm512_add_epi32(a, b); }
  static OCTAVO_INLINE i32 sub(i32 a, i32 b) { return _mm512_sub_epi32(a, b); }
  static OCTAVO_INLINE i32 bit_xor(i32 a, i32 b) { return _mm512_xor_si512(a, b); }
  static OCTAVO_INLINE i32 max(i32 a, i32 b) { return _mm512_maskz_max_epi32(all, a, b); }
  static OCTAVO_INLINE i32 min(i32 a, i32 b) { return _mm512_maskz_min_epi32(all, a, b); }
  static OCTAVO_INLINE i32 shift_left(i32 v, i32 n) { return _mm512_maskz_sllv_epi32(all, v, n); }
  static OCTAVO_INLINE i32 shift_right(i32 v, i32 n) { return _mm512_maskz_srav_epi32(all, v, n); }
  static OCTAVO_INLINE i32 shift_right_logical(i32 v, i32 n) {
    return _mm512_maskz_srlv_epi32(all, v, n);
  }

  /// floor(v * m / 2^shift + 1/2) for |v * m| below 2^62, shift in 0..62; the result fits int32.
  static OCTAVO_INLINE i32 multiply_shift(i32 v, i32 m, i32 shift) {
    const __m512i low_half = _mm512_set1_epi64(0xffffffff);
    const __m512i even =
        rounding_shift(_mm512_maskz_mul_epi32(all8, v, m), _mm512_and_si512(shift, low_half));
    const __m512i odd =
        rounding_shift(_mm512_maskz_mul_epi32(all8, upper(v), upper(m)), upper(shift));
    return _mm512_mask_mov_epi32(even, 0xaaaa, _mm512_maskz_slli_epi64(all8, odd, 32));
  }

  /// acc + a * b for a and b that were int8.
  static OCTAVO_INLINE i32 multiply_add(i32 acc, i32 a, i32 b) {
    const __m512i low_word = _mm512_set1_epi32(0xffff);
    return _mm512_add_epi32(acc, _mm512_madd_epi16(a, _mm512_and_si512(b, low_word)));
  }

  /// 16 int8 as int32, and back with saturation.
  static OCTAVO_INLINE i32 load_widen(const std::int8_t* p) {
    return _mm512_maskz_cvtepi8_epi32(all, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static OCTAVO_INLINE void store_narrow(std::int8_t* p, i32 v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtsepi32_epi8(all, v));
  }

  static OCTAVO_INLINE i32 load_bits(const float* p) { return _mm512_loadu_si512(p); }

  static OCTAVO_INLINE i32 quantize_lanes(const float* p, double threshold) {
    const __m512i low = _mm512_maskz_broadcast_i64x4(0x0f, quantize8(p, threshold));
    return _mm512_mask_broadcast_i64x4(low, 0xf0, quantize8(p + 8, threshold));
  }
  static OCTAVO_INLINE void dequantize_lanes(i32 v, double threshold, float* p) {
    dequantize8(_mm512_maskz_extracti64x4_epi64(all8, v, 0), threshold, p);
    dequantize8(_mm512_maskz_extracti64x4_epi64(all8, v, 1), threshold, p + 8);
  }

  static OCTAVO_INLINE weights load_weights(const std::int8_t* p) { return _mm512_loadu_si512(p); }

  /// Four source bytes in every lane.
  struct unsigned_source {
    static OCTAVO_INLINE __m512i broadcast(const std::int8_t* p) {
      std::int32_t bytes4;
      std::memcpy(&bytes4, p, sizeof bytes4);
      return _mm512_set1_epi32(bytes4);
    }
  };
  struct signed_source {
    static OCTAVO_INLINE __m512i broadcast(const std::int8_t* p) {
      return _mm512_xor_si512(unsigned_source::broadcast(p),
                              _mm512_set1_epi32(static_cast<int>(0x80808080u)));
    }
  };

  /// Bytes that hold x + 128.
  using biased_source = unsigned_source;

  /// acc + the four products of every lane.
  static OCTAVO_INLINE sum dot(sum acc, __m512i s, weights w) {
    return sum(_mm512_dpbusd_epi32(i32(acc), s, w));
  }

  /// 28 accumulators, 2 registers of weights, 1 of source, as in conv2d.
  static constexpr int winograd_pixels = 14;
  using words = __m512i;

  /// 32 int8 as int16.
  static OCTAVO_INLINE words load_widen_words(const std::int8_t* p) {
    return _mm512_cvtepi8_epi16(load32(p));
  }
  static OCTAVO_INLINE words add_words(words a, words b) { return _mm512_add_epi16(a, b); }
  static OCTAVO_INLINE words sub_words(words a, words b) { return _mm512_sub_epi16(a, b); }
  static OCTAVO_INLINE void store_words(std::int8_t* p, words v) { _mm512_storeu_si512(p, v); }
  static OCTAVO_INLINE words interleave_low(words a, words b) {
    return _mm512_unpacklo_epi16(a, b);
  }
  static OCTAVO_INLINE words interleave_high(words a, words b) {
    return _mm512_unpackhi_epi16(a, b);
  }
  static OCTAVO_INLINE void put_in_order(i32 low, i32 high, i32 (&to)[2]) {
    to[0] = _mm512_permutex2var_epi64(low, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), high);
    to[1] = _mm512_permutex2var_epi64(low, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), high);
  }
  static OCTAVO_INLINE words broadcast_words(const std::int8_t* p) {
    return unsigned_source::broadcast(p);
  }
  static OCTAVO_INLINE sum dot_words(sum acc, words a, weights w) {
    return sum(_mm512_dpwssd_epi32(i32(acc), a, w));
  }
  static OCTAVO_INLINE i32 multiply(i32 a, i32 b) { return _mm512_mullo_epi32(a, b); }

  /// The 64 accumulators saturated to int8, in their order. The packs work lane by lane and leave
  /// groups of four channels, which one permutation puts right.
  static OCTAVO_INLINE bytes narrow(i32 a, i32 b, i32 c, i32 d) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i packed = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
    return _mm512_maskz_permutexvar_epi32(all, order, packed);
  }

  static OCTAVO_INLINE bytes broadcast_byte(std::int8_t v) { return _mm512_set1_epi8(v); }
  static OCTAVO_INLINE bytes min_bytes(bytes a, bytes b) { return _mm512_min_epi8(a, b); }
  static OCTAVO_INLINE bytes max_bytes(bytes a, bytes b) { return _mm512_max_epi8(a, b); }

  /// The constants of add_bytes. vpmulhrsw gives (v * factor + 2^14) >> 15: with factor
  /// 2^(15 - shift) that is v / 2^shift, ties up. Without a shift, which has no factor, sums are
  /// doubled first: those that then saturate do so in any case. Shifts above 15 give 0, as they do
  /// to all sums of 16 bits.
  struct adder {
    __m512i multipliers;  ///< m[0], m[1], m[0] ... unsigned bytes up to 254
    __m512i factor;

    OCTAVO_INLINE explicit adder(const add_params& params) {
      const int doubled = params.shift == 0;
      const int shift = params.shift + doubled;
      const int pair = params.multiplier[0] | params.multiplier[1] << 8;
      multipliers = _mm512_set1_epi16(static_cast<short>(pair << doubled));
      factor = _mm512_set1_epi16(static_cast<short>(shift > 15 ? 0 : 1 << (15 - shift)));
    }
  };

  /// sat8((m[0] * a + m[1] * b) / 2^shift), ties up. With multipliers up to 127 the sum fits 16
  /// bits: vpmaddubsw is exact.
  static OCTAVO_INLINE bytes add_bytes(bytes a, bytes b, const adder& r) {
    const __m512i low = _mm512_maddubs_epi16(r.multipliers, _mm512_unpacklo_epi8(a, b));
    const __m512i high = _mm512_maddubs_epi16(r.multipliers, _mm512_unpackhi_epi8(a, b));
    return _mm512_packs_epi16(_mm512_mulhrs_epi16(low, r.factor),
                              _mm512_mulhrs_epi16(high, r.factor));
  }

  /// `count` pieces of `Piece` bytes, one after the other. What is not loaded is anything.
  template <int Piece, class At>
  static OCTAVO_INLINE bytes load_pieces(const At& at, int count) {
    if constexpr (Piece == 64) {
      return _mm512_loadu_si512(at(0));
    } else if constexpr (Piece == 32) {
      const __m512i v = _mm512_maskz_broadcast_i64x4(all8, load32(at(0)));
      return count > 1 ? _mm512_maskz_inserti64x4(all8, v, load32(at(1)), 1) : v;
    } else {
      __m512i v = _mm512_maskz_broadcast_i32x4(0x000f, load16(at(0)));
      if (count > 1) v = _mm512_mask_broadcast_i32x4(v, 0x00f0, load16(at(1)));
      if (count > 2) v = _mm512_mask_broadcast_i32x4(v, 0x0f00, load16(at(2)));
      if (count > 3) v = _mm512_mask_broadcast_i32x4(v, 0xf000, load16(at(3)));
      return v;
    }
  }

  template <int Piece, class At>
  static OCTAVO_INLINE void store_pieces(const At& at, int count, bytes v) {
    if constexpr (Piece == 64) {
      _mm512_storeu_si512(at(0), v);
    } else if constexpr (Piece == 32) {
      store32(at(0), _mm512_maskz_extracti64x4_epi64(all8, v, 0));
      if (count > 1) store32(at(1), _mm512_maskz_extracti64x4_epi64(all8, v, 1));
    } else {
      store16(at(0), _mm512_maskz_extracti32x4_epi32(all8, v, 0));
      if (count > 1) store16(at(1), _mm512_maskz_extracti32x4_epi32(all8, v, 1));
      if (count > 2) store16(at(2), _mm512_maskz_extracti32x4_epi32(all8, v, 2));
      if (count > 3) store16(at(3), _mm512_maskz_extracti32x4_epi32(all8, v, 3));
    }
  }

 private:
  static OCTAVO_INLINE __m512i upper(__m512i v) { return _mm512_maskz_srli_epi64(all8, v, 32); }

  /// v / 2^shift, ties up, in 64 bits.
  static OCTAVO_INLINE __m512i rounding_shift(__m512i v, __m512i shift) {
    const __m512i power = _mm512_maskz_sllv_epi64(all8, _mm512_set1_epi64(1), shift);
    const __m512i half = _mm512_maskz_srli_epi64(all8, power, 1);
    return _mm512_maskz_srav_epi64(all8, _mm512_add_epi64(v, half), shift);
  }

  /// Rounds after clamping to int8: floor, and one more where a half or more was cut off.
  static OCTAVO_INLINE __m256i quantize8(const float* p, double threshold) {
    constexpr int floor_mode = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
    const __m512d x = _mm512_maskz_cvtps_pd(all8, _mm256_loadu_ps(p));
    const __m512d v =
        _mm512_div_pd(_mm512_mul_pd(x, _mm512_set1_pd(128)), _mm512_set1_pd(threshold));
    const __m512d above = _mm512_maskz_max_pd(all8, v, _mm512_set1_pd(-128));
    const __m512d bounded = _mm512_maskz_min_pd(all8, above, _mm512_set1_pd(127));
    const __m512d floor = _mm512_maskz_roundscale_pd(all8, bounded, floor_mode);
    const __mmask8 up =
        _mm512_cmp_pd_mask(_mm512_sub_pd(bounded, floor), _mm512_set1_pd(0.5), _CMP_GE_OQ);
    const __m512d rounded = _mm512_mask_add_pd(floor, up, floor, _mm512_set1_pd(1));
    return _mm512_maskz_cvtpd_epi32(all8, rounded);
  }

  static OCTAVO_INLINE void dequantize8(__m256i v, double threshold, float* p) {
    const __m512d scaled =
        _mm512_mul_pd(_mm512_maskz_cvtepi32_pd(all8, v), _mm512_set1_pd(threshold));
    const __m512d value = _mm512_div_pd(scaled, _mm512_set1_pd(128));
    _mm256_storeu_ps(p, _mm512_maskz_cvtpd_ps(all8, value));
  }

  static OCTAVO_INLINE __m256i load32(const std::int8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static OCTAVO_INLINE __m128i load16(const std::int8_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static OCTAVO_INLINE void store32(std::int8_t* p, __m256i v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static OCTAVO_INLINE void store16(std::int8_t* p, __m128i v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v);
  }
};

#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::avx512vnni

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
