// SPDX-License-Identifier: MIT
/// @file
/// What a.cpp and b.cpp, compiled for different CPUs, both do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "octavo/model/quantized_model.hpp"

namespace consumers {

struct outcome {
  std::vector<std::int8_t> portable;  ///< the output's bytes
  std::vector<std::int8_t> best;
  std::string detail;  ///< what the portable kernels were compiled for
};

outcome run_a(const octavo::quantized_model& model, const octavo::tensor<std::int8_t>& image);
outcome run_b(const octavo::quantized_model& model, const octavo::tensor<std::int8_t>& image);

}  // namespace consumers
