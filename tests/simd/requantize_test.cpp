// SPDX-License-Identifier: MIT
/// @file
/// Every policy in the kernels of every instruction set: 1x1 convolutions of one pixel whose biases
/// steer the accumulators to both sides of every tie and of every saturation.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "conv2d_case.hpp"
#include "support/effort.hpp"

using namespace octavo::testing;
using octavo::policy;

namespace {

/// What accumulators may be: the bias leaves room for one product and the policy's half.
struct accumulator_range {
  std::int64_t lowest;
  std::int64_t highest;
};

accumulator_range range_of(policy kind, int shift) {
  const std::int64_t half =
      octavo::is_rshift(kind) && shift > 0 ? std::int64_t{1} << (shift - 1) : 0;
  const std::int64_t room = INT32_MAX - 2 * 16384 - half;
  return {-room, room};
}

/// The accumulators that become about numerator / 2, and their neighbours: m / 2^shift is the
/// scale. Two roundings may each move a boundary, hence several neighbours.
void append_around(std::vector<std::int32_t>& list, int numerator, std::int64_t m, int shift,
                   const accumulator_range& range) {
  const long double centre = static_cast<long double>(numerator) / 2 *
                             static_cast<long double>(std::uint64_t{1} << shift) /
                             static_cast<long double>(m);
  if (centre < static_cast<long double>(range.lowest) - 8) return;
  if (centre > static_cast<long double>(range.highest) + 8) return;
  for (int i = -2; i <= 2; ++i) {
    const std::int64_t acc = static_cast<std::int64_t>(centre) + i;
    list.push_back(static_cast<std::int32_t>(std::clamp(acc, range.lowest, range.highest)));
  }
}

/// Around every half between -130 and 130, and the ends of the range.
std::vector<std::int32_t> accumulators(policy kind, std::int32_t multiplier, int shift) {
  const accumulator_range range = range_of(kind, shift);
  const std::int64_t m = octavo::is_rshift(kind) ? 1 : multiplier;
  const int total_shift = kind == policy::multiplier_q31 ? shift + 31 : shift;
  std::vector<std::int32_t> list;
  for (int numerator = -261; numerator <= 261; ++numerator) {
    append_around(list, numerator, m, total_shift, range);
  }
  for (const std::int64_t end : {range.lowest, range.highest}) {
    for (const int divisor : {1, 2, 3}) list.push_back(static_cast<std::int32_t>(end / divisor));
  }
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());  // clang 14: not ranges::unique
  return list;
}

/// One channel for each accumulator, with a weight and a source value of its own to be outweighed.
void append_channels(conv2d_operands& o, const std::vector<std::int32_t>& accumulators,
                     std::int32_t multiplier, int shift, random_source& rng) {
  for (const std::int32_t acc : accumulators) {
    const int weight = rng.integer(-128, 127);
    o.weights.values.push_back(static_cast<std::int8_t>(weight));
    o.bias.push_back(acc - weight * o.src.values[0]);
    o.rule.shift.push_back(static_cast<std::uint8_t>(shift));
    if (!octavo::is_rshift(o.rule.kind)) o.rule.multiplier.push_back(multiplier);
  }
}

/// The same channels as a dense convolution of one input channel, then as a depthwise one.
void check_channels(policy kind, conv2d_operands o, bool signed_source) {
  conv2d_case c = {.src = {1, 1, 1, 1}, .channels = static_cast<int>(o.bias.size())};
  c.kind = kind;
  c.per_channel = true;
  c.signed_source = signed_source;
  o.weights.shape = c.weights_shape();
  expect_reference(c, o);
  check_conv2d(c, o);
  c.src.c = c.groups = c.channels;
  const std::int8_t value = o.src.values[0];
  o.src = octavo::tensor<std::int8_t>(c.src);
  std::ranges::fill(o.src.values, value);
  expect_reference(c, o);
  check_conv2d(c, o);
}

void check_shift(policy kind, int shift, const std::vector<std::int32_t>& multipliers) {
  CAPTURE(shift);
  random_source rng(static_cast<std::uint64_t>(shift + 100 * static_cast<int>(kind)));
  const bool signed_source = shift % 2 == 0;
  conv2d_operands o;
  o.src = octavo::tensor<std::int8_t>(octavo::shape{1, 1, 1, 1});
  o.src.values[0] = static_cast<std::int8_t>(rng.integer(signed_source ? -128 : 0, 127));
  o.rule.kind = kind;
  for (const std::int32_t multiplier : multipliers) {
    append_channels(o, accumulators(kind, multiplier, shift), multiplier, shift, rng);
  }
  check_channels(kind, std::move(o), signed_source);
}

}  // namespace

TEST_CASE("rshift: both sides of every tie, every shift") {
  for (int shift = 0; shift <= 31; ++shift) check_shift(policy::rshift, shift, {1});
}

TEST_CASE("rshift_half_away: both sides of every tie, every shift") {
  for (int shift = 0; shift <= 31; ++shift) check_shift(policy::rshift_half_away, shift, {1});
}

TEST_CASE("multiplier_rshift: both sides of every tie, every shift, multipliers of 1 to 31 bits") {
  for (int shift = 0; shift <= 62; ++shift) {
    std::vector<std::int32_t> multipliers = {1, 127, INT32_MAX};
    if (!slow_build) {
      multipliers.insert(multipliers.end(), {2, 3, 5, 255, 65537, (1 << 30) - 1, 1 << 30});
    }
    random_source rng(static_cast<std::uint64_t>(shift));
    multipliers.push_back(rng.integer(1 << 20, INT32_MAX));
    check_shift(policy::multiplier_rshift, shift, multipliers);
  }
}

TEST_CASE("multiplier_q31: both sides of every tie of either rounding, every shift") {
  for (int shift = 0; shift <= 31; ++shift) {
    std::vector<std::int32_t> multipliers = {1 << 30, INT32_MAX};
    if (!slow_build) multipliers.insert(multipliers.end(), {(1 << 30) + 1, 1500000000, 3 << 29});
    random_source rng(static_cast<std::uint64_t>(shift));
    multipliers.push_back(rng.integer(1 << 30, INT32_MAX));
    check_shift(policy::multiplier_q31, shift, multipliers);
  }
}
