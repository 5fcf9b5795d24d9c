// SPDX-License-Identifier: MIT
/// @file
/// One op of a graph, run by an engine and timed without what brings its operands there.
#pragma once

#include <vector>

#include "octavo/engine.hpp"
#include "octavo/model/quantize.hpp"
#include "peak.hpp"
#include "random_values.hpp"
#include "synthetic_model.hpp"

namespace octavo::bench {

/// Plausible integers for a small graph whose input is like a picture's bytes: synthetic weights,
/// and thresholds that neither saturate nor waste much.
inline quantized_model make_small_model(const graph& net) {
  std::vector<double> thresholds;
  for (const node& each : net) {
    if (keeps_threshold(each.kind)) {
      thresholds.push_back(thresholds[static_cast<std::size_t>(each.src[0])]);
    } else {
      thresholds.push_back(each.kind == op::input ? 128 : has_weights(each.kind) ? 4 : 150);
    }
  }
  return quantize(examples::synthetic_model(net), thresholds, scheme::rshift16);
}

/// The last op of a graph, as fused.
class single_op {
 public:
  single_op(const graph& net, octavo::isa which)
      : net_(make_small_model(net), {.isa = which}), input_(net[0].shape) {
    fill_random(input_.values.data(), input_.values.size(), -100, 100);
  }

  const simd::kernel_table& kernels() const { return net_.model().plan().kernels(); }

  /// The seconds that the op took, from the end of the one before it, for all groups of images.
  double run() {
    double seconds = 0;
    stopwatch::time_point last;
    net_.run(input_, [&](const observed_tensor& seen) {
      const stopwatch::time_point now = stopwatch::now();
      if (seen.index() + 1 == net_.graph().size()) seconds += seconds_between(last, now);
      last = now;
    });
    return seconds;
  }

  double multiply_adds() const {
    return static_cast<double>(octavo::multiply_adds(op_node(), net_.graph().view()));
  }

  /// Of its operands, weights among them, and of its output.
  double bytes() const {
    const std::size_t last = net_.graph().size() - 1;
    std::int64_t sum = op_node().shape.elements();
    if (has_weights(op_node().kind)) sum += weights_shape(net_.graph(), last).elements();
    for (const int i : op_node().src) {
      sum += net_.graph()[static_cast<std::size_t>(i)].shape.elements();
    }
    return static_cast<double>(sum);
  }

 private:
  const node& op_node() const { return net_.graph()[net_.graph().size() - 1]; }

  engine net_;
  tensor<std::int8_t> input_;
};

}  // namespace octavo::bench
