// SPDX-License-Identifier: MIT
/// @file
/// Models whose clips are fused: the bytes of interpret(), in no more memory than the graph says.
#include <algorithm>

#include "engine_test_tools.hpp"
#include "octavo/networks/mobilenet_v2.hpp"

namespace octavo::testing {
namespace {

constexpr clip_params as_relu = {0, 127};
constexpr clip_params as_copy = {-128, 127};

/// Clips have these limits.
quantized_model with_clips(quantized_model model, const clip_params& limits) {
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    if (model.graph[i].kind == op::clip) model.params[i].clip = limits;
  }
  return model;
}

std::ptrdiff_t count_clips(const graph& net) {
  return std::ranges::count_if(net.nodes, [](const node& n) { return n.kind == op::clip; });
}

/// Checks what engine_bytes() says, and gives the plan.
fused_plan plan_within(const quantized_model& model, fusion level, int images = 0) {
  fused_plan plan = plan_fused(model, level, images);
  CHECK(plan.batch.bytes <= engine_bytes(model.graph, level, images));
  CHECK(plan.batch.groups == plan_batch(fuse(model.graph, level), images).groups);
  return plan;
}

/// A clip behind convolutions of both kinds, scale and a fully connected layer.
graph clips_in_line() {
  builder net;
  const tensor_id data = net.input("data", {2, 3, 9, 10});
  tensor_id x = net.conv2d("dense", data, {.channels = 40, .window = square(3, 1, 1)});
  x = net.clip("clip_dense", x, 0, 6);
  x = net.conv2d("depthwise", x, {.channels = 40, .window = square(3, 1, 1), .groups = 40});
  x = net.clip("clip_depthwise", x, 0, 6);
  x = net.clip("clip_scale", net.scale("scale", net.relu("relu", x)), 0, 6);
  return net.finish(net.clip("clip_fc", net.fully_connected("fc", x, 7), 0, 6));
}

/// One between a convolution and an add, and behind adds in a convolution and on their own.
graph clips_around_adds() {
  builder net;
  const tensor_id x = net.conv2d("first", net.input("data", {2, 5, 7, 6}), {.channels = 40});
  const tensor_id y = net.clip("clip_conv", net.conv2d("conv", x, {.channels = 40}), 0, 6);
  const tensor_id sum = net.clip("clip_sum", net.add("sum", x, y), 0, 6);
  const tensor_id pool = net.max_pool("pool", sum, {.window = square(3, 1, 1)});
  return net.finish(net.clip("clip_add", net.add("add", pool, sum), 0, 6));
}

/// conv -> clip with others between them: fused, conv runs where the clip stands, and `wide` is
/// there at the same time as `other`.
graph late_clip() {
  builder net;
  const tensor_id data = net.input("data", {1, 16, 16, 16});
  const tensor_id wide = net.conv2d("wide", data, {.channels = 128});
  const tensor_id conv = net.conv2d("conv", wide, {.channels = 16});
  const tensor_id other = net.conv2d("other", data, {.channels = 128});
  const tensor_id narrow = net.conv2d("narrow", other, {.channels = 16});
  return net.finish(net.concat("joined", {net.clip("clip", conv, 0, 6), narrow}));
}

/// So little is left of it when the clip is fused that eight images would go together, not four.
graph wide_clip() {
  builder net;
  const tensor_id data = net.input("data", {8, 16, 128, 128});
  const tensor_id clip = net.clip("clip", net.conv2d("conv", data, {.channels = 64}), 0, 6);
  return net.finish(net.avg_pool("pool", clip, {.window = square(8, 8)}));
}

}  // namespace

