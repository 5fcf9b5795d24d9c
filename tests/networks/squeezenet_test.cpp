// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/squeezenet.hpp: counts, shapes, order and names of both variants.

#include "octavo/networks/squeezenet.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <string>
#include <string_view>

#include "networks/network_tools.hpp"
#include "octavo/graph/check.hpp"
#include "octavo/graph/fuse.hpp"

namespace octavo::testing {
namespace {

using networks::squeezenet;
using networks::squeezenet_variant;

constexpr auto caffe = squeezenet();
constexpr auto torchvision = squeezenet({.variant = squeezenet_variant::torchvision, .image = 224});

static_assert(caffe.size() == 65 && torchvision.size() == 65);
static_assert(fuse(caffe).size() == 39);  // all 26 relus are behind a convolution
static_assert(multiply_adds(caffe) == 861339936);
static_assert(multiply_adds(torchvision) == 818924576);  // published: 0.819 G
static_assert((check(caffe), check(torchvision), true));

}  // namespace

TEST_CASE("SqueezeNet: the ops of both variants") {
  CHECK(count_of(caffe, op::conv2d) == 26);
  CHECK(count_of(caffe, op::relu) == 26);
  CHECK(count_of(caffe, op::max_pool) == 3);
  CHECK(count_of(caffe, op::concat) == 8);
  CHECK(count_of(caffe, op::avg_pool) == 1);
  CHECK(count_of(caffe, op::fully_connected) == 0);
  CHECK((caffe.outputs.size() == 1 && caffe.is_output(64)));
  for (std::size_t i = 0; i < caffe.size(); ++i) {
    CHECK(caffe[i].name == torchvision[i].name);
    CHECK(caffe[i].kind == torchvision[i].kind);
    CHECK(caffe[i].src == torchvision[i].src);
  }
}

TEST_CASE("SqueezeNet: the published number of parameters") {
  CHECK(parameters(to_graph(caffe)) == 1248424);
  CHECK(parameters(to_graph(torchvision)) == 1248424);
}

TEST_CASE("SqueezeNet: Caffe's execution order and names") {
  const std::string_view first[] = {"data_quant",       "conv1",
                                    "relu_conv1",       "pool1",
                                    "fire2/squeeze1x1", "fire2/relu_squeeze1x1",
                                    "fire2/expand1x1",  "fire2/relu_expand1x1",
                                    "fire2/expand3x3",  "fire2/relu_expand3x3",
                                    "fire2/concat",     "fire3/squeeze1x1"};
  for (std::size_t i = 0; i < std::size(first); ++i) CHECK(caffe[i].name.view() == first[i]);
  const std::string_view last[] = {"fire9/concat", "conv10", "relu_conv10", "pool10"};
  for (std::size_t i = 0; i < 4; ++i) CHECK(caffe[61 + i].name.view() == last[i]);
}

TEST_CASE("SqueezeNet: who reads what") {
  CHECK(source_of(caffe, "fire2/expand1x1") == "fire2/relu_squeeze1x1");
  CHECK(source_of(caffe, "fire2/expand3x3") == "fire2/relu_squeeze1x1");
  CHECK(source_of(caffe, "fire2/concat", 0) == "fire2/relu_expand1x1");
  CHECK(source_of(caffe, "fire2/concat", 1) == "fire2/relu_expand3x3");
  CHECK(source_of(caffe, "pool4") == "fire4/concat");
  CHECK(source_of(caffe, "fire5/squeeze1x1") == "pool4");
  CHECK(source_of(caffe, "fire6/squeeze1x1") == "fire5/concat");
  CHECK(source_of(caffe, "pool8") == "fire8/concat");
  CHECK(source_of(caffe, "fire9/squeeze1x1") == "pool8");
}

TEST_CASE("SqueezeNet: channels squeezed and expanded, and the sizes of maps") {
  const int squeezed[] = {16, 16, 32, 32, 48, 48, 64, 64};
  const int rows[] = {55, 55, 55, 27, 27, 27, 27, 13};
  for (int i = 0; i < 8; ++i) {
    const std::string fire = "fire" + std::to_string(i + 2);
    CAPTURE(fire);
    const int n = squeezed[i];
    CHECK(node_of(caffe, fire + "/squeeze1x1").shape == shape{1, n, rows[i], rows[i]});
    CHECK(node_of(caffe, fire + "/expand1x1").shape == shape{1, 4 * n, rows[i], rows[i]});
    CHECK(node_of(caffe, fire + "/expand3x3").window == square(3, 1, 1));
    CHECK(node_of(caffe, fire + "/concat").shape == shape{1, 8 * n, rows[i], rows[i]});
  }
  CHECK(node_of(caffe, "conv1").shape == shape{1, 96, 111, 111});
  CHECK(node_of(caffe, "conv1").window == square(7, 2));
  CHECK(node_of(caffe, "pool1").rounding == size_rounding::ceil);
  CHECK(node_of(caffe, "pool8").shape == shape{1, 512, 13, 13});
  CHECK(node_of(caffe, "pool10").shape == shape{1, 1000, 1, 1});
}

TEST_CASE("SqueezeNet: what the variants do at the end") {
  CHECK(node_of(caffe, "conv10").window == square(1, 1, 1));
  CHECK(node_of(caffe, "conv10").shape == shape{1, 1000, 15, 15});
  CHECK(node_of(caffe, "pool10").window == square(15));
  CHECK(node_of(torchvision, "conv1").shape == shape{1, 96, 109, 109});
  CHECK(node_of(torchvision, "pool1").shape == shape{1, 96, 54, 54});
  CHECK(node_of(torchvision, "conv10").window == square(1));
  CHECK(node_of(torchvision, "pool10").window == square(13));
}

TEST_CASE("SqueezeNet: image, width, classes and batch are the caller's") {
  const auto net = squeezenet({.image = 67, .width = 3, .classes = 10, .batch = 2});
  CHECK(node_of(net, "data_quant").shape == shape{2, 3, 67, 67});
  CHECK(node_of(net, "conv1").shape == shape{2, 18, 31, 31});
  CHECK(node_of(net, "fire9/concat").shape == shape{2, 96, 3, 3});
  CHECK(node_of(net, "pool10").shape == shape{2, 10, 1, 1});
  CHECK_THROWS_WITH(squeezenet({.image = 6}),
                    "graph: conv1: the kernel is larger than the padded input");
}

}  // namespace octavo::testing
