// SPDX-License-Identifier: MIT
// Compiled without flags of the machine.
#include "engines.hpp"

namespace consumers {

outcome run_a(const octavo::quantized_model& model, const octavo::tensor<std::int8_t>& image) {
  return run_engines(model, image);
}

}  // namespace consumers
