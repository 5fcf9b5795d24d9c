// SPDX-License-Identifier: MIT
/// @file
/// The networks that quantize knows by name, and how a picture becomes their input.
#pragma once

#include <filesystem>

#include "image.hpp"
#include "network_picture.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/networks/find.hpp"

namespace octavo::examples {

using networks::known_network;

/// The network that a saved model is. @throws octavo::error naming `file` where it is none of them.
inline const known_network& network_of(const quantized_model& model,
                                       const std::filesystem::path& file) {
  for (const known_network& known : networks::known_networks) {
    if (model.graph == known.make(1)) return known;
  }
  fail(file.string(), ": is none of the networks that --net knows");
}

/// A picture as the network's input. @throws octavo::error naming the file where it is damaged.
inline tensor<float> load_input(const std::filesystem::path& file, const known_network& network) {
  const image picture = load_image(file);
  tensor<float> input;
  input.shape = {1, 3, network.image, network.image};
  input.values = with_context(file.string(), [&] { return preprocess(picture, network); });
  return input;
}

}  // namespace octavo::examples
