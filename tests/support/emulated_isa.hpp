// SPDX-License-Identifier: MIT
/// @file
/// Instruction sets that no CPU has: the vocabulary of simd/isa/plain.hpp, obvious loops over
/// arrays of 16, 32 and 64 bytes, checking what the algorithms promise in every operation, with
/// NDEBUG or without. They prove tiling, tails, block sizes and the compensation of an offset on
/// any machine.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "octavo/simd/isa/plain.hpp"
#include "octavo/simd/kernels.hpp"

namespace octavo::testing {

/// Ends the test where an algorithm breaks a promise: kernels are noexcept.
struct promise {
  static constexpr void require(bool kept, const char* what) {
    if (kept) return;
    std::fprintf(stderr, "a kernel broke its promise: %s\n", what);
    std::abort();
  }
};

/// Odd tiles, whose last vectors of bytes are half filled.
template <int Bytes>
inline constexpr int emulated_pixels = Bytes == 16   ? 3
                                       : Bytes == 32 ? 5
                                                     : 7;

/// The offset that an ISA with vpdpbusd adds to a signed source, in one width.
template <int Bytes>
inline constexpr std::int32_t emulated_offset = Bytes == 32 ? 128 : 0;

/// The kernels with vectors of `Bytes` bytes: 16, 32 or 64.
template <int Bytes>
simd::kernel_table emulated_kernels() {
  using vocabulary =
      simd::plain::vocabulary<Bytes, emulated_pixels<Bytes>, emulated_offset<Bytes>, promise>;
  constexpr const char* detail = Bytes == 16   ? "emulated, 16 bytes"
                                 : Bytes == 32 ? "emulated, 32 bytes"
                                               : "emulated, 64 bytes";
  return simd::plain::make_kernel_table<vocabulary>(isa::portable, detail);
}

inline std::array<simd::kernel_table, 3> all_emulated_kernels() {
  return {emulated_kernels<16>(), emulated_kernels<32>(), emulated_kernels<64>()};
}

}  // namespace octavo::testing
