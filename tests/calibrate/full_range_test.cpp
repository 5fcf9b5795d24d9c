// SPDX-License-Identifier: MIT
/// @file
/// Moved tensors: the float function stays, int8 comes nearer, and how their thresholds are chosen.

#include "octavo/calibrate/full_range.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/calibrate/quantize_moved.hpp"
#include "octavo/compare/network_comparison.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/model/quantize.hpp"
#include "small_network.hpp"

namespace {

using octavo::calibration_table;
using octavo::float_model;
using octavo::quantized_model;
using octavo::scheme;
using octavo::square;
using octavo::tensor_id;
using octavo::tensor_moves;
using octavo::threshold_rule;
using octavo::testing::message_of;
using octavo::testing::random_source;

/// Everything that moves: a padded pool, a concat, relu6, a sum of two layers and one of a layer
/// and a moved tensor.
octavo::graph movable_graph() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  tensor_id x = net.input("data", {1, 3, 9, 9});
  x = net.relu("stem_relu", net.conv2d("stem", x, {.channels = 8, .window = square(3, 1, 1)}));
  x = net.max_pool("pool", x, {.window = square(3, 2, 1)});
  const tensor_id a = net.relu("a_relu", net.conv2d("a", x, {.channels = 8}));
  const tensor_id b = net.clip("b_clip", net.conv2d("b", x, {.channels = 4}), 0, 2);
  x = net.concat("joined", {a, b});
  const tensor_id left = net.conv2d("left", x, {.channels = 8});
  const tensor_id right = net.conv2d("right", x, {.channels = 8});
  x = net.relu("sum_relu", net.add("sum", left, right));
  x = net.relu("next_relu", net.add("next", net.conv2d("c", x, {.channels = 8}), x));
  return net.finish(net.fully_connected("fc", x, 10));
}

/// What choose_full_ranges() decides, and what follows from it.
struct chosen_ranges {
  tensor_moves moves;
  calibration_table table;
  std::vector<double> thresholds;
};

/// A network of that graph, what calibration sees of it, and its moves.
struct movable_network {
  float_model model;
  octavo::image_source images;
  octavo::tensor_histograms seen;
  std::vector<scheme> kinds;
  tensor_moves possible;

  explicit movable_network(std::uint64_t seed)
      : model(make(seed)),
        images(octavo::testing::random_images(model.graph[0].shape, 6)),
        seen(collect_histograms(model, images)),
        kinds(model.graph.size(), scheme::multiplier),
        possible(find_tensor_moves(model.graph, kinds)) {}

  static float_model make(std::uint64_t seed) {
    random_source rng(seed);
    float_model made = octavo::testing::random_float_model(movable_graph(), rng);
    for (octavo::float_params& params : made.params) {
      if (params.bias.empty()) continue;
      const std::size_t taps = params.weights.size() / params.bias.size();
      for (double& weight : params.weights) weight *= 2 / std::sqrt(static_cast<double>(taps));
    }
    return made;
  }

  std::size_t index(const char* name) const {
    return static_cast<std::size_t>(model.graph.find(name));
  }

  chosen_ranges choose(const tensor_moves& from, threshold_rule rule) const {
    chosen_ranges made;
    made.table = choose_thresholds(seen, {.rule = rule});
    made.moves = choose_full_ranges(model.graph, from, seen, rule, made.table);
    made.thresholds = propagate_thresholds(model.graph, made.table, {.relu_statistics = true});
    return made;
  }

  /// Everything moved, whether it pays or not: thresholds of 2 and more.
  std::vector<double> all_moved() const {
    std::vector<double> thresholds;
    for (const int group : possible.group) thresholds.push_back(3.0 + group);
    return thresholds;
  }

  /// int8 beside float, moved as `from` allows.
  octavo::compare::network_comparison compared(const tensor_moves& from,
                                               threshold_rule rule) const {
    const chosen_ranges how = choose(from, rule);
    const float_model source = move_tensors(model, how.moves, how.thresholds);
    const quantized_model made = quantize_moved(source, how.moves, how.thresholds, kinds);
    return octavo::compare::compare_network(source, made, images,
                                            [&](const octavo::tensor<std::int8_t>& image) {
                                              return octavo::emulation::emulate(made, image);
                                            },
                                            {.moves = how.moves});
  }
};

double sqnr(const octavo::compare::network_comparison& seen, std::size_t node) {
  return seen[node].meter.value().sqnr;
}

}  // namespace

TEST_CASE("moved tensors hold the real values less their share of the threshold") {
  const movable_network net(1);
  REQUIRE(net.possible.groups == 3);
  const std::vector<double> t = net.all_moved();
  const float_model source = move_tensors(net.model, net.possible, t);
  for (std::size_t image = 0; image < net.images.count; ++image) {
    const octavo::tensor<float> input = net.images.load(image);
    const auto plain = octavo::emulation::run_float(net.model, net.model.graph, input);
    const auto moved = octavo::emulation::run_float(source, source.graph, input);
    for (std::size_t i = 0; i < t.size(); ++i) {
      CAPTURE(source.graph[i].name.view());
      CHECK(source.graph[i].name.view() == net.model.graph[i].name.view());
      float off = 0;
      for (std::size_t k = 0; k < plain[i].values.size(); ++k) {
        const double expected = plain[i].values[k] - net.possible.share[i] * t[i];
        off = std::max(off, std::fabs(moved[i].values[k] - static_cast<float>(expected)));
      }
      CHECK(off < 1e-4);
    }
  }
}

