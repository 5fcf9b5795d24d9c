// SPDX-License-Identifier: MIT
/// @file
/// What tests of the engine share: the kernels it may run on, and the comparison with interpret().
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "octavo/engine.hpp"
#include "octavo/interpreter.hpp"
#include "support/compare.hpp"
#include "support/emulated_isa.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

namespace octavo::testing {

/// One way of preparing a model.
struct way {
  std::string name;
  prepare_options options;
};

/// Every instruction set of this CPU and three emulated ones, at every level of fusion. Defined in
/// exact_test.cpp.
const std::vector<way>& all_ways();

/// The tensors of `got`, a run of `net`, against those of the unfused run; the names of those that
/// differ.
inline std::string differences(const graph& net, const activations& got,
                               const activations& unfused) {
  if (got.size() != net.size()) return "not every node has a tensor";
  std::string text;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const std::string found =
        difference(unfused[static_cast<std::size_t>(net[i].from.tensor)], got[i]);
    if (!found.empty()) text += concat_text(net[i].name.view(), ": ", found, "\n");
  }
  return text;
}

/// A model of `net` with random integers in the range where tensors stay alive.
inline quantized_model plain_model(const graph& net, std::uint64_t seed = 1,
                                   policy kind = policy::rshift) {
  random_source rng(seed);
  return random_model(net, {.kind = kind}, rng);
}

inline tensor<std::int8_t> input_of(const graph& net, fill kind = fill::uniform,
                                    std::uint64_t seed = 1) {
  random_source rng(seed);
  return random_tensor(net[sole_input(net)].shape, kind, rng);
}

/// The same elements, channels last.
template <class T>
std::vector<T> to_nhwc(const tensor<T>& nchw) {
  std::vector<T> values(nchw.values.size());
  const nhwc_view<T> view{values.data(), nchw.shape};
  for (int n = 0; n < nchw.shape.n; ++n) {
    for (int c = 0; c < nchw.shape.c; ++c) {
      for (int h = 0; h < nchw.shape.h; ++h) {
        for (int w = 0; w < nchw.shape.w; ++w) view(n, c, h, w) = nchw.view()(n, c, h, w);
      }
    }
  }
  return values;
}

/// Runs `net` and compares every tensor with the reference's; and again unobserved, the outputs.
inline void check_engine(engine& net, const tensor<std::int8_t>& input,
                         const activations& unfused) {
  CHECK(differences(net.graph(), run_all(net, input), unfused) == "");
  net.run(input);
  for (std::size_t i = 0; i < net.output_count(); ++i) {
    const auto node = static_cast<std::size_t>(net.graph().outputs[i]);
    const auto tensor = static_cast<std::size_t>(net.graph()[node].from.tensor);
    CHECK(difference(unfused[tensor], net.output(i)) == "");
  }
}

/// Numbers of images_at_once that cut a batch otherwise.
inline std::vector<int> group_sizes(int batch) {
  std::vector<int> sizes;
  for (int size = 1; size <= batch; ++size) {
    if (batch % size == 0) sizes.push_back(size);
  }
  return sizes;
}

/// Runs every way, and in groups of every size. Adds the kernels met to `seen`.
inline void check_every_way(const quantized_model& model, const tensor<std::int8_t>& input,
                            std::set<std::string>& seen) {
  const activations unfused = interpret(model, input);
  for (const way& one : all_ways()) {
    INFO(one.name);
    for (const int images : group_sizes(input.shape.n)) {
      INFO(images << " images at once");
      prepare_options options = one.options;
      options.images_at_once = images;
      engine net(model, options);
      check_engine(net, input, unfused);
      for (std::size_t i = 0; i < net.graph().size(); ++i) seen.emplace(net.kernel_name(i));
    }
  }
}

inline void check_every_way(const graph& net, std::uint64_t seed = 1) {
  std::set<std::string> seen;
  check_every_way(plain_model(net, seed), input_of(net), seen);
}

/// Every parallel piece of work in so many tasks, one after the other.
inline threading in_parts(int parts) {
  return {parts, [](int count, task_ref task) {
            for (int i = 0; i < count; ++i) task(i);
          }};
}

}  // namespace octavo::testing
