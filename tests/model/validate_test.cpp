// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/validate.hpp: a good model, then one lie at a time.

#include "octavo/model/validate.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "support/every_op.hpp"
#include "support/random_model.hpp"

using namespace octavo::testing;
using octavo::op_params;
using octavo::policy;
using octavo::quantized_model;

namespace {

quantized_model good_model(policy kind = policy::rshift, bool per_channel = false) {
  random_source rng(1);
  return random_model(every_op_graph(), {.kind = kind, .per_channel = per_channel}, rng);
}

op_params& params_of(quantized_model& model, std::string_view name) {
  return model.params[static_cast<std::size_t>(model.graph.find(name))];
}

octavo::node& node_of(quantized_model& model, std::string_view name) {
  return model.graph.nodes[static_cast<std::size_t>(model.graph.find(name))];
}

struct lie {
  const char* message;
  std::function<void(quantized_model&)> tell;
};

void check_refused(const quantized_model& good, const lie& one) {
  quantized_model model = good;
  one.tell(model);
  CAPTURE(one.message);
  CHECK_THROWS_WITH(validate(model), one.message);
}

}  // namespace

TEST_CASE("random models of every policy pass") {
  for (const policy kind : all_policies) {
    for (const bool per_channel : {false, true})
      CHECK_NOTHROW(validate(good_model(kind, per_channel)));
  }
}

TEST_CASE("lists that are not as long as the graph") {
  const quantized_model good = good_model();
  check_refused(good,
                {"model: expected one threshold a node", [](auto& m) { m.thresholds.pop_back(); }});
  check_refused(
      good, {"model: expected one threshold a node", [](auto& m) { m.thresholds.push_back(1); }});
  check_refused(good,
                {"model: expected one parameter set a node", [](auto& m) { m.params.pop_back(); }});
  check_refused(
      good, {"model: expected one parameter set a node", [](auto& m) { m.params.emplace_back(); }});
}

TEST_CASE("a threshold that is none, of any op") {
  const quantized_model good = good_model();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < good.graph.size(); ++i) {
    const std::string message = octavo::concat_text(
        "model: ", good.graph[i].name, ": its threshold is not a positive finite number");
    for (const double threshold :
         {0.0, -1.0, infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
      check_refused(good, {message.c_str(), [&](auto& m) { m.thresholds[i] = threshold; }});
    }
  }
}

TEST_CASE("a graph that the builder could not have made") {
  const quantized_model good = good_model();
  check_refused(good, {"graph: relu: its shape is not what its inputs give",
                       [](auto& m) { node_of(m, "relu").shape.h = 7; }});
  check_refused(good, {"graph: relu: two nodes have this name",
                       [](auto& m) { node_of(m, "branch").name = "relu"; }});
  check_refused(good, {"graph: sum: an input must be an earlier node",
                       [](auto& m) { node_of(m, "sum").src[1] = 5; }});
  check_refused(good,
                {"graph: needs at least one output", [](auto& m) { m.graph.outputs.resize(0); }});
  check_refused(good, {"graph: conv: an unfused graph has no fused ops",
                       [](auto& m) { node_of(m, "conv").relu = true; }});
}

TEST_CASE("weights and biases of another number, in each op that has them") {
  const quantized_model good = good_model();
  for (const char* const name : {"conv", "branch", "scale", "fc"}) {
    const auto index = static_cast<std::size_t>(good.graph.find(name));
    const octavo::shape weights = weights_shape(good.graph, index);
    const int channels = good.graph[index].shape.c;
    for (const int more : {-1, 1}) {
      const std::string weights_message = octavo::concat_text(
          "model: ", name, ": the number of weights is ", weights.elements() + more, ", expected ",
          weights.elements(), " (", weights, ")");
      check_refused(good, {weights_message.c_str(), [&](auto& m) {
                             auto& values = params_of(m, name).weights;
                             more < 0 ? values.pop_back() : values.push_back(0);
                           }});
      const std::string bias_message =
          octavo::concat_text("model: ", name, ": the number of biases is ", channels + more,
                              ", expected ", channels, ", one for each output channel");
      check_refused(good, {bias_message.c_str(), [&](auto& m) {
                             auto& values = params_of(m, name).bias;
                             more < 0 ? values.pop_back() : values.push_back(0);
                           }});
    }
  }
}

