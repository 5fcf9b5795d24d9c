// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/quantize.hpp: the multiplier schemes and dead channels, computed by hand.

#include <doctest/doctest.h>

#include <cmath>

#include "model/one_layer.hpp"

using namespace octavo::testing;
using octavo::op_params;
using octavo::policy;
using octavo::requantization;
using octavo::scheme;

namespace {

constexpr std::int32_t half = 1 << 30;             // the normalized multiplier of a power of two
constexpr std::int32_t largest_bias = 2147467263;  // 2^31 - 1 - 16384: what one tap leaves

constexpr scheme multiplier_schemes[] = {scheme::multiplier, scheme::multiplier8,
                                         scheme::multiplier_q31};

/// As in quantize_test.cpp: thresholds 2 and 4.
op_params quantize_by_scheme(scheme kind) {
  return quantize_conv(kind, {1, -0.5, 0.25, 0.1}, {1, -0.3}, {2, 4});
}

/// One weight of 1 whose s = t_x / 127 / t_y is exactly this, t_y being 1.
op_params quantize_scale(scheme kind, double s, double bias = 0) {
  return quantize_conv(kind, {1}, {bias}, {127 * s, 1});
}

}  // namespace

TEST_CASE("the multiplier schemes share weights and bias: the largest weight becomes 127") {
  // Channel 0: Wq = W * 127: 127 and -63.5, a tie that goes up. s = 2 / (127 * 4) = 1/254,
  // Bq = 128 / (4 / 254) = 8128. Channel 1: Wq = W * 127 / 0.25: 127 and 50.8. s = 1/1016,
  // Bq = -0.3 * 128 / (4 / 1016) = -9753.6.
  for (const scheme kind : multiplier_schemes) {
    CAPTURE(to_string(kind));
    const op_params conv = quantize_by_scheme(kind);
    CHECK(conv.weights == int8s{127, -63, 127, 51});
    CHECK(conv.bias == int32s{8128, -9754});
  }
}

TEST_CASE("multiplier: s = m / 2^r with 31 bits") {
  // 2^38 / 254 = 1082196484.03; 1/1016 is a quarter of 1/254.
  CHECK(quantize_by_scheme(scheme::multiplier).requantize ==
        requantization{policy::multiplier_rshift, {1082196484, 1082196484}, {38, 40}});
}

TEST_CASE("multiplier8: s = m / 2^r with 8 bits, rounded down") {
  // 2^15 / 254 = 129.008
  CHECK(quantize_by_scheme(scheme::multiplier8).requantize ==
        requantization{policy::multiplier_rshift, {129, 129}, {15, 17}});
  // 2^7 * 1.999 = 255.87 stays below 256
  CHECK(quantize_scale(scheme::multiplier8, 1.999).requantize ==
        requantization{policy::multiplier_rshift, {255}, {7}});
}

TEST_CASE("multiplier-q31: s = m / 2^(31 + r)") {
  CHECK(quantize_by_scheme(scheme::multiplier_q31).requantize ==
        requantization{policy::multiplier_q31, {1082196484, 1082196484}, {7, 9}});
}

TEST_CASE("a bias beyond the bound doubles u: coarser weights, a larger scale") {
  // s = 1, Bq = B * 128.
  op_params conv = quantize_scale(scheme::multiplier, 1, largest_bias / 128.0);
  CHECK(conv.weights == int8s{127});
  CHECK(conv.bias == int32s{largest_bias});
  CHECK(conv.requantize == requantization{policy::multiplier_rshift, {half}, {30}});

  // One more: u = 2, Wq = 63.5, s = 2.
  for (const double sign : {1.0, -1.0}) {
    conv = quantize_scale(scheme::multiplier, 1, sign * (largest_bias + 1.0) / 128);
    CHECK(conv.weights == int8s{64});
    CHECK(conv.bias == int32s{static_cast<std::int32_t>(sign) * ((largest_bias + 1) / 2)});
    CHECK(conv.requantize == requantization{policy::multiplier_rshift, {half}, {29}});
  }

  // 2^32 needs u = 4, where it is 2^30; Wq = 31.75.
  conv = quantize_scale(scheme::multiplier, 1, 0x1p32 / 128);
  CHECK(conv.weights == int8s{32});
  CHECK(conv.bias == int32s{1 << 30});
  CHECK(conv.requantize == requantization{policy::multiplier_rshift, {half}, {28}});
}

