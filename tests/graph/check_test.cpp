// SPDX-License-Identifier: MIT
/// @file
/// Tests of graph/check.hpp: one good graph, and one lie at a time.

#include "octavo/graph/check.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"

using octavo::graph;
using octavo::node;
using octavo::op;
using octavo::square;
using octavo::tensor_id;

namespace {

/// Indices of the nodes of good_graph().
enum : std::size_t { data, conv, scale, relu, clip, leaky, pool, avg, add, concat, fc };

graph good_graph() {
  octavo::graph_builder<std::vector<node>> b;
  const tensor_id x = b.input("data", {1, 4, 8, 8});
  const tensor_id convolved =
      b.conv2d("conv", x, {.channels = 4, .window = square(3, 1, 1), .groups = 2});
  const tensor_id scaled = b.scale("scale", convolved);
  const tensor_id cut = b.relu("relu", scaled);
  const tensor_id clipped = b.clip("clip", cut, 0, 6);
  const tensor_id leaked = b.leaky_relu("leaky", clipped, 0.1);
  const tensor_id max = b.max_pool("pool", leaked, {.window = square(2, 2)});
  const tensor_id mean = b.avg_pool("avg", leaked, {.window = square(2, 2)});
  const tensor_id sum = b.add("add", max, mean);
  const tensor_id joined = b.concat("concat", {sum, max});
  return b.finish(b.fully_connected("fc", joined, 10));
}

/// The message that check() has for the good graph after `lie` changed it; empty if it has none.
template <class Lie>
std::string refusal(const Lie& lie) {
  graph net = good_graph();
  lie(net);
  try {
    octavo::check(net);
  } catch (const octavo::error& problem) {
    return problem.what();
  }
  return {};
}

/// The same for a lie about one node.
template <class Lie>
std::string refusal(std::size_t index, const Lie& lie) {
  return refusal([&](graph& net) { lie(net.nodes[index]); });
}

}  // namespace

TEST_CASE("check passes what the builder made") {
  CHECK(refusal([](graph&) {}) == "");
  CHECK_NOTHROW(octavo::check(good_graph()));
}

TEST_CASE("check: a graph can be checked at compile time") {
  constexpr auto net = [] {
    octavo::static_graph_builder<2> b;
    const tensor_id x = b.input("data", {1, 1, 2, 2});
    return b.finish(b.relu("relu", x));
  }();
  static_assert((octavo::check(net), true));
}

TEST_CASE("check: shapes follow from the inputs") {
  const char* const fields[] = {"n", "c", "h", "w"};
  for (std::size_t index = conv; index <= fc; ++index) {
    for (int field = 0; field < 4; ++field) {
      // Convolutions and fully connected layers choose their own channels.
      if (field == 1 && (index == conv || index == fc)) continue;
      const std::string message = refusal(index, [&](node& n) {
        octavo::shape& s = n.shape;
        (field == 0 ? s.n : field == 1 ? s.c : field == 2 ? s.h : s.w) += 1;
      });
      CAPTURE(index);
      CAPTURE(fields[field]);
      CHECK(message.find("its shape is not what its inputs give") != std::string::npos);
    }
  }
  CHECK(refusal(data, [](node& n) { n.shape.c = 0; }) ==
        "graph: data: the input's extents must be in 1..2^24, their product below 2^31");
  CHECK(refusal(data, [](node& n) { n.shape.h = 9; }) ==
        "graph: conv: its shape is not what its inputs give");
  CHECK(refusal(fc, [](node& n) { n.shape.c = 0; }) ==
        "graph: fc: a fully connected layer needs at least one output");
  CHECK(refusal(conv, [](node& n) { n.shape.c = 6; }) ==
        "graph: scale: its shape is not what its inputs give");
  CHECK(refusal(conv, [](node& n) { n.shape.c = 5; }) ==
        "graph: conv: groups must divide the output channels");
}

TEST_CASE("check: nodes read earlier nodes, as many as their kind does") {
  CHECK(refusal(relu, [](node& n) { n.src[0] = relu; }) ==
        "graph: relu: an input must be an earlier node");
  CHECK(refusal(relu, [](node& n) { n.src[0] = fc; }) ==
        "graph: relu: an input must be an earlier node");
  CHECK(refusal(concat, [](node& n) { n.src[1] = -1; }) ==
        "graph: concat: an input must be an earlier node");
  CHECK(refusal(fc, [](node& n) { n.src[0] = 1000; }) ==
        "graph: fc: an input must be an earlier node");
  const auto wrong_count = [](std::size_t index, std::size_t count) {
    return refusal(index, [&](node& n) {
             n.src.resize(count);
           }).find("wrong number of inputs for its kind") != std::string::npos;
  };
  for (std::size_t index = data; index <= fc; ++index) {
    CAPTURE(index);
    CHECK(wrong_count(index, 0) == (index != data));
    CHECK(wrong_count(index, 1) == (index == data || index == add));
    CHECK(wrong_count(index, 2) == (index != add && index != concat));
  }
}

