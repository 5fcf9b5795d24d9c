// SPDX-License-Identifier: MIT
// Built with ThreadSanitizer: what threads may share. The first look at the CPU and the kernels'
// tables; one prepared model in two engines, of which one runs on two threads; a model that several
// prepare and interpret; kernels and a packed convolution; an engine that is described. Ends with 0
// where the bytes are right; the sanitizer reports races.
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "octavo/engine.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/kernels.hpp"
#include "support/every_op.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"
#include "support/std_threads.hpp"

namespace {

using namespace octavo;

using octavo::testing::std_threads;

/// Whether work(i) held on each of some threads, which wait for each other at the start.
template <class Work>
bool on_threads(const Work& work) {
  constexpr int count = 4;
  std::atomic<int> arrived = 0;
  std::atomic<bool> held = true;
  std::vector<std::thread> running;
  for (int i = 0; i < count; ++i) {
    running.emplace_back([&, i] {
      ++arrived;
      while (arrived < count) std::this_thread::yield();
      if (!work(i)) held = false;
    });
  }
  for (std::thread& one : running) one.join();
  return held;
}

/// Before anything else has looked at the CPU or made a table.
bool first_calls() {
  return on_threads([](int) {
    for (const isa which : available_isas()) {
      if (simd::kernels_for(which).which != which) return false;
    }
    return kernels().isa() == best_isa();
  });
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

/// One model that every thread prepares, interprets and runs, and one engine that all describe.
bool share_model() {
  octavo::testing::random_source rng(2);
  const graph net = octavo::testing::every_op_graph();
  const quantized_model model = octavo::testing::random_model(net, {}, rng);
  const auto image =
      octavo::testing::random_tensor(net[0].shape, octavo::testing::fill::uniform, rng);
  const tensor<std::int8_t> expected =
      interpret(model, image)[static_cast<std::size_t>(net.outputs[0])];
  const engine shared(model);
  const std::string text = describe(shared);
  return on_threads([&](int) {
    engine own(model);
    own.run(image);
    return own.output() == expected && describe(shared) == text && describe(own) == text &&
           interpret(model, image)[static_cast<std::size_t>(net.outputs[0])] == expected;
  });
}

/// One object of kernels and one packed convolution, a destination for each thread.
bool share_kernels() {
  octavo::testing::random_source rng(3);
  const auto src =
      octavo::testing::random_tensor({1, 9, 8, 11}, octavo::testing::fill::uniform, rng);
  const auto weights =
      octavo::testing::random_tensor({17, 9, 3, 3}, octavo::testing::fill::uniform, rng);
  const filter<std::int32_t> filter = {weights.view(), {}};
  const conv_params conv = {.window = square(3, 1, 1)};
  bool equal = true;
  for (const isa which : available_isas()) {
    const kernels fast(which);
    const packed_conv2d packed = fast.pack(src.shape, filter, conv, rshift{10});
    tensor<std::int8_t> expected(packed.dst_layout().shape);
    fast.conv2d(src.view(), filter, conv, rshift{10}, expected.view());
    const blocked_tensor in(src.view(), packed.src_layout());
    equal = equal && on_threads([&](int i) {
              tensor<std::int8_t> dst(expected.shape);
              fast.conv2d(src.view(), filter, conv, rshift{10}, dst.view());
              blocked_tensor out(packed.dst_layout());
              packed(in.view(), out.view(), std_threads(1 + i % 2));
              tensor<std::int8_t> unpacked(expected.shape);
              copy_to_nchw(out.view(), unpacked.view());
              fast.relu(unpacked.view(), unpacked.view());
              tensor<std::int8_t> relu(expected.shape);
              fast.relu(dst.view(), relu.view());
              return dst == expected && unpacked == relu;
            });
  }
  return equal;
}

}  // namespace

int main() {
  const bool equal = first_calls() && run_network(octavo::testing::every_op_graph()) &&
                     run_network(wide_graph()) && share_model() && share_kernels();
  std::puts(equal ? "equal" : "DIFFERENT");
  return equal ? 0 : 1;
}
