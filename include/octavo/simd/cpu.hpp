// SPDX-License-Identifier: MIT
/// @file
/// What the CPU says of itself, and whether the operating system saves the registers.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include "octavo/version.hpp"

namespace octavo::inline v0::detail {

struct cpu_features {
  bool avx2 = false;
  bool avxvnni = false;
  bool avx512vnni = false;  ///< with F, BW, DQ and VL
  bool neon_dot = false;
  bool neon_i8mm = false;
};

#if defined(__x86_64__) && defined(__GNUC__)

/// Which register states the operating system saves: bit 1 SSE, 2 AVX, 5..7 AVX-512.
inline unsigned saved_states() {
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

inline cpu_features read_cpu() {
  constexpr unsigned ymm_states = 0x06;
  constexpr unsigned zmm_states = 0xe6;
  constexpr auto has = [](unsigned word, int bit) { return (word >> bit & 1u) != 0; };
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return {};
  const bool osxsave = has(c, 27);
  if (!osxsave || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return {};
  const unsigned subleafs = a;
  const unsigned states = saved_states();
  cpu_features found;
  found.avx2 = has(b, 5) && (states & ymm_states) == ymm_states;
  const bool avx512 = has(b, 16) && has(b, 17) && has(b, 30) && has(b, 31);  // F, DQ, BW, VL
  found.avx512vnni = found.avx2 && avx512 && has(c, 11) && (states & zmm_states) == zmm_states;
  if (subleafs >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
    found.avxvnni = has(a, 4) && found.avx2;
  }
  return found;
}

#elif defined(__aarch64__) && defined(__linux__)

inline cpu_features read_cpu() {
  constexpr unsigned long asimddp = 1ul << 20;  // HWCAP_ASIMDDP
  constexpr unsigned long i8mm = 1ul << 13;     // HWCAP2_I8MM
  cpu_features found;
  found.neon_dot = (getauxval(AT_HWCAP) & asimddp) != 0;
  found.neon_i8mm = (getauxval(AT_HWCAP2) & i8mm) != 0;
  return found;
}

#else

inline cpu_features read_cpu() { return {}; }

#endif

inline const cpu_features& cpu() {
  static const cpu_features found = read_cpu();
  return found;
}

}  // namespace octavo::inline v0::detail
