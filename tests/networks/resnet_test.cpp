// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/resnet.hpp: counts, shapes, order and names of both variants and all depths.

#include "octavo/networks/resnet.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "networks/network_tools.hpp"
#include "octavo/graph/check.hpp"
#include "octavo/graph/fuse.hpp"

using octavo::op;
using octavo::shape;
using octavo::size_rounding;
using octavo::square;
using octavo::networks::resnet;
using octavo::networks::resnet50;
using octavo::networks::resnet_variant;
using octavo::testing::count_of;
using octavo::testing::node_of;
using octavo::testing::source_of;

namespace {

constexpr auto caffe = resnet50();
constexpr auto torchvision = resnet50({.variant = resnet_variant::torchvision});

static_assert(caffe.size() == 122 && torchvision.size() == 122);
static_assert(octavo::fuse(caffe, octavo::fusion::relu).size() == 73);
static_assert(octavo::fuse(caffe).size() == 57);  // all 16 adds are in a convolution
static_assert(octavo::multiply_adds(caffe) == 3857973248);
static_assert(octavo::multiply_adds(torchvision) == 4089184256);
static_assert((octavo::check(caffe), octavo::check(torchvision), true));

}  // namespace

TEST_CASE("ResNet-50: the ops of both variants") {
  CHECK(count_of(caffe, op::input) == 1);
  CHECK(count_of(caffe, op::conv2d) == 53);
  CHECK(count_of(caffe, op::relu) == 49);
  CHECK(count_of(caffe, op::add) == 16);
  CHECK(count_of(caffe, op::max_pool) == 1);
  CHECK(count_of(caffe, op::avg_pool) == 1);
  CHECK(count_of(caffe, op::fully_connected) == 1);
  CHECK((caffe.outputs.size() == 1 && caffe.is_output(121)));
  for (std::size_t i = 0; i < caffe.size(); ++i) {
    CHECK(caffe[i].name == torchvision[i].name);
    CHECK(caffe[i].kind == torchvision[i].kind);
    CHECK(caffe[i].src == torchvision[i].src);
  }
}

TEST_CASE("ResNet-50: Caffe's execution order and names") {
  const std::string_view first[] = {
      "data_quant",
      "scale_conv1",
      "conv1_relu",
      "pool1",
      "scale2a_branch1",
      "scale2a_branch2a",
      "res2a_branch2a_relu",
      "scale2a_branch2b",
      "res2a_branch2b_relu",
      "scale2a_branch2c",
      "res2a",
      "res2a_relu",
      "scale2b_branch2a",
  };
  for (std::size_t i = 0; i < std::size(first); ++i) CHECK(caffe[i].name.view() == first[i]);
  const std::string_view last[] = {"scale5c_branch2c", "res5c", "res5c_relu", "pool5", "fc1000"};
  for (std::size_t i = 0; i < 5; ++i) CHECK(caffe[117 + i].name.view() == last[i]);
  for (const char* const stage : {"2a", "3a", "4a", "5a"}) {
    CAPTURE(stage);
    const std::string layer = std::string("scale") + stage;
    CHECK(caffe.find(layer + "_branch1") + 1 == caffe.find(layer + "_branch2a"));
  }
  CHECK(caffe.find("scale2b_branch1") == -1);
  CHECK(caffe.find("res3d_relu") > 0);
  CHECK(caffe.find("res3e_relu") == -1);
  CHECK(caffe.find("res4f_relu") > 0);
  CHECK(caffe.find("res4g_relu") == -1);
}

TEST_CASE("ResNet-50: who reads what") {
  // A block with a projection, and one whose shortcut is its input.
  CHECK(source_of(caffe, "scale3a_branch1") == "res2c_relu");
  CHECK(source_of(caffe, "scale3a_branch2a") == "res2c_relu");
  CHECK(source_of(caffe, "res3a", 0) == "scale3a_branch1");
  CHECK(source_of(caffe, "res3a", 1) == "scale3a_branch2c");
  CHECK(source_of(caffe, "res3b", 0) == "res3a_relu");
  CHECK(source_of(caffe, "res3b", 1) == "scale3b_branch2c");
  CHECK(source_of(caffe, "fc1000") == "pool5");
}

TEST_CASE("ResNet-50: shapes that both variants share") {
  const auto check_shapes = [](const auto& net) {
    CHECK(node_of(net, "data_quant").shape == shape{1, 3, 224, 224});
    CHECK(node_of(net, "scale_conv1").shape == shape{1, 64, 112, 112});
    CHECK(node_of(net, "pool1").shape == shape{1, 64, 56, 56});
    CHECK(node_of(net, "res2c_relu").shape == shape{1, 256, 56, 56});
    CHECK(node_of(net, "scale3a_branch1").shape == shape{1, 512, 28, 28});
    CHECK(node_of(net, "scale3a_branch2b").shape == shape{1, 128, 28, 28});
    CHECK(node_of(net, "res3d_relu").shape == shape{1, 512, 28, 28});
    CHECK(node_of(net, "res4f_relu").shape == shape{1, 1024, 14, 14});
    CHECK(node_of(net, "res5c_relu").shape == shape{1, 2048, 7, 7});
    CHECK(node_of(net, "pool5").shape == shape{1, 2048, 1, 1});
    CHECK(node_of(net, "fc1000").shape == shape{1, 1000, 1, 1});
  };
  check_shapes(caffe);
  check_shapes(torchvision);
}

