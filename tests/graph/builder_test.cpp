// SPDX-License-Identifier: MIT
/// @file
/// Tests of graph/builder.hpp: the shapes that it infers and the graph that it hands over.
/// builder_refusal_test.cpp has what it refuses.

#include "octavo/graph/builder.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <iterator>
#include <string_view>
#include <vector>

#include "octavo/graph/check.hpp"

using octavo::op;
using octavo::shape;
using octavo::size_rounding;
using octavo::square;
using octavo::tensor_id;

namespace {

using builder = octavo::graph_builder<std::vector<octavo::node>>;

constexpr auto small_net = [] {
  octavo::static_graph_builder<8> b;
  tensor_id x = b.input("data", {1, 3, 8, 8});
  x = b.conv2d("conv1", x, {.channels = 16, .window = square(3, 2, 1)});
  x = b.relu("relu1", x);
  x = b.max_pool("pool1", x, {.window = square(2, 2)});
  x = b.fully_connected("fc", x, 10);
  return b.finish(x);
}();

}  // namespace

TEST_CASE("a graph can be a constant, with its shapes") {
  static_assert(small_net.size() == 5);
  static_assert(small_net[0].shape == shape{1, 3, 8, 8});
  static_assert(small_net[1].shape == shape{1, 16, 4, 4});
  static_assert(small_net[2].shape == shape{1, 16, 4, 4});
  static_assert(small_net[3].shape == shape{1, 16, 2, 2});
  static_assert(small_net[4].shape == shape{1, 10, 1, 1});
  static_assert(small_net.outputs.size() == 1 && small_net.is_output(4));
  static_assert(!small_net.is_output(3));
  CHECK(small_net.find("relu1") == 2);
  CHECK(small_net.find("relu") == -1);
  CHECK(small_net[3].src[0] == 2);
}

TEST_CASE("the same network on the heap is the same") {
  const octavo::graph net = octavo::to_graph(small_net);
  REQUIRE(net.size() == small_net.size());
  for (std::size_t i = 0; i < net.size(); ++i) CHECK(net[i] == small_net[i]);
  CHECK(net.outputs == small_net.outputs);
}

TEST_CASE("multiply-adds: outputs times the products of each") {
  // conv1: 16 * 4 * 4 outputs of 3 * 3 * 3 products; fc: 10 of 64.
  static_assert(octavo::multiply_adds(small_net) == 256 * 27 + 640);
  static_assert(octavo::multiply_adds(small_net[2], small_net.view()) == 0);
  builder b;
  const tensor_id x = b.input("data", {2, 4, 1, 1});
  static_cast<void>(b.conv2d("grouped", x, {.channels = 6, .groups = 2}));
  const tensor_id fc = b.fully_connected("fc", x, 3);
  CHECK(octavo::multiply_adds(b.finish(fc)) == 2 * 6 * 2 + 2 * 3 * 4);
}

TEST_CASE("windows: the shape follows both axes, and pools may round up") {
  builder b;
  const tensor_id x = b.input("data", {2, 3, 9, 12});
  const octavo::window tall{.kh = 5, .kw = 1, .stride_h = 2, .stride_w = 3, .pad = {1, 0, 0, 2}};
  CHECK(b.shape_of(b.conv2d("conv", x, {.channels = 7, .window = tall})) == shape{2, 7, 3, 5});
  const octavo::window dilated{.kh = 3, .kw = 3, .dilation_h = 2, .dilation_w = 3};
  CHECK(b.shape_of(b.conv2d("dilated", x, {.channels = 1, .window = dilated})) ==
        shape{2, 1, 5, 6});
  const auto pooled = [&](const char* name, size_rounding rounding) {
    return b.shape_of(b.max_pool(name, x, {.window = square(3, 2), .rounding = rounding}));
  };
  CHECK(pooled("down", size_rounding::floor) == shape{2, 3, 4, 5});
  CHECK(pooled("up", size_rounding::ceil) == shape{2, 3, 4, 6});
  CHECK(b.shape_of(b.avg_pool("avg", x, {square(3, 2), size_rounding::ceil})) == shape{2, 3, 4, 6});
}

