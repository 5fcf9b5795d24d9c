// SPDX-License-Identifier: MIT
/// @file
/// Every message of graph/builder.hpp and graph/infer.hpp: what does not fit is refused by name.

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"

using octavo::conv2d_options;
using octavo::pool_params;
using octavo::shape;
using octavo::size_rounding;
using octavo::square;
using octavo::tensor_id;
using octavo::window;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A builder with one input of 4 channels, 8 x 8.
struct fixture {
  octavo::graph_builder<std::vector<octavo::node>> b = {};
  tensor_id x = b.input("data", {1, 4, 8, 8});

  tensor_id conv(const conv2d_options& options) { return b.conv2d("conv", x, options); }
  tensor_id conv(const window& w) { return conv({.channels = 4, .window = w}); }
  tensor_id max_pool(const window& w) { return b.max_pool("pool", x, {.window = w}); }
  tensor_id avg_pool(const window& w) { return b.avg_pool("pool", x, {.window = w}); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a window needs a kernel, strides and dilations, on each axis") {
  const char* const kernel = "graph: conv: the kernel must be in 1..2^24";
  CHECK_THROWS_WITH(conv({.kh = 0}), kernel);
  CHECK_THROWS_WITH(conv({.kw = -1}), kernel);
  const char* const stride = "graph: conv: the stride must be in 1..2^24";
  CHECK_THROWS_WITH(conv({.stride_h = 0}), stride);
  CHECK_THROWS_WITH(conv({.stride_w = -1}), stride);
  const char* const dilation = "graph: conv: the dilation must be in 1..2^24";
  CHECK_THROWS_WITH(conv({.dilation_h = 0}), dilation);
  CHECK_THROWS_WITH(conv({.dilation_w = -1}), dilation);
  CHECK_THROWS_WITH(max_pool({.kh = 0}), "graph: pool: the kernel must be in 1..2^24");
}

TEST_CASE_FIXTURE(fixture, "no side's padding is negative") {
  const char* const negative = "graph: conv: the padding must be in 0..2^24";
  CHECK_THROWS_WITH(conv({.pad = {.top = -1}}), negative);
  CHECK_THROWS_WITH(conv({.pad = {.left = -1}}), negative);
  CHECK_THROWS_WITH(conv({.pad = {.bottom = -1}}), negative);
  CHECK_THROWS_WITH(conv({.pad = {.right = -1}}), negative);
}

TEST_CASE_FIXTURE(fixture, "the kernel fits the padded input") {
  const char* const too_large = "graph: conv: the kernel is larger than the padded input";
  CHECK_THROWS_WITH(conv({.kh = 9}), too_large);
  CHECK_THROWS_WITH(conv({.kw = 9}), too_large);
  CHECK_THROWS_WITH(conv({.kh = 3, .dilation_h = 4}), too_large);  // reaches over 9 rows
  CHECK_THROWS_WITH(max_pool(square(9)), "graph: pool: the kernel is larger than the padded input");
  CHECK_NOTHROW(conv({.kh = 9, .pad = {.bottom = 1}}));
}

TEST_CASE_FIXTURE(fixture, "numbers that no network has are refused before they overflow") {
  constexpr int huge = std::numeric_limits<int>::max();
  CHECK_THROWS_AS(conv({.kh = huge, .pad = {.top = huge}}), octavo::error);
  CHECK_THROWS_AS(conv({.stride_h = huge}), octavo::error);
  CHECK_THROWS_AS(conv({.kw = 2, .dilation_w = huge}), octavo::error);
  CHECK_THROWS_AS(conv({.pad = {huge, huge, huge, huge}}), octavo::error);
}

TEST_CASE_FIXTURE(fixture, "a convolution's channels and groups") {
  CHECK_THROWS_WITH(conv({.channels = 0}),
                    "graph: conv: a convolution needs at least one output channel");
  CHECK_THROWS_WITH(conv({.channels = -4}),
                    "graph: conv: a convolution needs at least one output channel");
  CHECK_THROWS_WITH(conv({.channels = 4, .groups = 0}), "graph: conv: groups must be at least 1");
  CHECK_THROWS_WITH(conv({.channels = 6, .groups = 3}),
                    "graph: conv: groups must divide the input channels");
  CHECK_THROWS_WITH(conv({.channels = 6, .groups = 4}),
                    "graph: conv: groups must divide the output channels");
  CHECK_NOTHROW(conv({.channels = 6, .groups = 2}));
}

TEST_CASE("an accumulator of int8 products must fit int32: at most 131071 of them") {
  const char* const overflow =
      "graph: conv: the accumulator may overflow int32: ic/groups * kh * kw * 128 * 128 must stay "
      "below 2^31";
  octavo::graph_builder<std::vector<octavo::node>> b;
  const tensor_id last = b.input("last", {1, 131071, 1, 1});
  const tensor_id first_bad = b.input("first_bad", {1, 131072, 1, 1});
  const tensor_id image = b.input("image", {1, 2, 256, 256});
  CHECK_NOTHROW(b.conv2d("fits", last, {.channels = 1}));
  CHECK_THROWS_WITH(b.conv2d("conv", first_bad, {.channels = 1}), overflow);
  CHECK_THROWS_WITH(b.conv2d("conv", image, {.channels = 1, .window = square(256)}), overflow);
  // Groups share the products out.
  CHECK_NOTHROW(b.conv2d("grouped", first_bad, {.channels = 2, .groups = 2}));
  CHECK_NOTHROW(b.conv2d("depthwise", image, {.channels = 2, .window = square(256), .groups = 2}));

  CHECK_NOTHROW(b.fully_connected("fc_fits", last, 1));
  const char* const fc_overflow =
      "graph: fc: the accumulator may overflow int32: c * h * w * 128 * 128 must stay below 2^31";
  CHECK_THROWS_WITH(b.fully_connected("fc", first_bad, 1), fc_overflow);
  CHECK_THROWS_WITH(b.fully_connected("fc", image, 1), fc_overflow);
}

TEST_CASE_FIXTURE(fixture, "a fully connected layer has outputs") {
  CHECK_THROWS_WITH(b.fully_connected("fc", x, 0),
                    "graph: fc: a fully connected layer needs at least one output");
}

TEST_CASE_FIXTURE(fixture, "pools: no dilation, and every window has a pixel") {
  CHECK_THROWS_WITH(max_pool({.kh = 2, .dilation_h = 2}), "graph: pool: a pool has no dilation");
  CHECK_THROWS_WITH(avg_pool({.kw = 2, .dilation_w = 2}), "graph: pool: a pool has no dilation");
  const char* const padding = "graph: pool: a pool's padding must be smaller than its kernel";
  CHECK_THROWS_WITH(max_pool({.kh = 2, .kw = 2, .pad = {.top = 2}}), padding);
  CHECK_THROWS_WITH(max_pool({.kh = 2, .kw = 2, .pad = {.left = 2}}), padding);
  CHECK_THROWS_WITH(avg_pool({.kh = 2, .kw = 2, .pad = {.bottom = 2}}), padding);
  CHECK_THROWS_WITH(avg_pool({.kh = 2, .kw = 2, .pad = {.right = 2}}), padding);
  CHECK_NOTHROW(max_pool({.kh = 2, .kw = 2, .pad = {1, 1, 1, 1}}));
}

TEST_CASE("a pool's sum must fit int32: fewer than 2^24 pixels") {
  octavo::graph_builder<std::vector<octavo::node>> b;
  const tensor_id x = b.input("data", {1, 1, 4096, 4096});
  CHECK_THROWS_WITH(b.avg_pool("pool", x, {.window = square(4096)}),
                    "graph: pool: a pool's window is limited to 2^24 pixels");
  CHECK_NOTHROW(b.avg_pool("pool", x, {.window = {.kh = 4096, .kw = 4095}}));
}

TEST_CASE_FIXTURE(fixture, "add: one shape") {
  const tensor_id wider = b.conv2d("wider", x, {.channels = 5});
  const tensor_id lower = b.max_pool("lower", x, {.window = {.kh = 2}});
  CHECK_THROWS_WITH(b.add("add", x, wider), "graph: add: add: the inputs must have one shape");
  CHECK_THROWS_WITH(b.add("add", lower, x), "graph: add: add: the inputs must have one shape");
}

TEST_CASE_FIXTURE(fixture, "concat: one or more inputs that differ in channels alone") {
  const char* const disagree =
      "graph: joined: concat: the inputs must agree in all but the channels";
  const tensor_id lower = b.max_pool("lower", x, {.window = {.kh = 2}});
  const tensor_id narrower = b.max_pool("narrower", x, {.window = {.kw = 2}});
  const tensor_id two = b.input("two", {2, 4, 8, 8});
  CHECK_THROWS_WITH(b.concat("joined", {x, lower}), disagree);
  CHECK_THROWS_WITH(b.concat("joined", {x, narrower}), disagree);
  CHECK_THROWS_WITH(b.concat("joined", {x, two}), disagree);
  CHECK_THROWS_WITH(b.concat("joined", {}), "graph: joined: wrong number of inputs for its kind");
  CHECK_NOTHROW(b.concat("eight", {x, x, x, x, x, x, x, x}));
  CHECK_THROWS_AS(b.concat("nine", {x, x, x, x, x, x, x, x, x}), octavo::error);
  const tensor_id broad = b.input("broad", {1, 1 << 23, 1, 1});
  const tensor_id thin = b.input("thin", {1, 1, 1, 1});
  CHECK_NOTHROW(b.concat("most", {broad, broad}));
  CHECK_THROWS_WITH(b.concat("joined", {broad, broad, thin}),
                    "graph: joined: concat: too many channels");
}

TEST_CASE_FIXTURE(fixture, "clip and leaky_relu: finite limits in order, a positive slope") {
  const char* const limits = "graph: clip: clip: needs lo <= hi";
  CHECK_THROWS_WITH(b.clip("clip", x, 1, 0.5), limits);
  CHECK_THROWS_WITH(b.clip("clip", x, -infinity, 6), limits);
  CHECK_THROWS_WITH(b.clip("clip", x, 0, infinity), limits);
  CHECK_THROWS_WITH(b.clip("clip", x, not_a_number, 6), limits);
  CHECK_THROWS_WITH(b.clip("clip", x, 0, not_a_number), limits);
  CHECK_NOTHROW(b.clip("clip", x, 1, 1));
  const char* const slope = "graph: leaky: leaky_relu: needs slope > 0";
  for (const double bad : {0.0, -0.1, infinity, not_a_number}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(b.leaky_relu("leaky", x, bad), slope);
  }
}

TEST_CASE_FIXTURE(fixture, "the input's extents are positive and fit") {
  const char* const extents =
      "graph: more: the input's extents must be in 1..2^24, their product below 2^31";
  CHECK_THROWS_WITH(b.input("more", {0, 3, 8, 8}), extents);
  CHECK_THROWS_WITH(b.input("more", {1, 3, -8, -8}), extents);
  CHECK_THROWS_WITH(b.input("more", {1, 2, 1 << 15, 1 << 15}), extents);
}

TEST_CASE_FIXTURE(fixture, "no tensor has 2^31 elements, no extent exceeds 2^24") {
  const char* const too_large =
      "graph: conv: the output's extents must be at most 2^24, their product below 2^31";
  CHECK_THROWS_WITH(conv({.channels = (1 << 24) + 1}), too_large);
  CHECK_NOTHROW(conv({.channels = 1 << 24}));
  x = b.input("wide", {1, 1, 128, 128});
  const char* const wide_conv =
      "graph: more: the output's extents must be at most 2^24, their product below 2^31";
  CHECK_THROWS_WITH(b.conv2d("more", x, {.channels = 1 << 17}), wide_conv);  // 2^31
  CHECK_NOTHROW(b.conv2d("more", x, {.channels = (1 << 17) - 1}));
}

TEST_CASE_FIXTURE(fixture, "an op reads tensors that are there") {
  const char* const earlier = "graph: relu: an input must be an earlier node";
  CHECK_THROWS_WITH(b.relu("relu", {}), earlier);
  CHECK_THROWS_WITH(b.relu("relu", {-2}), earlier);
  CHECK_THROWS_WITH(b.relu("relu", {1}), earlier);  // itself
  CHECK_THROWS_WITH(b.add("add", x, {7}), "graph: add: an input must be an earlier node");
}

TEST_CASE_FIXTURE(fixture, "every node has a name of its own") {
  CHECK_THROWS_WITH(b.relu("", x), "graph: ?: a node needs a name");
  CHECK_THROWS_WITH(b.relu("data", x), "graph: data: two nodes have this name");
  const std::string too_long(64, 'x');
  static_cast<void>(b.relu("relu", x));
  CHECK_THROWS_WITH(b.scale("relu", x), "graph: relu: two nodes have this name");
  CHECK_THROWS_WITH(b.relu(std::string_view(too_long), x),
                    "name: longer than a graph's names may be");
}

TEST_CASE_FIXTURE(fixture, "outputs are tensors of the graph, at least one") {
  const char* const not_there = "graph: an output must be a tensor of this graph";
  CHECK_THROWS_WITH(b.finish(tensor_id{}), not_there);
  CHECK_THROWS_WITH(b.finish(tensor_id{1}), not_there);
  CHECK_THROWS_WITH(b.finish(std::initializer_list<tensor_id>{}),
                    "graph: needs at least one output");
}

TEST_CASE_FIXTURE(fixture, "a refused op leaves the graph as it was") {
  CHECK_THROWS_AS(conv({.channels = 0}), octavo::error);
  CHECK_THROWS_AS(b.relu("data", x), octavo::error);
  const octavo::graph net = b.finish(b.relu("conv", x));
  CHECK(net.size() == 2);
  CHECK(net[1].src[0] == 0);
}

TEST_CASE("a static graph that is too small says so") {
  octavo::static_graph_builder<1> b;
  const tensor_id x = b.input("data", {1, 1, 1, 1});
  CHECK_THROWS_WITH(b.relu("relu", x), "inline_vector: full; give the list a larger capacity");
}
