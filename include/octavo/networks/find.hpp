// SPDX-License-Identifier: MIT
/// @file
/// The networks of this folder by name, for programs that are told which one to run.
#pragma once

#include <string>
#include <string_view>

#include "octavo/graph/graph.hpp"
#include "octavo/model/state_dict.hpp"
#include "octavo/networks/mobilenet_v2.hpp"
#include "octavo/networks/mobilenet_v2_names.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "octavo/networks/squeezenet.hpp"
#include "octavo/networks/squeezenet_names.hpp"

namespace octavo::inline v0::networks {

/// What a program needs to know of a network that classifies pictures into ImageNet's 1000 classes.
struct known_network {
  std::string_view name;
  int image;                                    ///< height and width of its input
  octavo::graph (*make)(int batch);             ///< the network for so many pictures at once
  naming (*naming_of)(const state_dict& file);  ///< how a file with its weights calls the layers
};

namespace detail {

template <resnet_variant Variant, int Depth>
graph make_resnet(int batch) {
  return resnet({.variant = Variant, .depth = Depth, .batch = batch});
}

template <squeezenet_variant Variant, int Image>
graph make_squeezenet(int batch) {
  return to_graph(squeezenet({.variant = Variant, .image = Image, .batch = batch}));
}

inline graph make_mobilenet_v2(int batch) { return to_graph(mobilenet_v2({.batch = batch})); }

template <int Depth>
constexpr known_network caffe_resnet(std::string_view name) {
  return {name, 224, make_resnet<resnet_variant::caffe, Depth>, resnet_naming};
}

template <int Depth>
constexpr known_network torchvision_resnet(std::string_view name) {
  return {name, 224, make_resnet<resnet_variant::torchvision, Depth>, resnet_naming};
}

}  // namespace detail

/// All of them. Where two networks share a published name, ours says whose it is.
inline constexpr known_network known_networks[] = {
    detail::caffe_resnet<18>("resnet18-caffe"),
    detail::torchvision_resnet<18>("resnet18-torchvision"),
    detail::caffe_resnet<34>("resnet34-caffe"),
    detail::torchvision_resnet<34>("resnet34-torchvision"),
    detail::caffe_resnet<50>("resnet50-caffe"),
    detail::torchvision_resnet<50>("resnet50-torchvision"),
    detail::caffe_resnet<101>("resnet101-caffe"),
    detail::torchvision_resnet<101>("resnet101-torchvision"),
    detail::caffe_resnet<152>("resnet152-caffe"),
    detail::torchvision_resnet<152>("resnet152-torchvision"),
    {"squeezenet-caffe", 227, detail::make_squeezenet<squeezenet_variant::caffe, 227>,
     squeezenet_naming},
    {"squeezenet-torchvision", 224, detail::make_squeezenet<squeezenet_variant::torchvision, 224>,
     squeezenet_naming},
    {"mobilenet_v2", 224, detail::make_mobilenet_v2, mobilenet_v2_naming},
};

/// The network with this name.
/// There is no default for a name that two networks share ("resnet50"): the weights of one run on
/// the other and classify, less well, and nobody would notice.
/// @throws octavo::error listing the names there are; of a shared one, those two.
inline const known_network& find(std::string_view name) {
  std::string same;
  std::string all;
  for (const known_network& known : known_networks) {
    if (known.name == name) return known;
    append_item(all, known.name);
    const std::string_view rest = known.name.substr(0, known.name.find('-'));
    if (rest == name) append_item(same, known.name);
  }
  if (!same.empty()) fail("network ", in_quotes(name), " is not one but several: ", same);
  fail("network ", in_quotes(name), ", expected one of ", all);
}

}  // namespace octavo::inline v0::networks
