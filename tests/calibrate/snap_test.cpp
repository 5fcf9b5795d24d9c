// SPDX-License-Identifier: MIT
/// @file
/// Snapped thresholds: the integers of adds and averages are their ratios, and nothing else moves.

#include "octavo/calibrate/snap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/model/quantize.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"

namespace {

using octavo::op;
using octavo::snap_thresholds;
using octavo::tensor_id;
using octavo::testing::builder;
using octavo::testing::message_of;
using octavo::testing::random_source;
using octavo::testing::detail::join;
using doubles = std::vector<double>;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// data, the convolutions a and b of it, and their sum: thresholds in this order.
octavo::graph sum_of_two() {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 3, 3});
  const tensor_id a = net.conv2d("a", x, {.channels = 2});
  const tensor_id b = net.conv2d("b", x, {.channels = 2});
  return net.finish(net.add("sum", a, b));
}

/// data and the average of windows of `kh` x `kw` pixels.
octavo::graph average_of(int kh, int kw) {
  builder net;
  const tensor_id x = net.input("data", {1, 1, kh, kw});
  octavo::pool_params whole;
  whole.window.kh = kh;
  whole.window.kw = kw;
  return net.finish(net.avg_pool("mean", x, whole));
}

/// Whether v is the integer m, or above it by no more than roundings.
bool is_whole(double v, double m) { return v >= m && v <= m * (1 + 1e-15); }

/// Whether the integers of an add are the exact ratios of these thresholds.
bool add_is_exact(const doubles& t, const octavo::node& add) {
  const double t_y = t[at(add.from.tensor)];
  const double t_x[2] = {t[at(add.src[0])], t[at(add.src[1])]};
  const octavo::add_params chosen = octavo::choose_add(t_x[0], t_x[1], t_y);
  for (std::size_t k = 0; k < 2; ++k) {
    const double scaled = t_x[k] / t_y * octavo::power_of_two(chosen.shift);
    if (!is_whole(scaled, chosen.multiplier[k])) return false;
  }
  return true;
}

doubles random_thresholds(const octavo::graph& net, random_source& rng) {
  doubles t;
  for (const octavo::node& op_node : net) {
    const double own = 0.1 + 3 * std::abs(rng.real());
    const double of_source = op_node.src.empty() ? own : t[at(op_node.src[0])];
    const bool average = op_node.kind == op::avg_pool;
    t.push_back(keeps_threshold(op_node.kind) ? of_source
                : average                     ? std::min(own, of_source)
                                              : own);
  }
  return t;
}

}  // namespace

TEST_CASE("the operands of an add move to the nearest integers") {
  // 3.3 / 4 * 128 = 105.6 -> 106, 0.7 / 4 * 128 = 22.4 -> 22
  const doubles snapped = snap_thresholds(sum_of_two(), {1, 3.3, 0.7, 4});
  CHECK(snapped == doubles{1, 3.3125, 0.6875, 4});
  CHECK(octavo::choose_add(3.3125, 0.6875, 4) == octavo::add_params{{106, 22}, 7});
  // A tie goes up: 0.5078125 * 64 = 32.5
  CHECK(snap_thresholds(sum_of_two(), {1, 1, 0.5078125, 1}) == doubles{1, 1, 0.515625, 1});
}

TEST_CASE("an operand far below the sum gets the smallest multiplier there is, not 0") {
  CHECK(octavo::choose_add(4, 0.01, 4).multiplier[1] == 0);
  CHECK(snap_thresholds(sum_of_two(), {1, 4, 0.01, 4}) == doubles{1, 4, 0.0625, 4});
}

TEST_CASE("127 is the largest multiplier") {
  CHECK(snap_thresholds(sum_of_two(), {1, 127.7, 3.2, 1}) == doubles{1, 127, 3, 1});
  // 0.999 * 64 is below 64, 0.999 * 128 = 127.87
  CHECK(snap_thresholds(sum_of_two(), {1, 0.999, 0.5, 1}) == doubles{1, 127.0 / 128, 0.5, 1});
  // choose_add() refuses it, before and after
  CHECK(snap_thresholds(sum_of_two(), {1, 128, 3.2, 1}) == doubles{1, 128, 3.2, 1});
}