TEST_CASE(
    "every relu that is moved is a clip that lets every int8 pass, a relu6 one from -128 on") {
  const movable_network net(2);
  const std::vector<double> t = net.all_moved();
  const quantized_model made = quantize(move_tensors(net.model, net.possible, t), t, net.kinds);
  int clips = 0;
  for (std::size_t i = 0; i < made.graph.size(); ++i) {
    CHECK(made.graph[i].kind != octavo::op::relu);
    if (made.graph[i].kind != octavo::op::clip) continue;
    CAPTURE(made.graph[i].name.view());
    const bool relu6 = made.graph[i].name.view() == "b_clip";
    const int top = relu6 ? octavo::quantize(2 - t[i], t[i]) : 127;
    CHECK(made.params[i].clip == octavo::clip_params{-128, static_cast<std::int8_t>(top)});
    ++clips;
  }
  CHECK(clips == 5);
}

TEST_CASE("a moved network is known as what it was") {
  const movable_network net(2);
  const float_model source = move_tensors(net.model, net.possible, net.all_moved());
  CHECK(source.graph != net.model.graph);
  CHECK(is_same_but_moved(source.graph, net.model.graph));
  CHECK(is_same_but_moved(net.model.graph, net.model.graph));
  CHECK(!is_same_but_moved(net.model.graph, source.graph));
  octavo::graph other = source.graph;
  other.nodes[net.index("sum_relu")].kind = octavo::op::max_pool;
  CHECK(!is_same_but_moved(other, net.model.graph));
  other = net.model.graph;  // relu6 is another network
  other.nodes[net.index("sum_relu")].kind = octavo::op::clip;
  other.nodes[net.index("sum_relu")].hi = 6;
  CHECK(!is_same_but_moved(other, net.model.graph));
  other = source.graph;
  other.nodes[net.index("c")].window.kh = 3;
  CHECK(!is_same_but_moved(other, net.model.graph));
  other.nodes.pop_back();
  CHECK(!is_same_but_moved(other, net.model.graph));
}

TEST_CASE("int8 comes nearer to float") {
  for (const threshold_rule rule : {threshold_rule::mse, threshold_rule::max}) {
    double gain = 0;
    for (std::uint64_t seed = 3; seed < 7; ++seed) {
      const movable_network net(seed);
      const auto plain = net.compared(octavo::no_tensor_moves(net.model.graph.size()), rule);
      const auto moved = net.compared(net.possible, rule);
      CHECK(sqnr(moved, net.index("pool")) > sqnr(plain, net.index("pool")) + 3);
      // What reads them rounds its weights and its own output as before.
      gain += sqnr(moved, net.index("left")) - sqnr(plain, net.index("left"));
    }
    MESSAGE(to_string(rule), ": ", gain / 4, " dB");
    CHECK(gain / 4 > 1);
  }
}

TEST_CASE("what reads a moved tensor adds its threshold times the rounded weights") {
  const movable_network net(11);
  const std::vector<double> t = net.all_moved();
  const float_model source = move_tensors(net.model, net.possible, t);
  for (const scheme kind : {scheme::rshift32, scheme::rshift_channel, scheme::multiplier}) {
    const std::vector<scheme> kinds(t.size(), kind);
    const quantized_model made = quantize_moved(source, net.possible, t, kinds);
    const std::size_t fc = net.index("fc");  // is not moved itself
    const octavo::op_params& params = made.params[fc];
    const octavo::detail::accumulator_units units(net.model.params[fc], params.requantize,
                                                  t[net.index("next_relu")], t[fc]);
    for (std::size_t oc = 0; oc < params.bias.size(); ++oc) {
      const std::size_t taps = params.weights.size() / params.bias.size();
      double sum = 0;
      for (std::size_t k = 0; k < taps; ++k) sum += params.weights[oc * taps + k];
      CHECK(std::fabs(params.bias[oc] - (units.bias(oc) + 128 * sum)) <= 1);
    }
    CHECK(params.bias != quantize(source, t, kinds).params[fc].bias);
  }
}

