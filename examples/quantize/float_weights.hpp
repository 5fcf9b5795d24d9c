// SPDX-License-Identifier: MIT
/// @file
/// The float network of --model: weights of the network that --net names, or an ONNX model.
#pragma once

#include <filesystem>

#include "known_network.hpp"
#include "octavo/io/weights_file.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/state_dict.hpp"
#include "options.hpp"

namespace octavo::examples {

/// @throws octavo::error where the file is no float model of ops that there are, or this build has
/// no reader of ONNX models.
float_model load_onnx_network(const std::filesystem::path& file);

/// @throws octavo::error naming the file and the array that is missing, of another shape or not
/// finite.
inline float_model load_float_network(const options& wanted) {
  if (holds_network(wanted.model)) return load_onnx_network(wanted.model);
  const known_network& network = networks::find(wanted.net);
  const state_dict file = io::open_weights(wanted.model);
  return load_float_model(network.make(1), file, network.naming_of(file));
}

}  // namespace octavo::examples
