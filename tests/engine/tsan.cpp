// SPDX-License-Identifier: MIT
// Built with ThreadSanitizer: two engines on two threads share one prepared model, and one engine
// runs on two threads. Ends with 0 where the bytes are right; the sanitizer reports races.
#include <cstdio>
#include <thread>
#include <vector>

#include "octavo/engine.hpp"
#include "octavo/interpreter.hpp"
#include "support/every_op.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

namespace {

using namespace octavo;

/// A parallel_for of threads that live for one op.
threading std_threads(int threads) {
  return {threads, [](int count, task_ref task) {
            std::vector<std::thread> running;
            for (int i = 1; i < count; ++i) running.emplace_back([task, i] { task(i); });
            task(0);
            for (std::thread& one : running) one.join();
          }};
}

bool run_often(const std::shared_ptr<const prepared_model>& prepared,
               const tensor<std::int8_t>& image, const tensor<std::int8_t>& expected, int threads) {
  engine net(prepared, {.threading = std_threads(threads)});
  for (int i = 0; i < 20; ++i) {
    net.run(image);
    if (net.output() != expected) return false;
  }
  return true;
}

/// On every instruction set.
bool run_network(const graph& net) {
  octavo::testing::random_source rng(1);
  const quantized_model model = octavo::testing::random_model(net, {}, rng);
  const auto image =
      octavo::testing::random_tensor(net[0].shape, octavo::testing::fill::uniform, rng);
  const tensor<std::int8_t> expected =
      interpret(model, image)[static_cast<std::size_t>(net.outputs[0])];
  bool equal = true;
  for (const isa which : available_isas()) {
    const auto prepared = std::make_shared<const prepared_model>(
        model, prepare_options{.isa = which, .images_at_once = 2});
    bool first = false;
    std::thread other([&] { first = run_often(prepared, image, expected, 1); });
    const bool second = run_often(prepared, image, expected, 2);
    other.join();
    equal = equal && first && second;
  }
  return equal;
}

/// A convolution that is large enough for winograd, and two groups of images.
graph wide_graph() {
  octavo::testing::builder net;
  const tensor_id x = net.conv2d("first", net.input("data", {4, 3, 12, 12}), {.channels = 64});
  return net.finish(net.conv2d("conv", x, {.channels = 64, .window = square(3, 1, 1)}));
}

}  // namespace

int main() {
  const bool equal = run_network(octavo::testing::every_op_graph()) && run_network(wide_graph());
  std::puts(equal ? "equal" : "DIFFERENT");
  return equal ? 0 : 1;
}
