// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/conv2d.hpp: bias, accumulator, ReLU and requantization of one pixel.

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "octavo/quant/fixed_point.hpp"
#include "octavo/reference/conv2d.hpp"
#include "reference_test_tools.hpp"

using octavo::multiplier_q31;
using octavo::multiplier_rshift;
using octavo::per_channel;
using octavo::rshift;
using octavo::rshift_half_away;
using octavo::shape;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

/// One pixel, 1x1: dst[oc] = requantize(relu?(bias[oc] + sum of src * weights[oc])).
template <class Bias, class Requantize>
bytes one_pixel(const bytes& src, const bytes& weights, const std::vector<Bias>& bias,
                const Requantize& requantize, bool relu = false) {
  const auto ic = static_cast<int>(src.size());
  const int oc = static_cast<int>(weights.size()) / ic;
  const auto input = make_tensor({1, ic, 1, 1}, src);
  const auto kernel = make_tensor({oc, ic, 1, 1}, weights);
  return output_of({1, oc, 1, 1}, [&](octavo::tensor_view<std::int8_t> dst) {
    const octavo::filter<Bias> filter{kernel.view(), bias};
    octavo::reference::conv2d(input.view(), filter, {.relu = relu}, requantize, dst);
  });
}

constexpr std::array<std::int8_t, 9> constant_src = {1, 2, 3, 4, 5, 6, 7, 8, 9};
constexpr std::array<std::int8_t, 4> constant_weights = {1, 0, 0, 1};
constexpr std::array<std::int16_t, 1> constant_bias = {3};

/// A 2x2 kernel over a 3x3 image: 1 + 5 + 3 = 9 and so on, each a tie when shifted by one.
constexpr std::array<std::int8_t, 4> constant_dst = [] {
  std::array<std::int8_t, 4> dst = {};
  octavo::reference::conv2d(
      {constant_src.data(), {1, 1, 3, 3}},
      octavo::filter<std::int16_t>{{constant_weights.data(), {1, 1, 2, 2}}, constant_bias},
      {.window = octavo::square(2)}, rshift{1}, {dst.data(), {1, 1, 2, 2}});
  return dst;
}();

}  // namespace

TEST_CASE("a convolution can be computed at compile time") {
  static_assert(constant_dst == std::array<std::int8_t, 4>{5, 6, 8, 9});
  CHECK(constant_dst[3] == 9);
}

TEST_CASE("the bias may have 8, 16 or 32 bits, and each its full range") {
  const rshift by_8{8};
  CHECK(one_pixel<std::int8_t>({1}, {100, 100}, {127, -128}, rshift{0}) == bytes{127, -28});
  CHECK(one_pixel<std::int16_t>({1}, {1, 1}, {32511, -32769 + 1}, by_8) == bytes{127, -128});
  CHECK(one_pixel<std::int32_t>({0}, {0, 0}, {1 << 30, -(1 << 30)}, rshift{24}) == bytes{64, -64});
  CHECK(one_pixel<std::int32_t>({2}, {3, 3}, {INT32_MAX - 6, INT32_MIN}, rshift{24}) ==
        bytes{127, -128});
}

TEST_CASE("no bias is a bias of 0") {
  CHECK(one_pixel<std::int16_t>({2, 3}, {5, 7, -5, -7}, {}, rshift{0}) == bytes{31, -31});
  CHECK(one_pixel<std::int16_t>({2, 3}, {5, 7, -5, -7}, {0, 0}, rshift{0}) == bytes{31, -31});
}

TEST_CASE("products and sums are exact at the ends of int8") {
  // 8 * 128 * 128 = 2^17: pairs of such products saturate 16-bit arithmetic.
  const bytes lows(8, -128);
  const bytes highs(8, 127);
  CHECK(one_pixel<std::int8_t>(lows, lows, {}, rshift{11}) == bytes{64});
  CHECK(one_pixel<std::int8_t>(lows, highs, {}, rshift{11}) == bytes{-63});  // -63.5, a tie
  CHECK(one_pixel<std::int8_t>(highs, highs, {}, rshift{10}) == bytes{126});
  CHECK(one_pixel<std::int8_t>(highs, lows, {}, rshift{0}) == bytes{-128});
  CHECK(one_pixel<std::int8_t>(lows, lows, {}, rshift{0}) == bytes{127});
}

