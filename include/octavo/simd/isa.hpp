// SPDX-License-Identifier: MIT
/// @file
/// The instruction sets that kernels exist for, and which of them this CPU has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/core/inline_vector.hpp"
#include "octavo/simd/cpu.hpp"

namespace octavo::inline v0 {

/// One set of kernels. All give the same bytes.
enum class isa : std::uint8_t {
  portable,    ///< xsimd, for the architecture of the user's compile flags
  avx2,        ///< x86-64 with AVX2
  avxvnni,     ///< AVX2 and the 256-bit dot products of AVX-VNNI
  avx512vnni,  ///< AVX-512 F, BW, VL, DQ and VNNI
  neon_dot,    ///< AArch64 with the dot products of Armv8.2
  neon_i8mm,   ///< AArch64 with the int8 matrix products of Armv8.6
};

/// Enumerators of isa.
inline constexpr int isa_count = 6;

/// As `--isa` and OCTAVO_ISA have it; "unknown" for a number that is no enumerator.
constexpr std::string_view to_string(isa which) {
  constexpr std::string_view names[isa_count] = {"portable",   "avx2",     "avxvnni",
                                                 "avx512vnni", "neon_dot", "neon_i8mm"};
  const auto index = static_cast<std::size_t>(which);
  return index < isa_count ? names[index] : "unknown";
}

namespace detail {

// Target regions are the compilers' of the GNU family.
#if defined(__x86_64__) && defined(__GNUC__)
inline constexpr bool has_x86_regions = true;
#else
inline constexpr bool has_x86_regions = false;
#endif
#if defined(__aarch64__) && defined(__GNUC__)
inline constexpr bool has_arm_regions = true;
#else
inline constexpr bool has_arm_regions = false;
#endif

}  // namespace detail

/// Whether kernels for it are part of this build.
constexpr bool is_compiled(isa which) {
  switch (which) {
    case isa::portable:
      return true;
    case isa::avx2:
    case isa::avxvnni:
    case isa::avx512vnni:
      return detail::has_x86_regions;
    case isa::neon_dot:
    case isa::neon_i8mm:
      return detail::has_arm_regions;
  }
  return false;
}

/// Whether this build has kernels for it and this CPU (and its operating system) can run them.
inline bool is_available(isa which) {
  if (!is_compiled(which)) return false;
  const detail::cpu_features& cpu = detail::cpu();
  switch (which) {
    case isa::portable:
      return true;
    case isa::avx2:
      return cpu.avx2;
    case isa::avxvnni:
      return cpu.avx2 && cpu.avxvnni;
    case isa::avx512vnni:
      return cpu.avx512vnni;
    case isa::neon_dot:
      return cpu.neon_dot;
    case isa::neon_i8mm:
      return cpu.neon_dot && cpu.neon_i8mm;
  }
  return false;
}

/// Instruction sets, each once.
using isa_list = inline_vector<isa, isa_count>;

/// What this CPU can run, from the slowest to the fastest.
inline isa_list available_isas() {
  isa_list found;
  for (int i = 0; i < isa_count; ++i) {
    if (is_available(static_cast<isa>(i))) found.push_back(static_cast<isa>(i));
  }
  return found;
}

/// The last of available_isas(): the fastest. OCTAVO_ISA does not change it.
inline isa best_isa() {
  const isa_list all = available_isas();
  return all[all.size() - 1];
}

/// @throws octavo::error listing the names there are.
inline isa parse_isa(std::string_view text) {
  std::string known;
  for (int i = 0; i < isa_count; ++i) {
    const auto which = static_cast<isa>(i);
    if (to_string(which) == text) return which;
    append_item(known, to_string(which));
  }
  fail("isa ", in_quotes(text), ", expected one of ", known);
}

/// `which`, which this CPU can run. @throws octavo::error where it cannot, listing what it can.
inline isa require_available(isa which) {
  if (is_available(which)) return which;
  std::string have;
  for (const isa other : available_isas()) append_item(have, to_string(other));
  fail("isa ", to_string(which), is_compiled(which) ? ": this CPU lacks it" : ": not in this build",
       ", it has ", have);
}

/// The one that the environment variable OCTAVO_ISA names, else the best. Programs call it; an
/// engine does not.
/// @throws octavo::error where the name is unknown or this CPU lacks the instruction set.
inline isa isa_from_environment() {
  const char* wanted = std::getenv("OCTAVO_ISA");
  if (wanted == nullptr || *wanted == '\0') return best_isa();
  return with_context("OCTAVO_ISA", [&] { return require_available(parse_isa(wanted)); });
}

}  // namespace octavo::inline v0