TEST_CASE("random operands: the nearest integer, less than a step away") {
  const octavo::graph net = sum_of_two();
  random_source rng(1);
  for (int i = 0; i < 2000; ++i) {
    CAPTURE(i);
    const auto spread = [&] { return std::exp2(3 * rng.real()); };
    const doubles before = {1, spread(), spread(), spread()};
    const doubles after = snap_thresholds(net, before);
    CHECK(after[0] == before[0]);
    CHECK(after[3] == before[3]);
    REQUIRE(add_is_exact(after, net[3]));
    const int shift = octavo::choose_rshift(std::max(before[1], before[2]) / before[3]);
    const double step = before[3] / octavo::power_of_two(shift);
    const octavo::add_params chosen = octavo::choose_add(after[1], after[2], after[3]);
    CHECK(chosen.shift == shift);
    for (std::size_t k : {0U, 1U}) {
      const int m = chosen.multiplier[k];
      const double moved = std::abs(after[k + 1] - before[k + 1]);
      CHECK(moved <= step * (m == 1 || m == 127 ? 1 : 0.5) * (1 + 1e-14));
    }
  }
}

TEST_CASE("ops that keep their input's threshold move with it") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 4, 4});
  tensor_id a = net.conv2d("a", x, {.channels = 2});
  a = net.relu("a_relu", a);
  a = net.max_pool("a_pool", a, {.window = octavo::square(2, 2)});
  a = net.clip("a_clip", a, 0, 6);
  const tensor_id b = net.conv2d("b", x, {.channels = 2, .window = octavo::square(2, 2)});
  const tensor_id sum = net.add("sum", b, a);
  const octavo::graph made = net.finish(net.relu("sum_relu", sum));
  const doubles snapped = snap_thresholds(made, {1, 3.3, 3.3, 3.3, 3.3, 0.7, 4, 4});
  CHECK(snapped == doubles{1, 3.3125, 3.3125, 3.3125, 3.3125, 0.6875, 4, 4});
}

TEST_CASE("a chain of residual adds: all of them exact, the last sum stays") {
  random_source rng(2);
  for (int round = 0; round < 50; ++round) {
    builder net;
    tensor_id x = net.input("data", {1, 2, 3, 3});
    x = net.conv2d("first", x, {.channels = 2});
    for (int block = 0; block < 9; ++block) {
      const octavo::node_name sum(std::to_string(block));
      const tensor_id branch = net.conv2d(join(sum, "_conv"), x, {.channels = 2});
      x = rng.one_in(2) ? net.add(sum, branch, x) : net.add(sum, x, branch);
      x = net.relu(join(sum, "_relu"), x);
    }
    const octavo::graph made = net.finish(x);
    const doubles before = random_thresholds(made, rng);
    const doubles after = snap_thresholds(made, before);
    CHECK(after.back() == before.back());
    CHECK(after.front() == before.front());
    for (const octavo::node& op_node : made) {
      CAPTURE(op_node.name.view());
      if (op_node.kind == op::add) CHECK(add_is_exact(after, op_node));
    }
  }
}

TEST_CASE("an operand that two adds read follows the later one") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 3, 3});
  const tensor_id shared = net.conv2d("shared", x, {.channels = 2});
  const tensor_id own = net.conv2d("own", x, {.channels = 2});
  const tensor_id early = net.add("early", shared, own);
  const octavo::graph made = net.finish(net.add("late", shared, early));
  // late: 2.3 / 4 * 64 = 36.8 -> 37, 5.1 / 4 * 64 = 81.6 -> 82
  // early, now 5.125: 2.3125 / 5.125 * 128 = 57.76 stays, 3 / 5.125 * 128 = 74.9 -> 75
  const doubles snapped = snap_thresholds(made, {1, 2.3, 3, 5.1, 4});
  CHECK(snapped[1] == 2.3125);
  CHECK(snapped[3] == 5.125);
  CHECK(octavo::choose_add(snapped[1], snapped[2], 5.125) == octavo::add_params{{57, 75}, 7});
  CHECK(is_whole(snapped[2] / 5.125 * 128, 75));
}

TEST_CASE("a tensor that is added to itself") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 3, 3});
  const octavo::graph made = net.finish(net.add("twice", x, x));
  CHECK(snap_thresholds(made, {0.7, 1}) == doubles{90.0 / 128, 1});
}

