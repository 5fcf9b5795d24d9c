// SPDX-License-Identifier: MIT
#include "octavo/model/ranges.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "octavo/interpreter.hpp"
#include "octavo/model/fuse.hpp"
#include "support/every_op.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

namespace octavo::testing {
namespace {

bool known(const quantized_model& model, const graph& net, std::string_view name) {
  return non_negative_tensors(model, net)[static_cast<std::size_t>(net.find(name))];
}

}  // namespace

TEST_CASE("what is proved: behind a relu, and as long as the sign is kept") {
  builder net;
  tensor_id x = net.input("data", {1, 3, 6, 6});
  x = net.relu("relu", net.conv2d("conv", x, {.channels = 3}));
  const tensor_id max = net.max_pool("max", x, {.window = square(2)});
  const tensor_id average = net.avg_pool("average", max, {.window = square(2)});
  const tensor_id leaky = net.leaky_relu("leaky", average, 0.5);
  const tensor_id sum = net.add("sum", leaky, average);
  const tensor_id joined = net.concat("joined", {sum, leaky});
  const tensor_id low = net.clip("low", joined, -1, 6);
  const tensor_id high = net.clip("high", joined, 0, 6);
  const graph made = net.finish({low, high, net.fully_connected("fc", joined, 3)});
  random_source rng(1);
  quantized_model model = random_model(made, {}, rng);
  const auto clip_of = [&](const char* name) -> clip_params& {
    return model.params[static_cast<std::size_t>(made.find(name))].clip;
  };
  clip_of("low") = {-5, 100};
  clip_of("high") = {0, 100};
  for (const char* name : {"relu", "max", "average", "leaky", "sum", "joined", "high"}) {
    INFO(name);
    CHECK(known(model, made, name));
  }
  for (const char* name : {"data", "conv", "low", "fc"}) {
    INFO(name);
    CHECK(!known(model, made, name));
  }
  CHECK(known(model, fuse(model), "relu"));
}

TEST_CASE("one input that may be negative is enough") {
  builder net;
  const tensor_id x = net.input("data", {1, 3, 6, 6});
  const tensor_id y = net.relu("relu", x);
  const graph made = net.finish({net.add("sum", x, y), net.concat("joined", {y, x})});
  random_source rng(1);
  const quantized_model model = random_model(made, {}, rng);
  CHECK(!known(model, made, "sum"));
  CHECK(!known(model, made, "joined"));
}

TEST_CASE("no tensor of a random graph that is proved to be 0..127 is ever below") {
  int proved = 0;
  for (int seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed));
    const graph net = random_graph(6, rng);
    const model_options options = {.kind = rng.pick(all_policies), .extremes = rng.one_in(3)};
    const quantized_model model = random_model(net, options, rng);
    const tensor<std::int8_t> image = random_tensor(net[0].shape, rng.pick(all_fills), rng);
    for (const fusion level : {fusion::none, fusion::relu_add}) {
      const graph run = fuse(model, level);
      const activations tensors = interpret(model, run, image);
      const std::vector<bool> non_negative = non_negative_tensors(model, run);
      for (std::size_t i = 0; i < run.size(); ++i) {
        if (!non_negative[i]) continue;
        ++proved;
        CHECK(std::ranges::min(tensors[i].values) >= 0);
      }
    }
  }
  CHECK(proved > 200);
}

}  // namespace octavo::testing
