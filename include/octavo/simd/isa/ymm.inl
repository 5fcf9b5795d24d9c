// SPDX-License-Identifier: MIT
// What all instruction sets with 256-bit vectors have in common: the vocabulary of
// simd/algorithms.inl in AVX2, without sources, weights and dot products. It is included inside an
// instruction set's namespace and region, because functions get the region's target.

struct ymm {
  using i32 = __m256i;
  using sum = i32;
  using bytes = __m256i;
  using weights = __m256i;

  static constexpr int lanes = 8;
  static constexpr int tile_vectors = 2;

  static OCTAVO_INLINE i32 load(const std::int32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static OCTAVO_INLINE void store(std::int32_t* p, i32 v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static OCTAVO_INLINE i32 broadcast(std::int32_t v) { return _mm256_set1_epi32(v); }
  static OCTAVO_INLINE i32 add(i32 a, i32 b) { return _mm256_add_epi32(a, b); }
  static OCTAVO_INLINE i32 sub(i32 a, i32 b) { return _mm256_sub_epi32(a, b); }
  static OCTAVO_INLINE i32 bit_xor(i32 a, i32 b) { return _mm256_xor_si256(a, b); }
  static OCTAVO_INLINE i32 max(i32 a, i32 b) { return _mm256_max_epi32(a, b); }
  static OCTAVO_INLINE i32 min(i32 a, i32 b) { return _mm256_min_epi32(a, b); }
  static OCTAVO_INLINE i32 shift_left(i32 v, i32 n) { return _mm256_sllv_epi32(v, n); }
  static OCTAVO_INLINE i32 shift_right(i32 v, i32 n) { return _mm256_srav_epi32(v, n); }
  static OCTAVO_INLINE i32 shift_right_logical(i32 v, i32 n) { return _mm256_srlv_epi32(v, n); }

  /// floor(v * m / 2^shift + 1/2) for |v * m| below 2^62, shift in 0..62; the result fits int32.
  static OCTAVO_INLINE i32 multiply_shift(i32 v, i32 m, i32 shift) {
    const __m256i low_half = _mm256_set1_epi64x(0xffffffff);
    const __m256i even = rounding_shift(_mm256_mul_epi32(v, m), _mm256_and_si256(shift, low_half));
    const __m256i odd = rounding_shift(_mm256_mul_epi32(upper(v), upper(m)), upper(shift));
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
  }

  /// acc + a * b for a and b that were int8: the upper words of b, its signs, are put out.
  static OCTAVO_INLINE i32 multiply_add(i32 acc, i32 a, i32 b) {
    const __m256i low_word = _mm256_set1_epi32(0xffff);
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, _mm256_and_si256(b, low_word)));
  }

  /// 8 int8 as int32, and back with saturation.
  static OCTAVO_INLINE i32 load_widen(const std::int8_t* p) {
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  static OCTAVO_INLINE void store_narrow(std::int8_t* p, i32 v) {
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(words, words));
  }

  static OCTAVO_INLINE i32 load_bits(const float* p) {
    return _mm256_castps_si256(_mm256_loadu_ps(p));
  }

  static OCTAVO_INLINE i32 quantize_lanes(const float* p, double threshold) {
    const __m256i low = _mm256_zextsi128_si256(quantize4(p, threshold));
    return _mm256_inserti128_si256(low, quantize4(p + 4, threshold), 1);
  }
  static OCTAVO_INLINE void dequantize_lanes(i32 v, double threshold, float* p) {
    dequantize4(_mm256_castsi256_si128(v), threshold, p);
    dequantize4(_mm256_extracti128_si256(v, 1), threshold, p + 4);
  }

  static OCTAVO_INLINE weights load_weights(const std::int8_t* p) { return load32(p); }