TEST_CASE("averages: a whole multiplier, a threshold lowered by less than 1/128") {
  random_source rng(3);
  for (int i = 0; i < 500; ++i) {
    const octavo::graph net = average_of(rng.integer(1, 40), rng.integer(1, 40));
    const double t_x = 1.5 + rng.real();
    const doubles before = {t_x, rng.one_in(3) ? t_x * 2 : t_x * (0.6 + 0.4 * rng.real())};
    const double own = std::min(before[0], before[1]);
    const doubles after = snap_thresholds(net, before);
    const int divisor = net[1].window.kh * net[1].window.kw;
    CAPTURE(divisor);
    CHECK(after[0] == t_x);
    CHECK(after[1] <= own);
    CHECK(after[1] >= own * (1 - 1.0 / 128));
    const octavo::multiplier_rshift chosen =
        octavo::choose_pool_divisor(after[0], after[1], divisor).requantize;
    CHECK(is_whole(after[0] / (after[1] * divisor) * octavo::power_of_two(chosen.shift),
                   chosen.multiplier));
  }
}

TEST_CASE("an average whose multiplier would be 255 and a bit: 128 at the next shift") {
  // 2^16 / 257 = 255.004
  const doubles snapped = snap_thresholds(average_of(1, 257), {1, 1});
  CHECK(snapped[1] == 256.0 / 257);
  CHECK(octavo::choose_pool_divisor(1, snapped[1], 257).requantize ==
        octavo::multiplier_rshift{128, 15});
}

TEST_CASE("an average with a multiplier of more than 255 stays as it is") {
  for (const double own : {1 / 255.5, 1 / 256.5}) {
    CHECK(snap_thresholds(average_of(1, 1), {1, own}) == doubles{1, own});
  }
}

TEST_CASE("an average that is an operand: the add is exact, the average as good as it was") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 4, 4});
  const tensor_id mean = net.avg_pool("mean", x, {.window = octavo::square(3, 1, 1)});
  const tensor_id conv = net.conv2d("conv", x, {.channels = 2});
  const octavo::graph made = net.finish(net.add("sum", mean, conv));
  const doubles snapped = snap_thresholds(made, {5, 3.3, 0.7, 4});
  CHECK(snapped == doubles{5, 3.3125, 0.6875, 4});
  // The next integer would be more than its input's.
  const doubles capped = snap_thresholds(made, {3.3, 3.3, 0.7, 4});
  CHECK(capped[1] <= capped[0]);
}

TEST_CASE("random graphs: nothing is promised before that is not after") {
  random_source rng(4);
  int accepted = 0;
  for (int i = 0; i < 400; ++i) {
    CAPTURE(i);
    const octavo::graph net = octavo::testing::random_graph(rng.integer(1, 12), rng);
    const doubles before = random_thresholds(net, rng);
    const doubles after = snap_thresholds(net, before);
    for (std::size_t n = 0; n < net.size(); ++n) {
      CAPTURE(net[n].name.view());
      CHECK(octavo::is_threshold(after[n]));
      if (net[n].src.empty()) continue;
      const double of_source = after[at(net[n].src[0])];
      if (keeps_threshold(net[n].kind)) CHECK(after[n] == of_source);
      if (net[n].kind == op::avg_pool) CHECK(after[n] <= of_source);
    }
    const octavo::float_model model = octavo::testing::random_float_model(net, rng);
    const auto quantize = [&](const doubles& t) {
      return message_of([&] { octavo::quantize(model, t, octavo::scheme::rshift32); });
    };
    if (quantize(before) != "no error") continue;
    ++accepted;
    CHECK(quantize(after) == "no error");
  }
  CHECK(accepted > 300);
}

TEST_CASE("what are no thresholds of the graph is refused") {
  CHECK(message_of([] {
          snap_thresholds(sum_of_two(), {1, 2, 3});
        }) == "snap_thresholds: expected one threshold a node");
  for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()}) {
    CHECK(message_of([&] {
            snap_thresholds(sum_of_two(), {1, 2, bad, 4});
          }) == "snap_thresholds: expected positive finite thresholds");
  }
}
