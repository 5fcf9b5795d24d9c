// SPDX-License-Identifier: MIT
/// @file
/// Which tensors may be moved: every way in which one is read, written and joined with others.

#include "octavo/calibrate/tensor_moves.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/networks/find.hpp"
#include "support/random_graph.hpp"

namespace {

using octavo::graph;
using octavo::scheme;
using octavo::square;
using octavo::tensor_id;
using octavo::tensor_moves;
using octavo::testing::builder;

tensor_moves moves_of(const graph& net, scheme kind = scheme::multiplier) {
  return find_tensor_moves(net, std::vector<scheme>(net.size(), kind));
}

/// "name" of what is moved by its threshold, "name/2" by half of it, "(name)" of what only shares
/// the threshold; groups apart by "|", in the order of their numbers.
std::string text_of(const graph& net, const tensor_moves& moves) {
  std::string text;
  for (int group = 0; group < moves.groups; ++group) {
    if (group > 0) text += " |";
    for (std::size_t i = 0; i < net.size(); ++i) {
      if (moves.group[i] != group) continue;
      const std::string name(net[i].name.view());
      text += text.empty() ? "" : " ";
      text += moves.share[i] == 1 ? name : moves.share[i] == 0 ? "(" + name + ")" : name + "/2";
    }
  }
  return text;
}

std::string moved(const graph& net, scheme kind = scheme::multiplier) {
  return text_of(net, moves_of(net, kind));
}

tensor_id input(builder& net) { return net.input("data", {1, 4, 8, 8}); }
tensor_id conv(builder& net, const char* name, tensor_id x) {
  return net.conv2d(name, x, {.channels = 4});
}
tensor_id conv_relu(builder& net, const std::string& name, tensor_id x) {
  return net.relu((name + "_relu").c_str(), conv(net, name.c_str(), x));
}

/// conv -> relu -> what `read` makes of it.
template <class Read>
graph read_by(const Read& read) {
  builder net;
  const tensor_id x = conv_relu(net, "a", input(net));
  return net.finish(read(net, x));
}

}  // namespace

TEST_CASE("a relu behind a layer, read by layers that do not pad") {
  CHECK(moved(read_by([](builder& net, tensor_id x) { return conv(net, "b", x); })) == "a a_relu");
  CHECK(moved(read_by([](builder& net, tensor_id x) {
          return net.conv2d("b", x, {.channels = 4, .window = square(3, 2), .groups = 2});
        })) == "a a_relu");
  CHECK(moved(read_by([](builder& net, tensor_id x) { return net.fully_connected("b", x, 3); })) ==
        "a a_relu");
  CHECK(moved(read_by([](builder& net, tensor_id x) { return net.scale("b", x); })) == "a a_relu");
  for (const octavo::padding pad : {octavo::padding{1, 0, 0, 0}, octavo::padding{0, 0, 0, 1}}) {
    CHECK(moved(read_by([&](builder& net, tensor_id x) {
            return net.conv2d("b", x, {.channels = 4, .window = {.kh = 3, .kw = 3, .pad = pad}});
          })) == "");
  }
}

TEST_CASE("what else reads a relu keeps it where it is") {
  CHECK(moved(read_by([](builder&, tensor_id x) { return x; })) == "");  // an output
  CHECK(moved(read_by([](builder& net, tensor_id x) {
          return conv(net, "b", net.avg_pool("mean", x, {.window = square(2)}));
        })) == "");
  CHECK(moved(read_by([](builder& net, tensor_id x) {
          return conv(net, "b", net.leaky_relu("leaky", x, 0.5));
        })) == "");
  CHECK(moved(read_by(
            [](builder& net, tensor_id x) { return conv(net, "b", net.relu("again", x)); })) == "");
  CHECK(moved(read_by([](builder& net, tensor_id x) {  // an add without a relu is signed
          return conv(net, "c", net.add("sum", x, conv(net, "b", x)));
        })) == "");
  builder net;
  const tensor_id x = conv_relu(net, "a", input(net));
  CHECK(moved(net.finish({conv(net, "b", x), x})) == "");
}

TEST_CASE("a relu whose layer somebody else reads too, and one behind no layer") {
  builder two;
  const tensor_id a = conv(two, "a", input(two));
  CHECK(moved(two.finish({conv(two, "b", two.relu("a_relu", a)), conv(two, "c", a)})) == "");
  builder none;
  CHECK(moved(none.finish(conv(none, "b", none.relu("relu", input(none))))) == "");
}

TEST_CASE("relu6 is moved like relu, a clip that does not start at 0 is not") {
  for (const double lo : {0.0, -1.0, 0.5}) {
    builder net;
    const tensor_id x = net.clip("a_clip", conv(net, "a", input(net)), lo, 6);
    CHECK(moved(net.finish(conv(net, "b", x))) == (lo == 0 ? "a a_clip" : ""));
  }
}

