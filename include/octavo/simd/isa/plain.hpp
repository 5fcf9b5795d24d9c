// SPDX-License-Identifier: MIT
/// @file
/// The vocabulary of simd/algorithms.inl in arrays and loops: what isa/portable.hpp falls back to
/// where xsimd knows no vectors, and what tests prove the algorithms with on any machine.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "octavo/quant/activation.hpp"
#include "octavo/simd/conv2d_rows.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/macros.hpp"
#include "octavo/simd/winograd_tiles.hpp"

namespace octavo::inline v0::simd::plain {

/// Takes every promise for granted.
struct unchecked {
  static constexpr void require(bool, const char*) noexcept {}
};

/// Vectors of `Bytes` bytes, 16, 32 or 64, and a tile of PixelCount pixels. A signed source is read
/// as x + Offset. Check::require(kept, promise) hears of everything that the algorithms promise.
template <int Bytes, int PixelCount = 2, std::int32_t Offset = 0, class Check = unchecked>
struct vocabulary {
  static constexpr int lanes = Bytes / 4;
  static constexpr int tile_pixels = PixelCount;
  static constexpr int tile_vectors = lanes == 4 ? 4 : 2;
  static constexpr std::int32_t source_offset = Offset;

  struct i32 {
    std::int32_t lane[lanes];
  };
  struct bytes {
    std::int8_t byte[Bytes];
  };
  using sum = i32;
  using weights = bytes;

  static OCTAVO_INLINE i32 load(const std::int32_t* p) {
    i32 v;
    std::memcpy(v.lane, p, Bytes);
    return v;
  }
  static OCTAVO_INLINE void store(std::int32_t* p, const i32& v) { std::memcpy(p, v.lane, Bytes); }
  static OCTAVO_INLINE i32 broadcast(std::int32_t v) {
    return each([v](int) { return v; });
  }

