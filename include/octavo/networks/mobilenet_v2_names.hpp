// SPDX-License-Identifier: MIT
/// @file
/// Where files keep the parameters of the MobileNetV2 of networks/mobilenet_v2.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "octavo/core/letters.hpp"
#include "octavo/model/state_dict.hpp"
#include "octavo/networks/torchvision_layer.hpp"

namespace octavo::inline v0::networks {

namespace detail {

/// "block12_project" taken apart.
struct mobilenet_v2_layer {
  int block = 0;          ///< 1..17
  std::string part = {};  ///< "expand", "depthwise", "project"
};

/// @throws octavo::error for a name that append_mobilenet_v2 does not give to a convolution inside
///         a block.
inline mobilenet_v2_layer parse_mobilenet_v2_layer(std::string_view name) {
  constexpr std::string_view prefix = "block";
  std::size_t at = prefix.size();
  int block = 0;
  if (name.starts_with(prefix)) {
    for (; at < name.size() && at < prefix.size() + 2; ++at) {
      if (!octavo::detail::is_digit(name[at])) break;
      block = 10 * block + (name[at] - '0');
    }
    const std::string_view part = name.substr(at);
    const bool known =
        (part == "_expand" && block > 1) || part == "_depthwise" || part == "_project";
    if (known && block >= 1 && block <= 17) return {block, std::string(part.substr(1))};
  }
  fail("mobilenet_v2: '", name, "' is no convolution of it, expected conv1, conv_last or ",
       "block<1..17>_<expand|depthwise|project>, but no block1_expand");
}

}  // namespace detail

/// torchvision's state dict: features.0.0.weight, features.0.1.running_mean,
/// features.2.conv.1.0.weight, features.2.conv.2.weight, features.18.0.weight, classifier.1.weight
/// ... Inside a block its list `conv` holds expansion and depthwise as pairs of a convolution and
/// its norm, then the projection and its norm as two entries; block 1 has no expansion.
inline layer_names mobilenet_v2_torchvision_names(const node& op_node) {
  const std::string_view name = op_node.name;
  if (op_node.kind == op::fully_connected) return detail::torchvision_layer("classifier.1");
  if (name == "conv1") return detail::torchvision_layer("features.0.0", "features.0.1");
  if (name == "conv_last") return detail::torchvision_layer("features.18.0", "features.18.1");
  const detail::mobilenet_v2_layer layer = detail::parse_mobilenet_v2_layer(name);
  const std::string block = concat_text("features.", layer.block, ".conv.");
  const int depthwise = layer.block == 1 ? 0 : 1;
  if (layer.part == "project") {
    return detail::torchvision_layer(concat_text(block, depthwise + 1),
                                     concat_text(block, depthwise + 2));
  }
  const std::string pair = concat_text(block, layer.part == "expand" ? 0 : depthwise);
  return detail::torchvision_layer(pair + ".0", pair + ".1");
}

/// The naming that a file follows. @throws octavo::error where it is not torchvision's.
inline naming mobilenet_v2_naming(const state_dict& source) {
  if (source.contains("features.0.0.weight")) return mobilenet_v2_torchvision_names;
  fail(source.file, ": has no 'features.0.0.weight' (torchvision's names)");
}

}  // namespace octavo::inline v0::networks