TEST_CASE("shifts and multipliers of another number") {
  const char* const shift_message =
      "model: conv: expected one shift, or one for each output channel";
  for (const bool per_channel : {false, true}) {
    const quantized_model good = good_model(policy::multiplier_q31, per_channel);
    check_refused(good,
                  {shift_message, [](auto& m) { params_of(m, "conv").requantize.shift = {}; }});
    check_refused(good, {shift_message, [](auto& m) {
                           params_of(m, "conv").requantize.shift = {1, 1};
                         }});
    check_refused(good, {"model: conv: expected a multiplier a shift",
                         [](auto& m) { params_of(m, "conv").requantize.multiplier.pop_back(); }});
  }
  for (const policy kind : {policy::rshift, policy::rshift_half_away}) {
    check_refused(good_model(kind),
                  {"model: conv: the rshift policies have no multipliers",
                   [](auto& m) { params_of(m, "conv").requantize.multiplier = {1}; }});
  }
}

TEST_CASE("shifts out of range: 31, or 62 behind a multiplier, is the last") {
  const auto shift_lie = [](std::uint8_t shift) {
    return lie{"model: branch: a shift is out of range",
               [shift](auto& m) { params_of(m, "branch").requantize.shift.back() = shift; }};
  };
  for (const policy kind : all_policies) {
    const quantized_model good = good_model(kind, true);
    const std::uint8_t largest = kind == policy::multiplier_rshift ? 62 : 31;
    quantized_model model = good;
    params_of(model, "branch").requantize.shift.back() = largest;
    params_of(model, "branch").bias.back() = 0;  // leaves room for the half of the shift
    CHECK_NOTHROW(validate(model));
    check_refused(good, shift_lie(static_cast<std::uint8_t>(largest + 1)));
    check_refused(good, shift_lie(255));
  }
}

TEST_CASE("multipliers out of range: from 1, or from 2^30 in Q31") {
  for (const policy kind : {policy::multiplier_rshift, policy::multiplier_q31}) {
    const quantized_model good = good_model(kind, true);
    const std::int32_t least = kind == policy::multiplier_q31 ? 1 << 30 : 1;
    quantized_model model = good;
    params_of(model, "fc").requantize.multiplier.back() = least;
    CHECK_NOTHROW(validate(model));
    for (const std::int32_t multiplier : {least - 1, -1, INT32_MIN}) {
      check_refused(good, {"model: fc: a multiplier is out of range", [&](auto& m) {
                             params_of(m, "fc").requantize.multiplier.back() = multiplier;
                           }});
    }
  }
}

TEST_CASE("a bias that may overflow the accumulator: the half of an rshift counts, per channel") {
  // fc has K = 4 * 2 * 2 taps, ... whatever they are: room is what they and the shift leave.
  quantized_model good = good_model(policy::rshift, true);
  const auto index = static_cast<std::size_t>(good.graph.find("fc"));
  const auto room = static_cast<std::int32_t>(INT32_MAX - taps(good.graph, index) * 16384);
  good.params[index].requantize.shift = {0, 0, 0, 0, 7};
  good.params[index].bias = {room, -room, 0, 0, room - 64};
  CHECK_NOTHROW(validate(good));
  const auto message = [](int channel, std::int32_t bias) {
    return octavo::concat_text("model: fc: channel ", channel, ": bias ", bias,
                               " may overflow the int32 accumulator");
  };
  check_refused(good, {message(0, room + 1).c_str(),
                       [&](auto& m) { params_of(m, "fc").bias[0] = room + 1; }});
  check_refused(good, {message(1, -room - 1).c_str(),
                       [&](auto& m) { params_of(m, "fc").bias[1] = -room - 1; }});
  check_refused(good, {message(4, room - 63).c_str(),
                       [&](auto& m) { params_of(m, "fc").bias[4] = room - 63; }});
  check_refused(good, {message(2, INT32_MIN).c_str(),
                       [&](auto& m) { params_of(m, "fc").bias[2] = INT32_MIN; }});
}

