// SPDX-License-Identifier: MIT
#include "float_weights.hpp"
#include "octavo/io/onnx.hpp"

namespace octavo::examples {

float_model load_onnx_network(const std::filesystem::path& file) {
  return io::float_model_of(io::load_onnx(file));
}

}  // namespace octavo::examples
