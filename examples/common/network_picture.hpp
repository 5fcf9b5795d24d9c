// SPDX-License-Identifier: MIT
/// @file
/// How a picture becomes the input of a network.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/networks/find.hpp"
#include "preprocess.hpp"

namespace octavo::examples {

/// What a network was trained on: its colours, and where in a picture it looks.
struct picture_preset {
  preprocessing colours = {};
  framing frame = {};
};

/// Of a network that networks::find() gives, as those who published its weights feed it.
inline picture_preset preset_of(const networks::known_network& network) {
  const framing frame = {.shorter_side = 256, .crop = network.image};
  if (network.name == "squeezenet-caffe") return {squeezenet_preset, frame};
  if (network.name.ends_with("-caffe")) return {caffe_preset, frame};
  return {torchvision_preset, frame};
}

/// The colours of this name, and the middle of the picture: the network sees `side` pixels of the
/// shorter side's side * 8 / 7, as 224 are of 256. @throws octavo::error for another name.
inline picture_preset preset_named(std::string_view name, int side) {
  const framing frame = {.shorter_side = static_cast<int>(std::int64_t{side} * 8 / 7),
                         .crop = side};
  if (name == "torchvision") return {torchvision_preset, frame};
  if (name == "caffe") return {caffe_preset, frame};
  if (name == "squeezenet") return {squeezenet_preset, frame};
  fail(in_quotes(name), ", expected caffe, squeezenet or torchvision");
}

/// The input of a network, float32 [1][3][image][image].
inline std::vector<float> preprocess(const image& source, const networks::known_network& network) {
  const picture_preset preset = preset_of(network);
  return preprocess(source, preset.colours, preset.frame);
}

}  // namespace octavo::examples
