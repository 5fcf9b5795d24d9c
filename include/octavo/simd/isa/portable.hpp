// SPDX-License-Identifier: MIT
/// @file
/// Kernels on xsimd, for every architecture that it knows: no region, the user's flags decide.
///
/// All is a template on xsimd's architecture, which so is part of every symbol: of two translation
/// units with different flags each runs its own kernels.
///
/// xsimd has neither dot products of bytes nor conversions between widths. Products are those of
/// 16-bit words, where one of two int8 fits; what has no vector form goes through small arrays.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <xsimd/xsimd.hpp>

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
#endif

#include "octavo/quant/activation.hpp"
#include "octavo/simd/conv2d_rows.hpp"
#include "octavo/simd/isa/plain.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/macros.hpp"
#include "octavo/simd/winograd_tiles.hpp"

namespace octavo::inline v0::simd::portable {

/// Vectors of 16, 32 or 64 bytes for all that is needed.
template <class Arch>
constexpr bool has_vectors() {
  using namespace xsimd::types;
  if constexpr (has_simd_register<std::int8_t, Arch>::value &&
                has_simd_register<std::int16_t, Arch>::value &&
                has_simd_register<std::int32_t, Arch>::value) {
    constexpr std::size_t lanes = xsimd::batch<std::int32_t, Arch>::size;
    return lanes == 4 || lanes == 8 || lanes == 16;
  } else {
    return false;
  }
}

template <class Arch>
struct vocabulary {
  using i32 = xsimd::batch<std::int32_t, Arch>;
  using sum = i32;
  using bytes = xsimd::batch<std::int8_t, Arch>;
  using words = xsimd::batch<std::int16_t, Arch>;

  static constexpr int lanes = static_cast<int>(i32::size);
  static constexpr int vector_bytes = 4 * lanes;
#if defined(__aarch64__)
  static constexpr bool wide_register_file = true;
#else
  static constexpr bool wide_register_file = false;
#endif
  /// Accumulators, 2 registers for each vector of weights, 2 of source, 2 of products:
  /// x86-64 with 16 registers: 3 x 4 or 3 x 2, the former with some weights in memory (measured
  /// no slower than 2 x 4); AVX-512: 12 + 4 + 4 = 20 of 32; AArch64: 16 + 8 + 4 = 28 of 32.
  static constexpr int tile_vectors = lanes == 16 ? 2 : 16 / lanes;
  static constexpr int tile_pixels = lanes == 16 ? 6 : wide_register_file ? 4 : 3;
  static constexpr std::int32_t source_offset = 0;

  /// Bytes 0 and 2, and bytes 1 and 3, of every lane, as words.
  struct weights {
    words even;
    words odd;
  };

  static OCTAVO_INLINE i32 load(const std::int32_t* p) { return i32::load_unaligned(p); }
  static OCTAVO_INLINE void store(std::int32_t* p, i32 v) { v.store_unaligned(p); }
  static OCTAVO_INLINE i32 broadcast(std::int32_t v) { return i32(v); }
  static OCTAVO_INLINE i32 add(i32 a, i32 b) { return a + b; }
  static OCTAVO_INLINE i32 sub(i32 a, i32 b) { return a - b; }
  static OCTAVO_INLINE i32 bit_xor(i32 a, i32 b) { return a ^ b; }
  static OCTAVO_INLINE i32 min(i32 a, i32 b) { return xsimd::select(a < b, a, b); }
  static OCTAVO_INLINE i32 max(i32 a, i32 b) { return xsimd::select(a < b, b, a); }
  static OCTAVO_INLINE i32 shift_left(i32 v, i32 n) { return v << n; }
  static OCTAVO_INLINE i32 shift_right(i32 v, i32 n) { return v >> n; }
  static OCTAVO_INLINE i32 shift_right_logical(i32 v, i32 n) {
    return as<std::int32_t>(as<std::uint32_t>(v) >> as<std::uint32_t>(n));
  }