TEST_CASE("ResNet-50: where the variants put the stride of a stage") {
  const int extents[] = {28, 14, 7};
  const std::string_view stages[] = {"scale3a", "scale4a", "scale5a"};
  for (int i = 0; i < 3; ++i) {
    const std::string block(stages[i]);
    CAPTURE(block);
    const int extent = extents[i];
    CHECK(node_of(caffe, block + "_branch2a").shape.h == extent);
    CHECK(node_of(caffe, block + "_branch2a").window == square(1, 2));
    CHECK(node_of(caffe, block + "_branch2b").window == square(3, 1, 1));
    CHECK(node_of(torchvision, block + "_branch2a").shape.h == 2 * extent);
    CHECK(node_of(torchvision, block + "_branch2a").window == square(1, 1));
    CHECK(node_of(torchvision, block + "_branch2b").window == square(3, 2, 1));
    for (const auto* net : {&caffe, &torchvision}) {
      CHECK(node_of(*net, block + "_branch1").window == square(1, 2));
      CHECK(node_of(*net, block + "_branch2c").window == square(1));
    }
  }
  CHECK(node_of(caffe, "scale2a_branch1").window == square(1));  // the first stage has no stride
  CHECK(node_of(caffe, "scale2a_branch2a").window == square(1));
}

TEST_CASE("ResNet-50: the two first pools, and the last") {
  CHECK(node_of(caffe, "scale_conv1").window == square(7, 2, 3));
  CHECK(node_of(caffe, "pool1").window == square(3, 2));
  CHECK(node_of(caffe, "pool1").rounding == size_rounding::ceil);
  CHECK(node_of(torchvision, "pool1").window == square(3, 2, 1));
  CHECK(node_of(torchvision, "pool1").rounding == size_rounding::floor);
  CHECK(node_of(caffe, "pool5").window == square(7));
}

TEST_CASE("the other depths: nodes and multiply-adds, torchvision's published numbers") {
  struct row {
    int depth;
    std::size_t nodes;
    std::int64_t multiply_adds;
  };
  for (const row& expected :
       {row{18, 49, 1814073344}, row{34, 89, 3663761408}, row{50, 122, 4089184256},
        row{101, 241, 7801405440}, row{152, 360, 11513626624}}) {
    CAPTURE(expected.depth);
    const octavo::graph net =
        resnet({.variant = resnet_variant::torchvision, .depth = expected.depth});
    CHECK(net.size() == expected.nodes);
    CHECK(octavo::multiply_adds(net) == expected.multiply_adds);
    CHECK_NOTHROW(octavo::check(net));
  }
  CHECK(resnet({}) == octavo::to_graph(caffe));
}

TEST_CASE("18 and 34: blocks of two 3x3, the stride on the first, no projection in stage 2") {
  const auto net = resnet50({.depth = 18});
  CHECK(net.find("scale2a_branch1") == -1);
  CHECK(source_of(net, "res2a", 0) == "pool1");
  CHECK(net.find("scale2a_branch2c") == -1);
  CHECK(node_of(net, "scale3a_branch1").window == square(1, 2));
  CHECK(node_of(net, "scale3a_branch2a").window == square(3, 2, 1));
  CHECK(node_of(net, "scale3a_branch2b").window == square(3, 1, 1));
  CHECK(node_of(net, "res5b_relu").shape == shape{1, 512, 7, 7});
  CHECK(net.find("res5c") == -1);
}

namespace {

/// The labels of a stage's blocks in order: "4a", "4b1" ...
std::vector<std::string> labels(int depth, char stage) {
  std::vector<std::string> found;
  for (const octavo::node& n : resnet({.depth = depth})) {
    const std::string name(n.name.view());
    if (n.kind == op::add && name[3] == stage) found.push_back(name.substr(3));
  }
  return found;
}

/// "4a", "4b1", ... "4b<last>".
std::vector<std::string> counted(const std::string& stage, int last) {
  std::vector<std::string> expected = {stage + "a"};
  for (int i = 1; i <= last; ++i) expected.push_back(stage + "b" + std::to_string(i));
  return expected;
}

}  // namespace

TEST_CASE("101 and 152: the blocks of long stages are counted") {
  using names = std::vector<std::string>;
  CHECK((labels(50, '4') == names{"4a", "4b", "4c", "4d", "4e", "4f"}));
  CHECK((labels(101, '3') == names{"3a", "3b", "3c", "3d"}));
  CHECK((labels(101, '4') == counted("4", 22)));
  CHECK((labels(152, '3') == counted("3", 7)));
  CHECK((labels(152, '4') == counted("4", 35)));
  CHECK((labels(152, '5') == names{"5a", "5b", "5c"}));
  CHECK(resnet({.depth = 101}).find("scale4b22_branch2c") > 0);
}

TEST_CASE("a depth that the paper does not have is refused") {
  for (const int depth : {0, 20, 51, -50}) {
    CHECK_THROWS_WITH(
        resnet({.depth = depth}),
        octavo::concat_text("resnet: depth ", depth, ", expected 18, 34, 50, 101 or 152").c_str());
  }
}

TEST_CASE("image, width, classes and batch are the caller's") {
  const octavo::graph net =
      resnet({.depth = 18, .image = 64, .width = 8, .classes = 10, .batch = 3});
  CHECK(node_of(net, "data_quant").shape == shape{3, 3, 64, 64});
  CHECK(node_of(net, "scale_conv1").shape == shape{3, 8, 32, 32});
  CHECK(node_of(net, "res5b_relu").shape == shape{3, 64, 2, 2});
  CHECK(node_of(net, "pool5").window == square(2));
  CHECK(node_of(net, "fc1000").shape == shape{3, 10, 1, 1});
  CHECK(octavo::multiply_adds(resnet50({.batch = 2})) == 2 * 3857973248);
}