  /// These wrap.
  static OCTAVO_INLINE i32 add(const i32& a, const i32& b) {
    return each([&](int i) { return wrap(unsigned_of(a.lane[i]) + unsigned_of(b.lane[i])); });
  }
  static OCTAVO_INLINE i32 sub(const i32& a, const i32& b) {
    return each([&](int i) { return wrap(unsigned_of(a.lane[i]) - unsigned_of(b.lane[i])); });
  }
  static OCTAVO_INLINE i32 bit_xor(const i32& a, const i32& b) {
    return each([&](int i) { return a.lane[i] ^ b.lane[i]; });
  }
  static OCTAVO_INLINE i32 min(const i32& a, const i32& b) {
    return each([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static OCTAVO_INLINE i32 max(const i32& a, const i32& b) {
    return each([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
  }

  static OCTAVO_INLINE i32 shift_left(const i32& v, const i32& n) {
    return each([&](int i) { return wrap(unsigned_of(v.lane[i]) << count_of(n.lane[i])); });
  }
  static OCTAVO_INLINE i32 shift_right(const i32& v, const i32& n) {
    return each([&](int i) { return v.lane[i] >> count_of(n.lane[i]); });
  }
  static OCTAVO_INLINE i32 shift_right_logical(const i32& v, const i32& n) {
    return each([&](int i) { return wrap(unsigned_of(v.lane[i]) >> count_of(n.lane[i])); });
  }

  /// floor(v * m / 2^shift + 1/2), shift in 0..62. m is 0 for channels that pad a block, else more.
  static OCTAVO_INLINE i32 multiply_shift(const i32& v, const i32& m, const i32& shift) {
    return each([&](int i) {
      Check::require(m.lane[i] >= 0, "a multiplier is not negative");
      Check::require(shift.lane[i] >= 0 && shift.lane[i] <= 62, "a shift is 0..62");
      const std::int64_t half = (std::int64_t{1} << shift.lane[i]) >> 1;
      const std::int64_t product = std::int64_t{v.lane[i]} * m.lane[i];
      const std::int64_t result = (product + half) >> shift.lane[i];
      Check::require(result >= INT32_MIN && result <= INT32_MAX, "a scaled value fits int32");
      return static_cast<std::int32_t>(result);
    });
  }

  static OCTAVO_INLINE i32 multiply_add(const i32& acc, const i32& a, const i32& b) {
    return each([&](int i) {
      Check::require(a.lane[i] == saturate(a.lane[i]) && b.lane[i] == saturate(b.lane[i]),
                     "factors were int8");
      return wrap(unsigned_of(acc.lane[i]) + unsigned_of(a.lane[i] * b.lane[i]));
    });
  }

  static OCTAVO_INLINE i32 load_widen(const std::int8_t* p) {
    return each([p](int i) { return std::int32_t{p[i]}; });
  }
  static OCTAVO_INLINE void store_narrow(std::int8_t* p, const i32& v) {
    for (int i = 0; i < lanes; ++i) p[i] = saturate(v.lane[i]);
  }

  static OCTAVO_INLINE i32 load_bits(const float* p) {
    i32 v;
    std::memcpy(v.lane, p, Bytes);
    return v;
  }

  static OCTAVO_INLINE i32 quantize_lanes(const float* p, double threshold) {
    return each([&](int i) { return is_finite(p[i]) ? octavo::quantize(p[i], threshold) : 0; });
  }
  static OCTAVO_INLINE void dequantize_lanes(const i32& v, double threshold, float* p) {
    for (int i = 0; i < lanes; ++i) {
      p[i] = static_cast<float>(octavo::dequantize(v.lane[i], threshold));
    }
  }

  static OCTAVO_INLINE weights load_weights(const std::int8_t* p) {
    weights w;
    std::memcpy(w.byte, p, Bytes);
    return w;
  }

  /// Words, products of which conv2d_winograd sums.
  static constexpr int winograd_pixels = PixelCount;
  struct words {
    std::int16_t word[2 * lanes];
  };
  static OCTAVO_INLINE words load_widen_words(const std::int8_t* p) {
    return each_word([p](int i) { return p[i]; });
  }
  static OCTAVO_INLINE words add_words(const words& a, const words& b) {
    return each_word([&](int i) { return a.word[i] + b.word[i]; });
  }
  static OCTAVO_INLINE words sub_words(const words& a, const words& b) {
    return each_word([&](int i) { return a.word[i] - b.word[i]; });
  }
  static OCTAVO_INLINE void store_words(std::int8_t* p, const words& v) {
    std::memcpy(p, v.word, Bytes);
  }
  static OCTAVO_INLINE words broadcast_words(const std::int8_t* p) {
    std::int16_t pair[2];
    std::memcpy(pair, p, sizeof pair);
    return each_word([&](int i) { return pair[i % 2]; });
  }
  static OCTAVO_INLINE i32 dot_words(const i32& acc, const words& a, const weights& w) {
    words b;
    std::memcpy(b.word, w.byte, Bytes);
    return each([&](int i) {
      const auto product = [&](int k) { return unsigned_of(a.word[k] * b.word[k]); };
      return wrap(unsigned_of(acc.lane[i]) + product(2 * i) + product(2 * i + 1));
    });
  }
  static OCTAVO_INLINE words interleave_low(const words& a, const words& b) {
    return interleave(a, b, 0);
  }
  static OCTAVO_INLINE words interleave_high(const words& a, const words& b) {
    return interleave(a, b, 4);
  }
  static OCTAVO_INLINE void put_in_order(const i32& low, const i32& high, i32 (&to)[2]) {
    for (int i = 0; i < 2 * lanes; ++i) {
      const i32& half = i % 8 < 4 ? low : high;
      to[i / lanes].lane[i % lanes] = half.lane[i / 8 * 4 + i % 4];
    }
  }
  static OCTAVO_INLINE i32 multiply(const i32& a, const i32& b) {
    return each([&](int i) { return wrap(unsigned_of(a.lane[i]) * unsigned_of(b.lane[i])); });
  }

  struct unsigned_source {
    std::int32_t value[4];

    static OCTAVO_INLINE unsigned_source broadcast(const std::int8_t* p) {
      Check::require(p[0] >= 0 && p[1] >= 0 && p[2] >= 0 && p[3] >= 0, "a source is 0..127");
      return {{p[0], p[1], p[2], p[3]}};
    }
  };
  struct signed_source {
    std::int32_t value[4];

    static OCTAVO_INLINE signed_source broadcast(const std::int8_t* p) {
      return {{p[0] + Offset, p[1] + Offset, p[2] + Offset, p[3] + Offset}};
    }
  };

  /// Bytes that hold x + Offset.
  struct biased_source {
    std::int32_t value[4];

    static OCTAVO_INLINE biased_source broadcast(const std::int8_t* p) {
      return {{static_cast<std::uint8_t>(p[0]), static_cast<std::uint8_t>(p[1]),
               static_cast<std::uint8_t>(p[2]), static_cast<std::uint8_t>(p[3])}};
    }
  };

  template <class Source>
  static OCTAVO_INLINE i32 dot(const i32& acc, const Source& s, const weights& w) {
    return each([&](int i) {
      std::int32_t sum = 0;
      for (int k = 0; k < 4; ++k) sum += s.value[k] * w.byte[4 * i + k];
      return wrap(unsigned_of(acc.lane[i]) + unsigned_of(sum));
    });
  }

  static OCTAVO_INLINE bytes narrow(const i32& a, const i32& b, const i32& c, const i32& d) {
    bytes y;
    store_narrow(y.byte, a);
    store_narrow(y.byte + lanes, b);
    store_narrow(y.byte + 2 * lanes, c);
    store_narrow(y.byte + 3 * lanes, d);
    return y;
  }

  static OCTAVO_INLINE bytes broadcast_byte(std::int8_t v) {
    bytes y;
    for (std::int8_t& byte : y.byte) byte = v;
    return y;
  }
  static OCTAVO_INLINE bytes min_bytes(const bytes& a, const bytes& b) {
    bytes y;
    for (int i = 0; i < Bytes; ++i) y.byte[i] = a.byte[i] < b.byte[i] ? a.byte[i] : b.byte[i];
    return y;
  }
  static OCTAVO_INLINE bytes max_bytes(const bytes& a, const bytes& b) {
    bytes y;
    for (int i = 0; i < Bytes; ++i) y.byte[i] = a.byte[i] > b.byte[i] ? a.byte[i] : b.byte[i];
    return y;
  }

  struct adder {
    add_params params;

    OCTAVO_INLINE explicit adder(const add_params& p) : params(p) {
      Check::require(p.multiplier[0] >= 0 && p.multiplier[0] <= 127, "m[0] is 0..127");
      Check::require(p.multiplier[1] >= 0 && p.multiplier[1] <= 127, "m[1] is 0..127");
      Check::require(p.shift >= 0 && p.shift <= 31, "an add's shift is 0..31");
    }
  };

  static OCTAVO_INLINE bytes add_bytes(const bytes& a, const bytes& b, const adder& r) {
    bytes y;
    for (int i = 0; i < Bytes; ++i) {
      const std::int64_t sum = std::int64_t{r.params.multiplier[0]} * a.byte[i] +
                               std::int64_t{r.params.multiplier[1]} * b.byte[i];
      const std::int64_t half = (std::int64_t{1} << r.params.shift) >> 1;
      y.byte[i] = saturate(static_cast<std::int32_t>((sum + half) >> r.params.shift));
    }
    return y;
  }

  template <int Piece, class At>
  static OCTAVO_INLINE bytes load_pieces(const At& at, int count) {
    static_assert(Bytes % Piece == 0 && (Piece == 16 || Piece == 32 || Piece == 64));
    Check::require(count >= 1 && count <= Bytes / Piece, "pieces fit a vector");
    bytes v = {};
    for (int i = 0; i < count; ++i) std::memcpy(v.byte + i * Piece, at(i), Piece);
    return v;
  }
  template <int Piece, class At>
  static OCTAVO_INLINE void store_pieces(const At& at, int count, const bytes& v) {
    static_assert(Bytes % Piece == 0 && (Piece == 16 || Piece == 32 || Piece == 64));
    Check::require(count >= 1 && count <= Bytes / Piece, "pieces fit a vector");
    for (int i = 0; i < count; ++i) std::memcpy(at(i), v.byte + i * Piece, Piece);
  }

 private:
  template <class F>
  static OCTAVO_INLINE i32 each(const F& f) {
    i32 v;
    for (int i = 0; i < lanes; ++i) v.lane[i] = f(i);
    return v;
  }

  template <class F>
  static OCTAVO_INLINE words each_word(const F& f) {
    words v;
    for (int i = 0; i < 2 * lanes; ++i) {
      const int value = f(i);
      v.word[i] = static_cast<std::int16_t>(value);
      Check::require(v.word[i] == value, "a word fits int16");
    }
    return v;
  }

  /// Four of every eight words, from `first` on.
  static OCTAVO_INLINE words interleave(const words& a, const words& b, int first) {
    return each_word([&](int i) {
      const int from = i / 8 * 8 + first + i % 8 / 2;
      return i % 2 == 0 ? a.word[from] : b.word[from];
    });
  }

  static constexpr std::uint32_t unsigned_of(std::int32_t v) {
    return static_cast<std::uint32_t>(v);
  }
  static constexpr std::int32_t wrap(std::uint32_t v) { return static_cast<std::int32_t>(v); }
  static constexpr std::int8_t saturate(std::int32_t v) {
    return static_cast<std::int8_t>(v < -128 ? -128 : v > 127 ? 127 : v);
  }
  static constexpr std::int32_t count_of(std::int32_t n) {
    Check::require(n >= 0 && n <= 31, "a lane's shift is 0..31");
    return n;
  }
};

#include "octavo/simd/algorithms.inl"

}  // namespace octavo::inline v0::simd::plain