TEST_CASE("ops without a window: elementwise, joining, flattening") {
  builder b;
  const tensor_id x = b.input("data", {2, 3, 4, 5});
  const shape same{2, 3, 4, 5};
  CHECK(b.shape_of(b.scale("scale", x)) == same);
  CHECK(b.shape_of(b.relu("relu", x)) == same);
  CHECK(b.shape_of(b.clip("clip", x, 0, 6)) == same);
  CHECK(b.shape_of(b.leaky_relu("leaky", x, 0.1)) == same);
  CHECK(b.shape_of(b.add("add", x, x)) == same);
  const tensor_id wide = b.conv2d("wide", x, {.channels = 8});
  CHECK(b.shape_of(b.concat("one", {x})) == same);
  CHECK(b.shape_of(b.concat("joined", {x, wide, x})) == shape{2, 14, 4, 5});
  CHECK(b.shape_of(b.fully_connected("fc", x, 9)) == shape{2, 9, 1, 1});
}

TEST_CASE("a node keeps what it was made with, and is its own origin") {
  builder b;
  const tensor_id x = b.input("data", {1, 4, 8, 8});
  const tensor_id conv =
      b.conv2d("conv", x, {.channels = 6, .window = square(3, 2, 1), .groups = 2});
  const tensor_id pool = b.avg_pool("pool", conv, {square(2, 2), size_rounding::ceil, true});
  const tensor_id clip = b.clip("clip", pool, -1.5, 6);
  const tensor_id leaky = b.leaky_relu("leaky", pool, 0.25);
  const tensor_id add = b.add("add", leaky, clip);
  const octavo::graph net = b.finish({add, conv});

  CHECK((net[1].kind == op::conv2d && net[1].name == octavo::node_name("conv")));
  CHECK((net[1].window == square(3, 2, 1) && net[1].groups == 2));
  CHECK((net[2].kind == op::avg_pool && net[2].window == square(2, 2)));
  CHECK((net[2].rounding == size_rounding::ceil && net[2].count_padding));
  CHECK((net[3].kind == op::clip && net[3].lo == -1.5 && net[3].hi == 6));
  CHECK((net[4].kind == op::leaky_relu && net[4].slope == 0.25));
  CHECK((net[5].src[0] == 4 && net[5].src[1] == 3));  // in the order given
  CHECK(net[4].from == octavo::origin{4, 4, -1});
  CHECK(net[5].from == octavo::origin{5, 5, 5});
  CHECK((net.outputs.size() == 2 && net.outputs[0] == 5 && net.outputs[1] == 1));
  CHECK((!net[1].relu && net[1].residual_operand == -1));
}

TEST_CASE("what the builder made passes the check, a max pool with an average's option too") {
  builder b;
  const tensor_id x = b.input("data", {1, 4, 8, 8});
  const octavo::pool_params options{.window = square(2, 2), .count_padding = true};
  const octavo::graph net =
      b.finish({b.max_pool("max", x, options), b.avg_pool("avg", x, options)});
  CHECK_FALSE(net[1].count_padding);  // the maximum has no divisor
  CHECK(net[2].count_padding);
  CHECK_NOTHROW(octavo::check(net));
}

TEST_CASE("every kind has a name") {
  const std::string_view names[] = {"input",    "conv2d", "fully_connected", "scale",
                                    "relu",     "clip",   "leaky_relu",      "max_pool",
                                    "avg_pool", "add",    "concat"};
  static_assert(octavo::op_count == std::size(names));
  for (int kind = 0; kind < octavo::op_count; ++kind) {
    CHECK(octavo::to_string(static_cast<op>(kind)) == names[kind]);
  }
}

TEST_CASE("which kinds have weights, and which have no threshold of their own") {
  for (const op kind : {op::conv2d, op::fully_connected, op::scale}) {
    CHECK(octavo::has_weights(kind));
    CHECK_FALSE(octavo::keeps_threshold(kind));
  }
  for (const op kind : {op::relu, op::clip, op::leaky_relu, op::max_pool}) {
    CHECK_FALSE(octavo::has_weights(kind));
    CHECK(octavo::keeps_threshold(kind));
  }
  for (const op kind : {op::input, op::avg_pool, op::add, op::concat}) {
    CHECK_FALSE(octavo::has_weights(kind));
    CHECK_FALSE(octavo::keeps_threshold(kind));
  }
}

TEST_CASE("inputs of a concat, and outputs, from lists that are known at run time") {
  builder b;
  const std::vector<tensor_id> parts(3, b.input("data", {1, 2, 3, 3}));
  const std::vector<tensor_id> outputs = {parts[0], b.concat("concat", parts)};
  const octavo::graph net = b.finish(outputs);
  CHECK(net[1].shape == shape{1, 6, 3, 3});
  CHECK(net.outputs.size() == 2);
  CHECK(net.outputs[1] == 1);
}
