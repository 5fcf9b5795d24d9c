// SPDX-License-Identifier: MIT
/// @file
/// network/<variant>/batch<N>/<T>thread(s): the whole of ResNet-50; network/<variant>/prepare:
/// packing its weights; network/<variant>/cold: the first run of a new engine.
#include <map>
#include <memory>

#include "octavo/engine.hpp"
#include "resnet50_model.hpp"
#include "rows.hpp"
#include "threads.hpp"
#include "timed.hpp"

namespace octavo::bench {
namespace {

using networks::resnet_variant;

std::string name_of(resnet_variant variant) {
  return variant == resnet_variant::caffe ? "caffe" : "torchvision";
}

/// Made when a row needs it, and kept.
const quantized_network& network_of(resnet_variant variant) {
  static std::map<resnet_variant, quantized_network> made;
  const auto found = made.find(variant);
  return found != made.end() ? found->second
                             : made.emplace(variant, make_resnet50(variant)).first->second;
}

work_done work_of(const quantized_network& network) {
  return {static_cast<double>(multiply_adds(network.model.graph))};
}

void run_network(benchmark::State& state, isa which, resnet_variant variant, int batch,
                 int threads) {
  const quantized_network network = with_batch(network_of(variant), variant, batch);
  engine net(network.model, {.isa = which}, {.threading = make_threads(threads)});
  peak_meter peak(net.model().plan().kernels(), net.threading());
  const rival against = rival_network(network.model, network.input, threads);
  run_timed(
      state, peak, work_of(network), [&] { net.run(network.input); }, against);
}

void run_prepare(benchmark::State& state, isa which, resnet_variant variant) {
  const quantized_network& network = network_of(variant);
  peak_meter peak(simd::kernels_for<>(which), {});
  std::int64_t bytes = 0;
  const auto prepare = [&] {
    bytes = prepared_model(network.model, {.isa = which}).packed_bytes();
  };
  prepare();
  run_timed(state, peak, {0, static_cast<double>(bytes)}, prepare);
}

/// Writes more than a core's own caches hold.
void forget_caches() {
  static std::vector<std::uint64_t> memory(std::size_t{64} << 17);  // 64 MiB
  for (std::uint64_t& word : memory) ++word;
  benchmark::ClobberMemory();
}

void run_cold(benchmark::State& state, isa which, resnet_variant variant) {
  const quantized_network& network = network_of(variant);
  peak_meter peak(simd::kernels_for<>(which), {});
  const auto first_run = [&] {
    engine net(network.model, {.isa = which});
    forget_caches();
    return seconds_of([&] { net.run(network.input); });
  };
  run_timed(state, peak, work_of(network), first_run);
}

}  // namespace

void add_network_rows(isa which) {
  for (const resnet_variant variant : {resnet_variant::caffe, resnet_variant::torchvision}) {
    const std::string name = "network/" + name_of(variant);
    for (const int batch : {1, 4, 16}) {
      for (const int threads : {1, 2}) {
        add_row(
            concat_text(name, "/batch", batch, "/", threads, threads == 1 ? "thread" : "threads"),
            [=](benchmark::State& state) { run_network(state, which, variant, batch, threads); })
            ->Iterations(batch == 1   ? 20
                         : batch == 4 ? 8
                                      : 4);
      }
    }
  }
  // The packing does not depend on where the strides are.
  const auto caffe = resnet_variant::caffe;
  add_row("network/caffe/prepare", [=](benchmark::State& state) {
    run_prepare(state, which, caffe);
  })->Iterations(10);
  add_row("network/caffe/cold", [=](benchmark::State& state) {
    run_cold(state, which, caffe);
  })->Iterations(10);
}

}  // namespace octavo::bench
