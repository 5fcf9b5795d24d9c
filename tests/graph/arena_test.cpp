// SPDX-License-Identifier: MIT
/// @file
/// Tests of graph/arena.hpp: exact offsets of tiny graphs, and ResNets.

#include "octavo/graph/arena.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/networks/resnet.hpp"
#include "support/arena_overlap.hpp"

using octavo::graph;
using octavo::node;
using octavo::placement;
using octavo::plan_arena;
using octavo::tensor_id;
using octavo::networks::resnet;
using octavo::networks::resnet50;
using octavo::networks::resnet_variant;
using octavo::testing::any_overlap;
using octavo::testing::overlap;

namespace {

using builder = octavo::graph_builder<std::vector<node>>;

std::vector<std::int64_t> offsets(const octavo::arena_plan<std::vector<node>>& plan) {
  std::vector<std::int64_t> found;
  for (const placement& tensor : plan.tensors) found.push_back(tensor.offset);
  return found;
}

/// 10 -> 30 -> 20 -> 10 bytes.
graph chain() {
  builder b;
  tensor_id x = b.input("data", {1, 1, 1, 10});
  x = b.conv2d("a", x, {.channels = 3});
  x = b.conv2d("b", x, {.channels = 2});
  return b.finish(b.conv2d("c", x, {.channels = 1}));
}

/// The widest tensor of 40 bytes is read twice: by a, and by the add two ops later.
graph residual() {
  builder b;
  const tensor_id data = b.input("data", {1, 1, 1, 10});
  const tensor_id wide = b.conv2d("wide", data, {.channels = 4});
  const tensor_id a = b.conv2d("a", wide, {.channels = 2});
  const tensor_id back = b.conv2d("b", a, {.channels = 4});
  return b.finish(b.add("sum", wide, back));
}

}  // namespace

TEST_CASE("lifetimes: from the op that writes to the last that reads") {
  const auto lives = octavo::lifetimes(residual(), 1);
  CHECK(lives[0] == placement{.offset = 0, .size = 10, .first = 0, .last = 1});
  CHECK(lives[1] == placement{.offset = 0, .size = 40, .first = 1, .last = 4});
  CHECK(lives[2] == placement{.offset = 0, .size = 20, .first = 2, .last = 3});
  CHECK(lives[3] == placement{.offset = 0, .size = 40, .first = 3, .last = 4});
  CHECK(lives[4] == placement{.offset = 0, .size = 40, .first = 4, .last = 5});  // an output
}

TEST_CASE("lifetimes: a tensor that nobody reads lives for its own op, an output to the end") {
  builder b;
  const tensor_id x = b.input("data", {1, 1, 1, 10});
  const tensor_id early = b.relu("early", x);
  static_cast<void>(b.relu("dead", x));
  const tensor_id late = b.relu("late", early);
  const auto lives = octavo::lifetimes(b.finish({late, early}), 1);
  CHECK((lives[1].first == 1 && lives[1].last == 4));  // an output, although read at 3
  CHECK((lives[2].first == 2 && lives[2].last == 2));
  CHECK((lives[3].first == 3 && lives[3].last == 4));
}

TEST_CASE("sizes are rounded up to the alignment") {
  const auto lives = octavo::lifetimes(chain(), 16);
  CHECK(lives[0].size == 16);
  CHECK(lives[1].size == 32);
  CHECK(lives[2].size == 32);
  builder b;
  const tensor_id x = b.input("data", {1, 1, 1, 64});
  CHECK(octavo::lifetimes(b.finish(b.relu("relu", x)), 64)[0].size == 64);  // no more than needed
}

TEST_CASE("plan: a chain, largest first, each as low as its life allows") {
  // bytes
  //   50 +----+----+          1. a lies at 0.
  //      |data| b  |          2. b meets a at op 2: above it.
  //   30 +----+----+----      3. data meets a at op 1, b never: above a, beside b.
  //      |    a    | c        4. c meets b alone: at 0.
  //    0 +---------+----
  const auto plan = plan_arena(chain(), 1);
  CHECK(offsets(plan) == std::vector<std::int64_t>{30, 0, 30, 0});
  CHECK(plan.size == 50);
  CHECK(octavo::peak_live_bytes(chain(), 1) == 50);
  CHECK_FALSE(any_overlap(plan));
}

TEST_CASE("plan: a residual that lives over a whole block") {
  // Ties in size: the earlier node first. wide 0, b above it (they meet at 4), sum above both.
  // a meets wide and b: above b. data meets wide alone.
  const auto plan = plan_arena(residual(), 1);
  CHECK(offsets(plan) == std::vector<std::int64_t>{40, 0, 80, 40, 80});
  CHECK(plan.size == 120);
  CHECK(octavo::peak_live_bytes(residual(), 1) == 120);
}

