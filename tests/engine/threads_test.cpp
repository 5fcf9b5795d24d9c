// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

#include "engine_test_tools.hpp"
#include "octavo/eigen_threads.hpp"
#include "support/effort.hpp"
#include "support/std_threads.hpp"

namespace {

std::atomic<int> allocations = 0;

}  // namespace

// Counts what the program allocates; run() may not. Not inlined: g++ would see malloc and free
// where it expects new and delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto line = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(line, (size + line - 1) / line * line)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace octavo::testing {
namespace {

/// Not parallel at all, and the last part first.
threading backwards(int parts) {
  return {parts, [](int count, task_ref task) {
            for (int i = count; i-- > 0;) task(i);
          }};
}

prepare_options any_way(random_source& rng) {
  const int last = static_cast<int>(all_ways().size()) - 1;
  prepare_options options = all_ways()[static_cast<std::size_t>(rng.integer(0, last))].options;
  options.images_at_once = rng.integer(0, 2);
  return options;
}

}  // namespace

TEST_CASE("any number of threads, from anywhere, gives the same bytes") {
  for (int seed = 0; seed < effort(24); ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed) + 31);
    const graph net = random_graph(6, rng);
    const quantized_model model = random_model(net, {.kind = rng.pick(all_policies)}, rng);
    const tensor<std::int8_t> image = input_of(net);
    const activations expected = interpret(model, image);
    const auto prepared = std::make_shared<const prepared_model>(model, any_way(rng));
    for (const threading& with : {std_threads(2), std_threads(5), backwards(3), backwards(1000),
                                  eigen_threads(1), eigen_threads(2), eigen_threads(4)}) {
      engine run(prepared, {.threading = with});
      CHECK(differences(run.graph(), run_all(run, image), expected) == "");
    }
  }
}

TEST_CASE("threads do not share the memory in which tiles are transformed") {
  builder net;
  const tensor_id x = net.conv2d("first", net.input("data", {3, 3, 12, 20}), {.channels = 64});
  const graph made = net.finish(net.conv2d("conv", x, {.channels = 64, .window = square(3, 1, 1)}));
  const quantized_model model = plain_model(made);
  const tensor<std::int8_t> image = input_of(made);
  const tensor<std::int8_t> expected = interpret(model, image)[2];
  for (const isa which : available_isas()) {
    const auto prepared =
        std::make_shared<const prepared_model>(model, prepare_options{.isa = which});
    for (const threading& with : {std_threads(3), std_threads(100), eigen_threads(2)}) {
      engine run(prepared, {.threading = with});
      for (int i = 0; i < effort(20); ++i) {
        run.run(image);
        CHECK(run.output() == expected);
      }
    }
  }
}

TEST_CASE("a run that nobody observes enters the parallel_for once, whoever comes to help") {
  // Tasks that never come at the same time, that come too late, and more than there is work.
  for (int seed = 0; seed < effort(24); ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed) + 77);
    const graph net = random_graph(6, rng);
    const quantized_model model = random_model(net, {.kind = rng.pick(all_policies)}, rng);
    const tensor<std::int8_t> image = input_of(net);
    const activations expected = interpret(model, image);
    const auto prepared = std::make_shared<const prepared_model>(model, any_way(rng));
    for (const threading& with : {std_threads(2), std_threads(5), backwards(3), backwards(1000),
                                  eigen_threads(2), eigen_threads(4)}) {
      int entered = 0;
      const threading counting = {with.threads, [&](int count, task_ref task) {
                                    ++entered;
                                    with.run(count, task);
                                  }};
      engine run(prepared, {.threading = counting});
      for (int again = 1; again <= 3; ++again) {
        run.run(image);
        CHECK(entered == again);
        for (std::size_t i = 0; i < run.output_count(); ++i) {
          CHECK(run.output(i) == expected[static_cast<std::size_t>(net.outputs[i])]);
        }
      }
    }
  }
}

TEST_CASE("run_parts: every row once, in equal shares") {
  for (const std::int64_t work : {0, 1, 2, 7, 100}) {
    for (const int parts : {1, 2, 3, 8}) {
      std::mutex lock;
      std::vector<int> done(static_cast<std::size_t>(work));
      std::int64_t largest = 0;
      std::int64_t calls = 0;
      octavo::detail::run_parts(std_threads(parts), work, [&](simd::work_range part) {
        const std::lock_guard<std::mutex> hold(lock);
        for (std::int64_t i = part.begin; i < part.end; ++i) ++done[static_cast<std::size_t>(i)];
        largest = std::max(largest, part.end - part.begin);
        ++calls;
      });
      CHECK(std::count(done.begin(), done.end(), 1) == work);
      CHECK(largest <= (work + parts - 1) / parts);
      CHECK(calls == std::max<std::int64_t>(1, std::min<std::int64_t>(work, parts)));
    }
  }
}

TEST_CASE("run() allocates nothing") {
  builder net;
  tensor_id x = net.input("data", {2, 3, 8, 8});
  x = net.conv2d("conv", x, {.channels = 64});
  x = net.conv2d("conv3x3", x, {.channels = 40, .window = square(3, 1, 1)});
  x = net.max_pool("max", net.relu("relu", x), {.window = square(2, 2)});
  x = net.leaky_relu("leaky", net.conv2d("depthwise", x, {.channels = 40, .groups = 40}), 0.5);
  const tensor_id far = net.conv2d(
      "far", x, {.channels = 40, .window = {1, 1, 100, 100, 1, 1, {1000, 1000, 1000, 1000}}});
  x = net.avg_pool("average", net.concat("join", {x, x}), {.window = square(2)});
  const graph made = net.finish({net.fully_connected("fc", x, 10), far});
  const threading pool = eigen_threads(3);
  for (const policy kind : all_policies) {
    const quantized_model model = plain_model(made, 1, kind);
    const tensor<std::int8_t> image = input_of(made);
    tensor<float> real(image.shape);
    for (const threading& with : {threading{}, backwards(4), pool}) {
      for (const int images : {1, 2}) {
        engine run(model, {.images_at_once = images}, {.threading = with});
        tensor<std::int8_t> logits(run.output_shape());
        const int before = allocations;
        run.run(image);
        run.run(real);
        run.run(image, [](const observed_tensor&) {});
        run.output(0, logits.view());
        CHECK(allocations == before);
      }
    }
  }
}

TEST_CASE("two engines on two threads share one prepared model") {
  builder net;
  tensor_id x = net.input("data", {1, 3, 20, 20});
  x = net.relu("relu", net.conv2d("conv", x, {.channels = 64, .window = square(3, 1, 1)}));
  const graph made = net.finish(net.fully_connected("fc", x, 100));
  const quantized_model model = plain_model(made);
  const auto prepared = std::make_shared<const prepared_model>(model);
  std::vector<std::thread> running;
  std::vector<int> equal(2);
  for (std::size_t t = 0; t < 2; ++t) {
    running.emplace_back([&, t] {
      const tensor<std::int8_t> image = input_of(made, fill::uniform, t);
      const tensor<std::int8_t> expected = interpret(model, image).back();
      engine mine(prepared, {.threading = eigen_threads(2)});
      for (int i = 0; i < 20; ++i) {
        mine.run(image);
        equal[t] += mine.output() == expected ? 1 : 0;
      }
    });
  }
  for (std::thread& one : running) one.join();
  CHECK(equal == std::vector<int>{20, 20});
}

}  // namespace octavo::testing
