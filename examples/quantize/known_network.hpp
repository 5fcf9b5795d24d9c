// SPDX-License-Identifier: MIT
/// @file
/// The networks that quantize knows by name, and how a picture becomes their input.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "image.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/state_dict.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "preprocess.hpp"

namespace octavo::examples {

/// A network that classifies pictures into ImageNet's 1000 classes.
struct known_network {
  std::string_view name;
  int image;                                    ///< height and width of its input
  octavo::graph (*make)(int batch);             ///< the network for so many pictures at once
  naming (*naming_of)(const state_dict& file);  ///< how a file with its weights calls the layers
};

namespace detail {

template <networks::resnet_variant Variant, int Depth>
graph make_resnet(int batch) {
  return networks::resnet({.variant = Variant, .depth = Depth, .batch = batch});
}

template <networks::resnet_variant Variant, int Depth>
constexpr known_network known_resnet(std::string_view name) {
  return {name, 224, make_resnet<Variant, Depth>, networks::resnet_naming};
}

constexpr auto caffe = networks::resnet_variant::caffe;
constexpr auto torchvision = networks::resnet_variant::torchvision;

}  // namespace detail

inline constexpr known_network known_networks[] = {
    detail::known_resnet<detail::caffe, 18>("resnet18-caffe"),
    detail::known_resnet<detail::torchvision, 18>("resnet18-torchvision"),
    detail::known_resnet<detail::caffe, 34>("resnet34-caffe"),
    detail::known_resnet<detail::torchvision, 34>("resnet34-torchvision"),
    detail::known_resnet<detail::caffe, 50>("resnet50-caffe"),
    detail::known_resnet<detail::torchvision, 50>("resnet50-torchvision"),
    detail::known_resnet<detail::caffe, 101>("resnet101-caffe"),
    detail::known_resnet<detail::torchvision, 101>("resnet101-torchvision"),
    detail::known_resnet<detail::caffe, 152>("resnet152-caffe"),
    detail::known_resnet<detail::torchvision, 152>("resnet152-torchvision"),
};

/// The network with this name. @throws octavo::error listing the names there are.
inline const known_network& find_network(std::string_view name) {
  std::string all;
  for (const known_network& known : known_networks) {
    if (known.name == name) return known;
    all += concat_text(all.empty() ? "" : ", ", known.name);
  }
  fail("network ", in_quotes(name), ", expected one of ", all);
}

/// The network that a saved model is. @throws octavo::error naming `file` where it is none of them.
inline const known_network& network_of(const quantized_model& model,
                                       const std::filesystem::path& file) {
  for (const known_network& known : known_networks) {
    if (model.graph == known.make(1)) return known;
  }
  fail(file.string(), ": is none of the networks that --net knows");
}

/// A picture as the network's input. @throws octavo::error naming the file where it is damaged.
inline tensor<float> load_input(const std::filesystem::path& file, const known_network& network) {
  const bool is_caffe = network.name.ends_with("-caffe");
  const image picture = load_image(file);
  tensor<float> input;
  input.shape = {1, 3, network.image, network.image};
  input.values = with_context(file.string(), [&] {
    return preprocess(picture, is_caffe ? caffe_preset : torchvision_preset,
                      {.shorter_side = 256, .crop = network.image});
  });
  return input;
}

}  // namespace octavo::examples
