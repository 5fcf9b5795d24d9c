// SPDX-License-Identifier: MIT
/// @file
/// The kernels under test: those of every instruction set that this CPU has, and the emulated ones,
/// which are plain arrays of three widths.
#pragma once

#include <string>
#include <vector>

#include "octavo/simd/kernels.hpp"

namespace octavo::testing {

struct kernels_under_test {
  std::string name;
  simd::kernel_table table;
};

/// Defined in simd/isa_test.cpp, so that the kernels are compiled once and not in every test.
const std::vector<kernels_under_test>& all_kernels();

}  // namespace octavo::testing
