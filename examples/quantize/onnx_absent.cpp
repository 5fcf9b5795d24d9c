// SPDX-License-Identifier: MIT
/// @file
/// For builds without protobuf or ONNX's messages.
#include "float_weights.hpp"

namespace octavo::examples {

float_model load_onnx_network(const std::filesystem::path& file) {
  fail(file.string(),
       ": this build reads no ONNX models: libonnx-dev, libprotobuf-dev or "
       "protobuf-compiler was not there");
}

}  // namespace octavo::examples