TEST_CASE("a bias that may overflow: no half behind a multiplier, one shift for all channels") {
  quantized_model model = good_model(policy::multiplier_rshift);
  const auto index = static_cast<std::size_t>(model.graph.find("fc"));
  const auto room = static_cast<std::int32_t>(INT32_MAX - taps(model.graph, index) * 16384);
  model.params[index].bias.back() = room;
  model.params[index].requantize.shift = {62};
  CHECK_NOTHROW(validate(model));
  model.params[index].requantize = {policy::rshift, {}, {3}};  // the half is 4
  model.params[index].bias.back() = room - 4;
  CHECK_NOTHROW(validate(model));
  model.params[index].bias.back() = room - 3;
  CHECK_THROWS_AS(validate(model), octavo::error);
}

TEST_CASE("add: multipliers of 0..127 and a shift of 0..31") {
  const quantized_model good = good_model();
  quantized_model model = good;
  params_of(model, "sum").add = {{0, 127}, 31};
  CHECK_NOTHROW(validate(model));
  for (const octavo::add_params& add :
       {octavo::add_params{{-1, 1}, 1}, octavo::add_params{{1, -1}, 1},
        octavo::add_params{{128, 1}, 1}, octavo::add_params{{1, 128}, 1},
        octavo::add_params{{1, 1}, -1}, octavo::add_params{{1, 1}, 32}}) {
    check_refused(good, {"model: sum: a multiplier is outside 0..127 or the shift outside 0..31",
                         [&](auto& m) { params_of(m, "sum").add = add; }});
  }
}

TEST_CASE("average pool: one entry for each divisor of its windows, in their order") {
  const quantized_model good = good_model();
  check_refused(good, {"model: average: expected one entry a divisor",
                       [](auto& m) { params_of(m, "average").divisors.pop_back(); }});
  check_refused(good, {"model: average: expected one entry a divisor",
                       [](auto& m) { params_of(m, "average").divisors.emplace_back(); }});
  check_refused(good, {"model: average: a divisor is not the window's",
                       [](auto& m) { params_of(m, "average").divisors[0].divisor = 0; }});
  check_refused(good, {"model: average: a divisor is not the window's",
                       [](auto& m) { ++params_of(m, "average").divisors[1].divisor; }});
}

TEST_CASE("multipliers of average pool, concat and leaky relu: m from 1, r in 0..62") {
  const quantized_model good = good_model();
  using octavo::multiplier_rshift;
  for (const multiplier_rshift& bad : {multiplier_rshift{0, 1}, multiplier_rshift{-1, 1},
                                       multiplier_rshift{1, -1}, multiplier_rshift{1, 63}}) {
    check_refused(good, {"model: average: a multiplier or its shift is out of range", [&](auto& m) {
                           params_of(m, "average").divisors.back().requantize = bad;
                         }});
    check_refused(good, {"model: join: a multiplier or its shift is out of range",
                         [&](auto& m) { params_of(m, "join").multipliers.back() = bad; }});
    check_refused(good, {"model: leaky: a multiplier or its shift is out of range",
                         [&](auto& m) { params_of(m, "leaky").multipliers[0] = bad; }});
  }
  for (const char* const name : {"join", "leaky"}) {
    const std::string message =
        octavo::concat_text("model: ", name, ": expected one multiplier for each input");
    check_refused(good,
                  {message.c_str(), [&](auto& m) { params_of(m, name).multipliers.pop_back(); }});
    check_refused(good, {message.c_str(), [&](auto& m) {
                           params_of(m, name).multipliers.push_back({1, 1});
                         }});
  }
}

TEST_CASE("clip: lo must not be above hi") {
  const quantized_model good = good_model();
  check_refused(good, {"model: clip: needs lo <= hi", [](auto& m) {
                         params_of(m, "clip").clip = {1, 0};
                       }});
  quantized_model model = good;
  params_of(model, "clip").clip = {5, 5};
  CHECK_NOTHROW(validate(model));
}

TEST_CASE("divisors_of: each divisor once, in the order of the windows") {
  const auto divisors = [](int pad, bool count_padding) {
    octavo::graph_builder<std::vector<octavo::node>> net;
    const octavo::tensor_id x = net.input("data", {1, 1, 3, 3});
    const octavo::tensor_id pool = net.avg_pool(
        "pool", x, {.window = octavo::square(2, 1, pad), .count_padding = count_padding});
    const octavo::graph made = net.finish(pool);
    return octavo::divisors_of(made[1], made[0].shape);
  };
  CHECK(divisors(1, false) == std::vector<int>{1, 2, 4});
  CHECK(divisors(1, true) == std::vector<int>{4});
  CHECK(divisors(0, false) == std::vector<int>{4});
}
