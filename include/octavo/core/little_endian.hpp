// SPDX-License-Identifier: MIT
/// @file
/// Numbers in memory with the lowest byte first, whatever the machine's own order.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// An integer or floating-point type of 1, 2, 4 or 8 bytes; bool is not one.
template <class T>
concept number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 8;

namespace detail {

template <std::size_t Size>
using unsigned_of_size = std::conditional_t<
    Size == 1, std::uint8_t,
    std::conditional_t<Size == 2, std::uint16_t,
                       std::conditional_t<Size == 4, std::uint32_t, std::uint64_t>>>;

/// Native order to little-endian and back; nothing to do on most machines.
template <class Bits>
constexpr Bits little_bits(Bits bits) noexcept {
  if constexpr (std::endian::native == std::endian::little || sizeof(Bits) == 1) {
    return bits;
  } else {
    Bits swapped = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
      swapped = static_cast<Bits>((swapped << 8U) | ((bits >> (8U * i)) & 0xFFU));
    }
    return swapped;
  }
}

}  // namespace detail

/// The little-endian number at `from`, which may be unaligned.
template <number T>
T load_little(const std::uint8_t* from) noexcept {
  detail::unsigned_of_size<sizeof(T)> bits;
  std::memcpy(&bits, from, sizeof bits);
  return std::bit_cast<T>(detail::little_bits(bits));
}

/// Writes `value` little-endian at `to`, which may be unaligned.
template <number T>
void store_little(std::uint8_t* to, T value) noexcept {
  const auto bits = detail::little_bits(std::bit_cast<detail::unsigned_of_size<sizeof(T)>>(value));
  std::memcpy(to, &bits, sizeof bits);
}

}  // namespace octavo::inline v0
