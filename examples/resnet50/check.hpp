// SPDX-License-Identifier: MIT
/// @file
/// The promise, looked at: every way of running the network gives the same bytes.
#pragma once

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "execute.hpp"

namespace octavo::examples {

/// Whether every tensor of `got`, a run of `net`, equals that of the unfused run; prints the first
/// that does not.
inline bool equal_tensors(const std::string& who, const graph& net, const activations& got,
                          const activations& expected) {
  for (std::size_t i = 0; i < net.size(); ++i) {
    const tensor<std::int8_t>& want = expected[static_cast<std::size_t>(net[i].from.tensor)];
    if (got[i] == want) continue;
    const auto [x, y] =
        std::mismatch(want.values.begin(), want.values.end(), got[i].values.begin());
    std::printf("check:        DIFFERENT: %s[%lld]: reference %d, %s %d\n",
                std::string(net[i].name.view()).c_str(),
                static_cast<long long>(x - want.values.begin()), *x, who.c_str(), *y);
    return false;
  }
  return true;
}

/// Runs the reference, the float emulation, and the engine with every instruction set of this CPU,
/// unfused and in both fused forms, on one thread and on two. Returns whether all agree.
/// @param expected the reference's tensors
inline bool check(const quantized_model& model, const tensor<std::int8_t>& input,
                  const activations& expected) {
  bool equal =
      equal_tensors("float emulation", model.graph, emulation::emulate(model, input), expected);
  std::string names = "reference, float emulation";
  std::size_t fused_sizes[2] = {};
  const threading two = eigen_threads(2);
  for (const isa which : available_isas()) {
    names += concat_text(", ", to_string(which));
    for (const fusion level : {fusion::none, fusion::relu, fusion::relu_add}) {
      const auto prepared = std::make_shared<const prepared_model>(
          model, prepare_options{.isa = which, .fusion = level});
      const graph& net = prepared->graph();
      if (level != fusion::none) fused_sizes[level == fusion::relu ? 0 : 1] = net.size();
      for (const threading& threads : {threading{}, two}) {
        engine runner(prepared, {.threading = threads});
        equal = equal_tensors(concat_text("engine ", to_string(which)), net, run_all(runner, input),
                              expected) &&
                equal;
      }
    }
  }
  if (equal) {
    std::printf(
        "check:        all %zu tensors equal (fused: %zu, %zu; 1 and 2 threads):\n"
        "              %s\n",
        model.graph.size(), fused_sizes[0], fused_sizes[1], names.c_str());
  }
  return equal;
}

}  // namespace octavo::examples
