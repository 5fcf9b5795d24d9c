// SPDX-License-Identifier: MIT
/// @file
/// The networks that quantize knows by name, and how a picture becomes a network's input.
#pragma once

#include <filesystem>
#include <string>

#include "image.hpp"
#include "network_picture.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/networks/find.hpp"
#include "options.hpp"

namespace octavo::examples {

using networks::known_network;

/// The network that a graph is, its tensors moved or not, or nullptr where it is none of those that
/// --net knows.
inline const known_network* find_known(const graph& net) {
  for (const known_network& known : networks::known_networks) {
    if (is_same_but_moved(net, known.make(1))) return &known;
  }
  return nullptr;
}

/// What the network is called where something is named after it.
inline std::string network_name(const options& wanted) {
  return wanted.net.empty() ? wanted.model.stem().string() : wanted.net;
}

/// How pictures are prepared for `net`: as --preprocess says, or as those who published the weights
/// of a known network do it.
/// @throws octavo::error naming `file`, which `net` was read from, where neither helps
inline picture_preset preset_for(const options& wanted, const graph& net,
                                 const std::filesystem::path& file) {
  const shape& input = net[sole_input(net)].shape;
  if (input.n != 1 || input.c != 3 || input.h != input.w) {
    fail(file.string(), ": its input is ", input.n, "x", input.c, "x", input.h, "x", input.w,
         ", expected one square picture of 3 colours");
  }
  if (!wanted.preprocess.empty()) return preset_named(wanted.preprocess, input.h);
  if (const known_network* known = find_known(net)) return preset_of(*known);
  fail(file.string(),
       ": is none of the networks that --net knows; say with --preprocess how "
       "pictures are prepared for it");
}

/// A picture as the network's input. @throws octavo::error naming the file where it is damaged.
inline tensor<float> load_input(const std::filesystem::path& file, const picture_preset& preset) {
  const image picture = load_image(file);
  tensor<float> input;
  input.shape = {1, 3, preset.frame.crop, preset.frame.crop};
  input.values = with_context(file.string(),
                              [&] { return preprocess(picture, preset.colours, preset.frame); });
  return input;
}

}  // namespace octavo::examples
