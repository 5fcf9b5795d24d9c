// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/mobilenet_v2_names.hpp.

#include "octavo/networks/mobilenet_v2_names.hpp"

#include <doctest/doctest.h>

#include <set>

#include "networks/network_tools.hpp"
#include "octavo/networks/mobilenet_v2.hpp"

namespace octavo::testing {
namespace {

node conv(const char* name) { return {.kind = op::conv2d, .name = name}; }

layer_names names(const char* name) { return networks::mobilenet_v2_torchvision_names(conv(name)); }

}  // namespace

TEST_CASE("torchvision: the first and the last layers") {
  CHECK(listed(names("conv1")) ==
        "features.0.0.weight features.0.0.bias features.0.1.weight features.0.1.bias "
        "features.0.1.running_mean features.0.1.running_var");
  CHECK(names("conv_last").weights == "features.18.0.weight");
  CHECK(names("conv_last").mean == "features.18.1.running_mean");
  const node fc{.kind = op::fully_connected, .name = "fc"};
  CHECK(listed(networks::mobilenet_v2_torchvision_names(fc)) ==
        "classifier.1.weight classifier.1.bias");
}

TEST_CASE("torchvision: block 1 has no expansion") {
  CHECK(listed(names("block1_depthwise")) ==
        "features.1.conv.0.0.weight features.1.conv.0.0.bias features.1.conv.0.1.weight "
        "features.1.conv.0.1.bias features.1.conv.0.1.running_mean "
        "features.1.conv.0.1.running_var");
  CHECK(listed(names("block1_project")) ==
        "features.1.conv.1.weight features.1.conv.1.bias features.1.conv.2.weight "
        "features.1.conv.2.bias features.1.conv.2.running_mean features.1.conv.2.running_var");
}

TEST_CASE("torchvision: the three convolutions of a block") {
  CHECK(names("block2_expand").weights == "features.2.conv.0.0.weight");
  CHECK(names("block2_expand").gamma == "features.2.conv.0.1.weight");
  CHECK(names("block9_depthwise").weights == "features.9.conv.1.0.weight");
  CHECK(names("block9_depthwise").variance == "features.9.conv.1.1.running_var");
  CHECK(names("block17_project").weights == "features.17.conv.2.weight");
  CHECK(names("block17_project").beta == "features.17.conv.3.bias");
}

TEST_CASE("every layer of the network has names of its own") {
  static constexpr auto net = networks::mobilenet_v2();
  std::set<std::string> seen;
  for (const node& n : net) {
    if (!has_weights(n.kind)) continue;
    const layer_names layer = networks::mobilenet_v2_torchvision_names(n);
    for (const std::string& name : {layer.weights, layer.gamma, layer.mean}) {
      if (!name.empty()) CHECK(seen.insert(name).second);
    }
  }
  CHECK(seen.size() == 3 * 52 + 1);
}

TEST_CASE("names that are no layer of MobileNetV2 are refused") {
  for (const char* name :
       {"", "conv2", "block", "block_expand", "block0_project", "block1_expand", "block18_expand",
        "block170_expand", "block5_add", "block5expand", "block12_depthwise_relu6"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(
        names(name),
        concat_text("mobilenet_v2: '", name, "' is no convolution of it, expected conv1, ",
                    "conv_last or block<1..17>_<expand|depthwise|project>, but no block1_expand")
            .c_str());
  }
}

TEST_CASE("a file is recognized by its first convolution") {
  state_dict file{.file = "w.npz", .contains = [](const std::string& name) {
                    return name == "features.0.0.weight";
                  }};
  CHECK(networks::mobilenet_v2_naming(file)(conv("conv1")).weights == "features.0.0.weight");
  file.contains = [](const std::string&) { return false; };
  CHECK_THROWS_WITH(networks::mobilenet_v2_naming(file),
                    "w.npz: has no 'features.0.0.weight' (torchvision's names)");
}

}  // namespace octavo::testing
