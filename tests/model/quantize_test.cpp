// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/quantize.hpp: the rshift schemes, every expected integer computed by hand.

#include "octavo/model/quantize.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "model/one_layer.hpp"

using namespace octavo::testing;
using octavo::op_params;
using octavo::policy;
using octavo::scheme;

namespace {

const char* const bias_message =
    "quantize (rshift16): conv: the bias does not fit, whatever the shift";

/// Two output channels of two taps, with thresholds 2 and 4: t_x / t_y = 1/2, 128 / t_y = 32.
op_params quantize_example(scheme kind) {
  return quantize_conv(kind, {1, -0.5, 0.25, 0.1}, {1, -0.3}, {2, 4});
}

}  // namespace

TEST_CASE("rshift16: one shift, weights and bias in its units") {
  // a = 1 * 2 / 4 = 1/2, and 1/2 * 2^7 = 64. Wq = W * 1/2 * 128 = W * 64; the last is 6.4.
  // Bq = B * 32 * 128: 4096 and -1228.8.
  const op_params conv = quantize_example(scheme::rshift16);
  CHECK(conv.weights == int8s{64, -32, 16, 6});
  CHECK(conv.bias == int32s{4096, -1229});
  CHECK(conv.requantize == octavo::requantization{policy::rshift, {}, {7}});
}

TEST_CASE("rshift32: the same numbers where 16 bits suffice") {
  CHECK(quantize_example(scheme::rshift32) == quantize_example(scheme::rshift16));
}

TEST_CASE("rshift8: the bias in 8-bit units of the output, times 2^shift") {
  // b8 = B * 32: 32 and -9.6, which is -10. Times 2^7.
  const op_params conv = quantize_example(scheme::rshift8);
  CHECK(conv.weights == int8s{64, -32, 16, 6});
  CHECK(conv.bias == int32s{4096, -1280});
  CHECK(conv.requantize == octavo::requantization{policy::rshift, {}, {7}});
}

TEST_CASE("rshift-channel: each channel with its own shift") {
  // Channel 1: a = 1/8, 1/8 * 2^9 = 64. Wq = W * 256: 64 and 25.6. Bq = -0.3 * 32 * 512 = -4915.2.
  const op_params conv = quantize_example(scheme::rshift_channel);
  CHECK(conv.weights == int8s{64, -32, 64, 26});
  CHECK(conv.bias == int32s{4096, -4915});
  CHECK(conv.requantize == octavo::requantization{policy::rshift, {}, {7, 9}});
}

TEST_CASE("the shift is the smallest with a * 2^r >= 64; the weight saturates behind it") {
  const auto shift_and_weight = [](double weight) {
    const op_params conv = quantize_conv(scheme::rshift32, {weight}, {0});
    return std::pair<int, int>{conv.requantize.shift[0], conv.weights[0]};
  };
  using expected = std::pair<int, int>;
  CHECK(shift_and_weight(0.5) == expected{7, 64});
  CHECK(shift_and_weight(std::nextafter(0.5, 0.0)) ==
        expected{8, 127});  // 127.99 is 128: saturates
  CHECK(shift_and_weight(-std::nextafter(0.5, 0.0)) == expected{8, -128});
  CHECK(shift_and_weight(0.99) == expected{7, 127});  // 63.36 is too small; 126.72
  CHECK(shift_and_weight(1) == expected{6, 64});
  CHECK(shift_and_weight(64) == expected{0, 64});
  CHECK(shift_and_weight(-127.9) == expected{0, -128});
  CHECK(shift_and_weight(0x1p-25) == expected{31, 64});
  CHECK(shift_and_weight(0x1p-26) == expected{31, 32});
  CHECK(shift_and_weight(0x1p-40) == expected{31, 0});
}

TEST_CASE("weights and biases on a tie go up") {
  // r = 6: Wq = W * 64, Bq = B * 128 * 64.
  const op_params conv = quantize_conv(scheme::rshift32, {1, 2.5 / 64, -2.5 / 64}, {-1.5 / 8192});
  CHECK(conv.weights == int8s{64, 3, -2});
  CHECK(conv.bias == int32s{-1});
}

TEST_CASE("a of 128 or more is an error that names scheme and layer") {
  for (const scheme kind :
       {scheme::rshift8, scheme::rshift16, scheme::rshift32, scheme::rshift_channel}) {
    const std::string message =
        octavo::concat_text("quantize (", to_string(kind),
                            "): conv: the weights are too large for these thresholds "
                            "(max|W| * t_x / t_y >= 128)");
    CHECK_THROWS_WITH(quantize_conv(kind, {1, -128}, {0}), message.c_str());
    CHECK_THROWS_WITH(quantize_conv(kind, {1, 1}, {0}, {256, 2}), message.c_str());
    CHECK_NOTHROW(quantize_conv(kind, {1, -127.9}, {0}));
  }
}

TEST_CASE("rshift16: 32767 is the largest bias; a larger one lowers the shift") {
  // W = 1/2 asks for r = 7: Bq = B * 128 * 2^7.
  const auto shift_and_bias = [](double bias_at_7) {
    const op_params conv = quantize_conv(scheme::rshift16, {0.5}, {bias_at_7 / 16384});
    return std::pair<int, int>{conv.requantize.shift[0], conv.bias[0]};
  };
  using expected = std::pair<int, int>;
  CHECK(shift_and_bias(32767) == expected{7, 32767});
  CHECK(shift_and_bias(-32767) == expected{7, -32767});
  CHECK(shift_and_bias(32767.25) == expected{7, 32767});
  CHECK(shift_and_bias(32767.5) == expected{6, 16384});  // rounds to 32768; 16383.75
  CHECK(shift_and_bias(-32768) == expected{6, -16384});  // 16 bits could hold it, the rule does not
  CHECK(shift_and_bias(-32767.5) == expected{7, -32767});  // the tie goes up
  CHECK(shift_and_bias(131072) == expected{4, 16384});     // 65536 at 6, 32768 at 5
}

