// SPDX-License-Identifier: MIT
/// @file
/// Runs models that an input made: validate() promises that the reference can.
#pragma once

#include <cstddef>
#include <cstdint>

#include "octavo/interpreter.hpp"
#include "octavo/model/validate.hpp"
#include "support/random.hpp"
#include "target.hpp"

namespace octavo_fuzz {

/// Multiply-adds and comparisons of one image, roughly: what the time of a run goes with.
inline std::int64_t work_of(const octavo::graph& net) {
  std::int64_t work = multiply_adds(net);
  for (const octavo::node& each : net) {
    const bool pools = each.kind == octavo::op::max_pool || each.kind == octavo::op::avg_pool;
    work += each.shape.elements() * (pools ? std::int64_t{each.window.kh} * each.window.kw : 1);
  }
  return work;
}

/// Validates the model and, unless it is large or has several inputs, runs it on extreme values.
inline void run_small(const octavo::quantized_model& model) {
  octavo::validate(model);
  constexpr std::int64_t small = 200'000;
  int inputs = 0;
  for (const octavo::node& each : model.graph) inputs += each.kind == octavo::op::input ? 1 : 0;
  if (inputs != 1 || work_of(model.graph) > small) return;
  octavo::testing::random_source rng(1);
  const octavo::shape& extents = model.graph[octavo::sole_input(model.graph)].shape;
  for (const octavo::testing::fill kind :
       {octavo::testing::fill::alternating, octavo::testing::fill::lowest}) {
    const octavo::activations made =
        interpret(model, octavo::testing::random_tensor(extents, kind, rng));
    expect(made.size() == model.graph.size(), "one tensor for each op");
  }
}

}  // namespace octavo_fuzz
