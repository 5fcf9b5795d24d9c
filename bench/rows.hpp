// SPDX-License-Identifier: MIT
/// @file
/// The rows of the benchmark program, one function for each file of them.
#pragma once

#include "octavo/simd/isa.hpp"

namespace octavo::bench {

void add_peak_rows();
void add_layer_rows(isa which);
void add_op_rows(isa which);
void add_network_rows(isa which);

}  // namespace octavo::bench
