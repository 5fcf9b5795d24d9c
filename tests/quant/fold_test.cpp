// SPDX-License-Identifier: MIT
/// @file
/// Tests of quant/fold.hpp: a batch normalization becomes a factor and a bias.

#include "octavo/quant/fold.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using octavo::batch_norm_channel;
using octavo::fold;

namespace {

/// gamma 3, beta 1/4, mean 2, and a standard deviation of sqrt(3 + 1) = 2.
constexpr batch_norm_channel by_hand{
    .gamma = 3, .beta = 0.25, .mean = 2, .variance = 3, .epsilon = 1};

}  // namespace

TEST_CASE("scale = gamma / sqrt(variance + epsilon), bias = beta + (conv bias - mean) * scale") {
  CHECK(fold(by_hand, 10).scale == 1.5);
  CHECK(fold(by_hand, 10).bias == 12.25);  // 0.25 + 8 * 1.5
  CHECK(fold(by_hand, 0).bias == -2.75);   // 0.25 - 2 * 1.5
  batch_norm_channel negative = by_hand;
  negative.gamma = -3;
  CHECK(fold(negative, 0).scale == -1.5);
  CHECK(fold(negative, 0).bias == 3.25);
}

TEST_CASE("the folded convolution gives what the two ops gave") {
  // One channel, x * 5 + 10 before the normalization. All numbers here are exact in double.
  const auto folded = fold(by_hand, 10);
  for (const double x : {-2.0, 0.0, 0.5, 7.0}) {
    const double normalized = (x * 5 + 10 - by_hand.mean) / 2 * by_hand.gamma + by_hand.beta;
    CHECK(x * 5 * folded.scale + folded.bias == normalized);
  }
}

TEST_CASE("a gamma of 0 leaves beta alone") {
  batch_norm_channel dead = by_hand;
  dead.gamma = 0;
  CHECK(fold(dead, 1e6).scale == 0);
  CHECK(fold(dead, 1e6).bias == 0.25);
}

TEST_CASE("epsilon is 1e-5 unless the model says otherwise, and keeps a variance of 0 finite") {
  CHECK(fold({}, 0).scale == 1 / std::sqrt(1 + 1e-5));
  CHECK(fold({.variance = 0}, 0).scale == 1 / std::sqrt(1e-5));
  CHECK(fold({}, 0).bias == 0);
}

namespace {

// (c - mean) * scale = 1 - 2^-60, which rounds to 1: with beta = -1 the bias is 0, or -2^-60 where
// the product is fused into the sum. Volatile, so that it is computed at run time.
volatile double gamma_value = 1 + 0x1p-30;
volatile double conv_bias = 1 - 0x1p-30;

#if defined(__x86_64__) && defined(__GNUC__)
/// Compiled for CPUs that can contract, whatever the flags of this file.
__attribute__((target("fma"))) double bias_with_fma() {
  return fold({.gamma = gamma_value, .beta = -1, .variance = 1, .epsilon = 0}, conv_bias).bias;
}
bool has_fma() { return __builtin_cpu_supports("fma") != 0; }
#else
double bias_with_fma() {
  return fold({.gamma = gamma_value, .beta = -1, .variance = 1, .epsilon = 0}, conv_bias).bias;
}
bool has_fma() { return true; }
#endif

}  // namespace

TEST_CASE("the bias is the same where the compiler could contract") {
  CHECK(std::fma(gamma_value, conv_bias, -1.0) == -0x1p-60);  // the case tells the two apart
  CHECK(fold({.gamma = gamma_value, .beta = -1, .variance = 1, .epsilon = 0}, conv_bias).bias == 0);
  if (has_fma()) CHECK(bias_with_fma() == 0);
}
