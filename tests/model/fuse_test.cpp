// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/fuse.hpp: which clips are fused into what, and that it changes no byte.

#include "octavo/model/fuse.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "octavo/emulation/quantized.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/networks/mobilenet_v2.hpp"
#include "support/compare.hpp"
#include "support/graph_lines.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

namespace octavo::testing {
namespace {

constexpr clip_params as_relu = {0, 127};
constexpr clip_params as_copy = {-128, 127};

/// A model of `net`, all of whose clips have these limits.
quantized_model with_clips(const graph& net, const clip_params& limits) {
  random_source rng(1);
  quantized_model model = random_model(net, {}, rng);
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (net[i].kind == op::clip) model.params[i].clip = limits;
  }
  return model;
}

/// The same, but the clip of this name.
quantized_model with_clip(quantized_model model, std::string_view name, const clip_params& limits) {
  model.params[static_cast<std::size_t>(model.graph.find(name))].clip = limits;
  return model;
}

/// data -> scale -> fc, a clip behind each.
graph plain_chain() {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  x = b.clip("clip_scale", b.scale("scale", x), 0, 6);
  return b.finish(b.clip("clip_fc", b.fully_connected("fc", x, 4), 0, 6));
}

/// data -> conv -> clip, + data -> clip_sum.
graph residual_chain() {
  builder b;
  const tensor_id data = b.input("data", {1, 2, 2, 2});
  const tensor_id x = b.clip("clip", b.conv2d("conv", data, {.channels = 2}), 0, 6);
  return b.finish(b.clip("clip_sum", b.add("sum", data, x), 0, 6));
}

/// Every tensor of the fused forms, by reference and emulation, against the unfused.
void check_fused(const quantized_model& model, const tensor<std::int8_t>& image) {
  const activations unfused = interpret(model, image);
  for (const fusion level : {fusion::none, fusion::relu, fusion::relu_add}) {
    CAPTURE(static_cast<int>(level));
    const graph fused = fuse(model, level);
    const activations tensors = interpret(model, fused, image);
    CHECK(emulation::emulate(model, fused, image) == tensors);
    for (std::size_t i = 0; i < fused.size(); ++i) {
      INFO(fused[i].name.view());
      CHECK(difference(unfused[static_cast<std::size_t>(fused[i].from.tensor)], tensors[i]) == "");
    }
  }
}

/// Clips that are in `net` and no node of their own in `fused`.
std::ptrdiff_t fused_clips(const graph& net, const graph& fused) {
  const auto clips = [](const graph& in) {
    return std::count_if(in.begin(), in.end(), [](const node& n) { return n.kind == op::clip; });
  };
  return clips(net) - clips(fused);
}

}  // namespace

TEST_CASE("fuse: a clip to 0..127 is a relu, one to -128..127 leaves its name") {
  for (const fusion level : {fusion::relu, fusion::relu_add}) {
    CHECK(lines_of(fuse(with_clips(plain_chain(), as_relu), level)) ==
          lines{
              "data = input() from 0 0 -1",
              "clip_scale = relu(scale(data)) from 2 1 -1",
              "clip_fc = relu(fully_connected(clip_scale)) from 4 3 -1",
          });
    CHECK(lines_of(fuse(with_clips(plain_chain(), as_copy), level)) ==
          lines{
              "data = input() from 0 0 -1",
              "clip_scale = scale(data) from 2 1 -1",
              "clip_fc = fully_connected(clip_scale) from 4 3 -1",
          });
  }
  const quantized_model model = with_clips(plain_chain(), as_relu);
  CHECK(outputs_of(fuse(model)) == lines{"clip_fc"});
  CHECK(fuse(model)[2].shape == model.graph[4].shape);
  CHECK(fuse(model, fusion::none) == model.graph);
  CHECK(fuse(model.graph) == model.graph);  // which has no integers
}

TEST_CASE("fuse: a clip to anything else stays a clip") {
  for (const clip_params limits :
       {clip_params{0, 126}, clip_params{1, 127}, clip_params{-1, 127}, clip_params{-127, 127},
        clip_params{-128, 126}, clip_params{-128, 0}, clip_params{127, 127}}) {
    const quantized_model model = with_clips(plain_chain(), limits);
    CHECK(fuse(model) == model.graph);
  }
}

TEST_CASE("fuse: a clip to -128..127 lets an add into the convolution, a relu does not") {
  const quantized_model copies = with_clips(residual_chain(), as_copy);
  CHECK(lines_of(fuse(copies)) == lines{
                                      "data = input() from 0 0 -1",
                                      "clip_sum = data + conv2d(data) from 4 1 3",
                                  });
  CHECK(lines_of(fuse(with_clip(copies, "clip_sum", as_relu))).back() ==
        "clip_sum = relu(data + conv2d(data)) from 4 1 3");
  CHECK(lines_of(fuse(copies, fusion::relu)) == lines{
                                                    "data = input() from 0 0 -1",
                                                    "clip = conv2d(data) from 2 1 -1",
                                                    "clip_sum = add(data, clip) from 4 3 3",
                                                });
  CHECK(lines_of(fuse(with_clip(copies, "clip", as_relu))) ==
        lines{
            "data = input() from 0 0 -1",
            "clip = relu(conv2d(data)) from 2 1 -1",
            "clip_sum = add(data, clip) from 4 3 3",
        });
}

