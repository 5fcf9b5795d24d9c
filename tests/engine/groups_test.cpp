// SPDX-License-Identifier: MIT
/// @file
/// Batches that go through a network in groups of images: how many at once, and that it changes
/// nothing. (Random graphs in groups of every size: check_every_way.)
#include <algorithm>
#include <limits>

#include "engine_test_tools.hpp"
#include "octavo/networks/resnet.hpp"

namespace octavo::testing {
namespace {

using octavo::detail::largest_divisor;
using octavo::detail::nearest_divisor;
using octavo::detail::weight_bytes;

static_assert(largest_divisor(12, 5) == 4 && largest_divisor(12, 100) == 12);
static_assert(largest_divisor(13, 12) == 1 && largest_divisor(12, 0) == 1);

// As near as a factor says: 17 is more than four times 4, 7 less than twice.
static_assert(nearest_divisor(16, 4) == 4 && nearest_divisor(16, 5) == 4);
static_assert(nearest_divisor(17, 4) == 1 && nearest_divisor(7, 4) == 7);
static_assert(nearest_divisor(10, 4) == 5 && nearest_divisor(1, 9) == 1);
static_assert(nearest_divisor(16, 8) == 8 && nearest_divisor(16, 16) == 16);
static_assert(nearest_divisor(4, 1) == 1);
static_assert(nearest_divisor(9, 3) == 3);
static_assert(nearest_divisor(8, std::int64_t{1} << 40) == 8);

constexpr auto resnet50_of_16 = networks::resnet50({.batch = 16});
static_assert(weight_bytes(resnet50_of_16) == 25'502'912);  // as for one image: no biases
static_assert(plan_batch(resnet50_of_16).group[0].shape.n == 4);
static_assert(plan_batch(resnet50_of_16).groups == 4);
static_assert(plan_batch(resnet50_of_16, 7).group[0].shape.n == 4);
static_assert(plan_batch(resnet50_of_16, 100).groups == 1);

/// Many weights and small tensors.
graph fully_connected_graph(int batch) {
  builder net;
  const tensor_id x = net.relu("relu", net.input("data", {batch, 1000, 1, 1}));
  return net.finish(net.fully_connected("b", net.fully_connected("a", x, 4000), 1000));
}

/// Large tensors and few weights.
graph picture_graph(int batch) {
  builder net;
  const tensor_id x = net.input("data", {batch, 3, 1000, 1000});
  return net.finish(net.conv2d("conv", x, {.channels = 16, .window = square(3, 1, 1)}));
}

/// A border, a narrow input, joined channels, what the reference executes, an output in the middle
/// and the input itself among the outputs.
graph mixed_graph(int batch) {
  builder net;
  const tensor_id data = net.input("data", {batch, 3, 9, 8});
  const tensor_id conv =
      net.relu("relu", net.conv2d("conv", data, {.channels = 20, .window = square(3, 1, 1)}));
  const tensor_id joined = net.concat("joined", {conv, conv, conv});
  const tensor_id far = net.conv2d(
      "far", joined, {.channels = 5, .window = {1, 1, 100, 100, 1, 1, {1000, 1000, 1000, 1000}}});
  const tensor_id fc = net.fully_connected("fc", joined, 10);
  return net.finish({far, conv, fc, data});
}

/// What a threshold of 128 quantizes to `image`.
tensor<float> as_floats(const tensor<std::int8_t>& image) {
  tensor<float> made(image.shape);
  std::copy(image.values.begin(), image.values.end(), made.values.begin());
  return made;
}

}  // namespace

TEST_CASE("how many images at once: what the caches hold, but weights are worth being read") {
  CHECK(plan_batch(picture_graph(8)).groups == 8);
  CHECK(plan_batch(fully_connected_graph(64)).groups == 1);
  CHECK(plan_batch(fully_connected_graph(64), 16).groups == 4);
  CHECK(plan_batch(mixed_graph(12)).groups == 1);
  CHECK_THROWS_WITH_AS(plan_batch(mixed_graph(2), -1),
                       "images_at_once: expected 1 or more, or 0 for the engine's choice", error);
}

TEST_CASE("memory: that of one group, and the outputs of all") {
  const graph net = fuse(mixed_graph(6));
  const auto whole = plan_batch(net, 6);
  CHECK(whole.bytes == plan_memory(net).bytes());
  CHECK(whole.kept.size() == 0);
  const auto plan = plan_batch(net, 2);
  std::int64_t at = plan_memory(with_images(net, 2)).bytes();
  REQUIRE(plan.kept.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(plan.kept[i] == at);
    const auto output = static_cast<std::size_t>(net.outputs[i]);
    at += align_up(whole.memory.layouts[output].bytes(), std::int64_t{64});
  }
  CHECK(plan.bytes == at);
  CHECK(engine_bytes(mixed_graph(6), fusion::relu_add, 2) == at);
  CHECK(engine(plain_model(mixed_graph(6)), {.images_at_once = 2}).model().engine_bytes() == at);
}

TEST_CASE("groups of every size, on any number of threads, from every kind of input") {
  for (const int batch : {1, 4, 6}) {
    INFO(batch << " images");
    quantized_model model = plain_model(mixed_graph(batch));
    model.thresholds[0] = 128;
    const tensor<std::int8_t> image = input_of(model.graph);
    const tensor<float> real = as_floats(image);
    const activations expected = interpret(model, image);
    for (const int images : group_sizes(batch)) {
      INFO(images << " at once");
      for (const int parts : {1, 2, 5, 100}) {
        engine net(model, {.images_at_once = images}, {.threading = in_parts(parts)});
        CHECK(net.model().plan().groups() == batch / images);
        check_engine(net, image, expected);
        const auto all_outputs = [&] {
          for (std::size_t i = 0; i < 4; ++i) {
            CHECK(net.output(i) == expected[static_cast<std::size_t>(model.graph.outputs[i])]);
          }
        };
        net.run(input_of(model.graph, fill::uniform, 2));
        net.run(real);
        all_outputs();
        net.run(input_of(model.graph, fill::uniform, 2));
        const std::vector<float> turned = to_nhwc(real);
        net.run(nhwc_view<const float>{turned.data(), real.shape});
        all_outputs();
      }
    }
  }
}

TEST_CASE("an observer sees group after group, each op once in a group") {
  const quantized_model model = plain_model(mixed_graph(6));
  const tensor<std::int8_t> image = input_of(model.graph);
  const activations expected = interpret(model, image);
  engine net(model, {.fusion = fusion::none, .images_at_once = 2});
  int calls = 0;
  const int nodes = static_cast<int>(model.graph.size());
  net.run(image, [&](const observed_tensor& seen) {
    CHECK(seen.index() == static_cast<std::size_t>(calls % nodes));
    CHECK(seen.first_image() == calls / nodes * 2);
    CHECK(seen.node() == model.graph[seen.index()]);
    CHECK(seen.shape().n == 2);
    tensor<std::int8_t> values(seen.shape());
    seen.copy_to(values.view());
    const tensor<std::int8_t>& all = expected[seen.index()];
    const auto first = seen.first_image() * all.shape.elements_per_image();
    CHECK(std::equal(values.values.begin(), values.values.end(), all.values.begin() + first));
    ++calls;
  });
  CHECK(calls == 3 * nodes);
  CHECK(profile(net, image).size() == model.graph.size());
}

TEST_CASE("a value that is not finite is found in the last group, and does no harm") {
  quantized_model model = plain_model(mixed_graph(6));
  model.thresholds[0] = 128;
  const tensor<std::int8_t> image = input_of(model.graph);
  const tensor<float> good = as_floats(image);
  tensor<float> bad = good;
  bad.values.back() = std::numeric_limits<float>::infinity();
  engine net(model, {.images_at_once = 1});
  const char* const why = "engine: the input has a value that is not finite";
  CHECK_THROWS_WITH_AS(net.run(bad), why, error);
  int seen = 0;
  CHECK_THROWS_WITH_AS(net.run(bad, [&](const observed_tensor&) { ++seen; }), why, error);
  CHECK(seen == 5 * static_cast<int>(net.graph().size()));  // not the sixth group
  net.run(good);
  CHECK(net.output(2) == interpret(model, image)[static_cast<std::size_t>(model.graph.outputs[2])]);
}

TEST_CASE("describe says how many images go through at a time") {
  const quantized_model model = plain_model(mixed_graph(6));
  const engine some(model, {.images_at_once = 2});
  const engine all(model, {.images_at_once = 6});
  CHECK(describe(some).find("for 2 of 6 images at a time") != std::string::npos);
  CHECK(describe(all).find("at a time") == std::string::npos);
  CHECK(some.graph()[0].shape.n == 6);
  CHECK(some.output_shape().n == 6);
}

}  // namespace octavo::testing
