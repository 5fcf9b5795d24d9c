// SPDX-License-Identifier: MIT
/// @file
/// Tests of graph/fuse.hpp: what is fused into what, and what is left alone.

#include "octavo/graph/fuse.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "support/graph_lines.hpp"

using octavo::fusion;
using octavo::graph;
using octavo::node;
using octavo::tensor_id;
using octavo::testing::lines;
using octavo::testing::lines_of;
using octavo::testing::outputs_of;

namespace {

using builder = octavo::graph_builder<std::vector<node>>;

}  // namespace

TEST_CASE("fuse: a relu goes into the op that feeds it, under its own name") {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  x = b.relu("relu_conv", b.conv2d("conv", x, {.channels = 2}));
  x = b.relu("relu_scale", b.scale("scale", x));
  x = b.relu("relu_fc", b.fully_connected("fc", x, 4));
  const graph net = b.finish(x);
  const lines expected = {
      "data = input() from 0 0 -1",
      "relu_conv = relu(conv2d(data)) from 2 1 -1",
      "relu_scale = relu(scale(relu_conv)) from 4 3 -1",
      "relu_fc = relu(fully_connected(relu_scale)) from 6 5 -1",
  };
  for (const fusion level : {fusion::relu, fusion::relu_add}) {
    const graph fused = octavo::fuse(net, level);
    CHECK(lines_of(fused) == expected);
    CHECK(outputs_of(fused) == lines{"relu_fc"});
    CHECK(fused[3].shape == net[6].shape);
  }
}

TEST_CASE("fuse: none gives the graph as it is") {
  builder b;
  const tensor_id x = b.input("data", {1, 2, 2, 2});
  const graph net = b.finish(b.relu("relu", b.conv2d("conv", x, {.channels = 2})));
  CHECK(octavo::fuse(net, fusion::none) == net);
  CHECK(octavo::fuse(net, fusion::relu).size() == 2);
}

TEST_CASE("fuse: a relu behind anything else stands alone") {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id first = b.relu("first", x);
  x = b.relu("second", b.max_pool("max", first, {}));
  x = b.relu("third", b.avg_pool("avg", x, {}));
  x = b.relu("fourth", b.concat("joined", {x, x}));
  x = b.relu("fifth", b.leaky_relu("leaky", b.clip("clip", x, 0, 6), 0.1));
  const graph net = b.finish(x);
  CHECK(octavo::fuse(net) == net);
}

TEST_CASE("fuse: the second of two relus stands alone") {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  x = b.conv2d("conv", x, {.channels = 2});
  x = b.relu("two", b.relu("one", x));
  CHECK(lines_of(octavo::fuse(b.finish(x))) == lines{
                                                   "data = input() from 0 0 -1",
                                                   "one = relu(conv2d(data)) from 2 1 -1",
                                                   "two = relu(one) from 3 3 -1",
                                               });
}

TEST_CASE("fuse: a tensor with two readers stays") {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id conv = b.conv2d("conv", x, {.channels = 2});
  const tensor_id relu = b.relu("relu", conv);
  const tensor_id pool = b.max_pool("pool", conv, {});
  const graph net = b.finish({relu, pool});
  CHECK(octavo::fuse(net) == net);
}

TEST_CASE("fuse: a tensor that one op reads twice stays") {
  builder b;
  const tensor_id conv = b.conv2d("conv", b.input("data", {1, 2, 2, 2}), {.channels = 2});
  const graph net = b.finish(b.add("twice", conv, conv));
  CHECK(octavo::fuse(net) == net);
}

TEST_CASE("fuse: an output of the graph stays") {
  builder b;
  const tensor_id data = b.input("data", {1, 2, 2, 2});
  const tensor_id conv = b.conv2d("conv", data, {.channels = 2});
  const tensor_id relu = b.relu("relu", conv);
  const tensor_id other = b.conv2d("other", relu, {.channels = 2});
  const tensor_id add = b.add("add", relu, other);
  const graph net = b.finish({add, conv, other});
  const graph fused = octavo::fuse(net);
  CHECK(fused == net);
  CHECK(outputs_of(fused) == lines{"add", "conv", "other"});
}

namespace {

/// data -> a -> relu_a, then a block: relu_a + c(relu(b(relu_a))), with a relu behind.
graph residual_block(bool residual_first) {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id shortcut = b.relu("relu_a", b.conv2d("a", x, {.channels = 2}));
  x = b.relu("relu_b", b.conv2d("b", shortcut, {.channels = 3}));
  x = b.conv2d("c", x, {.channels = 2});
  x = residual_first ? b.add("sum", shortcut, x) : b.add("sum", x, shortcut);
  return b.finish(b.relu("relu_sum", x));
}

}  // namespace

TEST_CASE("fuse: add and its relu go into the convolution before, either operand") {
  CHECK(lines_of(octavo::fuse(residual_block(true))) ==
        lines{
            "data = input() from 0 0 -1",
            "relu_a = relu(conv2d(data)) from 2 1 -1",
            "relu_b = relu(conv2d(relu_a)) from 4 3 -1",
            "relu_sum = relu(relu_a + conv2d(relu_b)) from 7 5 6",
        });
  CHECK(lines_of(octavo::fuse(residual_block(false))).back() ==
        "relu_sum = relu(conv2d(relu_b) + relu_a) from 7 5 6");
}

