// SPDX-License-Identifier: MIT
// The vocabulary of 256-bit vpdpbusd. It has two encodings, of AVX-VNNI and of AVX-512 VL with
// VNNI: the including file chooses one by functions dpbusd(acc, u8, s8) and dpwssd(acc, s16, s16),
// in the namespace and region where it includes isa/ymm.inl and this.

struct vocabulary : ymm {
  using sum [[gnu::vector_size(32)]] = std::int32_t;  ///< see isa/avx512vnni.hpp

  /// 12 accumulators, 2 registers of weights, 1 of source: 15 of the 16 that AVX-VNNI reaches. For
  /// a signed source the 16th holds 0x80 in every byte.
  static constexpr int tile_pixels = 6;
  /// vpdpbusd takes an unsigned source: a signed one is read as x + 128.
  static constexpr std::int32_t source_offset = 128;

  struct unsigned_source {
    static OCTAVO_INLINE __m256i broadcast(const std::int8_t* p) { return broadcast4(p); }
  };
  struct signed_source {
    static OCTAVO_INLINE __m256i broadcast(const std::int8_t* p) {
      return _mm256_xor_si256(broadcast4(p), _mm256_set1_epi8(-128));
    }
  };

  /// Bytes that hold x + 128.
  using biased_source = unsigned_source;

  static OCTAVO_INLINE sum dot(sum acc, __m256i s, weights w) {
    return sum(dpbusd(i32(acc), s, w));
  }

  static constexpr int winograd_pixels = 6;
  static OCTAVO_INLINE sum dot_words(sum acc, words a, weights w) {
    return sum(dpwssd(i32(acc), a, w));
  }
};
