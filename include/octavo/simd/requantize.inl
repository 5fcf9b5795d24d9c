// SPDX-License-Identifier: MIT
// The policies other than rshift, over vectors of accumulators. See quant/fixed_point.hpp for what
// they are. Every result fits 32 bits and saturates to the right int8, because `lowest` and
// `highest` bound the accumulator first (simd/packed_filter.hpp).

/// v / 2^shift, ties away from zero, for shift in 0..31: the magnitude is rounded, as an unsigned
/// number, so that |v| + 2^30 has room.
template <class S>
OCTAVO_INLINE typename S::i32 shift_half_away(typename S::i32 v, typename S::i32 shift) {
  const auto sign = S::shift_right(v, S::broadcast(31));
  const auto half = S::shift_right_logical(S::shift_left(S::broadcast(1), shift), S::broadcast(1));
  const auto magnitude = S::sub(S::bit_xor(v, sign), sign);
  const auto rounded = S::shift_right_logical(S::add(magnitude, half), shift);
  return S::sub(S::bit_xor(rounded, sign), sign);
}

/// The accumulators `acc` of S::lanes output channels, `channel` being the first.
template <class S>
OCTAVO_INLINE typename S::i32 requantize(const packed_filter& filter, typename S::i32 acc,
                                         std::int64_t channel) {
  const auto shift = S::load(filter.shift + channel);
  if (filter.kind == policy::rshift) return S::shift_right(acc, shift);  // the bias has the half
  const auto lowest = S::load(filter.lowest + channel);
  const auto highest = S::load(filter.highest + channel);
  const auto bounded = S::min(S::max(acc, lowest), highest);
  if (filter.kind == policy::rshift_half_away) return shift_half_away<S>(bounded, shift);
  const auto multiplier = S::load(filter.multiplier + channel);
  if (filter.kind == policy::multiplier_rshift) {
    return S::multiply_shift(bounded, multiplier, shift);
  }
  const auto high = S::multiply_shift(bounded, multiplier, S::broadcast(31));
  return shift_half_away<S>(high, shift);
}

/// Requantizes a tile of accumulators in place: [pixel][channels of the panel].
template <class S>
OCTAVO_NOINLINE void requantize_tile(const packed_filter& filter, std::int64_t channel, int pixels,
                                     std::int32_t* acc) noexcept {
  for (int v = 0; v < filter.panel; v += S::lanes) {
    for (int m = 0; m < pixels; ++m) {
      std::int32_t* const at = acc + m * filter.panel + v;
      S::store(at, requantize<S>(filter, S::load(at), channel + v));
    }
  }
}
