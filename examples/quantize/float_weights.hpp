// SPDX-License-Identifier: MIT
/// @file
/// The float network of --model and --net.
#pragma once

#include <cstdio>

#include "known_network.hpp"
#include "octavo/io/weights_file.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/state_dict.hpp"
#include "options.hpp"

namespace octavo::examples {

/// @throws octavo::error naming the file and the array that is missing, of another shape or not
/// finite.
inline float_model load_float_network(const options& wanted) {
  const known_network& network = networks::find(wanted.net);
  const state_dict file = io::open_weights(wanted.model);
  return load_float_model(network.make(1), file, network.naming_of(file));
}

}  // namespace octavo::examples
