// SPDX-License-Identifier: MIT
// Compiled with -mavx2 -mfma.
#include "engines.hpp"

namespace consumers {

outcome run_b(const octavo::quantized_model& model, const octavo::tensor<std::int8_t>& image) {
  return run_engines(model, image);
}

}  // namespace consumers