  /// floor(v * m / 2^shift + 1/2), lane by lane: xsimd multiplies 64 bits by 64 where it does at
  /// all, which costs more vector instructions than these scalar ones.
  static OCTAVO_INLINE i32 multiply_shift(i32 v, i32 m, i32 shift) {
    alignas(vector_bytes) std::int32_t a[lanes], b[lanes], n[lanes];
    v.store_aligned(a);
    m.store_aligned(b);
    shift.store_aligned(n);
    for (int i = 0; i < lanes; ++i) {
      const std::int64_t half = (std::int64_t{1} << n[i]) >> 1;
      a[i] = static_cast<std::int32_t>((std::int64_t{a[i]} * b[i] + half) >> n[i]);
    }
    return i32::load_aligned(a);
  }

  /// acc + a * b for a and b that were int8: the product of their lower words is exact.
  static OCTAVO_INLINE i32 multiply_add(i32 acc, i32 a, i32 b) {
    return acc + low_words(multiply(as<std::int16_t>(a), as<std::int16_t>(b)));
  }

  static OCTAVO_INLINE i32 load_widen(const std::int8_t* p) {
    alignas(vector_bytes) std::int32_t wide[lanes];
    for (int i = 0; i < lanes; ++i) wide[i] = p[i];
    return i32::load_aligned(wide);
  }
  static OCTAVO_INLINE void store_narrow(std::int8_t* p, i32 v) {
    alignas(vector_bytes) std::int32_t wide[lanes];
    saturate(v).store_aligned(wide);
    for (int i = 0; i < lanes; ++i) p[i] = static_cast<std::int8_t>(wide[i]);
  }

  static OCTAVO_INLINE i32 load_bits(const float* p) {
    alignas(vector_bytes) std::int32_t bits[lanes];
    std::memcpy(bits, p, sizeof bits);
    return i32::load_aligned(bits);
  }

  /// xsimd does not convert between float and double: one by one.
  static OCTAVO_INLINE i32 quantize_lanes(const float* p, double threshold) {
    alignas(vector_bytes) std::int32_t q[lanes];
    for (int i = 0; i < lanes; ++i) {
      q[i] = is_finite(p[i]) ? octavo::quantize(p[i], threshold) : 0;
    }
    return i32::load_aligned(q);
  }
  static OCTAVO_INLINE void dequantize_lanes(i32 v, double threshold, float* p) {
    alignas(vector_bytes) std::int32_t q[lanes];
    v.store_aligned(q);
    for (int i = 0; i < lanes; ++i) {
      p[i] = static_cast<float>(octavo::dequantize(q[i], threshold));
    }
  }

  static OCTAVO_INLINE weights load_weights(const std::int8_t* p) {
    const words v = as<std::int16_t>(bytes::load_unaligned(p));
    return {even_bytes(v), odd_bytes(v)};
  }

  struct unsigned_source {
    words even;
    words odd;

    static OCTAVO_INLINE unsigned_source broadcast(const std::int8_t* p) {
      const words v = broadcast4(p);
      return {v & words(std::int16_t{0xff}), odd_bytes(v)};
    }
  };
  struct signed_source {
    words even;
    words odd;

    static OCTAVO_INLINE signed_source broadcast(const std::int8_t* p) {
      const words v = broadcast4(p);
      return {even_bytes(v), odd_bytes(v)};
    }
  };

#if defined(__GNUC__) && defined(__x86_64__)
  template <class Source>
  static OCTAVO_INLINE i32 dot(i32 acc, Source s, weights w) {
    return acc + multiply_pairs(s.even, w.even) + multiply_pairs(s.odd, w.odd);
  }
#else
  /// Exact: the sum of two products lies in -32512..32258.
  static OCTAVO_INLINE i32 dot(i32 acc, unsigned_source s, weights w) {
    const words pairs = multiply(s.even, w.even) + multiply(s.odd, w.odd);
    return acc + low_words(pairs) + high_words(pairs);
  }

  /// The sum of two products may be 32768, which is no int16: each is widened alone.
  static OCTAVO_INLINE i32 dot(i32 acc, signed_source s, weights w) {
    const words even = multiply(s.even, w.even);
    const words odd = multiply(s.odd, w.odd);
    return acc + (low_words(even) + high_words(even)) + (low_words(odd) + high_words(odd));
  }
#endif