TEST_CASE("u is doubled in the other multiplier schemes as well") {
  op_params conv = quantize_scale(scheme::multiplier8, 1, (largest_bias + 1.0) / 128);
  CHECK(conv.weights == int8s{64});
  CHECK(conv.bias == int32s{(largest_bias + 1) / 2});
  CHECK(conv.requantize == requantization{policy::multiplier_rshift, {128}, {6}});

  // s = 1/4, Bq = B * 512; doubled, s = 1/2.
  conv = quantize_scale(scheme::multiplier_q31, 0.25, largest_bias / 512.0);
  CHECK(conv.weights == int8s{127});
  CHECK(conv.requantize == requantization{policy::multiplier_q31, {half}, {1}});
  conv = quantize_scale(scheme::multiplier_q31, 0.25, (largest_bias + 1.0) / 512);
  CHECK(conv.weights == int8s{64});
  CHECK(conv.bias == int32s{(largest_bias + 1) / 2});
  CHECK(conv.requantize == requantization{policy::multiplier_q31, {half}, {0}});
}

TEST_CASE("u is doubled in its own channel alone") {
  const op_params conv = quantize_conv(scheme::multiplier, {1, 1}, {0x1p32 / 128, 1}, {127, 1});
  CHECK(conv.weights == int8s{32, 127});
  CHECK(conv.bias == int32s{1 << 30, 128});
  CHECK(conv.requantize.shift == shifts{28, 30});
}

TEST_CASE("multiplier: the range of scales") {
  const auto form = [](double s) { return quantize_scale(scheme::multiplier, s).requantize; };
  CHECK(form(0x1p30) == requantization{policy::multiplier_rshift, {half}, {0}});
  CHECK(form(0.75) == requantization{policy::multiplier_rshift, {3 << 29}, {31}});
  CHECK(form(1 - 0x1p-40) ==
        requantization{policy::multiplier_rshift, {half}, {30}});  // rounds to 1
  CHECK(form(0x1p-32) == requantization{policy::multiplier_rshift, {half}, {62}});
  CHECK(form(0x1p-40) == requantization{policy::multiplier_rshift, {1 << 22}, {62}});
  CHECK(form(0x1p-70) == requantization{policy::multiplier_rshift, {1}, {62}});
  CHECK_THROWS_WITH(form(0x1p31),
                    "quantize (multiplier): conv: scale: too large, it would need a left shift");
}

TEST_CASE("multiplier8: the range of scales") {
  const auto form = [](double s) { return quantize_scale(scheme::multiplier8, s).requantize; };
  CHECK(form(255.5) == requantization{policy::multiplier_rshift, {255}, {0}});
  CHECK(form(0x1p-55) == requantization{policy::multiplier_rshift, {128}, {62}});
  CHECK(form(0x1p-60) == requantization{policy::multiplier_rshift, {4}, {62}});
  CHECK(form(0x1p-70) == requantization{policy::multiplier_rshift, {1}, {62}});
  CHECK_THROWS_WITH(form(256),
                    "quantize (multiplier8): conv: scale: too large, it would need a left shift");
}

TEST_CASE("multiplier-q31: s of 1 or more is an error that names scheme and layer") {
  CHECK_THROWS_WITH(quantize_scale(scheme::multiplier_q31, 1),
                    "quantize (multiplier-q31): conv: scale: a Q31 multiplier needs 0 < s < 1");
  CHECK_THROWS_WITH(quantize_scale(scheme::multiplier_q31, 1 - 0x1p-40),
                    "quantize (multiplier-q31): conv: scale: rounds to 1 in Q31");
  // The bias drives s = 1/4 over 1/2 to 1.
  CHECK_THROWS_AS(quantize_scale(scheme::multiplier_q31, 0.25, 0x1p32 / 512), octavo::error);
  CHECK(quantize_scale(scheme::multiplier_q31, 1 - 0x1p-31).requantize ==
        requantization{policy::multiplier_q31, {INT32_MAX}, {0}});
}

