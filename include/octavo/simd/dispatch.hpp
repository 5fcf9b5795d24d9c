// SPDX-License-Identifier: MIT
/// @file
/// The kernels of an instruction set, by name.
///
/// Every translation unit that prepares a model compiles all kernels, many seconds of the
/// compiler's. A program of several such units defines OCTAVO_SEPARATE_KERNELS for all of them, and
/// has one more source file that includes kernels_source.hpp: kernels are compiled there alone.
#pragma once

#include "octavo/simd/isa.hpp"
#include "octavo/simd/kernels.hpp"
#if !defined(OCTAVO_SEPARATE_KERNELS)
#include "octavo/simd/tables.hpp"
#endif

namespace octavo::inline v0::simd {

/// In place of an architecture: the one for which kernels_source.hpp is compiled.
struct separate_arch;

#if defined(OCTAVO_SEPARATE_KERNELS)
using portable_arch = separate_arch;
#else
/// What this translation unit is compiled for. Whatever depends on it is a template that has it as
/// a parameter, so that units compiled with different flags share no such function.
using portable_arch = xsimd::default_arch;
#endif

/// The kernels of `which`. They live as long as the program.
///
/// @throws octavo::error where this build or this CPU lacks the instruction set.
template <class PortableArch = portable_arch>
const kernel_table& kernels_for(isa which);

/// In kernels_source.hpp.
template <>
const kernel_table& kernels_for<separate_arch>(isa which);

#if !defined(OCTAVO_SEPARATE_KERNELS)
template <class PortableArch>
const kernel_table& kernels_for(isa which) {
  return table_of<PortableArch>(which);
}
#endif

}  // namespace octavo::inline v0::simd
