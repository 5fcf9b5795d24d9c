// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/find.hpp.

#include "octavo/networks/find.hpp"

#include <doctest/doctest.h>

#include <set>

#include "networks/network_tools.hpp"
#include "octavo/graph/check.hpp"

namespace octavo::testing {
namespace {

using networks::find;

/// A file that has one array, or rather its name.
state_dict file_with(const std::string& array) {
  return {.file = "w.npz", .contains = [array](const std::string& name) { return name == array; }};
}

}  // namespace

TEST_CASE("every network is found by its name, is valid and takes what it says") {
  std::set<std::string_view> names;
  for (const networks::known_network& known : networks::known_networks) {
    CAPTURE(known.name);
    CHECK(names.insert(known.name).second);
    CHECK(&find(known.name) == &known);
    const graph net = known.make(2);
    CHECK_NOTHROW(check(net));
    CHECK(net[sole_input(net)].shape == shape{2, 3, known.image, known.image});
    CHECK(net[static_cast<std::size_t>(net.outputs[0])].shape == shape{2, 1000, 1, 1});
  }
  CHECK(names.size() == 13);
}

TEST_CASE("names say which network they are") {
  CHECK(multiply_adds(find("resnet50-caffe").make(1)) == 3857973248);
  CHECK(multiply_adds(find("resnet50-torchvision").make(1)) == 4089184256);
  CHECK(multiply_adds(find("resnet18-torchvision").make(1)) == 1814073344);
  CHECK(find("resnet152-caffe").make(1).size() == 360);
  CHECK(multiply_adds(find("squeezenet-caffe").make(1)) == 861339936);
  CHECK(multiply_adds(find("squeezenet-torchvision").make(1)) == 818924576);
  CHECK(multiply_adds(find("mobilenet_v2").make(1)) == 300774272);
}

TEST_CASE("each comes with the naming of its files") {
  const node stem{.kind = op::conv2d, .name = "conv1"};
  const node resnet_stem{.kind = op::conv2d, .name = "scale_conv1"};
  CHECK(find("resnet34-caffe").naming_of(file_with("conv1_0"))(resnet_stem).weights == "conv1_0");
  CHECK(find("resnet101-torchvision").naming_of(file_with("conv1.weight"))(resnet_stem).gamma ==
        "bn1.weight");
  CHECK(find("squeezenet-caffe").naming_of(file_with("conv1.weight"))(stem).bias == "conv1.bias");
  CHECK(find("squeezenet-torchvision").naming_of(file_with("features.0.weight"))(stem).weights ==
        "features.0.weight");
  CHECK(find("mobilenet_v2").naming_of(file_with("features.0.0.weight"))(stem).gamma ==
        "features.0.1.weight");
}

TEST_CASE("a name that two networks share is refused, and both are named") {
  CHECK_THROWS_WITH(find("resnet50"),
                    "network 'resnet50' is not one but several: resnet50-caffe, "
                    "resnet50-torchvision");
  CHECK_THROWS_WITH(find("squeezenet"),
                    "network 'squeezenet' is not one but several: squeezenet-caffe, "
                    "squeezenet-torchvision");
}

TEST_CASE("an unknown name is refused, and all are listed") {
  for (const std::string_view name : {"", "resnet", "resnet5", "ResNet50-caffe", "mobilenet_v2-"}) {
    CHECK_THROWS_WITH(
        find(name),
        concat_text("network '", name, "', expected one of resnet18-caffe, resnet18-torchvision, ",
                    "resnet34-caffe, resnet34-torchvision, resnet50-caffe, resnet50-torchvision, ",
                    "resnet101-caffe, resnet101-torchvision, resnet152-caffe, ",
                    "resnet152-torchvision, squeezenet-caffe, squeezenet-torchvision, ",
                    "mobilenet_v2")
            .c_str());
  }
}

}  // namespace octavo::testing
