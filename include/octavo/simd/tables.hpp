// SPDX-License-Identifier: MIT
/// @file
/// The tables of all instruction sets: a translation unit that calls table_of() has all kernels in
/// it. Who needs kernels calls kernels_for() of simd/dispatch.hpp.
#pragma once

#include "octavo/simd/isa.hpp"
#include "octavo/simd/isa/avx2.hpp"
#include "octavo/simd/isa/avx512vnni.hpp"
#include "octavo/simd/isa/avxvnni.hpp"
#include "octavo/simd/isa/neon_dot.hpp"
#include "octavo/simd/isa/neon_i8mm.hpp"
#include "octavo/simd/isa/portable.hpp"
#include "octavo/simd/kernels.hpp"

namespace octavo::inline v0::simd {

/// A vocabulary in the names of what a translation unit makes of it: a region adds an instruction
/// set to those that the unit is compiled for, so that its kernels may have instructions of both.
template <class Vocabulary, class PortableArch>
struct for_unit : Vocabulary {};

/// The kernels of `which`, the portable ones for PortableArch. They live as long as the program.
///
/// @throws octavo::error where this build or this CPU lacks the instruction set.
template <class PortableArch>
const kernel_table& table_of(isa which) {
  // A table is made by a function compiled for its instruction set: only where the CPU has it.
  switch (require_available(which)) {
#if defined(__x86_64__) && defined(__GNUC__)
    case isa::avx2: {
      static const kernel_table table =
          avx2::make_kernel_table<for_unit<avx2::vocabulary, PortableArch>>(isa::avx2, "");
      return table;
    }
    case isa::avxvnni: {
      static const kernel_table table =
          avxvnni::make_kernel_table<for_unit<avxvnni::vocabulary, PortableArch>>(isa::avxvnni, "");
      return table;
    }
    case isa::avx512vnni: {
      static const kernel_table table =
          avx512vnni::make_kernel_table<for_unit<avx512vnni::vocabulary, PortableArch>>(
              isa::avx512vnni, "");
      return table;
    }
#endif
#if defined(__aarch64__) && defined(__GNUC__)
    case isa::neon_dot: {
      static const kernel_table table =
          neon_dot::make_kernel_table<for_unit<neon_dot::vocabulary, PortableArch>>(isa::neon_dot,
                                                                                    "");
      return table;
    }
    case isa::neon_i8mm: {
      static const kernel_table table =
          neon_i8mm::make_kernel_table<for_unit<neon_i8mm::vocabulary, PortableArch>>(
              isa::neon_i8mm, "");
      return table;
    }
#endif
#if !defined(__x86_64__) || !defined(__GNUC__)
    case isa::avx2:
    case isa::avxvnni:
    case isa::avx512vnni:
#endif
#if !defined(__aarch64__) || !defined(__GNUC__)
    case isa::neon_dot:
    case isa::neon_i8mm:
#endif
    case isa::portable:  // what this build lacks is not available, and has thrown
      break;
  }
  static const kernel_table table = portable::make_table<PortableArch>();
  return table;
}

}  // namespace octavo::inline v0::simd
