// SPDX-License-Identifier: MIT
#include "octavo/engine/memory_plan.hpp"

#include <doctest/doctest.h>

#include "support/arena_overlap.hpp"
#include "support/random_graph.hpp"

namespace octavo::testing {
namespace {

graph chain(const shape& input, const std::vector<conv2d_options>& convs) {
  builder net;
  tensor_id x = net.input("data", input);
  int i = 0;
  for (const conv2d_options& conv : convs) {
    x = net.conv2d(octavo::testing::detail::join("conv", std::to_string(i++)), x, conv);
  }
  return net.finish(x);
}

}  // namespace

TEST_CASE("the border is what the readers pad, on each side the widest") {
  builder net;
  const tensor_id data = net.input("data", {1, 8, 9, 9});
  const tensor_id a =
      net.conv2d("a", data, {.channels = 8, .window = {3, 3, 1, 1, 1, 1, {1, 2, 0, 0}}});
  const tensor_id b =
      net.conv2d("b", data, {.channels = 8, .window = {3, 3, 1, 1, 1, 1, {0, 0, 1, 2}}});
  const tensor_id pooled = net.max_pool("pool", a, {.window = square(3, 2, 1)});
  const auto plan = plan_memory(net.finish({pooled, b}));
  CHECK(plan.layouts[0].border == padding{1, 2, 1, 2});
  CHECK(plan.layouts[1].border == padding{});  // pools cut their windows
  CHECK(plan.scratch == 0);
}

TEST_CASE("an input of up to 4 channels is narrow where dense convolutions alone read it") {
  CHECK(plan_memory(chain({1, 3, 8, 8}, {{.channels = 8}})).layouts[0].block == 3);
  CHECK(plan_memory(chain({1, 4, 8, 8}, {{.channels = 8}})).layouts[0].block == 4);
  CHECK(plan_memory(chain({1, 5, 8, 8}, {{.channels = 8}})).layouts[0].block == 16);
  CHECK(plan_memory(chain({1, 3, 8, 8}, {{.channels = 3, .groups = 3}})).layouts[0].block == 16);
  builder net;
  const tensor_id x = net.input("data", {1, 3, 8, 8});
  const tensor_id y = net.conv2d("conv", x, {.channels = 3});
  CHECK(plan_memory(net.finish(net.add("sum", x, y))).layouts[0].block == 16);
}

TEST_CASE("blocks: the largest that wastes little") {
  for (int channels = 1; channels < 300; ++channels) {
    INFO(channels);
    const int block = choose_block(channels);
    CHECK((block == 16 || block == 32 || block == 64));
    CHECK(align_up(channels, block) - align_up(channels, 16) <= channels / 16);
  }
  CHECK(choose_block(128) == 64);
  CHECK(choose_block(160) == 32);
  CHECK(choose_block(48) == 16);
}

TEST_CASE("a padding that is no border: left to the reference, with room for its operands") {
  const conv2d_options far = {.channels = 2, .window = {1, 1, 90, 90, 1, 1, {900, 0, 0, 900}}};
  const graph net = chain({1, 3, 4, 4}, {far});
  const auto plan = plan_memory(net);
  CHECK(plan.by_reference[1]);
  CHECK(plan.layouts[0].border == padding{});
  CHECK(plan.scratch == 64 + align_up(net[1].shape.elements(), std::int64_t{64}));
  CHECK(plan.bytes() == plan.arena.size + plan.scratch);
  const graph near = chain({1, 3, 4, 4}, {{.channels = 2, .window = square(3, 1, 9)}});
  CHECK(!plan_memory(near).by_reference[1]);
}

TEST_CASE("large images and batches need no reference") {
  for (const shape input : {shape{1, 3, 6000, 6000}, shape{700, 3, 224, 224}}) {
    const graph net = chain(input, {{.channels = 1, .window = square(3, 3, 1)}});
    CHECK(!plan_memory(net).by_reference[1]);
  }
}

TEST_CASE("a batch of small images has no room for large borders") {
  const conv2d_options conv = {.channels = 1, .window = square(1, 1, 120)};
  CHECK(!plan_memory(chain({1, 1, 1, 1}, {conv})).by_reference[1]);
  CHECK(plan_memory(chain({1000, 1, 1, 1}, {conv})).by_reference[1]);
}

TEST_CASE("what two readers pad is limited together") {
  builder net;
  const tensor_id x = net.input("data", {1, 1, 1, 1});
  const tensor_id high =
      net.conv2d("high", x, {.channels = 1, .window = {1, 1, 9999, 1, 1, 1, {30000, 0, 30000, 0}}});
  const tensor_id wide =
      net.conv2d("wide", x, {.channels = 1, .window = {1, 1, 1, 9999, 1, 1, {0, 30000, 0, 30000}}});
  const auto plan = plan_memory(net.finish({high, wide}));
  CHECK(!plan.by_reference[1]);
  CHECK(plan.by_reference[2]);
  CHECK(plan.bytes() < 10'000'000);
}

TEST_CASE("tensors of random graphs have room and do not meet") {
  for (int seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed));
    const graph net = fuse(random_graph(8, rng));
    const auto plan = plan_memory(net);
    CHECK(!any_overlap(plan.arena));
    for (std::size_t i = 0; i < net.size(); ++i) {
      CHECK(plan.arena.tensors[i].offset % 64 == 0);
      CHECK(plan.arena.tensors[i].size >= plan.layouts[i].bytes());
      CHECK(plan.arena.tensors[i].offset + plan.layouts[i].bytes() <= plan.arena.size);
      CHECK(plan.layouts[i].shape == net[i].shape);
    }
  }
}

}  // namespace octavo::testing
