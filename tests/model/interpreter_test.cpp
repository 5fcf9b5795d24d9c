// SPDX-License-Identifier: MIT
/// @file
/// Tests of interpreter.hpp: single nodes, without an allocation, and what it refuses. That its
/// bytes are right is for the tests of the reference and of the emulation to say.

#include "octavo/interpreter.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include "octavo/model/fuse.hpp"
#include "support/compare.hpp"
#include "support/every_op.hpp"
#include "support/random.hpp"
#include "support/random_model.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

// All of this program's memory, counted. Not inlined, or g++ takes new and free for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace octavo::testing {
namespace {

/// Runs every node of `net` by itself, on the inputs that the whole run gave it.
void check_nodes(const quantized_model& model, const graph& net, const activations& tensors) {
  REQUIRE(tensors.size() == net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (net[i].kind == op::input) continue;
    CAPTURE(net[i].name.view());
    std::vector<tensor_view<const std::int8_t>> src;
    for (const int from : net[i].src) {
      src.push_back(tensors[static_cast<std::size_t>(from)].view());
    }
    tensor<std::int8_t> dst(net[i].shape);
    const std::size_t before = allocations;
    run_node(model, net[i], src, dst.view());
    const std::size_t made = allocations - before;
    CHECK(made == 0);
    CHECK(difference(tensors[i], dst) == "");
  }
}

}  // namespace

TEST_CASE("run_node: every op, fused and not, every policy, per layer and per channel") {
  const graph net = every_op_graph();
  std::uint64_t seed = 0;
  for (const policy kind : all_policies) {
    for (const bool per_channel : {false, true}) {
      CAPTURE(++seed);
      random_source rng(seed);
      const auto model = random_model(net, {.kind = kind, .per_channel = per_channel}, rng);
      const auto input = random_tensor(net[0].shape, fill::uniform, rng);
      const activations unfused = interpret(model, input);
      CHECK(unfused[0] == input);
      for (const fusion level : {fusion::none, fusion::relu, fusion::relu_add}) {
        const graph fused = fuse(model, level);
        const activations tensors = interpret(model, fused, input);
        check_nodes(model, fused, tensors);
        for (std::size_t i = 0; i < fused.size(); ++i) {
          const auto same = static_cast<std::size_t>(fused[i].from.tensor);
          CHECK(difference(unfused[same], tensors[i]) == "");
        }
      }
    }
  }
}

TEST_CASE("a per-channel layer of one channel") {
  graph_builder<std::vector<node>> b;
  const tensor_id x = b.input("data", {1, 1, 1, 1});
  const graph net = b.finish(b.conv2d("conv", x, {.channels = 1}));
  random_source rng(1);
  quantized_model model = random_model(net, {.per_channel = true}, rng);
  CHECK(model.params[1].requantize.entries() == 1);
  CHECK(model.params[1].requantize.entry(0) == 0);
  model.params[1].weights = {3};
  model.params[1].bias = {0};
  model.params[1].requantize.shift = {1};
  tensor<std::int8_t> input({1, 1, 1, 1});
  input.values = {5};
  CHECK(interpret(model, input)[1].values[0] == 8);  // 15 / 2 = 7.5
}

TEST_CASE("interpret: exactly one input, of the graph's shape") {
  random_source rng(1);
  const graph net = every_op_graph();
  const auto model = random_model(net, {}, rng);
  CHECK_THROWS_WITH(
      interpret(model, tensor<std::int8_t>({1, 3, 5, 6})),
      octavo::concat_text("interpret: the input has the shape 1x3x5x6, expected ", net[0].shape)
          .c_str());

  graph_builder<std::vector<node>> b;
  const tensor_id first = b.input("first", {1, 1, 1, 1});
  const tensor_id second = b.input("second", {1, 1, 1, 1});
  const graph two = b.finish(b.add("sum", first, second));
  CHECK_THROWS_WITH(interpret(random_model(two, {}, rng), tensor<std::int8_t>({1, 1, 1, 1})),
                    "graph: has more than one input; executors take exactly one");
  CHECK_THROWS_WITH(interpret({}, tensor<std::int8_t>({1, 1, 1, 1})),
                    "graph: has no input; executors take exactly one");
}

}  // namespace octavo::testing
