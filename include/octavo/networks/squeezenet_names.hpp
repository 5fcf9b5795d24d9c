// SPDX-License-Identifier: MIT
/// @file
/// Where files keep the parameters of the SqueezeNet of networks/squeezenet.hpp.
#pragma once

#include <string>
#include <string_view>

#include "octavo/model/state_dict.hpp"
#include "octavo/networks/torchvision_layer.hpp"

namespace octavo::inline v0::networks {

namespace detail {

/// "fire4/expand3x3" taken apart; fire 0 for "conv1" and "conv10".
struct squeezenet_layer {
  int fire = 0;  ///< 2..9
  std::string part = {};
};

/// @throws octavo::error for a name that append_squeezenet does not give to a convolution.
inline squeezenet_layer parse_squeezenet_layer(std::string_view name) {
  if (name == "conv1" || name == "conv10") return {0, std::string(name)};
  constexpr std::string_view prefix = "fire";
  if (name.starts_with(prefix) && name.size() > prefix.size() + 2) {
    const int fire = name[prefix.size()] - '0';
    const std::string_view part = name.substr(prefix.size() + 2);
    const bool known = part == "squeeze1x1" || part == "expand1x1" || part == "expand3x3";
    if (known && name[prefix.size() + 1] == '/' && fire >= 2 && fire <= 9) {
      return {fire, std::string(part)};
    }
  }
  fail("squeezenet: '", name, "' is no convolution of it, expected conv1, conv10 or ",
       "fire<2..9>/<squeeze1x1|expand1x1|expand3x3>");
}

}  // namespace detail

/// torchvision's squeezenet1_0: features.0.weight, features.3.squeeze.weight,
/// features.3.expand3x3.bias ... classifier.1.weight
inline layer_names squeezenet_torchvision_names(const node& op_node) {
  const detail::squeezenet_layer layer = detail::parse_squeezenet_layer(op_node.name);
  if (layer.part == "conv1") return detail::torchvision_layer("features.0");
  if (layer.part == "conv10") return detail::torchvision_layer("classifier.1");
  // features.2, 6 and 11 are pools.
  const int position = layer.fire <= 4 ? layer.fire + 1 : layer.fire <= 8 ? layer.fire + 2 : 12;
  const std::string part = layer.part == "squeeze1x1" ? "squeeze" : layer.part;
  return detail::torchvision_layer(concat_text("features.", position, ".", part));
}

/// The compressed net of Han et al., which calls layers otherwise: conv1.weight,
/// fire2/conv1x1_1.weight (squeeze), fire2/conv1x1_2.weight, fire2/conv3x3_2.bias ...
/// conv_final.weight
inline layer_names squeezenet_compressed_names(const node& op_node) {
  const detail::squeezenet_layer layer = detail::parse_squeezenet_layer(op_node.name);
  if (layer.part == "conv1") return detail::torchvision_layer("conv1");
  if (layer.part == "conv10") return detail::torchvision_layer("conv_final");
  const std::string part = layer.part == "squeeze1x1"  ? "conv1x1_1"
                           : layer.part == "expand1x1" ? "conv1x1_2"
                                                       : "conv3x3_2";
  return detail::torchvision_layer(concat_text("fire", layer.fire, "/", part));
}

/// Caffe's layer names with the blob's number behind: conv1_0, fire2/squeeze1x1_0,
/// fire2/expand3x3_1 ... conv10_1
inline layer_names squeezenet_caffe_names(const node& op_node) {
  const std::string name(op_node.name.view());
  detail::parse_squeezenet_layer(name);
  return {.weights = name + "_0", .bias = name + "_1"};
}

/// The naming that a file follows, by its first convolution.
/// @throws octavo::error where it has none of the three.
inline naming squeezenet_naming(const state_dict& source) {
  if (source.contains("features.0.weight")) return squeezenet_torchvision_names;
  if (source.contains("conv1.weight")) return squeezenet_compressed_names;
  if (source.contains("conv1_0")) return squeezenet_caffe_names;
  fail(source.file, ": has neither 'features.0.weight' (torchvision's names) nor 'conv1.weight' ",
       "(the compressed net's) nor 'conv1_0' (Caffe's)");
}

}  // namespace octavo::inline v0::networks
