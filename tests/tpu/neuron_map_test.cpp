// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/neuron_map.hpp: totals, addresses, and the two printed forms.

#include "octavo/tpu/neuron_map.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/tpu/resnet50_map.hpp"

using octavo::fusion;
using octavo::networks::resnet_variant;
using octavo::tpu::make_neuron_map;
using octavo::tpu::neuron_row;

namespace {

constexpr auto caffe = octavo::networks::resnet50();
constexpr auto caffe_fused = octavo::fuse(caffe, fusion::relu);
constexpr auto torchvision = octavo::networks::resnet50({.variant = resnet_variant::torchvision});
constexpr auto torchvision_fused = octavo::fuse(torchvision, fusion::relu);

constexpr auto caffe_map = make_neuron_map(caffe);
constexpr auto caffe_fused_map = make_neuron_map(caffe_fused);
constexpr auto torchvision_map = make_neuron_map(torchvision);
constexpr auto torchvision_fused_map = make_neuron_map(torchvision_fused);

static_assert(caffe_map.rows.size() == 122 && caffe_map.size == 25542640);
static_assert(caffe_map.size == 0x185bff0);
static_assert(caffe_fused_map.rows.size() == 73 && caffe_fused_map.size == 16460784);
static_assert(torchvision_map.rows.size() == 122 && torchvision_map.size == 26596336);
static_assert(torchvision_map.size == 0x195d3f0);
static_assert(torchvision_fused_map.rows.size() == 73 && torchvision_fused_map.size == 16987632);

static_assert(octavo::tpu::has_resnet50_map(caffe));
static_assert(!octavo::tpu::has_resnet50_map(torchvision));
static_assert(!octavo::tpu::has_resnet50_map(caffe_fused));

/// Rows one behind the other from address 0, each aligned: so none overlaps another.
template <class Map>
constexpr bool is_dense(const Map& map) {
  std::int64_t next = 0;
  for (const neuron_row& row : map.rows) {
    if (row.offset != next || row.offset % 16 != 0 || row.size % 16 != 0) return false;
    if (row.size <= 0 || row.end() != row.offset + row.size) return false;
    next = row.end();
  }
  return next == map.size;
}

static_assert(is_dense(caffe_map) && is_dense(caffe_fused_map));
static_assert(is_dense(torchvision_map) && is_dense(torchvision_fused_map));

using octavo::node;
using builder = octavo::graph_builder<std::vector<node>>;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the printed form is the original compiler's, byte for byte") {
  const std::string text = format(caffe_map, caffe);
  const std::vector<std::string> lines = lines_of(text);
  REQUIRE(lines.size() == 122);
  CHECK(text.back() == '\n');
  CHECK(lines[0] ==
        "[data_quant                          ][  150528] : [ 0x00000000 --> 0x00024c00 ]");
  CHECK(lines[1] ==
        "[fc1000                              ][    1008] : [ 0x00024c00 --> 0x00024ff0 ]");
  CHECK(lines[2] ==
        "[pool5                               ][    2048] : [ 0x00024ff0 --> 0x000257f0 ]");
  CHECK(lines[3] ==
        "[res5c_relu                          ][  100352] : [ 0x000257f0 --> 0x0003dff0 ]");
  CHECK(lines[6] ==
        "[res5c_branch2b_relu                 ][   25088] : [ 0x0006eff0 --> 0x000751f0 ]");
  CHECK(lines[119] ==
        "[pool1                               ][  200704] : [ 0x016a2ff0 --> 0x016d3ff0 ]");
  CHECK(lines[120] ==
        "[conv1_relu                          ][  802816] : [ 0x016d3ff0 --> 0x01797ff0 ]");
  CHECK(lines[121] ==
        "[scale_conv1                         ][  802816] : [ 0x01797ff0 --> 0x0185bff0 ]");
}