TEST_CASE("check: windows") {
  CHECK(refusal(conv, [](node& n) { n.window.kh = 0; }) ==
        "graph: conv: the kernel must be in 1..2^24");
  CHECK(refusal(conv, [](node& n) { n.window.kw = 5; }) ==
        "graph: conv: its shape is not what its inputs give");
  CHECK(refusal(conv, [](node& n) { n.window.kw = 11; }) ==
        "graph: conv: the kernel is larger than the padded input");
  CHECK(refusal(conv, [](node& n) { n.window.stride_w = 0; }) ==
        "graph: conv: the stride must be in 1..2^24");
  CHECK(refusal(conv, [](node& n) { n.window.dilation_h = 0; }) ==
        "graph: conv: the dilation must be in 1..2^24");
  CHECK(refusal(conv, [](node& n) { n.window.pad.right = -1; }) ==
        "graph: conv: the padding must be in 0..2^24");
  CHECK(refusal(conv, [](node& n) { n.window.pad.bottom = 2; }) ==
        "graph: conv: its shape is not what its inputs give");
  CHECK(refusal(pool, [](node& n) { n.window.pad.top = 2; }) ==
        "graph: pool: a pool's padding must be smaller than its kernel");
  CHECK(refusal(avg, [](node& n) { n.window.dilation_w = 2; }) ==
        "graph: avg: a pool has no dilation");
}

TEST_CASE("check: the parameters of single kinds") {
  CHECK(refusal(conv, [](node& n) { n.groups = 0; }) == "graph: conv: groups must be at least 1");
  CHECK(refusal(conv, [](node& n) { n.groups = 3; }) ==
        "graph: conv: groups must divide the input channels");
  CHECK(refusal(clip, [](node& n) { n.lo = 7; }) == "graph: clip: clip: needs lo <= hi");
  CHECK(refusal(clip, [](node& n) { n.hi = -1; }) == "graph: clip: clip: needs lo <= hi");
  CHECK(refusal(leaky, [](node& n) { n.slope = 0; }) ==
        "graph: leaky: leaky_relu: needs slope > 0");
}

TEST_CASE("check: operands that do not fit each other") {
  CHECK(refusal(add, [](node& n) { n.src[0] = leaky; }) ==
        "graph: add: add: the inputs must have one shape");
  CHECK(refusal(concat, [](node& n) { n.src[0] = leaky; }) ==
        "graph: concat: concat: the inputs must agree in all but the channels");
}

TEST_CASE("check: accumulators") {
  const std::string message = refusal([](graph& net) {
    net.nodes.resize(2);
    net.nodes[data].shape = {1, 131072, 1, 1};
    net.nodes[conv].groups = 1;
    net.nodes[conv].shape = {1, 4, 1, 1};
    net.outputs[0] = 1;
  });
  CHECK(message ==
        "graph: conv: the accumulator may overflow int32: ic/groups * kh * kw * 128 * 128 must "
        "stay below 2^31");
}

TEST_CASE("check: names") {
  CHECK(refusal(relu, [](node& n) { n.name = ""; }) == "graph: ?: a node needs a name");
  CHECK(refusal(relu, [](node& n) { n.name = "conv"; }) == "graph: conv: two nodes have this name");
}

TEST_CASE("check: no fused ops") {
  const std::string fused = ": an unfused graph has no fused ops";
  CHECK(refusal(conv, [](node& n) { n.relu = true; }) == "graph: conv" + fused);
  CHECK(refusal(conv, [](node& n) { n.residual_operand = 0; }) == "graph: conv" + fused);
  CHECK(refusal(conv, [](node& n) { n.from.tensor = 2; }) == "graph: conv" + fused);
  CHECK(refusal(conv, [](node& n) { n.from.params = 0; }) == "graph: conv" + fused);
  CHECK(refusal(conv, [](node& n) { n.from.add = 1; }) == "graph: conv" + fused);
  CHECK(refusal(add, [](node& n) { n.from.add = -1; }) == "graph: add" + fused);
  CHECK_THROWS_AS(octavo::check(octavo::fuse(good_graph())), octavo::error);
}

TEST_CASE("check: outputs") {
  CHECK(refusal([](graph& net) { net.outputs.resize(0); }) == "graph: needs at least one output");
  const char* const not_there = "graph: an output must be a node of this graph";
  CHECK(refusal([](graph& net) { net.outputs[0] = -1; }) == not_there);
  CHECK(refusal([](graph& net) { net.outputs[0] = fc + 1; }) == not_there);
  CHECK(refusal([](graph& net) { net.nodes.clear(); }) == not_there);
}

TEST_CASE("check: a kind that does not exist") {
  // A byte of a file; to_string() and every switch rely on it.
  const char* const no_such_kind = "graph: relu: no such kind of op";
  CHECK(refusal(relu, [](node& n) { n.kind = static_cast<op>(octavo::op_count); }) == no_such_kind);
  CHECK(refusal(relu, [](node& n) { n.kind = static_cast<op>(255); }) == no_such_kind);
}

TEST_CASE("check: fields that a kind does not use keep their defaults") {
  const auto useless = [](std::size_t index, const auto& lie) {
    return refusal(index, lie).find(": a field is set that its kind has no use for") !=
           std::string::npos;
  };
  for (std::size_t index = data; index <= fc; ++index) {
    CAPTURE(index);
    const bool pools = index == pool || index == avg;
    if (!pools && index != conv) CHECK(useless(index, [](node& n) { n.window.pad.top = 1; }));
    if (index != conv) CHECK(useless(index, [](node& n) { n.groups = 2; }));
    if (!pools) CHECK(useless(index, [](node& n) { n.rounding = octavo::size_rounding::ceil; }));
    CHECK(useless(index, [](node& n) { n.count_padding = true; }) == (index != avg));
    CHECK(useless(index, [](node& n) { n.lo = -1; }) == (index != clip));
    CHECK(useless(index, [](node& n) { n.hi = 1; }) == (index != clip));
    CHECK(useless(index, [](node& n) { n.slope = 1; }) == (index != leaky));
  }
}
