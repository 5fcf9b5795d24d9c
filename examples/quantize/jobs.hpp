// SPDX-License-Identifier: MIT
/// @file
/// What quantize does: one of four jobs. Each prints what it found; @throws octavo::error.
#pragma once

#include "options.hpp"

namespace octavo::examples {

/// Makes an int8 network of a float one and says what that costs (job_quantize.cpp).
void quantize_network(const options& wanted);

/// One round of a calibration on a share of the pictures (job_quantize.cpp).
void calibrate_round(const options& wanted);

/// How often the network is right on pictures whose classes are known (job_evaluate.cpp).
void evaluate_network(const options& wanted);

/// Joins partial results (job_merge.cpp).
void merge_parts(const options& wanted);

}  // namespace octavo::examples
