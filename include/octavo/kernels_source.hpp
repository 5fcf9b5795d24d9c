// SPDX-License-Identifier: MIT
/// @file
/// The kernels of a program of which the other files define OCTAVO_SEPARATE_KERNELS, in one source
/// file of this line:
///
///     #include <octavo/kernels_source.hpp>
///
/// The portable kernels are compiled for that file's flags.
#pragma once

#include "octavo/simd/dispatch.hpp"
#include "octavo/simd/tables.hpp"

namespace octavo::inline v0::simd {

template <>
const kernel_table& kernels_for<separate_arch>(isa which) {
  return table_of<xsimd::default_arch>(which);
}

}  // namespace octavo::inline v0::simd
