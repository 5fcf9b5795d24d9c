// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/resnet_names.hpp and of the block labels of networks/resnet.hpp.

#include "octavo/networks/resnet_names.hpp"

#include <doctest/doctest.h>

#include "octavo/networks/resnet.hpp"

using octavo::layer_names;
using octavo::networks::resnet_caffe_names;
using octavo::networks::resnet_torchvision_names;

namespace {

octavo::node conv(const char* name) { return {.kind = octavo::op::conv2d, .name = name}; }

/// All names of a layer in one text.
std::string listed(const layer_names& names) {
  std::string text;
  for (const std::string& name : {names.weights, names.bias, names.gamma, names.beta, names.mean,
                                  names.variance, names.norm_scale}) {
    text += name + " ";
  }
  return text;
}

std::string torchvision(const char* name) { return listed(resnet_torchvision_names(conv(name))); }
std::string caffe(const char* name) { return listed(resnet_caffe_names(conv(name))); }

}  // namespace

TEST_CASE("torchvision: the stem") {
  CHECK(torchvision("scale_conv1") ==
        "conv1.weight conv1.bias bn1.weight bn1.bias bn1.running_mean bn1.running_var  ");
}

TEST_CASE("torchvision: the branches of a block") {
  CHECK(torchvision("scale2a_branch1") ==
        "layer1.0.downsample.0.weight layer1.0.downsample.0.bias layer1.0.downsample.1.weight "
        "layer1.0.downsample.1.bias layer1.0.downsample.1.running_mean "
        "layer1.0.downsample.1.running_var  ");
  CHECK(torchvision("scale3b_branch2a") ==
        "layer2.1.conv1.weight layer2.1.conv1.bias layer2.1.bn1.weight layer2.1.bn1.bias "
        "layer2.1.bn1.running_mean layer2.1.bn1.running_var  ");
  CHECK(resnet_torchvision_names(conv("scale4f_branch2b")).weights == "layer3.5.conv2.weight");
  CHECK(resnet_torchvision_names(conv("scale4f_branch2b")).mean == "layer3.5.bn2.running_mean");
  CHECK(resnet_torchvision_names(conv("scale5c_branch2c")).variance == "layer4.2.bn3.running_var");
}

TEST_CASE("torchvision: blocks of long stages are counted") {
  CHECK(resnet_torchvision_names(conv("scale4a_branch2a")).weights == "layer3.0.conv1.weight");
  CHECK(resnet_torchvision_names(conv("scale4b1_branch2a")).weights == "layer3.1.conv1.weight");
  CHECK(resnet_torchvision_names(conv("scale4b9_branch2a")).weights == "layer3.9.conv1.weight");
  CHECK(resnet_torchvision_names(conv("scale4b35_branch2c")).gamma == "layer3.35.bn3.weight");
}

TEST_CASE("caffe: blobs numbered behind the names of three layers") {
  CHECK(caffe("scale_conv1") ==
        "conv1_0 conv1_1 scale_conv1_0 scale_conv1_1 bn_conv1_0 bn_conv1_1 bn_conv1_2 ");
  CHECK(caffe("scale2a_branch1") ==
        "res2a_branch1_0 res2a_branch1_1 scale2a_branch1_0 scale2a_branch1_1 bn2a_branch1_0 "
        "bn2a_branch1_1 bn2a_branch1_2 ");
  CHECK(caffe("scale4b17_branch2c") ==
        "res4b17_branch2c_0 res4b17_branch2c_1 scale4b17_branch2c_0 scale4b17_branch2c_1 "
        "bn4b17_branch2c_0 bn4b17_branch2c_1 bn4b17_branch2c_2 ");
}

TEST_CASE("the fully connected layer has no normalization") {
  const octavo::node fc{.kind = octavo::op::fully_connected, .name = "fc1000"};
  CHECK(listed(resnet_torchvision_names(fc)) == "fc.weight fc.bias      ");
  CHECK(listed(resnet_caffe_names(fc)) == "fc1000_0 fc1000_1      ");
}

TEST_CASE("epsilon is 1e-5 in both styles") {
  CHECK(resnet_torchvision_names(conv("scale_conv1")).epsilon == 1e-5);
  CHECK(resnet_caffe_names(conv("scale2a_branch1")).epsilon == 1e-5);
}

TEST_CASE("torchvision: a layer that is no ResNet's is refused by name") {
  CHECK_THROWS_WITH(resnet_torchvision_names(conv("scale2a")),
                    "resnet: 'scale2a' is no layer of it, expected "
                    "scale<stage><block>_branch<1|2a|2b|2c>");
  CHECK_THROWS_WITH(resnet_torchvision_names(conv("scale2_branch1")),
                    "resnet: 'scale2_branch1' is no layer of it, expected "
                    "scale<stage><block>_branch<1|2a|2b|2c>");
}

TEST_CASE("the first convolution's name tells the style") {
  const auto file_with = [](const char* array) {
    return octavo::state_dict{.file = "some.npz",
                              .contains = [=](const std::string& name) { return name == array; }};
  };
  const octavo::node first = conv("scale_conv1");
  CHECK(octavo::networks::resnet_naming(file_with("conv1.weight"))(first).weights ==
        "conv1.weight");
  CHECK(octavo::networks::resnet_naming(file_with("conv1_0"))(first).weights == "conv1_0");
  CHECK_THROWS_WITH(
      octavo::networks::resnet_naming(file_with("fc.weight")),
      "some.npz: has neither 'conv1.weight' (torchvision's names) nor 'conv1_0' (Caffe's)");
}

TEST_CASE("block labels: letters in stages of up to six blocks, else a, b1, b2, ...") {
  using octavo::networks::detail::block_label;
  static_assert(block_label(0, 0, 3).view() == "2a");
  static_assert(block_label(1, 3, 4).view() == "3d");
  static_assert(block_label(2, 5, 6).view() == "4f");
  static_assert(block_label(3, 2, 3).view() == "5c");
  static_assert(block_label(1, 0, 8).view() == "3a");
  static_assert(block_label(1, 7, 8).view() == "3b7");
  static_assert(block_label(2, 10, 23).view() == "4b10");
  static_assert(block_label(2, 35, 36).view() == "4b35");
}

TEST_CASE("every convolution of every depth has its own names in both styles") {
  for (const int depth : {18, 34, 50, 101, 152}) {
    CAPTURE(depth);
    const octavo::graph net =
        octavo::networks::resnet({.depth = depth, .image = 32, .width = 4, .classes = 10});
    std::vector<std::string> seen;
    for (const octavo::node& op_node : net) {
      if (!has_weights(op_node.kind)) continue;
      seen.push_back(resnet_torchvision_names(op_node).weights);
      seen.push_back(resnet_caffe_names(op_node).weights);
    }
    std::sort(seen.begin(), seen.end());
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  }
}