TEST_CASE("pools of the maximum and concats hand a move on") {
  const auto joined = [](bool moved_too) {
    builder net;
    const tensor_id x = input(net);
    const tensor_id a = net.max_pool("pool", conv_relu(net, "a", x), {.window = square(3, 1, 1)});
    const tensor_id b = moved_too ? conv_relu(net, "b", x) : conv(net, "b", x);
    return net.finish(conv(net, "c", net.concat("joined", {a, b})));
  };
  CHECK(moved(joined(true)) == "a a_relu pool b b_relu joined");
  CHECK(moved(joined(false)) == "");
}

TEST_CASE("a residual block: half a move for each of two layers, then the sum's own") {
  builder net;
  const tensor_id x = input(net);
  const tensor_id a = conv(net, "a", x);
  tensor_id sum = net.add("sum", a, conv(net, "b", x));
  sum = net.relu("sum_relu", sum);
  tensor_id next = net.add("next", sum, conv(net, "c", conv_relu(net, "inner", sum)));
  next = net.relu("next_relu", next);
  CHECK(moved(net.finish(conv(net, "last", next))) ==
        "a/2 b/2 sum sum_relu (c) next next_relu | inner inner_relu");
}

TEST_CASE("sums that cannot be moved, or not by as much") {
  builder twice;  // both operands are moved: the sum would be by two thresholds
  const tensor_id x = input(twice);
  tensor_id sum = twice.add("sum", conv_relu(twice, "a", x), conv_relu(twice, "b", x));
  CHECK(moved(twice.finish(conv(twice, "c", twice.relu("sum_relu", sum)))) == "");
  builder plain;  // nobody can move the input
  const tensor_id y = input(plain);
  sum = plain.add("sum", y, conv(plain, "a", y));
  CHECK(moved(plain.finish(conv(plain, "c", plain.relu("sum_relu", sum)))) == "");
  builder same;  // a layer that an add reads twice has two readers
  const tensor_id a = conv(same, "a", input(same));
  sum = same.relu("sum_relu", same.add("sum", a, a));
  CHECK(moved(same.finish(conv(same, "c", sum))) == "");
}

TEST_CASE(
    "biases of 8 and 16 bits hold no move, neither where it is written nor where it is read") {
  const graph net = read_by([](builder& b, tensor_id x) { return conv(b, "b", x); });
  for (const scheme kind : octavo::all_schemes) {
    const bool narrow = kind == scheme::rshift8 || kind == scheme::rshift16;
    CHECK(moved(net, kind) == (narrow ? "" : "a a_relu"));
  }
  for (const char* layer : {"a", "b"}) {
    std::vector<scheme> kinds(net.size(), scheme::rshift32);
    kinds[static_cast<std::size_t>(net.find(layer))] = scheme::rshift16;
    CHECK(text_of(net, find_tensor_moves(net, kinds)) == "");
  }
  builder sums;  // of a sum of two layers both biases are moved, beside a moved tensor none
  const tensor_id x = conv_relu(sums, "x", input(sums));
  const tensor_id sum = sums.relu("sum_relu", sums.add("sum", x, conv(sums, "a", x)));
  const graph residual = sums.finish(conv(sums, "b", sum));
  std::vector<scheme> kinds(residual.size(), scheme::multiplier);
  CHECK(text_of(residual, find_tensor_moves(residual, kinds)) == "x x_relu (a) sum sum_relu");
  kinds[static_cast<std::size_t>(residual.find("a"))] = scheme::rshift16;  // but it reads one
  CHECK(text_of(residual, find_tensor_moves(residual, kinds)) == "");
  CHECK(octavo::testing::message_of([&] {
          find_tensor_moves(residual, std::vector<scheme>(2, scheme::multiplier));
        }) == "find_tensor_moves: expected one scheme for each node");
}

TEST_CASE("networks: how many tensors there are") {
  const auto count = [](const char* name) {
    const graph net = octavo::networks::find(name).make(1);
    const tensor_moves moves = moves_of(net);
    int whole = 0;
    for (const double share : moves.share) whole += share == 1 ? 1 : 0;
    return octavo::concat_text(moves.groups, " groups, ", whole, " tensors");
  };
  // 16 inner convolutions and their relus, conv1, its relu and pool1, 13 sums and their relus.
  CHECK(count("resnet50-torchvision") == "20 groups, 61 tensors");
  CHECK(count("mobilenet_v2") == "17 groups, 34 tensors");  // behind each depthwise convolution
  CHECK(count("squeezenet-caffe") == "8 groups, 40 tensors");
}
