// SPDX-License-Identifier: MIT
// 128-bit vectors: what the vocabularies of AArch64 have in common. Included inside the namespace
// and the region of each.

struct neon {
  using i32 = int32x4_t;
  using sum = i32;
  using bytes = int8x16_t;
  using weights = int8x16_t;

  static constexpr int lanes = 4;
  /// Dot products take a signed source as it is.
  static constexpr std::int32_t source_offset = 0;

  static OCTAVO_INLINE i32 load(const std::int32_t* p) { return vld1q_s32(p); }
  static OCTAVO_INLINE void store(std::int32_t* p, i32 v) { vst1q_s32(p, v); }
  static OCTAVO_INLINE i32 broadcast(std::int32_t v) { return vdupq_n_s32(v); }
  static OCTAVO_INLINE i32 add(i32 a, i32 b) { return vaddq_s32(a, b); }
  static OCTAVO_INLINE i32 sub(i32 a, i32 b) { return vsubq_s32(a, b); }
  static OCTAVO_INLINE i32 bit_xor(i32 a, i32 b) { return veorq_s32(a, b); }
  static OCTAVO_INLINE i32 max(i32 a, i32 b) { return vmaxq_s32(a, b); }
  static OCTAVO_INLINE i32 min(i32 a, i32 b) { return vminq_s32(a, b); }
  /// A shift to the right is one to the left by a negative count.
  static OCTAVO_INLINE i32 shift_left(i32 v, i32 n) { return vshlq_s32(v, n); }
  static OCTAVO_INLINE i32 shift_right(i32 v, i32 n) { return vshlq_s32(v, vnegq_s32(n)); }
  static OCTAVO_INLINE i32 shift_right_logical(i32 v, i32 n) {
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(v), vnegq_s32(n)));
  }

  /// floor(v * m / 2^shift + 1/2) for |v * m| below 2^62, shift in 0..62; the result fits int32.
  /// srshl rounds ties up and adds the half without overflow.
  static OCTAVO_INLINE i32 multiply_shift(i32 v, i32 m, i32 shift) {
    const i32 count = vnegq_s32(shift);
    const int64x2_t low = vmull_s32(vget_low_s32(v), vget_low_s32(m));
    const int64x2_t high = vmull_high_s32(v, m);
    const int32x2_t low32 = vmovn_s64(vrshlq_s64(low, vmovl_s32(vget_low_s32(count))));
    return vmovn_high_s64(low32, vrshlq_s64(high, vmovl_high_s32(count)));
  }

  /// acc + a * b for a and b that were int8.
  static OCTAVO_INLINE i32 multiply_add(i32 acc, i32 a, i32 b) { return vmlaq_s32(acc, a, b); }

  /// 4 int8 as int32, and back with saturation.
  static OCTAVO_INLINE i32 load_widen(const std::int8_t* p) {
    return vmovl_s16(vget_low_s16(vmovl_s8(load4(p))));
  }
  static OCTAVO_INLINE void store_narrow(std::int8_t* p, i32 v) {
    const int16x4_t words = vqmovn_s32(v);
    const int8x8_t narrow = vqmovn_s16(vcombine_s16(words, words));
    const std::int32_t bytes4 = vget_lane_s32(vreinterpret_s32_s8(narrow), 0);
    std::memcpy(p, &bytes4, sizeof bytes4);
  }

  static OCTAVO_INLINE i32 load_bits(const float* p) { return vreinterpretq_s32_f32(vld1q_f32(p)); }

  static OCTAVO_INLINE i32 quantize_lanes(const float* p, double threshold) {
    const float32x4_t x = vld1q_f32(p);
    const int32x2_t low = quantize2(vcvt_f64_f32(vget_low_f32(x)), threshold);
    return vcombine_s32(low, quantize2(vcvt_high_f64_f32(x), threshold));
  }
  static OCTAVO_INLINE void dequantize_lanes(i32 v, double threshold, float* p) {
    const float32x2_t low = vcvt_f32_f64(dequantize2(vget_low_s32(v), threshold));
    vst1q_f32(p, vcvt_high_f32_f64(low, dequantize2(vget_high_s32(v), threshold)));
  }

  static OCTAVO_INLINE weights load_weights(const std::int8_t* p) { return vld1q_s8(p); }

  /// The 16 accumulators saturated to int8, in their order.
  static OCTAVO_INLINE bytes narrow(i32 a, i32 b, i32 c, i32 d) {
    const int16x8_t low = vqmovn_high_s32(vqmovn_s32(a), b);
    const int16x8_t high = vqmovn_high_s32(vqmovn_s32(c), d);
    return vqmovn_high_s16(vqmovn_s16(low), high);
  }

  static OCTAVO_INLINE bytes broadcast_byte(std::int8_t v) { return vdupq_n_s8(v); }
  static OCTAVO_INLINE bytes min_bytes(bytes a, bytes b) { return vminq_s8(a, b); }
  static OCTAVO_INLINE bytes max_bytes(bytes a, bytes b) { return vmaxq_s8(a, b); }

  /// The constants of add_bytes. Shifts above 16 give 0, as 16 does.
  struct adder {
    int8x16_t multiplier[2];
    int16x8_t count;  ///< -shift

    OCTAVO_INLINE explicit adder(const add_params& params)
        : multiplier{vdupq_n_s8(static_cast<std::int8_t>(params.multiplier[0])),
                     vdupq_n_s8(static_cast<std::int8_t>(params.multiplier[1]))},
          count(vdupq_n_s16(static_cast<std::int16_t>(params.shift > 16 ? -16 : -params.shift))) {}
  };

  /// sat8((m[0] * a + m[1] * b) / 2^shift), ties up. With multipliers up to 127 the sum fits 16
  /// bits.
  static OCTAVO_INLINE bytes add_bytes(bytes a, bytes b, const adder& r) {
    const int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(a), vget_low_s8(r.multiplier[0])),
                                   vget_low_s8(b), vget_low_s8(r.multiplier[1]));
    const int16x8_t high = vmlal_high_s8(vmull_high_s8(a, r.multiplier[0]), b, r.multiplier[1]);
    return vqmovn_high_s16(vqmovn_s16(vrshlq_s16(low, r.count)), vrshlq_s16(high, r.count));
  }

  /// One piece of 16 bytes is a whole vector, so that there is never a second.
  template <int Piece, class At>
  static OCTAVO_INLINE bytes load_pieces(const At& at, int) {
    static_assert(Piece == 16);
    return vld1q_s8(at(0));
  }
  template <int Piece, class At>
  static OCTAVO_INLINE void store_pieces(const At& at, int, bytes v) {
    static_assert(Piece == 16);
    vst1q_s8(at(0), v);
  }

 private:
  /// Rounds after clamping to int8: floor, and one more where a half or more was cut off.
  static OCTAVO_INLINE int32x2_t quantize2(float64x2_t x, double threshold) {
    const float64x2_t v = vdivq_f64(vmulq_n_f64(x, 128), vdupq_n_f64(threshold));
    const float64x2_t bounded = vminq_f64(vmaxq_f64(v, vdupq_n_f64(-128)), vdupq_n_f64(127));
    const float64x2_t floor = vrndmq_f64(bounded);
    const uint64x2_t up = vcgeq_f64(vsubq_f64(bounded, floor), vdupq_n_f64(0.5));
    const int64x2_t one = vreinterpretq_s64_u64(vshrq_n_u64(up, 63));
    return vmovn_s64(vaddq_s64(vcvtq_s64_f64(floor), one));
  }

  static OCTAVO_INLINE float64x2_t dequantize2(int32x2_t v, double threshold) {
    const float64x2_t scaled = vmulq_n_f64(vcvtq_f64_s64(vmovl_s32(v)), threshold);
    return vdivq_f64(scaled, vdupq_n_f64(128));
  }

 protected:
  /// Four bytes and four zeros.
  static OCTAVO_INLINE int8x8_t load4(const std::int8_t* p) {
    std::uint32_t bytes4;
    std::memcpy(&bytes4, p, sizeof bytes4);
    return vcreate_s8(bytes4);
  }
};
