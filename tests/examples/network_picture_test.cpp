// SPDX-License-Identifier: MIT
/// @file
/// The examples' presets: every network gets pictures of its size in its colours.

#include "network_picture.hpp"

#include <doctest/doctest.h>

#include "synthetic_picture.hpp"

namespace octavo::examples {

TEST_CASE("every known network gets an input of its own size") {
  const image picture = synthetic_picture(300);
  for (const networks::known_network& known : networks::known_networks) {
    CAPTURE(known.name);
    const auto side = static_cast<std::size_t>(known.image);
    CHECK(preprocess(picture, known).size() == 3 * side * side);
    CHECK(preset_of(known).frame.shorter_side == 256);
  }
}

TEST_CASE("colours are those of who trained the network") {
  const image grey{256, 256, std::vector<std::uint8_t>(std::size_t{3} * 256 * 256, 100)};
  const auto first_values = [&](const char* name) {
    const networks::known_network& known = networks::find(name);
    const std::vector<float> input = preprocess(grey, known);
    const std::size_t plane = input.size() / 3;
    return std::vector<float>{input[0], input[plane], input[2 * plane]};
  };
  CHECK(first_values("squeezenet-caffe") == std::vector<float>{-4, -17, -23});  // blue first
  CHECK(first_values("resnet101-caffe") ==
        std::vector<float>{100 - 104.01F, 100 - 116.67F, 100 - 122.68F});
  const float scaled = 100.0F / 255.0F;
  const std::vector<float> torchvision = {(scaled - 0.485F) / 0.229F, (scaled - 0.456F) / 0.224F,
                                          (scaled - 0.406F) / 0.225F};
  CHECK(first_values("resnet18-torchvision") == torchvision);
  CHECK(first_values("squeezenet-torchvision") == torchvision);
  CHECK(first_values("mobilenet_v2") == torchvision);
}

}  // namespace octavo::examples
