// SPDX-License-Identifier: MIT
/// @file
/// Runs the quantized network, by any executor, and measures the time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "octavo/eigen_threads.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/engine.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/report/data.hpp"
#include "options.hpp"
#include "stopwatch.hpp"

namespace octavo::examples {

inline octavo::isa isa_of(const options& wanted) {
  return wanted.isa ? *wanted.isa : isa_from_environment();
}

inline threading threads_of(const options& wanted) { return eigen_threads(wanted.threads); }

/// The int8 multiply-adds a second that `with.threads` threads do when they do nothing else.
inline double measure_peak(const simd::kernel_table& kernels, const threading& with) {
  constexpr std::int64_t rounds = 200000;  // a millisecond at least: threads must wake up first
  std::vector<std::int64_t> done(static_cast<std::size_t>(with.threads));
  const auto burst = [&](int part) {
    done[static_cast<std::size_t>(part)] = kernels.dot_burst(rounds);
  };
  const double seconds =
      seconds_of([&] { with.threads > 1 ? with.run(with.threads, task_ref(burst)) : burst(0); });
  double total = 0;
  for (const std::int64_t products : done) total += static_cast<double>(products);
  return total / seconds;
}

inline void print_times(const std::string& what, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  std::printf("time:         %s median, %s minimum of %zu (%s)\n",
              time_text(seconds[seconds.size() / 2]).c_str(), time_text(seconds[0]).c_str(),
              seconds.size(), what.c_str());
}

/// What was measured of a run.
struct timing {
  std::vector<double> seconds = {};            ///< of every run
  double peak = 0;                             ///< multiply-adds a second; engine alone
  std::vector<report::layer_run> layers = {};  ///< engine alone, where a page wants them
};

/// Every layer of the fused engine, each at its quickest in `repeat` runs.
inline std::vector<report::layer_run> profile_layers(engine& net, const tensor<std::int8_t>& input,
                                                     int repeat) {
  std::vector<double> best = profile(net, input);
  for (int run = 1; run < repeat; ++run) {
    const std::vector<double> seconds = profile(net, input);
    for (std::size_t i = 0; i < best.size(); ++i) best[i] = std::min(best[i], seconds[i]);
  }
  std::vector<report::layer_run> layers;
  for (std::size_t i = 0; i < net.graph().size(); ++i) {
    layer_description layer = describe_layer(net.model(), i, net.kernel_name(i));
    layers.push_back({.kernel = std::move(layer.kernel),
                      .isa = std::string(to_string(net.isa())),
                      .layout = std::move(layer.layout),
                      .tensor_bytes = layer.tensor_bytes,
                      .weight_bytes = layer.weight_bytes,
                      .multiply_adds = multiply_adds(net.graph()[i], net.graph().view()),
                      .seconds = best[i]});
  }
  return layers;
}

/// What a run gives.
struct results {
  tensor<std::int8_t> logits = {};
  activations tensors = {};  ///< all of the unfused network, where they are wanted
  timing time = {};
};

/// Runs the fully fused engine again and again, each time beside a burst of the CPU's own peak.
/// Its logits are those of the last run.
inline results time_engine(const options& wanted,
                           const std::shared_ptr<const prepared_model>& prepared,
                           const tensor<std::int8_t>& input) {
  const threading threads = threads_of(wanted);
  engine net(prepared, {.threading = threads});
  timing time;
  const int repeat = wanted.repeat.value_or(20);
  for (int i = 0; i < repeat; ++i) {
    time.seconds.push_back(seconds_of([&] { net.run(input); }));
    time.peak = std::max(time.peak, measure_peak(prepared->plan().kernels(), threads));
  }
  print_times(concat_text("engine ", to_string(net.isa()), ", ", wanted.threads,
                          wanted.threads == 1 ? " thread" : " threads"),
              time.seconds);
  const double best = *std::min_element(time.seconds.begin(), time.seconds.end());
  const double rate = static_cast<double>(multiply_adds(net.graph())) / best;
  std::printf("speed:        %.1f GMAC/s, %.0f %% of the peak of these dot products, %.1f\n",
              rate * 1e-9, 100 * rate / time.peak, time.peak * 1e-9);
  if (wanted.describe) std::fputs(describe(net, profile(net, input)).c_str(), stdout);
  if (!wanted.report.empty()) time.layers = profile_layers(net, input, repeat);
  return {.logits = net.output(), .time = std::move(time)};
}

/// Every tensor of the unfused network by the engine.
inline activations run_engine(const quantized_model& model, octavo::isa which, fusion level,
                              const threading& threads, const tensor<std::int8_t>& input) {
  engine net(model, {.isa = which, .fusion = level}, {.threading = threads});
  return run_all(net, input);
}

/// The fused engine, and the unfused one where all tensors are wanted. Where they are not, the
/// model is freed while it is packed.
inline results execute_engine(const options& wanted, quantized_model& model, bool all_tensors,
                              const tensor<std::int8_t>& input) {
  const prepare_options preparation = {.isa = isa_of(wanted)};
  const auto prepared = all_tensors
                            ? std::make_shared<const prepared_model>(model, preparation)
                            : std::make_shared<const prepared_model>(std::move(model), preparation);
  results made = time_engine(wanted, prepared, input);
  if (!all_tensors) return made;
  made.tensors = run_engine(model, isa_of(wanted), fusion::none, threads_of(wanted), input);
  require(made.tensors[static_cast<std::size_t>(model.graph.outputs[0])] == made.logits,
          "the fused engine's output differs from the unfused one's");
  return made;
}

/// Runs as the command line asks and prints the time. Without `all_tensors` the model may be used
/// up: its graph and thresholds stay.
inline results execute(const options& wanted, quantized_model& model, bool all_tensors,
                       const tensor<std::int8_t>& input) {
  if (wanted.exec == executor::engine) return execute_engine(wanted, model, all_tensors, input);
  const bool reference = wanted.exec == executor::reference;
  results made;
  for (int i = 0; i < wanted.repeat.value_or(1); ++i) {
    made.time.seconds.push_back(seconds_of([&] {
      made.tensors = reference ? interpret(model, input) : emulation::emulate(model, input);
    }));
  }
  print_times(reference ? "reference, 1 thread" : "float emulation, 1 thread", made.time.seconds);
  made.logits = made.tensors[static_cast<std::size_t>(model.graph.outputs[0])];
  return made;
}

}  // namespace octavo::examples
