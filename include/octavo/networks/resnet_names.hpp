// SPDX-License-Identifier: MIT
/// @file
/// Where files keep the parameters of the ResNet of networks/resnet.hpp.
#pragma once

#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::networks {

namespace detail {

/// "scale4b17_branch2a" taken apart.
struct resnet_layer {
  int stage = 0;       ///< 1..4 (Caffe's 2..5)
  int block = 0;       ///< 0, 1, ...
  std::string branch;  ///< "1", "2a", "2b", "2c"
};

inline resnet_layer parse_resnet_layer(std::string_view name) {
  const std::string_view label = name.substr(5);  // behind "scale"
  const std::size_t branch = label.find("_branch");
  if (branch == std::string_view::npos || branch < 2) fail("resnet: unknown layer '", name, "'");
  resnet_layer layer{.stage = label[0] - '1', .branch = std::string(label.substr(branch + 7))};
  const std::string_view number = label.substr(2, branch - 2);
  layer.block = label[1] - 'a';
  if (!number.empty()) layer.block = 0;
  for (const char digit : number) layer.block = 10 * layer.block + (digit - '0');
  return layer;
}

inline layer_names torchvision_layer(const std::string& conv, const std::string& norm) {
  return {.weights = conv + ".weight",
          .bias = conv + ".bias",
          .gamma = norm + ".weight",
          .beta = norm + ".bias",
          .mean = norm + ".running_mean",
          .variance = norm + ".running_var"};
}

inline layer_names caffe_layer(const std::string& conv, const std::string& norm,
                               const std::string& scale) {
  return {.weights = conv + "_0",
          .bias = conv + "_1",
          .gamma = scale + "_0",
          .beta = scale + "_1",
          .mean = norm + "_0",
          .variance = norm + "_1",
          .norm_scale = norm + "_2"};
}

}  // namespace detail

/// torchvision's state dict: conv1.weight, bn1.running_mean, layer1.0.conv1.weight,
/// layer1.0.downsample.0.weight, fc.weight ...
inline layer_names torchvision_names(const node& op_node) {
  const std::string_view name = op_node.name;
  if (op_node.kind == op::fully_connected) return {.weights = "fc.weight", .bias = "fc.bias"};
  if (name == "scale_conv1") return detail::torchvision_layer("conv1", "bn1");
  const detail::resnet_layer layer = detail::parse_resnet_layer(name);
  const std::string block = concat_text("layer", layer.stage, ".", layer.block, ".");
  if (layer.branch == "1") {
    return detail::torchvision_layer(block + "downsample.0", block + "downsample.1");
  }
  const int position = layer.branch[1] - 'a' + 1;  // 2a -> conv1, 2b -> conv2, 2c -> conv3
  return detail::torchvision_layer(concat_text(block, "conv", position),
                                   concat_text(block, "bn", position));
}

/// Caffe's layer names with the blob's number behind: conv1_0, bn_conv1_0, scale_conv1_0,
/// res2a_branch1_0, bn2a_branch1_0, scale2a_branch1_0, fc1000_0 ...
inline layer_names caffe_names(const node& op_node) {
  const std::string name(op_node.name.view());
  if (op_node.kind == op::fully_connected) return {.weights = name + "_0", .bias = name + "_1"};
  if (name == "scale_conv1") return detail::caffe_layer("conv1", "bn_conv1", name);
  const std::string label = name.substr(5);
  return detail::caffe_layer("res" + label, "bn" + label, name);
}

/// The naming that a file follows: torchvision's if it has its first convolution, else Caffe's.
/// @throws octavo::error where it has neither.
inline naming resnet_naming(const state_dict& source) {
  if (source.contains("conv1.weight")) return torchvision_names;
  if (source.contains("conv1_0")) return caffe_names;
  fail(source.file, ": has neither 'conv1.weight' (torchvision's names) nor 'conv1_0' (Caffe's)");
}

}  // namespace octavo::inline v0::networks
