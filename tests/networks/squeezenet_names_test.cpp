// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/squeezenet_names.hpp.

#include "octavo/networks/squeezenet_names.hpp"

#include <doctest/doctest.h>

#include <set>

#include "networks/network_tools.hpp"
#include "octavo/networks/squeezenet.hpp"

namespace octavo::testing {
namespace {

node conv(const char* name) { return {.kind = op::conv2d, .name = name}; }

std::string torchvision(const char* name) {
  return listed(networks::squeezenet_torchvision_names(conv(name)));
}
std::string compressed(const char* name) {
  return listed(networks::squeezenet_compressed_names(conv(name)));
}
std::string caffe(const char* name) { return listed(networks::squeezenet_caffe_names(conv(name))); }

}  // namespace

TEST_CASE("torchvision: positions in `features`, pools counted") {
  CHECK(torchvision("conv1") == "features.0.weight features.0.bias");
  CHECK(torchvision("fire2/squeeze1x1") == "features.3.squeeze.weight features.3.squeeze.bias");
  CHECK(torchvision("fire2/expand3x3") == "features.3.expand3x3.weight features.3.expand3x3.bias");
  const char* const squeezes[] = {"fire3/squeeze1x1", "fire4/squeeze1x1", "fire5/squeeze1x1",
                                  "fire6/squeeze1x1", "fire7/squeeze1x1", "fire8/squeeze1x1",
                                  "fire9/squeeze1x1"};
  const int positions[] = {4, 5, 7, 8, 9, 10, 12};
  for (int i = 0; i < 7; ++i) {
    CHECK(networks::squeezenet_torchvision_names(conv(squeezes[i])).weights ==
          concat_text("features.", positions[i], ".squeeze.weight"));
  }
  CHECK(torchvision("conv10") == "classifier.1.weight classifier.1.bias");
}

TEST_CASE("the compressed net's own layer names") {
  CHECK(compressed("conv1") == "conv1.weight conv1.bias");
  CHECK(compressed("fire2/squeeze1x1") == "fire2/conv1x1_1.weight fire2/conv1x1_1.bias");
  CHECK(compressed("fire5/expand1x1") == "fire5/conv1x1_2.weight fire5/conv1x1_2.bias");
  CHECK(compressed("fire9/expand3x3") == "fire9/conv3x3_2.weight fire9/conv3x3_2.bias");
  CHECK(compressed("conv10") == "conv_final.weight conv_final.bias");
}

TEST_CASE("caffe: blobs numbered behind the layer's name") {
  CHECK(caffe("conv1") == "conv1_0 conv1_1");
  CHECK(caffe("fire7/expand1x1") == "fire7/expand1x1_0 fire7/expand1x1_1");
  CHECK(caffe("conv10") == "conv10_0 conv10_1");
}

TEST_CASE("every convolution of the network has names of its own in each naming") {
  static constexpr auto net = networks::squeezenet();
  for (const auto names :
       {networks::squeezenet_torchvision_names, networks::squeezenet_compressed_names,
        networks::squeezenet_caffe_names}) {
    std::set<std::string> seen;
    for (const node& n : net) {
      if (!has_weights(n.kind)) continue;
      CHECK(seen.insert(names(n).weights).second);
      CHECK(seen.insert(names(n).bias).second);
    }
    CHECK(seen.size() == 52);
  }
}

TEST_CASE("names that are no convolution of SqueezeNet are refused") {
  for (const char* name : {"", "conv2", "fire1/squeeze1x1", "fire10/squeeze1x1", "fire2", "fire2/",
                           "fire2/concat", "fire2_squeeze1x1", "relu_conv1"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(
        torchvision(name),
        concat_text("squeezenet: '", name, "' is no convolution of it, expected conv1, conv10 or ",
                    "fire<2..9>/<squeeze1x1|expand1x1|expand3x3>")
            .c_str());
    CHECK_THROWS_AS(compressed(name), error);
    CHECK_THROWS_AS(caffe(name), error);
  }
}

TEST_CASE("a file is recognized by its first convolution") {
  const auto weights_in = [](const std::string& first) {
    state_dict file{.file = "w.npz",
                    .contains = [first](const std::string& name) { return name == first; }};
    return networks::squeezenet_naming(file)(conv("fire3/expand1x1")).weights;
  };
  CHECK(weights_in("features.0.weight") == "features.4.expand1x1.weight");
  CHECK(weights_in("conv1.weight") == "fire3/conv1x1_2.weight");
  CHECK(weights_in("conv1_0") == "fire3/expand1x1_0");
  CHECK_THROWS_WITH(weights_in("conv.weight"),
                    "w.npz: has neither 'features.0.weight' (torchvision's names) nor "
                    "'conv1.weight' (the compressed net's) nor 'conv1_0' (Caffe's)");
}

}  // namespace octavo::testing