TEST_CASE("rshift16: at a lowered shift the weights are chosen anew, not halved") {
  // At r = 7 the weights would be 64 and 1.28 -> 1; at r = 6 they are 32 and 0.64 -> 1.
  const op_params conv = quantize_conv(scheme::rshift16, {0.5, 0.01}, {2});
  CHECK(conv.requantize.shift == shifts{6});
  CHECK(conv.weights == int8s{32, 1});
  CHECK(conv.bias == int32s{16384});
}

TEST_CASE("rshift16: one channel's bias lowers the shift of the whole layer") {
  const op_params conv = quantize_conv(scheme::rshift16, {0.5, 0.5}, {0.5, -2});
  CHECK(conv.requantize.shift == shifts{6});
  CHECK(conv.weights == int8s{32, 32});
  CHECK(conv.bias == int32s{4096, -16384});
}

TEST_CASE("rshift16: a bias that does not fit at shift 0 is an error that names the layer") {
  // At r = 0: Bq = B * 128 = 32766.72, and W = 1/2 is 1.
  const op_params conv = quantize_conv(scheme::rshift16, {0.5}, {255.99});
  CHECK(conv.requantize.shift == shifts{0});
  CHECK(conv.weights == int8s{1});
  CHECK(conv.bias == int32s{32767});
  CHECK_THROWS_WITH(quantize_conv(scheme::rshift16, {0.5}, {256}), bias_message);
  CHECK_THROWS_WITH(quantize_conv(scheme::rshift16, {0.5, 0.5}, {0, -256}), bias_message);
}

TEST_CASE("rshift32: the bound is |bias| + K * 128 * 128 + 2^(r-1) < 2^31") {
  // r = 7, K = 1: the largest |Bq| is 2^31 - 1 - 16384 - 64.
  const auto shift_and_bias = [](double bias_at_7) {
    const op_params conv = quantize_conv(scheme::rshift32, {0.5}, {bias_at_7 / 16384});
    return std::pair<int, int>{conv.requantize.shift[0], conv.bias[0]};
  };
  using expected = std::pair<int, int>;
  CHECK(shift_and_bias(2147467199) == expected{7, 2147467199});
  CHECK(shift_and_bias(-2147467199) == expected{7, -2147467199});
  CHECK(shift_and_bias(2147467200) == expected{6, 1073733600});
  CHECK(shift_and_bias(-2147467200) == expected{6, -1073733600});
}

TEST_CASE("rshift32: the bound counts all taps of the layer") {
  // K = 65536: K * 128 * 128 = 2^30 leaves 2^30 - 1 - 64.
  const std::vector<double> weights(65536, 0.5);
  CHECK(quantize_conv(scheme::rshift32, weights, {1073741759.0 / 16384}).requantize.shift ==
        shifts{7});
  CHECK(quantize_conv(scheme::rshift32, weights, {1073741760.0 / 16384}).requantize.shift ==
        shifts{6});
  // At r = 0 there is no half: 2^30 - 1 is the last that fits.
  CHECK(quantize_conv(scheme::rshift32, weights, {1073741823.0 / 128}).bias == int32s{1073741823});
  CHECK_THROWS_WITH(quantize_conv(scheme::rshift32, weights, {1073741824.0 / 128}),
                    "quantize (rshift32): conv: the bias does not fit, whatever the shift");
}

TEST_CASE("rshift-channel: a bias lowers the shift of its own channel alone") {
  const op_params conv =
      quantize_conv(scheme::rshift_channel, {0.5, 0.5}, {2147467200.0 / 16384, 1});
  CHECK(conv.requantize.shift == shifts{6, 7});
  CHECK(conv.weights == int8s{32, 64});
  CHECK(conv.bias == int32s{1073733600, 16384});
}

TEST_CASE("rshift8: the 8-bit bias rounds up on a tie and saturates") {
  // r = 7, b8 = B * 128.
  const auto output_units = [](double units) {
    return quantize_conv(scheme::rshift8, {0.5}, {units / 128}).bias[0];
  };
  CHECK(output_units(2.5) == 3 * 128);
  CHECK(output_units(-2.5) == -2 * 128);
  CHECK(output_units(126.75) == 127 * 128);
  CHECK(output_units(1000) == 127 * 128);
  CHECK(output_units(-1000) == -128 * 128);
}

TEST_CASE("rshift8: the bound lowers the shift, b8 stays") {
  // W = 2^-25 asks for r = 31. 1 * 2^31 does not fit, 2^30 + 16384 + 2^29 does.
  op_params conv = quantize_conv(scheme::rshift8, {0x1p-25}, {1.0 / 128});
  CHECK(conv.requantize.shift == shifts{30});
  CHECK(conv.bias == int32s{1 << 30});
  CHECK(conv.weights == int8s{32});
  // 127 * 2^r + 16384 + 2^(r-1) stays below 2^31 up to r = 24, where W is 1/2: a tie, so 1.
  conv = quantize_conv(scheme::rshift8, {0x1p-25}, {1});
  CHECK(conv.requantize.shift == shifts{24});
  CHECK(conv.bias == int32s{127 << 24});
  CHECK(conv.weights == int8s{1});
  // 128 * 2^24 is 2^31.
  conv = quantize_conv(scheme::rshift8, {0x1p-25}, {-1});
  CHECK(conv.requantize.shift == shifts{23});
  CHECK(conv.bias == int32s{-(128 << 23)});
}