  static OCTAVO_INLINE bytes narrow(i32 a, i32 b, i32 c, i32 d) {
    alignas(vector_bytes) std::int32_t wide[4 * lanes];
    alignas(vector_bytes) std::int8_t narrow[4 * lanes];
    saturate(a).store_aligned(wide);
    saturate(b).store_aligned(wide + lanes);
    saturate(c).store_aligned(wide + 2 * lanes);
    saturate(d).store_aligned(wide + 3 * lanes);
    for (int i = 0; i < 4 * lanes; ++i) narrow[i] = static_cast<std::int8_t>(wide[i]);
    return bytes::load_aligned(narrow);
  }

  static OCTAVO_INLINE bytes broadcast_byte(std::int8_t v) { return bytes(v); }
  static OCTAVO_INLINE bytes min_bytes(bytes a, bytes b) { return xsimd::min(a, b); }
  static OCTAVO_INLINE bytes max_bytes(bytes a, bytes b) { return xsimd::max(a, b); }

  /// The constants of add_bytes. Shifts above 16 give 0, as 16 does.
  struct adder {
    words multiplier[2];
    words half;  ///< 1, or 0 where nothing is shifted
    int most;    ///< shift - 1
    int last;    ///< the last bit

    OCTAVO_INLINE explicit adder(const add_params& params)
        : multiplier{words(static_cast<std::int16_t>(params.multiplier[0])),
                     words(static_cast<std::int16_t>(params.multiplier[1]))},
          half(static_cast<std::int16_t>(params.shift > 0)),
          most(params.shift > 16  ? 15
               : params.shift > 0 ? params.shift - 1
                                  : 0),
          last(params.shift > 0) {}
  };

  /// sat8((m[0] * a + m[1] * b) / 2^shift), ties up. With multipliers up to 127 the sum fits 16
  /// bits.
  static OCTAVO_INLINE bytes add_bytes(bytes a, bytes b, const adder& r) {
    const words x = as<std::int16_t>(a);
    const words y = as<std::int16_t>(b);
    const words even = add_words(even_bytes(x), even_bytes(y), r);
    const words odd = add_words(odd_bytes(x), odd_bytes(y), r);
    return as<std::int8_t>((even & words(std::int16_t{0xff})) | (odd << 8));
  }

  /// `count` pieces of `Piece` bytes, one after the other. What is not loaded is anything.
  template <int Piece, class At>
  static OCTAVO_INLINE bytes load_pieces(const At& at, int count) {
    if constexpr (Piece == vector_bytes) {
      return bytes::load_unaligned(at(0));
    } else {
      alignas(vector_bytes) std::int8_t all[vector_bytes] = {};
      for (int i = 0; i < count; ++i) std::memcpy(all + i * Piece, at(i), Piece);
      return bytes::load_aligned(all);
    }
  }
  template <int Piece, class At>
  static OCTAVO_INLINE void store_pieces(const At& at, int count, bytes v) {
    if constexpr (Piece == vector_bytes) {
      v.store_unaligned(at(0));
    } else {
      alignas(vector_bytes) std::int8_t all[vector_bytes];
      v.store_aligned(all);
      for (int i = 0; i < count; ++i) std::memcpy(at(i), all + i * Piece, Piece);
    }
  }

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__aarch64__))
  /// v, but the compiler must not know.
  static OCTAVO_INLINE i32 opaque(i32 v) {
#if defined(__x86_64__)
    __asm__("" : "+x"(v.data));
#else
    __asm__("" : "+w"(v.data));
#endif
    return v;
  }
  static OCTAVO_INLINE weights opaque(weights w) {
    return {as<std::int16_t>(opaque(as<std::int32_t>(w.even))),
            as<std::int16_t>(opaque(as<std::int32_t>(w.odd)))};
  }
#endif

 private:
  /// The same bits as a vector of T. The spelling changed with xsimd 11.
  template <class T, class U>
  static OCTAVO_INLINE xsimd::batch<T, Arch> as(xsimd::batch<U, Arch> v) {
    if constexpr (std::is_same_v<T, U>) {
      return v;
    } else {
#if XSIMD_VERSION_MAJOR < 11
      return xsimd::bitwise_cast<xsimd::batch<T, Arch>>(v);
#else
      return xsimd::bitwise_cast<T>(v);
#endif
    }
  }

  static OCTAVO_INLINE words broadcast4(const std::int8_t* p) {
    std::int32_t bytes4;
    std::memcpy(&bytes4, p, sizeof bytes4);
    return as<std::int16_t>(i32(bytes4));
  }

  static OCTAVO_INLINE words even_bytes(words v) { return (v << 8) >> 8; }
  static OCTAVO_INLINE words odd_bytes(words v) { return v >> 8; }