TEST_CASE("plan: offsets keep the alignment") {
  const auto plan = plan_arena(chain(), 64);
  CHECK(offsets(plan) == std::vector<std::int64_t>{0, 64, 0, 64});
  CHECK(plan.size == 128);
  CHECK(plan_arena(chain()).size == 128);  // 64 is the default
  CHECK(octavo::peak_live_bytes(chain()) == 128);
}

TEST_CASE("plan: a tensor fits into the gap between two others") {
  // Sizes 30, 10, 20 of tensors that all meet in one op, then a late one of 10 bytes.
  builder b;
  const tensor_id data = b.input("data", {1, 1, 1, 10});
  const tensor_id three = b.conv2d("three", data, {.channels = 3});
  const tensor_id two = b.conv2d("two", data, {.channels = 2});
  const tensor_id joined = b.concat("joined", {three, two});  // 50 bytes
  const tensor_id again = b.conv2d("again", joined, {.channels = 1});
  const auto plan = plan_arena(b.finish({again, three}), 1);
  // joined 0..50; three meets it: 50..80; two meets both: 80..100; data meets three and two, not
  // joined: 0..10; again meets joined and three, not two: 80..90.
  CHECK(offsets(plan) == std::vector<std::int64_t>{0, 50, 80, 0, 80});
  CHECK(plan.size == 100);
  CHECK_FALSE(any_overlap(plan));
}

TEST_CASE("overlap: a shared byte and a shared moment, both ends of both") {
  const placement a{.offset = 10, .size = 10, .first = 3, .last = 5};
  CHECK(overlap(a, a));
  CHECK(overlap(a, {19, 5, 5, 9}));        // the last byte, the last moment
  CHECK(overlap(a, {0, 11, 0, 3}));        // the first byte, the first moment
  CHECK_FALSE(overlap(a, {20, 5, 5, 9}));  // the byte behind it
  CHECK_FALSE(overlap(a, {0, 10, 0, 3}));
  CHECK_FALSE(overlap(a, {19, 5, 6, 9}));  // the moment behind it
  CHECK_FALSE(overlap(a, {0, 11, 0, 2}));
  CHECK(overlap(a, {12, 2, 4, 4}));  // inside it
  CHECK(overlap({12, 2, 4, 4}, a));
}

TEST_CASE("any_overlap finds a planted collision, and not before") {
  for (std::size_t planted = 0; planted < 5; ++planted) {
    auto plan = plan_arena(residual(), 1);
    CHECK_FALSE(any_overlap(plan));
    // Each tensor is moved onto one that it meets.
    const std::size_t meets[] = {1, 2, 3, 4, 3};
    plan.tensors[planted].offset = plan.tensors[meets[planted]].offset;
    CAPTURE(planted);
    CHECK(any_overlap(plan));
  }
}

TEST_CASE("plans of constants are constants") {
  constexpr auto plan = plan_arena([] {
    octavo::static_graph_builder<2> b;
    const tensor_id x = b.input("data", {1, 1, 1, 10});
    return b.finish(b.relu("relu", x));
  }());
  static_assert(plan.size == 128 && plan.tensors[0].offset == 0 && plan.tensors[1].offset == 64);
  static_assert(!any_overlap(plan));
  CHECK(plan.tensors.size() == 2);
}

TEST_CASE("ResNet-50: the plan reaches the bound, fused or not") {
  for (const resnet_variant variant : {resnet_variant::caffe, resnet_variant::torchvision}) {
    const auto net = resnet50({.variant = variant});
    // Three tensors of 56 x 56 x 256 meet at an add; fused into the convolution before it, the
    // third is that convolution's input of 56 x 56 x 64.
    CHECK(plan_arena(net).size == 2408448);
    CHECK(plan_arena(octavo::fuse(net, octavo::fusion::relu)).size == 2408448);
    const auto fused = octavo::fuse(net);
    const auto plan = plan_arena(fused);
    CHECK(plan.size == 1806336);
    CHECK(plan.size == octavo::peak_live_bytes(fused));
    CHECK_FALSE(any_overlap(plan));
    CHECK_FALSE(any_overlap(plan_arena(net)));
  }
}

TEST_CASE("the other depths, at run time") {
  for (const int depth : {18, 34, 101, 152}) {
    CAPTURE(depth);
    const graph fused = octavo::fuse(resnet({.depth = depth, .batch = 2}));
    const auto plan = plan_arena(fused);
    CHECK_FALSE(any_overlap(plan));
    CHECK(plan.size >= octavo::peak_live_bytes(fused));
    for (const placement& tensor : plan.tensors) {
      CHECK(tensor.offset % 64 == 0);
      CHECK((tensor.offset >= 0 && tensor.offset + tensor.size <= plan.size));
    }
  }
}