TEST_CASE("multiplier-q31: a channel that would need a shift above 31 is dead") {
  // The last that has a form: 2^30 / 2^62.
  op_params conv = quantize_scale(scheme::multiplier_q31, 0x1p-32, 0x1p-10);
  CHECK(conv.weights == int8s{127});
  CHECK(conv.bias == int32s{1 << 29});
  CHECK(conv.requantize == requantization{policy::multiplier_q31, {half}, {31}});
  // (2^30 - 1/2) / 2^62 still rounds to it.
  conv = quantize_scale(scheme::multiplier_q31, (0x1p30 - 0.5) / 0x1p62);
  CHECK(conv.weights == int8s{127});
  CHECK(conv.requantize == requantization{policy::multiplier_q31, {half}, {31}});
  // (2^30 - 1) / 2^62 does not. Dead: s = 1/2, Bq = B * 128 * 2 = 1/2, which rounds up.
  conv = quantize_scale(scheme::multiplier_q31, (0x1p30 - 1) / 0x1p62, 0x1p-9);
  CHECK(conv.weights == int8s{0});
  CHECK(conv.bias == int32s{1});
  CHECK(conv.requantize == requantization{policy::multiplier_q31, {half}, {0}});
  // A larger bias doubles u until it fits, and with it s: 2^41 -> 2^30, s = 2^-34 -> 2^-23.
  conv = quantize_scale(scheme::multiplier_q31, 0x1p-34, 1);
  CHECK(conv.bias == int32s{1 << 30});
  CHECK(conv.requantize == requantization{policy::multiplier_q31, {half}, {22}});
}

TEST_CASE("a channel without weights: the bias alone, at a scale of 1, or 1/2 in Q31") {
  // Channel 0 has no weights and B = 1/2, t_y = 2: 32 units of the output.
  // Channel 1 is alive: it must not be touched by what its neighbour is.
  const auto quantized = [](scheme kind) {
    return quantize_conv(kind, {0, 0, 0.5, 0.25}, {0.5, 0}, {2, 2});
  };
  op_params conv = quantized(scheme::rshift_channel);
  CHECK(conv.weights == int8s{0, 0, 64, 32});
  CHECK(conv.bias == int32s{32, 0});
  CHECK(conv.requantize.shift == shifts{0, 7});

  const struct {
    scheme kind;
    std::int32_t bias, multiplier;
    int shift;
  } rows[] = {{scheme::multiplier, 32, half, 30},
              {scheme::multiplier8, 32, 128, 7},
              {scheme::multiplier_q31, 64, half, 0}};
  for (const auto& row : rows) {
    CAPTURE(to_string(row.kind));
    conv = quantized(row.kind);
    CHECK(conv.weights == int8s{0, 0, 127, 64});  // 63.5
    CHECK(conv.bias == int32s{row.bias, 0});
    CHECK(conv.requantize.multiplier[0] == row.multiplier);
    CHECK(conv.requantize.shift[0] == row.shift);
  }
}

TEST_CASE("a layer without weights has the shift 0 in the per-layer schemes") {
  for (const scheme kind : {scheme::rshift8, scheme::rshift16, scheme::rshift32}) {
    CAPTURE(to_string(kind));
    const op_params conv = quantize_conv(kind, {0, 0}, {0.5, -0.25}, {2, 2});
    CHECK(conv.weights == int8s{0, 0});
    CHECK(conv.bias == int32s{32, -16});
    CHECK(conv.requantize == requantization{policy::rshift, {}, {0}});
  }
}

TEST_CASE("the bias of a channel without weights must fit the bound") {
  for (const scheme kind : multiplier_schemes) {
    CAPTURE(to_string(kind));
    const double unit = kind == scheme::multiplier_q31 ? 256 : 128;
    CHECK(quantize_conv(kind, {0}, {largest_bias / unit}).bias == int32s{largest_bias});
    const std::string message =
        octavo::concat_text("quantize (", to_string(kind),
                            "): conv: the bias of a channel without weights does not fit");
    CHECK_THROWS_WITH(quantize_conv(kind, {0}, {(largest_bias + 1.0) / unit}), message.c_str());
  }
  CHECK_THROWS_WITH(quantize_conv(scheme::rshift_channel, {0}, {(largest_bias + 1.0) / 128}),
                    "quantize (rshift-channel): conv: the bias does not fit, whatever the shift");
}