#if defined(__GNUC__) && defined(__x86_64__)
  // In the compiler's own vectors: before version 13 xsimd multiplies words one by one on SSE2, and
  // of its 512-bit shifts g++ 12 warns in the user's build.
  template <class T>
  struct native {
    typedef T type __attribute__((vector_size(vector_bytes)));
  };

  template <class T, class U>
  static OCTAVO_INLINE typename native<T>::type native_of(xsimd::batch<U, Arch> v) {
    const typename xsimd::batch<U, Arch>::register_type bits = v;
    return reinterpret_cast<typename native<T>::type>(bits);
  }
  template <class T>
  static OCTAVO_INLINE xsimd::batch<T, Arch> batch_of(typename native<T>::type v) {
    return reinterpret_cast<typename xsimd::batch<T, Arch>::register_type>(v);
  }

  /// The sums of two products of every lane, of words that were bytes: pmaddwd, which xsimd does
  /// not have, or its parts where the user's flags do not allow it on such vectors.
  static OCTAVO_INLINE i32 multiply_pairs(words a, words b) {
    if constexpr (lanes == 4) return i32(_mm_madd_epi16(a, b));
#if defined(__AVX2__)
    if constexpr (lanes == 8) return i32(_mm256_madd_epi16(a, b));
#endif
#if defined(__AVX512BW__)
    if constexpr (lanes == 16) return i32(_mm512_madd_epi16(a, b));
#endif
    const words products = multiply(a, b);
    return low_words(products) + high_words(products);
  }

  static OCTAVO_INLINE words multiply(words a, words b) {
    return batch_of<std::int16_t>(native_of<std::int16_t>(a) * native_of<std::int16_t>(b));
  }
  static OCTAVO_INLINE i32 low_words(words v) {
    return batch_of<std::int32_t>((native_of<std::int32_t>(v) << 16) >> 16);
  }
  static OCTAVO_INLINE i32 high_words(words v) {
    return batch_of<std::int32_t>(native_of<std::int32_t>(v) >> 16);
  }
#else
  /// The lower 16 bits of products.
  static OCTAVO_INLINE words multiply(words a, words b) { return a * b; }
  /// The words of every lane, with their signs.
  static OCTAVO_INLINE i32 low_words(words v) { return (as<std::int32_t>(v) << 16) >> 16; }
  static OCTAVO_INLINE i32 high_words(words v) { return as<std::int32_t>(v) >> 16; }
#endif

  static OCTAVO_INLINE i32 saturate(i32 v) { return min(max(v, i32(-128)), i32(127)); }

  /// ((v >> (shift - 1)) + 1) >> 1: no sum leaves 16 bits.
  static OCTAVO_INLINE words add_words(words a, words b, const adder& r) {
    const words sum = multiply(a, r.multiplier[0]) + multiply(b, r.multiplier[1]);
    const words rounded = shift_all(shift_all(sum, r.most) + r.half, r.last);
    return xsimd::min(xsimd::max(rounded, words(std::int16_t{-128})), words(std::int16_t{127}));
  }

  /// x86 shifts all words by one count, NEON each by its own.
  static OCTAVO_INLINE words shift_all(words v, int count) {
#if defined(__aarch64__) || defined(__arm__)
    return v >> words(static_cast<std::int16_t>(count));
#else
    return v >> count;
#endif
  }
};

#include "octavo/simd/algorithms.inl"

/// The kernels for Arch.
template <class Arch>
kernel_table make_table() noexcept {
  if constexpr (has_vectors<Arch>()) {
    return make_kernel_table<vocabulary<Arch>>(isa::portable, Arch::name());
  } else {
    return plain::make_kernel_table<plain::vocabulary<16>>(isa::portable, "plain");
  }
}

}  // namespace octavo::inline v0::simd::portable