  /// The 32 accumulators saturated to int8, in their order. The packs work half by half and leave
  /// groups of four channels, which one permutation puts right.
  static OCTAVO_INLINE bytes narrow(i32 a, i32 b, i32 c, i32 d) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    return _mm256_permutevar8x32_epi32(packed, order);
  }

  static OCTAVO_INLINE bytes broadcast_byte(std::int8_t v) { return _mm256_set1_epi8(v); }
  static OCTAVO_INLINE bytes min_bytes(bytes a, bytes b) { return _mm256_min_epi8(a, b); }
  static OCTAVO_INLINE bytes max_bytes(bytes a, bytes b) { return _mm256_max_epi8(a, b); }

  /// The constants of add_bytes. vpmulhrsw gives (v * factor + 2^14) >> 15: with factor
  /// 2^(15 - shift) that is v / 2^shift, ties up. Without a shift, which has no factor, sums are
  /// doubled first: those that then saturate do so in any case. Shifts above 15 give 0, as they do
  /// to all sums of 16 bits.
  struct adder {
    __m256i multipliers;  ///< m[0], m[1], m[0] ... unsigned bytes up to 254
    __m256i factor;

    OCTAVO_INLINE explicit adder(const add_params& params) {
      const int doubled = params.shift == 0;
      const int shift = params.shift + doubled;
      const int pair = params.multiplier[0] | params.multiplier[1] << 8;
      multipliers = _mm256_set1_epi16(static_cast<short>(pair << doubled));
      factor = _mm256_set1_epi16(static_cast<short>(shift > 15 ? 0 : 1 << (15 - shift)));
    }
  };

  /// sat8((m[0] * a + m[1] * b) / 2^shift), ties up. With multipliers up to 127 the sum fits 16
  /// bits: vpmaddubsw is exact.
  static OCTAVO_INLINE bytes add_bytes(bytes a, bytes b, const adder& r) {
    const __m256i low = _mm256_maddubs_epi16(r.multipliers, _mm256_unpacklo_epi8(a, b));
    const __m256i high = _mm256_maddubs_epi16(r.multipliers, _mm256_unpackhi_epi8(a, b));
    return _mm256_packs_epi16(_mm256_mulhrs_epi16(low, r.factor),
                              _mm256_mulhrs_epi16(high, r.factor));
  }

  template <int Piece, class At>
  static OCTAVO_INLINE bytes load_pieces(const At& at, int count) {
    static_assert(Piece == 16 || Piece == 32);
    if constexpr (Piece == 32) {
      return load32(at(0));
    } else {
      const __m256i v = _mm256_zextsi128_si256(load16(at(0)));
      return count > 1 ? _mm256_inserti128_si256(v, load16(at(1)), 1) : v;
    }
  }

  template <int Piece, class At>
  static OCTAVO_INLINE void store_pieces(const At& at, int count, bytes v) {
    static_assert(Piece == 16 || Piece == 32);
    if constexpr (Piece == 32) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(at(0)), v);
    } else {
      store16(at(0), _mm256_castsi256_si128(v));
      if (count > 1) store16(at(1), _mm256_extracti128_si256(v, 1));
    }
  }

  /// Four bytes in every lane.
  static OCTAVO_INLINE __m256i broadcast4(const std::int8_t* p) {
    std::int32_t bytes4;
    std::memcpy(&bytes4, p, sizeof bytes4);
    return _mm256_set1_epi32(bytes4);
  }

  /// 16 int8 as int16.
  using words = __m256i;
  static OCTAVO_INLINE words load_widen_words(const std::int8_t* p) {
    return _mm256_cvtepi8_epi16(load16(p));
  }
  static OCTAVO_INLINE words add_words(words a, words b) { return _mm256_add_epi16(a, b); }
  static OCTAVO_INLINE words sub_words(words a, words b) { return _mm256_sub_epi16(a, b); }
  static OCTAVO_INLINE words interleave_low(words a, words b) {
    return _mm256_unpacklo_epi16(a, b);
  }
  static OCTAVO_INLINE words interleave_high(words a, words b) {
    return _mm256_unpackhi_epi16(a, b);
  }
  static OCTAVO_INLINE void put_in_order(i32 low, i32 high, i32 (&to)[2]) {
    to[0] = _mm256_permute2x128_si256(low, high, 0x20);
    to[1] = _mm256_permute2x128_si256(low, high, 0x31);
  }
  static OCTAVO_INLINE void store_words(std::int8_t* p, words v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static OCTAVO_INLINE words broadcast_words(const std::int8_t* p) { return broadcast4(p); }
  static OCTAVO_INLINE i32 multiply(i32 a, i32 b) { return _mm256_mullo_epi32(a, b); }

 private:
  /// Rounds after clamping to int8: floor, and one more where a half or more was cut off.
  static OCTAVO_INLINE __m128i quantize4(const float* p, double threshold) {
    const __m256d x = _mm256_cvtps_pd(_mm_loadu_ps(p));
    const __m256d v =
        _mm256_div_pd(_mm256_mul_pd(x, _mm256_set1_pd(128)), _mm256_set1_pd(threshold));
    const __m256d bounded =
        _mm256_min_pd(_mm256_max_pd(v, _mm256_set1_pd(-128)), _mm256_set1_pd(127));
    const __m256d floor = _mm256_floor_pd(bounded);
    const __m256d up =
        _mm256_cmp_pd(_mm256_sub_pd(bounded, floor), _mm256_set1_pd(0.5), _CMP_GE_OQ);
    return _mm256_cvtpd_epi32(_mm256_add_pd(floor, _mm256_and_pd(up, _mm256_set1_pd(1))));
  }

  static OCTAVO_INLINE void dequantize4(__m128i v, double threshold, float* p) {
    const __m256d scaled = _mm256_mul_pd(_mm256_cvtepi32_pd(v), _mm256_set1_pd(threshold));
    _mm_storeu_ps(p, _mm256_cvtpd_ps(_mm256_div_pd(scaled, _mm256_set1_pd(128))));
  }

  static OCTAVO_INLINE __m256i upper(__m256i v) { return _mm256_srli_epi64(v, 32); }

  /// v / 2^shift, ties up, in 64 bits. AVX2 shifts 64 bits by variable counts only logically:
  /// v + 2^63 is not negative, and 2^63 >> shift is what it is then too large by.
  static OCTAVO_INLINE __m256i rounding_shift(__m256i v, __m256i shift) {
    const __m256i top = _mm256_set1_epi64x(INT64_MIN);
    const __m256i power = _mm256_sllv_epi64(_mm256_set1_epi64x(1), shift);
    const __m256i sum = _mm256_add_epi64(v, _mm256_srli_epi64(power, 1));
    const __m256i shifted = _mm256_srlv_epi64(_mm256_xor_si256(sum, top), shift);
    return _mm256_sub_epi64(shifted, _mm256_srlv_epi64(top, shift));
  }

  static OCTAVO_INLINE __m256i load32(const std::int8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static OCTAVO_INLINE __m128i load16(const std::int8_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static OCTAVO_INLINE void store16(std::int8_t* p, __m128i v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v);
  }
};
