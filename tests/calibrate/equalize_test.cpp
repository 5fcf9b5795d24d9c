// SPDX-License-Identifier: MIT
/// @file
/// Equalization: less noise by its own measure, the same function.

#include "octavo/calibrate/equalize.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "small_network.hpp"

namespace {

using octavo::channel_classes;
using octavo::channel_statistics;
using octavo::equalize_options;
using octavo::float_model;
using octavo::testing::random_source;
using octavo::testing::small_network;

/// The network with channels that are up to 16 times too large or too small.
float_model unbalanced(std::uint64_t seed) {
  random_source rng(seed);
  const float_model model = small_network(rng);
  const channel_classes classes = find_channel_classes(model.graph);
  std::vector<double> factors;
  for (const bool fixed : classes.fixed) factors.push_back(fixed ? 1 : std::exp2(4 * rng.real()));
  return rescale(model, classes, factors);
}

channel_statistics statistics_of(const float_model& model) {
  return collect_channel_statistics(model, octavo::testing::random_images(model.graph[0].shape, 4));
}

/// The noise with every class at `factors`.
double noise_at(const float_model& model, const channel_statistics& seen, bool per_channel,
                const std::vector<double>& factors) {
  const channel_classes classes = find_channel_classes(model.graph);
  std::vector<double> logarithms;
  for (const double factor : factors) logarithms.push_back(std::log(factor));
  std::vector<double> gradient;
  return octavo::noise_model(model, classes, seen, per_channel).evaluate(logarithms, gradient);
}

}  // namespace

TEST_CASE("the factors lower the noise, per layer and per channel, whole and half") {
  for (const bool per_channel : {false, true}) {
    const float_model model = unbalanced(31);
    const channel_statistics seen = statistics_of(model);
    const channel_classes classes = find_channel_classes(model.graph);
    const std::vector<double> ones(classes.size(), 1);
    const double before = noise_at(model, seen, per_channel, ones);
    double last = before;
    for (const double strength : {0.5, 1.0}) {
      const equalize_options options = {.per_channel = per_channel, .strength = strength};
      const std::vector<double> factors = equalizing_factors(model, classes, seen, options);
      const double after = noise_at(model, seen, per_channel, factors);
      MESSAGE("per channel ", per_channel, ", strength ", strength, ": ", before, " -> ", after);
      CHECK(after < last);
      last = after;
      for (std::size_t c = 0; c < factors.size(); ++c) {
        CHECK(factors[c] >= 1 / 64.0000001);
        CHECK(factors[c] <= 64.0000001);
        if (classes.fixed[c]) CHECK(factors[c] == 1);
      }
      const float_model scaled = equalize(model, seen, options);
      CHECK(noise_at(scaled, statistics_of(scaled), per_channel, ones) < 0.5 * before);
    }
    CHECK(last < 0.5 * before);
  }
}

TEST_CASE("the float function stays") {
  const float_model model = unbalanced(32);
  const channel_statistics seen = statistics_of(model);
  const octavo::image_source images = octavo::testing::random_images(model.graph[0].shape, 3);
  for (const bool per_channel : {false, true}) {
    const float_model scaled = equalize(model, seen, octavo::equalization_for(per_channel));
    CHECK(scaled.params[1].weights != model.params[1].weights);
    for (std::size_t i = 0; i < images.count; ++i) {
      const std::vector<float> expected = octavo::testing::float_output(model, images.load(i));
      const std::vector<float> found = octavo::testing::float_output(scaled, images.load(i));
      double largest = 0;
      double apart = 0;
      for (std::size_t k = 0; k < expected.size(); ++k) {
        largest = std::max(largest, std::abs(static_cast<double>(expected[k])));
        apart = std::max(apart, std::abs(static_cast<double>(expected[k]) - found[k]));
      }
      CHECK(apart <= 1e-4 * largest);
    }
  }
}

TEST_CASE("no rounds or no strength: the network as it was") {
  const float_model model = unbalanced(33);
  const channel_statistics seen = statistics_of(model);
  for (const equalize_options& options :
       {equalize_options{.rounds = 0}, equalize_options{.strength = 0}}) {
    const float_model scaled = equalize(model, seen, options);
    for (std::size_t i = 0; i < model.params.size(); ++i) {
      CHECK(scaled.params[i].weights == model.params[i].weights);
      CHECK(scaled.params[i].bias == model.params[i].bias);
    }
  }
}

TEST_CASE("dead channels and tensors that are all zero get finite factors") {
  random_source rng(34);
  float_model model = small_network(rng);
  octavo::testing::kill_channel(model, 1, 2);
  octavo::float_params& zero = model.params[static_cast<std::size_t>(model.graph.find("a"))];
  std::fill(zero.weights.begin(), zero.weights.end(), 0);
  std::fill(zero.bias.begin(), zero.bias.end(), 0);
  const channel_statistics seen = statistics_of(model);
  for (const bool per_channel : {false, true}) {
    const float_model scaled = equalize(model, seen, {.per_channel = per_channel});
    for (const octavo::float_params& params : scaled.params) {
      for (const double w : params.weights) CHECK(octavo::is_finite(w));
      for (const double b : params.bias) CHECK(octavo::is_finite(b));
    }
  }
}