TEST_CASE("rule max: the range stays, and nothing saturates") {
  const movable_network net(7);
  const chosen_ranges how = net.choose(net.possible, threshold_rule::max);
  const auto seen = [&](const char* name) { return net.seen[net.index(name)].max; };
  CHECK(how.table.at("stem_relu") == seen("stem_relu") * 128 / 255);
  CHECK(how.table.at("pool") == how.table.at("stem"));
  CHECK(how.table.at("joined") == std::max(seen("a_relu"), seen("b_clip")) * 128 / 255);
  // What two layers would need to be moved by half: twice the range, which does not pay.
  CHECK(how.moves.groups == 2);
  for (const char* name : {"left", "right", "sum_relu", "c", "next_relu"}) {
    CHECK(how.moves.group[net.index(name)] == -1);
    CHECK(how.moves.share[net.index(name)] == 0);
    CHECK(how.table.at(name) == seen(name));
  }
  const auto compared = net.compared(net.possible, threshold_rule::max);
  // The layer is its relu now, and compared as that.
  CHECK(sqnr(compared, net.index("stem")) == sqnr(compared, net.index("stem_relu")));
  for (std::size_t i = 0; i < compared.size(); ++i) {
    CAPTURE(compared[i].meter.name());
    if (how.moves.group[i] < 0) continue;
    const auto& saturation = compared[i].saturation;
    CHECK(saturation.low_share() == 0);
    CHECK(saturation.high_share() < 0.01);  // what just reaches the end
    if (i == net.index("pool")) CHECK(saturation.distinct() > 130);
  }
}

TEST_CASE("rule mse: an eighth more than the least error of all in the group") {
  const movable_network net(8);
  const double t = net.choose(net.possible, threshold_rule::mse).table.at("stem");
  const octavo::histogram& seen = net.seen[net.index("stem_relu")];
  const auto error = [&](double threshold) {  // written down once more
    double sum = 0;
    for (std::size_t bin = 0; bin < octavo::histogram_bins; ++bin) {
      const double x = seen.width() * static_cast<double>(bin);
      const double step = threshold / 128;
      const double off = x - std::min(255.0, std::floor(x / step + 0.5)) * step;
      sum += static_cast<double>(seen.counts[bin]) * off * off;
    }
    return sum;
  };
  double best = 0;
  for (int i = 128; i <= 2048; i += 16) {
    const double candidate = seen.width() * i / 255 * 128;
    if (best == 0 || error(candidate) < error(best)) best = candidate;
  }
  CHECK(t == best * 1.125);
}

TEST_CASE("a sum of whole steps saturates and is not rounded") {
  const movable_network net(12);
  const octavo::histogram& seen = net.seen[net.index("sum_relu")];
  octavo::detail::ranged_tensor range = {.low = 0, .high = 255, .is_sum = true};
  const double step = seen.max / 255;
  CHECK(range_error(seen, range, step) < 1e-9);
  CHECK(range_error(seen, range, step / 2) > 1);
  range.is_sum = false;
  const double rounded = static_cast<double>(seen.total()) * step * step / 12;
  CHECK(range_error(seen, range, step) > rounded / 2);
  CHECK(range_error(seen, range, step) < rounded * 2);
}

TEST_CASE("a sum is moved where few of its operands' values are large") {
  // Histograms made by hand: all but one value in a hundred are an eighth of the largest and less.
  const movable_network net(9);
  octavo::tensor_ranges ranges(net.seen.names());
  const auto observe = [&](auto& to) {
    for (std::size_t i = 0; i < net.seen.size(); ++i) {
      const bool operand = i == net.index("left") || i == net.index("right") || i == net.index("c");
      std::vector<float> values;
      for (int k = 1; k <= 800; ++k) values.push_back(static_cast<float>(k) / 800);
      for (int k = 0; !operand && k < 8; ++k) values.push_back(static_cast<float>(k));
      to.observe(i, values);
    }
  };
  observe(ranges);
  octavo::tensor_histograms seen(ranges);
  observe(seen);
  calibration_table table = choose_thresholds(seen, {.rule = threshold_rule::mse});
  const tensor_moves moves =
      choose_full_ranges(net.model.graph, net.possible, seen, threshold_rule::mse, table);
  CHECK(moves.groups == 3);
  CHECK(moves.share == net.possible.share);
  CHECK(table.at("left") == table.at("next_relu"));
  CHECK(table.at("left") > 2);  // beyond half of what one layer needs
}

TEST_CASE("what is refused") {
  const movable_network net(10);
  std::vector<double> t = net.all_moved();
  t[net.index("pool")] *= 2;
  CHECK(message_of([&] { static_cast<void>(move_tensors(net.model, net.possible, t)); }) ==
        "move_tensors: the thresholds of pool and stem must be equal");
  t.pop_back();
  CHECK(message_of([&] { static_cast<void>(move_tensors(net.model, net.possible, t)); }) ==
        "move_tensors: expected one move, threshold and parameter set for each node");
  calibration_table table;
  CHECK(message_of([&] {
          static_cast<void>(
              choose_full_ranges(net.model.graph, {}, net.seen, threshold_rule::mse, table));
        }) == "choose_full_ranges: expected one histogram and one move a node");
  const quantized_model plain =
      quantize(net.model, std::vector<double>(net.model.graph.size(), 1), scheme::multiplier);
  CHECK(message_of([&] {
          octavo::compare::network_comparison(plain, {}, {.share = {1, 1}});
        }) == "comparison: expected one move a node");
}
