// SPDX-License-Identifier: MIT
// From float32 to int8 and back, by the formulas of quant/activation.hpp in IEEE double: the same
// bytes, because every operation of them is rounded as there.

/// dst = sat8(round_up(src * 128 / threshold)). Returns whether all values were finite; dst has
/// anything where not.
template <class S>
bool quantize(const float* src, std::int64_t count, double threshold, std::int8_t* dst) noexcept {
  constexpr std::int32_t infinity = 0x7f800000;  // the bits of NaN without their sign are above it
  const auto one = S::broadcast(1);
  auto largest = S::broadcast(0);
  const auto convert = [&](const float* from, std::int8_t* to) {
    const auto magnitude = S::shift_right_logical(S::shift_left(S::load_bits(from), one), one);
    largest = S::max(largest, magnitude);
    S::store_narrow(to, S::quantize_lanes(from, threshold));
  };
  std::int64_t i = 0;
  for (; i + S::lanes <= count; i += S::lanes) convert(src + i, dst + i);
  if (i < count) {
    float from[S::lanes] = {};
    std::int8_t to[S::lanes];
    const auto rest = static_cast<std::size_t>(count - i);
    std::memcpy(from, src + i, rest * sizeof(float));
    convert(from, to);
    std::memcpy(dst + i, to, rest);
  }
  std::int32_t magnitudes[S::lanes];
  S::store(magnitudes, largest);
  bool finite = true;
  for (const std::int32_t magnitude : magnitudes) finite = finite && magnitude < infinity;
  return finite;
}

/// dst = src * threshold / 128, rounded once to float32.
template <class S>
void dequantize(const std::int8_t* src, std::int64_t count, double threshold, float* dst) noexcept {
  std::int64_t i = 0;
  for (; i + S::lanes <= count; i += S::lanes) {
    S::dequantize_lanes(S::load_widen(src + i), threshold, dst + i);
  }
  if (i < count) {
    std::int8_t from[S::lanes] = {};
    float to[S::lanes];
    const auto rest = static_cast<std::size_t>(count - i);
    std::memcpy(from, src + i, rest);
    S::dequantize_lanes(S::load_widen(from), threshold, to);
    std::memcpy(dst + i, to, rest * sizeof(float));
  }
}
