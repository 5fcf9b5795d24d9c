// SPDX-License-Identifier: MIT
/// @file
/// An engine's memory may hold anything before a run: what kernels read, a kernel has written.
#include <algorithm>

#include "engine_test_tools.hpp"
#include "support/effort.hpp"

namespace octavo::testing {
namespace {

/// An engine on memory full of `garbage`, and that memory.
class dirty_engine {
 public:
  dirty_engine(std::shared_ptr<const prepared_model> model, std::byte garbage, int parts = 1)
      : memory_(static_cast<std::size_t>(model->engine_bytes())),
        garbage_(garbage),
        net_(std::move(model), {.threading = in_parts(parts), .memory = memory_.view()}) {
    soil();
  }

  void soil() { std::ranges::fill(memory_.view(), garbage_); }
  engine& net() { return net_; }

 private:
  aligned_bytes memory_;
  std::byte garbage_;
  engine net_;
};

/// Convolutions whose padding is no border, between others: their operands stay alive beside what
/// the reference needs for itself.
graph far_graph(random_source& rng) {
  builder net;
  const tensor_id data = net.input("data", {2, rng.integer(1, 20), 5, 6});
  const int channels = rng.integer(1, 40);
  // Every output pixel but the middle one sees zeros alone.
  const window far = {3, 3, 1000, 1000, 1, 1, {1000, 1000, 1000, 1000}};
  const window near = square(3, 1, 1);
  const tensor_id x = net.conv2d("near", data, {.channels = channels, .window = near});
  const tensor_id a = net.conv2d("a", x, {.channels = channels, .window = far});
  const tensor_id b = net.conv2d("b", x, {.channels = channels, .window = far});
  const tensor_id sum = rng.one_in(2) ? net.add("sum", a, b) : net.add("sum", b, a);
  const tensor_id last = net.conv2d("last", net.relu("relu", sum), {.channels = 3, .window = near});
  return net.finish({last, net.conv2d("more", x, {.channels = 7, .window = near}), data});
}

/// As far_graph, but one output pixel sees the whole image.
graph reaching_graph() {
  builder net;
  const tensor_id data = net.input("data", {1, 3, 2, 3});
  const window reaching = {2, 3, 16, 16, 1, 1, {0, 256, 256, 0}};
  const tensor_id a = net.conv2d("a", data, {.channels = 5, .window = reaching});
  const tensor_id b = net.conv2d("b", data, {.channels = 5, .window = reaching});
  // Proved to be 0..127, the channels that fill up its block included.
  const tensor_id c = net.relu("relu", net.conv2d("c", data, {.channels = 5, .window = reaching}));
  const tensor_id last = net.conv2d("last", c, {.channels = 5, .window = square(1)});
  return net.finish({net.add("sum", a, b), last, data});
}

/// Whether every byte that is no element is one that no kernel mistakes: borders are zero, and the
/// channels that fill up a block not negative where the elements are proved not to be.
bool is_clean(const observed_tensor& seen, bool non_negative) {
  const blocked_layout& at = seen.values().layout;
  for (std::int64_t i = 0; i < at.shape.n * at.image(); ++i) {
    const std::int64_t row = i % at.plane() / at.row() - at.border.top;
    const std::int64_t column = i % at.row() / at.block - at.border.left;
    const bool inside = row >= 0 && row < at.shape.h && column >= 0 && column < at.shape.w;
    const int value = seen.values().data[i] ^ at.zero();
    if (inside ? non_negative && value < 0 : value != 0) return false;
  }
  return true;
}

void check_dirty(const quantized_model& model, const tensor<std::int8_t>& image,
                 prepare_options options, int images_at_once = 0) {
  const activations expected = interpret(model, image);
  options.images_at_once = images_at_once;
  const auto prepared = std::make_shared<const prepared_model>(model, options);
  for (const std::byte garbage : {std::byte{0x80}, std::byte{0x5a}}) {
    for (const int parts : {1, 5}) {
      dirty_engine dirty(prepared, garbage, parts);
      CHECK(differences(dirty.net().graph(), run_all(dirty.net(), image), expected) == "");
      dirty.soil();
      dirty.net().run(image, [&](const observed_tensor& seen) {
        INFO(seen.node().name.view());
        CHECK(is_clean(seen, prepared->plan().is_non_negative(seen.index())));
      });
      for (std::size_t i = 0; i < dirty.net().output_count(); ++i) {
        const auto tensor = static_cast<std::size_t>(model.graph.outputs[i]);
        CHECK(difference(expected[tensor], dirty.net().output(i)) == "");
      }
    }
  }
}

}  // namespace

TEST_CASE("whatever lies in the memory before: random graphs") {
  for (int seed = 0; seed < effort(100); ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed) + 70);
    const graph net = random_graph(rng.integer(2, 7), rng);
    const quantized_model model = random_model(net, {.kind = rng.pick(all_policies)}, rng);
    const way& one = all_ways()[static_cast<std::size_t>(seed) % all_ways().size()];
    INFO(one.name);
    check_dirty(model, input_of(net, rng.pick(all_fills)), one.options, rng.integer(0, 2));
  }
}

TEST_CASE("whatever lies in the memory before: odd channels joined behind relus") {
  builder net;
  const tensor_id data = net.input("data", {2, 5, 6, 7});
  const tensor_id a = net.relu("a_relu", net.conv2d("a", data, {.channels = 7}));
  const tensor_id b = net.relu("b_relu", net.conv2d("b", data, {.channels = 12}));
  const tensor_id joined = net.concat("joined", {a, b, a});
  tensor_id x = net.conv2d("conv", joined, {.channels = 9, .window = square(3, 1, 1)});
  const tensor_id wide = net.conv2d("wide", joined, {.channels = 9, .window = square(5, 1, 2)});
  x = net.add("sum", x, wide);
  const graph made = net.finish({x, net.fully_connected("fc", joined, 4)});
  for (const way& one : all_ways()) {
    INFO(one.name);
    for (const int images : {1, 2}) {
      check_dirty(plain_model(made), input_of(made), one.options, images);
    }
  }
}

TEST_CASE("whatever lies in the memory before: what the reference executes") {
  for (int seed = 0; seed < effort(12); ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed));
    const graph net = far_graph(rng);
    const way& one = all_ways()[static_cast<std::size_t>(seed) % all_ways().size()];
    INFO(one.name);
    const engine planned(plain_model(net), one.options);
    CHECK(planned.kernel_name(1) == "conv2d");
    CHECK(planned.kernel_name(2) == "reference");
    check_dirty(plain_model(net), input_of(net), one.options, rng.integer(1, 2));
  }
  const graph net = reaching_graph();
  for (const way& one : all_ways()) {
    INFO(one.name);
    check_dirty(plain_model(net), input_of(net), one.options);
  }
}

TEST_CASE("a run leaves nothing to the next one, on the same memory or another") {
  random_source rng(9);
  const graph net = random_graph(8, rng);
  const quantized_model model = random_model(net, {}, rng);
  const auto prepared = std::make_shared<const prepared_model>(model);
  dirty_engine dirty(prepared, std::byte{0x80});
  for (const fill kind : all_fills) {
    const tensor<std::int8_t> image = input_of(net, kind);
    const activations expected = interpret(model, image);
    CHECK(differences(dirty.net().graph(), run_all(dirty.net(), image), expected) == "");
  }
}

}  // namespace octavo::testing