TEST_CASE("rows: name, address, type, shape") {
  const std::vector<std::string> lines = lines_of(to_csv(caffe_map, caffe));
  REQUIRE(lines.size() == 122);
  CHECK(lines[0] == "data_quant,0x00000000,int8,1,3,224,224");
  CHECK(lines[1] == "fc1000,0x00024c00,int8,1,1,1,1000");
  CHECK(lines[2] == "pool5,0x00024ff0,int8,1,2048,1,1");
  CHECK(lines[3] == "res5c_relu,0x000257f0,int8,1,2048,7,7");
  CHECK(lines[121] == "scale_conv1,0x01797ff0,int8,1,64,112,112");
}

TEST_CASE("a batch of matrices has its rows behind the ones") {
  builder net;
  octavo::tensor_id x = net.input("data", {2, 3, 1, 1});
  x = net.fully_connected("fc", x, 5);
  const octavo::graph made = net.finish(x);
  CHECK(to_csv(make_neuron_map(made), made) ==
        "data,0x00000000,int8,2,3,1,1\nfc,0x00000010,int8,1,1,2,5\n");
}

TEST_CASE("fused rows bear the name of the last op") {
  const std::vector<std::string> lines = lines_of(to_csv(caffe_fused_map, caffe_fused));
  CHECK(lines[0] == "data_quant,0x00000000,int8,1,3,224,224");
  CHECK(lines[1] == "fc1000,0x00024c00,int8,1,1,1,1000");
  CHECK(lines[3] == "res5c_relu,0x000257f0,int8,1,2048,7,7");
  CHECK(lines[4] == "scale5c_branch2c,0x0003dff0,int8,1,2048,7,7");
  CHECK(lines[5] == "res5c_branch2b_relu,0x000567f0,int8,1,512,7,7");
  CHECK(lines[72].substr(0, 11) == "conv1_relu,");
}

TEST_CASE("torchvision: branch2a of the first blocks keeps the size of its input") {
  for (const auto& [name, height] :
       {std::pair{"scale3a_branch2a", 56}, std::pair{"scale4a_branch2a", 28},
        std::pair{"scale5a_branch2a", 14}}) {
    const auto in = static_cast<std::size_t>(torchvision.find(name));
    CHECK(torchvision[in].shape.h == height);
    CHECK(torchvision_map.find(static_cast<int>(in))->size ==
          4 * caffe_map.find(caffe.find(name))->size);
  }
}

TEST_CASE("inputs come first in their order, then the ops from the last to the first") {
  builder net;
  const octavo::tensor_id a = net.input("a", {1, 1, 1, 1});
  const octavo::tensor_id left = net.relu("left", a);
  const octavo::tensor_id b = net.input("b", {1, 17, 1, 1});
  const octavo::tensor_id both = net.concat("both", {left, b});
  const octavo::graph made = net.finish(both);
  const auto map = make_neuron_map(made);
  CHECK(map.rows == std::vector<neuron_row>{{0, 0, 16}, {2, 16, 32}, {3, 48, 32}, {1, 80, 16}});
  CHECK(map.size == 96);
  CHECK(is_dense(map));
}

TEST_CASE("sizes are rounded up to 16") {
  for (const auto& [channels, size] :
       {std::pair{1, 16}, {15, 16}, {16, 16}, {17, 32}, {1000, 1008}}) {
    builder net;
    const octavo::tensor_id x = net.input("data", {1, channels, 1, 1});
    const octavo::graph made = net.finish(x);
    CHECK(make_neuron_map(made).size == size);
  }
}

TEST_CASE("find: the row of a node, or none") {
  CHECK(caffe_map.find(0)->offset == 0);
  CHECK(caffe_map.find(121)->offset == 0x24c00);
  CHECK(caffe_map.find(1)->offset == 0x1797ff0);
  CHECK(caffe_map.find(122) == nullptr);
  CHECK(caffe_map.find(-1) == nullptr);
}

TEST_CASE("names and sizes that are wider than their columns push the rest, nothing is cut") {
  const neuron_row row{.node = 0, .offset = 0x123456780, .size = 1234567890};
  const std::string name(63, 'n');
  CHECK(format(row, {.name = octavo::node_name(name)}) ==
        "[" + name + "][1234567890] : [ 0x123456780 --> 0x16cdb6a52 ]\n");
}
