// SPDX-License-Identifier: MIT
/// @file
/// The int8 network as functions, so that the engine is compiled once, in engines.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "octavo/core/tensor.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::examples {

/// Takes a preprocessed picture and gives the int8 logits. One thread at a time.
using int8_classifier = std::function<std::vector<std::int8_t>(const tensor<float>&)>;

/// So many classifiers, one for each thread; they share the packed weights.
std::vector<int8_classifier> make_classifiers(const quantized_model& model, std::size_t count);

/// Takes a quantized picture and gives every tensor of the unfused network.
using int8_executor = std::function<activations(const tensor<std::int8_t>&)>;

int8_executor make_executor(const quantized_model& model);

}  // namespace octavo::examples
