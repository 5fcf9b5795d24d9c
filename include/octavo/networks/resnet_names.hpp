// SPDX-License-Identifier: MIT
/// @file
/// Where files keep the parameters of the ResNet of networks/resnet.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "octavo/core/letters.hpp"
#include "octavo/model/state_dict.hpp"
#include "octavo/networks/torchvision_layer.hpp"

namespace octavo::inline v0::networks {

namespace detail {

/// "scale4b17_branch2a" taken apart.
struct resnet_layer {
  int stage = 0;       ///< 1..4 (Caffe's 2..5)
  int block = 0;       ///< 0, 1, ...
  std::string branch;  ///< "1", "2a", "2b", "2c"
};

/// "a", "b" ... or "b1", "b2" ...: the number of a block, -1 for anything else.
inline int parse_block(std::string_view label) {
  if (label.size() == 1 && label[0] >= 'a' && label[0] <= 'f') return label[0] - 'a';
  if (label.size() < 2 || label.size() > 3 || label[0] != 'b') return -1;
  int block = 0;
  for (const char digit : label.substr(1)) {
    if (!octavo::detail::is_digit(digit)) return -1;
    block = 10 * block + (digit - '0');
  }
  return block;
}

/// @throws octavo::error for a name that append_resnet does not give.
inline resnet_layer parse_resnet_layer(std::string_view name) {
  constexpr std::string_view prefix = "scale";
  constexpr std::string_view separator = "_branch";
  const std::size_t at = name.find(separator);
  if (name.starts_with(prefix) && at != std::string_view::npos && at > prefix.size() + 1) {
    const std::string_view branch = name.substr(at + separator.size());
    const int stage = name[prefix.size()] - '1';
    const int block = parse_block(name.substr(prefix.size() + 1, at - prefix.size() - 1));
    const bool known = branch == "1" || branch == "2a" || branch == "2b" || branch == "2c";
    if (known && stage >= 1 && stage <= 4 && block >= 0) return {stage, block, std::string(branch)};
  }
  fail("resnet: '", name, "' is no layer of it, expected scale<stage><block>_branch<1|2a|2b|2c>");
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
inline layer_names resnet_torchvision_names(const node& op_node) {
  const std::string_view name = op_node.name;
  if (op_node.kind == op::fully_connected) return detail::torchvision_layer("fc");
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
inline layer_names resnet_caffe_names(const node& op_node) {
  const std::string name(op_node.name.view());
  if (op_node.kind == op::fully_connected) return {.weights = name + "_0", .bias = name + "_1"};
  if (name == "scale_conv1") return detail::caffe_layer("conv1", "bn_conv1", name);
  detail::parse_resnet_layer(name);
  const std::string label = name.substr(5);
  return detail::caffe_layer("res" + label, "bn" + label, name);
}

/// The naming that a file follows: torchvision's if it has its first convolution, else Caffe's.
/// @throws octavo::error where it has neither.
inline naming resnet_naming(const state_dict& source) {
  if (source.contains("conv1.weight")) return resnet_torchvision_names;
  if (source.contains("conv1_0")) return resnet_caffe_names;
  fail(source.file, ": has neither 'conv1.weight' (torchvision's names) nor 'conv1_0' (Caffe's)");
}

}  // namespace octavo::inline v0::networks