TEST_CASE("clips that are fused: every way gives the bytes of interpret()") {
  for (const graph& net : {clips_in_line(), clips_around_adds()}) {
    const std::ptrdiff_t clips = count_clips(net);
    const quantized_model plain = plain_model(net, 3);
    for (const clip_params& limits : {as_relu, as_copy, clip_params{-128, 126}}) {
      INFO(static_cast<int>(limits.lo) << " to " << static_cast<int>(limits.hi));
      const quantized_model model = with_clips(plain, limits);
      std::set<std::string> seen;
      check_every_way(model, input_of(net), seen);
      CHECK(count_clips(engine(model).graph()) == (limits.hi == 127 ? 0 : clips));
      CHECK(count_clips(engine(model, {.fusion = fusion::none}).graph()) == clips);
    }
  }
}

TEST_CASE("memory: a clip whose fusion takes more stays, so that engine_bytes() is enough") {
  const quantized_model model = with_clips(plain_model(late_clip()), as_relu);
  const std::int64_t bytes = engine_bytes(model.graph);
  REQUIRE(plan_batch(fuse(model)).bytes > bytes);
  CHECK(plan_within(model, fusion::relu_add).net == model.graph);
  aligned_bytes memory(static_cast<std::size_t>(bytes));
  const auto prepared = std::make_shared<const prepared_model>(model);
  engine net(prepared, {.memory = memory.view()});
  check_engine(net, input_of(model.graph), interpret(model, input_of(model.graph)));
}

TEST_CASE("memory: how many images go together does not depend on what a model lets fuse") {
  const quantized_model model = with_clips(plain_model(wide_clip()), as_relu);
  REQUIRE(plan_batch(fuse(model)).bytes > engine_bytes(model.graph));
  const fused_plan plan = plan_within(model, fusion::relu_add);
  CHECK(plan.batch.groups == 2);
  CHECK(plan.net.size() == 3);
  CHECK(plan_within(model, fusion::relu_add, 8).batch.groups == 1);
}

TEST_CASE("memory: random models never need more than their graphs") {
  int fused = 0;
  int kept = 0;
  for (int seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed));
    const graph net = random_graph(rng.integer(2, 14), rng);
    quantized_model model = random_model(net, {}, rng);
    if (rng.one_in(2)) model = with_clips(model, rng.one_in(2) ? as_relu : as_copy);
    for (const fusion level : {fusion::none, fusion::relu, fusion::relu_add}) {
      for (int images = 0; images <= net[0].shape.n; ++images) {
        const graph planned = plan_within(model, level, images).net;
        if (planned == fuse(model.graph, level)) {
          kept += planned == fuse(model, level) ? 0 : 1;
        } else {
          CHECK(planned == fuse(model, level));
          ++fused;
        }
      }
    }
  }
  CHECK(fused > 100);
  CHECK(kept > 0);
}

TEST_CASE("memory: MobileNetV2 needs less where its relu6 are relus") {
  for (const int batch : {1, 3, 16}) {
    INFO(batch << " images");
    quantized_model model{.graph = to_graph(networks::mobilenet_v2({.batch = batch}))};
    model.params.resize(model.graph.size());
    model = with_clips(model, as_relu);
    for (const fusion level : {fusion::relu, fusion::relu_add}) {
      const fused_plan plan = plan_within(model, level);
      CHECK(count_clips(plan.net) == 0);
      CHECK(plan.batch.bytes * 3 < engine_bytes(model.graph, level) * 2);
    }
  }
}

TEST_CASE("MobileNetV2 made small, in the memory that its graph says: the bytes of interpret()") {
  static constexpr auto net =
      networks::mobilenet_v2({.width = 0.35, .image = 48, .classes = 9, .batch = 2});
  constexpr std::int64_t bytes = engine_bytes(net);
  const quantized_model model = with_clips(plain_model(to_graph(net)), as_relu);
  const tensor<std::int8_t> image = input_of(model.graph);
  const activations expected = interpret(model, image);
  for (const way& one : all_ways()) {
    if (one.options.fusion == fusion::none) continue;
    INFO(one.name);
    aligned_bytes memory(static_cast<std::size_t>(bytes));
    engine run(model, one.options, {.memory = memory.view()});
    CHECK(count_clips(run.graph()) == 0);
    check_engine(run, image, expected);
  }
}

}  // namespace octavo::testing