TEST_CASE("fuse: a relu that is there stays, whatever follows it") {
  builder b;
  tensor_id x = b.input("data", {1, 2, 2, 2});
  x = b.relu("relu", b.conv2d("conv", x, {.channels = 2}));
  x = b.clip("two", b.clip("one", x, 0, 6), 0, 6);
  const graph net = b.finish(b.add("sum", x, b.input("other", {1, 2, 2, 2})));
  const quantized_model copies = with_clips(net, as_copy);
  CHECK(lines_of(fuse(copies)) == lines{
                                      "data = input() from 0 0 -1",
                                      "two = relu(conv2d(data)) from 4 1 -1",
                                      "other = input() from 5 5 -1",
                                      "sum = add(two, other) from 6 6 6",
                                  });
  // A second relu stands alone, as it always has, and can have nothing behind it.
  CHECK(lines_of(fuse(with_clip(copies, "one", as_relu))) ==
        lines{
            "data = input() from 0 0 -1",
            "relu = relu(conv2d(data)) from 2 1 -1",
            "one = clip(relu) from 3 3 -1",
            "two = clip(one) from 4 4 -1",
            "other = input() from 5 5 -1",
            "sum = add(two, other) from 6 6 6",
        });
}

TEST_CASE("fuse: behind a clip to -128..127 a relu, or a clip that is one, finds the op") {
  builder b;
  tensor_id x = b.conv2d("conv", b.input("data", {1, 2, 2, 2}), {.channels = 2});
  x = b.relu("relu", b.clip("first", x, 0, 6));
  x = b.clip("last", b.clip("second", b.scale("scale", x), 0, 6), 0, 6);
  const quantized_model model = with_clip(with_clips(b.finish(x), as_copy), "last", as_relu);
  CHECK(lines_of(fuse(model)) == lines{
                                     "data = input() from 0 0 -1",
                                     "relu = relu(conv2d(data)) from 3 1 -1",
                                     "last = relu(scale(relu)) from 6 4 -1",
                                 });
}

TEST_CASE("fuse: a clip behind what takes no relu, or behind a tensor that others read, stays") {
  builder b;
  const tensor_id data = b.input("data", {1, 2, 2, 2});
  const tensor_id first = b.clip("first", data, 0, 6);
  const tensor_id pool = b.clip("clip_pool", b.max_pool("pool", first, {}), 0, 6);
  const tensor_id conv = b.conv2d("conv", pool, {.channels = 2});
  const tensor_id behind = b.clip("behind", conv, 0, 6);
  const tensor_id last = b.conv2d("last", b.add("sum", conv, behind), {.channels = 2});
  const graph net = b.finish({b.clip("end", last, 0, 6), last});
  for (const clip_params& limits : {as_relu, as_copy}) {
    const quantized_model model = with_clips(net, limits);
    CHECK(fuse(model) == net);
  }
}

TEST_CASE("fuse: MobileNetV2 whose relu6 are relus") {
  const graph net = to_graph(networks::mobilenet_v2({.width = 0.35, .image = 32, .classes = 7}));
  const quantized_model model = with_clips(net, as_relu);
  CHECK(fuse(model).size() == 55);  // of 100: all 35 relu6 and all 10 adds
  CHECK(fuse(model, fusion::relu).size() == 65);
  random_source rng(2);
  check_fused(model, random_tensor(net[0].shape, fill::uniform, rng));
  check_fused(with_clips(net, as_copy), random_tensor(net[0].shape, fill::uniform, rng));
}

TEST_CASE("fuse: every tensor of random models that remains has its bytes") {
  std::ptrdiff_t fused = 0;
  std::ptrdiff_t relus = 0;
  std::ptrdiff_t copies = 0;
  for (int seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    random_source rng(static_cast<std::uint64_t>(seed));
    const graph net = random_graph(6, rng);
    const model_options options = {.kind = rng.pick(all_policies), .extremes = rng.one_in(3)};
    const quantized_model model = random_model(net, options, rng);
    check_fused(model, random_tensor(net[0].shape, rng.pick(all_fills), rng));
    fused += fused_clips(net, fuse(model));
    relus += fused_clips(net, fuse(with_clips(net, as_relu)));
    copies += fused_clips(net, fuse(with_clips(net, as_copy)));
  }
  CHECK(fused > 10);
  CHECK(relus > 50);
  CHECK(copies > relus);
}

}  // namespace octavo::testing