TEST_CASE("fuse: with relus alone, add stays and takes its relu") {
  CHECK(lines_of(octavo::fuse(residual_block(true), fusion::relu)) ==
        lines{
            "data = input() from 0 0 -1",
            "relu_a = relu(conv2d(data)) from 2 1 -1",
            "relu_b = relu(conv2d(relu_a)) from 4 3 -1",
            "c = conv2d(relu_b) from 5 5 -1",
            "relu_sum = relu(add(relu_a, c)) from 7 6 6",
        });
}

namespace {

/// Two convolutions of the same input and their sum, the projection block of ResNet.
graph two_convolutions(bool first_comes_first, bool with_relu) {
  builder b;
  const tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id first = b.conv2d("first", x, {.channels = 2});
  const tensor_id second = b.conv2d("second", x, {.channels = 2});
  const tensor_id sum =
      first_comes_first ? b.add("sum", first, second) : b.add("sum", second, first);
  return b.finish(with_relu ? b.relu("relu", sum) : sum);
}

}  // namespace

TEST_CASE("fuse: of two convolutions the later takes the add, whichever operand it is") {
  CHECK(lines_of(octavo::fuse(two_convolutions(true, false))) ==
        lines{
            "data = input() from 0 0 -1",
            "first = conv2d(data) from 1 1 -1",
            "sum = first + conv2d(data) from 3 2 3",
        });
  CHECK(lines_of(octavo::fuse(two_convolutions(false, false))) ==
        lines{
            "data = input() from 0 0 -1",
            "first = conv2d(data) from 1 1 -1",
            "sum = conv2d(data) + first from 3 2 3",
        });
  CHECK(lines_of(octavo::fuse(two_convolutions(true, true))).back() ==
        "relu = relu(first + conv2d(data)) from 4 2 3");
}

TEST_CASE("fuse: where the later convolution has another reader, the earlier takes the add") {
  builder b;
  const tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id first = b.conv2d("first", x, {.channels = 2});
  const tensor_id second = b.conv2d("second", x, {.channels = 2});
  const tensor_id sum = b.add("sum", first, second);
  const tensor_id pool = b.max_pool("pool", second, {});
  // The earlier convolution now runs where the add stood, behind the one it adds.
  CHECK(lines_of(octavo::fuse(b.finish({sum, pool}))) ==
        lines{
            "data = input() from 0 0 -1",
            "second = conv2d(data) from 2 2 -1",
            "sum = conv2d(data) + second from 3 1 3",
            "pool = max_pool(second) from 4 4 -1",
        });
}

TEST_CASE("fuse: a convolution behind which a relu comes first does not take an add") {
  builder b;
  const tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id relu = b.relu("relu", b.conv2d("conv", x, {.channels = 2}));
  const graph net = b.finish(b.add("sum", x, relu));
  CHECK(lines_of(octavo::fuse(net)) == lines{
                                           "data = input() from 0 0 -1",
                                           "relu = relu(conv2d(data)) from 2 1 -1",
                                           "sum = add(data, relu) from 3 3 3",
                                       });
}

TEST_CASE("fuse: only convolutions take an add") {
  builder b;
  const tensor_id x = b.input("data", {1, 2, 1, 1});
  const tensor_id fc = b.fully_connected("fc", x, 2);
  const tensor_id scale = b.scale("scale", x);
  const graph net = b.finish(b.add("sum", fc, scale));
  CHECK(octavo::fuse(net) == net);
}

TEST_CASE("fuse: an add that a convolution took is not taken again by the next add") {
  builder b;
  const tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id one = b.add("one", b.conv2d("conv", x, {.channels = 2}), x);
  const graph net = b.finish(b.add("two", one, x));
  CHECK(lines_of(octavo::fuse(net)) == lines{
                                           "data = input() from 0 0 -1",
                                           "one = conv2d(data) + data from 2 1 2",
                                           "two = add(one, data) from 3 3 3",
                                       });
}

TEST_CASE("fuse: what was fused once is not changed by fusing it again") {
  // Here an add reads a convolution with a relu in it: adding first would change the bytes.
  builder b;
  const tensor_id x = b.input("data", {1, 2, 2, 2});
  const tensor_id relu = b.relu("relu", b.conv2d("conv", x, {.channels = 2}));
  const graph net = b.finish(b.add("sum", x, relu));
  const graph once = octavo::fuse(net, fusion::relu);
  CHECK(lines_of(octavo::fuse(once)) == lines_of(once));
  // And here one with an add in it.
  builder chain;
  const tensor_id data = chain.input("data", {1, 2, 2, 2});
  const tensor_id one = chain.add("one", chain.conv2d("conv", data, {.channels = 2}), data);
  const graph both = octavo::fuse(chain.finish(chain.add("two", one, data)));
  CHECK(octavo::fuse(both) == both);
}

TEST_CASE("fuse works on constants") {
  constexpr auto net = [] {
    octavo::static_graph_builder<4> b;
    const tensor_id x = b.input("data", {1, 2, 2, 2});
    return b.finish(b.relu("relu", b.conv2d("conv", x, {.channels = 2})));
  }();
  constexpr auto fused = octavo::fuse(net);
  static_assert(fused.size() == 2 && fused[1].relu && fused.is_output(1));
  CHECK(octavo::to_graph(fused) == octavo::fuse(octavo::to_graph(net)));
}
