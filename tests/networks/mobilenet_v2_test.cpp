// SPDX-License-Identifier: MIT
/// @file
/// Tests of networks/mobilenet_v2.hpp: the rounding of widths, counts, shapes and order.

#include "octavo/networks/mobilenet_v2.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include "networks/network_tools.hpp"
#include "octavo/graph/check.hpp"
#include "octavo/graph/fuse.hpp"

namespace octavo::testing {
namespace {

using networks::mobilenet_v2;
using networks::scaled_channels;

constexpr auto full = mobilenet_v2();

static_assert(full.size() == 100);
static_assert(fuse(full).size() == 90);           // all 10 adds are in a projection
static_assert(multiply_adds(full) == 300774272);  // published: 0.301 G
static_assert((check(full), true));

// To multiples of 8, halves up; never below 8, never more than a tenth lost.
static_assert(scaled_channels(32, 1.0) == 32 && scaled_channels(24, 0.5) == 16);
static_assert(scaled_channels(24, 0.75) == 24);  // 18: 16 would be too few
static_assert(scaled_channels(16, 0.35) == 8);   // 5.6
static_assert(scaled_channels(16, 0.01) == 8);
static_assert(scaled_channels(24, 0.35) == 8);   // 8.4
static_assert(scaled_channels(32, 0.35) == 16);  // 11.2: 8 would be too few
static_assert(scaled_channels(96, 1.4) == 136);  // 134.4
static_assert(scaled_channels(160, 0.35) == 56);
static_assert(scaled_channels(1280, 1.4) == 1792);

}  // namespace

TEST_CASE("MobileNetV2: its ops") {
  CHECK(count_of(full, op::conv2d) == 52);
  CHECK(count_of(full, op::clip) == 35);
  CHECK(count_of(full, op::add) == 10);
  CHECK(count_of(full, op::avg_pool) == 1);
  CHECK(count_of(full, op::fully_connected) == 1);
  CHECK((full.outputs.size() == 1 && full.is_output(99)));
  for (const node& n : full) {
    if (n.kind == op::clip) CHECK((n.lo == 0 && n.hi == 6));
    const bool depthwise = n.name.view().ends_with("_depthwise");
    if (n.kind == op::conv2d) CHECK(n.groups == (depthwise ? n.shape.c : 1));
  }
}

TEST_CASE("MobileNetV2: multiply-adds and parameters of the published widths") {
  CHECK(parameters(to_graph(full)) == 3487816);
  CHECK(parameters(to_graph(full)) + convolution_channels(to_graph(full)) == 3504872);
  struct row {
    double width;
    std::int64_t multiply_adds;  // published in millions: 582, 209, 97, 59
    std::int64_t parameters;     // 6.06, 2.61, 1.95, 1.66
  };
  for (const row& expected : {row{1.4, 582195824, 6084808}, row{0.75, 209069792, 2623104},
                              row{0.5, 97131840, 1959408}, row{0.35, 59285808, 1670088}}) {
    CAPTURE(expected.width);
    const graph net = to_graph(mobilenet_v2({.width = expected.width}));
    CHECK(multiply_adds(net) == expected.multiply_adds);
    CHECK(parameters(net) == expected.parameters);
    CHECK_NOTHROW(check(net));
  }
}

TEST_CASE("MobileNetV2: execution order and names") {
  const std::string_view first[] = {"data_quant",
                                    "conv1",
                                    "conv1_relu6",
                                    "block1_depthwise",
                                    "block1_depthwise_relu6",
                                    "block1_project",
                                    "block2_expand",
                                    "block2_expand_relu6",
                                    "block2_depthwise",
                                    "block2_depthwise_relu6",
                                    "block2_project",
                                    "block3_expand"};
  for (std::size_t i = 0; i < std::size(first); ++i) CHECK(full[i].name.view() == first[i]);
  const std::string_view last[] = {"block17_project", "conv_last", "conv_last_relu6", "pool", "fc"};
  for (std::size_t i = 0; i < 5; ++i) CHECK(full[95 + i].name.view() == last[i]);
}

TEST_CASE("MobileNetV2: each block's channels, rows and whether it adds its input") {
  struct row {
    int in, channels, rows;
    bool adds;
  };
  const row blocks[] = {{32, 16, 112, false}, {16, 24, 56, false}, {24, 24, 56, true},
                        {24, 32, 28, false},  {32, 32, 28, true},  {32, 32, 28, true},
                        {32, 64, 14, false},  {64, 64, 14, true},  {64, 64, 14, true},
                        {64, 64, 14, true},   {64, 96, 14, false}, {96, 96, 14, true},
                        {96, 96, 14, true},   {96, 160, 7, false}, {160, 160, 7, true},
                        {160, 160, 7, true},  {160, 320, 7, false}};
  for (int i = 0; i < 17; ++i) {
    const row& want = blocks[i];
    const std::string block = "block" + std::to_string(i + 1);
    CAPTURE(block);
    const int inner = i == 0 ? want.in : 6 * want.in;
    CHECK((full.find(block + "_expand") >= 0) == (i > 0));
    CHECK(node_of(full, block + "_depthwise").shape == shape{1, inner, want.rows, want.rows});
    CHECK(node_of(full, block + "_project").shape == shape{1, want.channels, want.rows, want.rows});
    CHECK((full.find(block + "_add") >= 0) == want.adds);
    if (!want.adds) continue;
    CHECK(source_of(full, block + "_add", 0) == source_of(full, block + "_expand"));
    CHECK(source_of(full, block + "_add", 1) == block + "_project");
  }
  CHECK(node_of(full, "conv1").window == square(3, 2, 1));
  CHECK(node_of(full, "block2_depthwise").window == square(3, 2, 1));
  CHECK(node_of(full, "block3_depthwise").window == square(3, 1, 1));
  CHECK(node_of(full, "conv_last").shape == shape{1, 1280, 7, 7});
  CHECK(node_of(full, "pool").window == square(7));
  CHECK(node_of(full, "fc").shape == shape{1, 1000, 1, 1});
}

TEST_CASE("MobileNetV2: image, width, classes and batch are the caller's") {
  const auto net = mobilenet_v2({.width = 0.35, .image = 50, .classes = 10, .batch = 3});
  CHECK(node_of(net, "conv1").shape == shape{3, 16, 25, 25});
  CHECK(node_of(net, "block17_project").shape == shape{3, 112, 2, 2});
  CHECK(node_of(net, "conv_last").shape == shape{3, 1280, 2, 2});  // not narrowed
  CHECK(node_of(net, "fc").shape == shape{3, 10, 1, 1});
  CHECK(node_of(mobilenet_v2({.width = 1.4}), "conv_last").shape.c == 1792);
}

TEST_CASE("MobileNetV2: a width that is none is refused") {
  for (const double width : {0.0, -1.0, 17.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_WITH(mobilenet_v2({.width = width}),
                      "mobilenet_v2: the width must be above 0 and at most 16");
  }
}

}  // namespace octavo::testing
