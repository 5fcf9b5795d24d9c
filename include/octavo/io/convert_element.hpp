// SPDX-License-Identifier: MIT
/// @file
/// An element of a stored array as a number of another type, where that does not change its value.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "octavo/io/byte_reader.hpp"

namespace octavo::inline v0::io {

namespace detail {

struct half_bits {};    ///< stands for float16, which C++20 has no type for
struct bfloat_bits {};  ///< stands for bfloat16, the upper half of a float32

/// The value of the half-precision number with these bits; every one is a float exactly.
inline float half_to_float(std::uint16_t half) noexcept {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 31U;
  const std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + (127U - 15U);
  return std::bit_cast<float>(sign | (wide << 23U) | (fraction << 13U));
}

/// The value of the bfloat16 with these bits, the upper half of a float32.
inline float bfloat_to_float(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

/// Stores `from` in `to` when the rule of npy_array::as allows it.
template <number To, number From>
bool convert_number(From from, To& to) noexcept {
  if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    if (!std::in_range<To>(from)) return false;
  } else if constexpr (std::is_integral_v<From>) {
    using bits_type = std::make_unsigned_t<From>;
    const auto bits = static_cast<bits_type>(from);
    const auto magnitude = from < 0 ? static_cast<bits_type>(0U - bits) : bits;
    const int significant =
        static_cast<int>(std::bit_width(magnitude)) - std::countr_zero(magnitude);
    if (magnitude != 0 && significant > std::numeric_limits<To>::digits) return false;
  } else if constexpr (std::is_integral_v<To>) {
    const From limit = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    const From lowest = std::is_signed_v<To> ? -limit : From{0};
    // NaN fails the comparisons.
    if (!(from >= lowest && from < limit) || std::trunc(from) != from) return false;
  } else if constexpr (sizeof(To) < sizeof(From)) {
    if (std::isfinite(from) && std::abs(from) > std::numeric_limits<To>::max()) return false;
  }
  to = static_cast<To>(from);
  return true;
}

/// Converts the little-endian element at `from`.
template <class Element, number To>
bool convert_element(const std::uint8_t* from, To& to) noexcept {
  if constexpr (std::is_same_v<Element, bool>) {
    return *from <= 1 && convert_number(*from, to);
  } else if constexpr (std::is_same_v<Element, half_bits>) {
    return convert_number(half_to_float(load_little<std::uint16_t>(from)), to);
  } else if constexpr (std::is_same_v<Element, bfloat_bits>) {
    return convert_number(bfloat_to_float(load_little<std::uint16_t>(from)), to);
  } else {
    return convert_number(load_little<Element>(from), to);
  }
}

}  // namespace detail

}  // namespace octavo::inline v0::io