TEST_CASE("one addition after the shift is not the bias before it") {
  // (5 + 1) / 4 = 1.5 -> 2, although 5 / 4 -> 1 and 1 / 4 -> 0.
  CHECK(one_pixel<std::int16_t>({5}, {1}, {1}, rshift{2}) == bytes{2});
}

TEST_CASE("every policy requantizes the same accumulator its own way") {
  // 5 * -1 = -5: exact ties after a shift by one.
  CHECK(one_pixel<std::int8_t>({5}, {-1}, {}, rshift{1}) == bytes{-2});
  CHECK(one_pixel<std::int8_t>({5}, {-1}, {}, rshift_half_away{1}) == bytes{-3});
  CHECK(one_pixel<std::int8_t>({5}, {-1}, {}, multiplier_rshift{3, 1}) == bytes{-7});
  CHECK(one_pixel<std::int8_t>({5}, {-1}, {}, multiplier_q31{1 << 30, 0}) == bytes{-2});
}

TEST_CASE("per channel: the policy of the output channel, not of the input's or the pixel's") {
  const rshift shifts[] = {{0}, {1}, {2}};
  CHECK(one_pixel<std::int8_t>({5}, {2, 2, 2}, {}, per_channel<rshift>{shifts}) == bytes{10, 5, 3});
  const multiplier_rshift scales[] = {{1, 0}, {3, 1}, {255, 8}};
  CHECK(one_pixel<std::int8_t>({5}, {2, 2, 2}, {}, per_channel<multiplier_rshift>{scales}) ==
        bytes{10, 15, 10});
}

TEST_CASE("per channel with groups: channels count over all groups") {
  const rshift shifts[] = {{0}, {1}, {2}, {3}};
  const auto src = make_tensor({1, 2, 1, 1}, {16, 32});
  const auto weights = make_tensor({4, 1, 1, 1}, {1, 1, 1, 1});
  const std::vector<std::int32_t> bias = {0, 2, 4, 8};
  const auto out = output_of({1, 4, 1, 1}, [&](octavo::tensor_view<std::int8_t> dst) {
    const octavo::filter<std::int32_t> filter{weights.view(), bias};
    octavo::reference::conv2d(src.view(), filter, {.groups = 2}, per_channel<rshift>{shifts}, dst);
  });
  CHECK(out == bytes{16, 9, 9, 5});
}

TEST_CASE("ReLU cuts the accumulator, so that the bias counts") {
  CHECK(one_pixel<std::int8_t>({5}, {1, -1, -1}, {0, 0, 9}, rshift{0}, true) == bytes{5, 0, 4});
}

namespace {

/// Requantizing the accumulators `first` to `last` with ReLU before equals ReLU after.
template <class Policy>
int relu_order_mismatches(const Policy& requantize, int first, int last) {
  int mismatches = 0;
  for (int acc = first; acc <= last; ++acc) {
    const std::int8_t before = requantize(acc < 0 ? 0 : acc);
    const std::int8_t after = requantize(acc) < 0 ? std::int8_t{0} : requantize(acc);
    mismatches += before == after ? 0 : 1;
  }
  return mismatches;
}

}  // namespace

TEST_CASE("ReLU before requantization gives the same int8 as ReLU after it") {
  // SPECIFICATION 1.4 promises it. It holds for every policy because each is monotonic
  // and maps 0 to 0.
  for (int r = 0; r <= 31; ++r) {
    CAPTURE(r);
    CHECK(relu_order_mismatches(rshift{r}, -2000, 2000) == 0);
    CHECK(relu_order_mismatches(rshift_half_away{r}, -2000, 2000) == 0);
    CHECK(relu_order_mismatches(multiplier_rshift{171, r}, -2000, 2000) == 0);
    CHECK(relu_order_mismatches(multiplier_q31{(1 << 30) + 12345, r}, -2000, 2000) == 0);
  }
  // And so for the op, on ties of both signs.
  const bytes weights = {5, 3, 1, 0, -1, -3, -5, -127};
  bytes after = one_pixel<std::int16_t>({1}, weights, {}, rshift{1});
  for (std::int8_t& y : after) y = y < 0 ? std::int8_t{0} : y;
  CHECK(one_pixel<std::int16_t>({1}, weights, {}, rshift{1}, true) == after);
  CHECK(after == bytes{3, 2, 1, 0, 0, 0, 0, 0});
}
