// SPDX-License-Identifier: MIT
/// @file
/// Which tensors an average over the whole map sums up, and that these and the outputs keep their
/// largest values.

#include "octavo/calibrate/largest_values.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/networks/find.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"
#include "support/random_images.hpp"

namespace {

using octavo::averaged_tensors;
using octavo::square;
using octavo::tensor_id;
using octavo::testing::builder;
using octavo::testing::message_of;

/// The names of the tensors found, in order.
std::string averaged_names(const octavo::graph& net) {
  const std::vector<bool> found = averaged_tensors(net);
  std::string names;
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (found[i]) names += octavo::concat_text(names.empty() ? "" : " ", net[i].name);
  }
  return names;
}

/// data (8x8) -> half (4x4) -> relu -> inner -> sum with relu -> an average of these windows.
octavo::graph summed_then_averaged(const octavo::pool_params& pool) {
  builder net;
  tensor_id x = net.input("data", {1, 2, 8, 8});
  x = net.relu("relu", net.conv2d("half", x, {.channels = 3, .window = square(3, 2, 1)}));
  x = net.add("sum", x, net.conv2d("inner", x, {.channels = 3}));
  return net.finish(net.fully_connected("fc", net.avg_pool("mean", x, pool), 4));
}

}  // namespace

TEST_CASE("all tensors of the map that is averaged, back to where it was made smaller") {
  CHECK(averaged_names(summed_then_averaged({.window = square(4)})) == "half relu inner sum");
}

TEST_CASE("an average of a part of the map is none of the whole") {
  CHECK(averaged_names(summed_then_averaged({.window = square(2, 2)})) == "");
  CHECK(averaged_names(summed_then_averaged({.window = square(3)})) == "");
  // One pixel comes out, but of the upper left alone.
  CHECK(averaged_names(summed_then_averaged({.window = square(3, 3)})) == "");
  CHECK(averaged_names(summed_then_averaged({.window = {3, 4, 4, 4}})) == "");
  CHECK(averaged_names(summed_then_averaged({.window = {4, 3, 4, 4}})) == "");
}

TEST_CASE("a map of another height or width is another map") {
  for (const octavo::window& halves : {octavo::window{2, 1, 2, 1}, octavo::window{1, 2, 1, 2}}) {
    builder net;
    tensor_id x = net.input("data", {1, 2, 4, 4});
    x = net.conv2d("half", net.relu("relu", x), {.channels = 3, .window = halves});
    const octavo::window whole{4 / halves.kh, 4 / halves.kw};
    CHECK(averaged_names(net.finish(net.avg_pool("mean", x, {.window = whole}))) == "half");
  }
}

TEST_CASE("a map of one pixel has no average, and a network without one no such tensors") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 1, 1});
  CHECK(averaged_names(net.finish(net.avg_pool("mean", x, {.window = square(1)}))) == "");
  builder plain;
  const tensor_id y = plain.input("data", {1, 2, 4, 4});
  CHECK(averaged_names(plain.finish(plain.max_pool("max", y, {.window = square(4)}))) == "");
}

TEST_CASE("networks: the last stage, and what it was made of stays out") {
  const octavo::graph resnet = octavo::networks::find("resnet50-torchvision").make(1);
  const std::vector<bool> found = averaged_tensors(resnet);
  const auto is_averaged = [&](const char* name) {
    const int index = resnet.find(name);
    REQUIRE(index >= 0);
    return static_cast<bool>(found[static_cast<std::size_t>(index)]);
  };
  for (const char* name : {"scale5a_branch1", "scale5a_branch2b", "res5a", "res5c_relu"}) {
    CHECK(is_averaged(name));
  }
  for (const char* name : {"data_quant", "res4f_relu", "scale5a_branch2a", "pool5", "fc1000"}) {
    CHECK(!is_averaged(name));
  }
}

TEST_CASE(
    "these get their largest magnitude, outputs a quarter more, the others what a rule gave") {
  octavo::testing::random_source rng(5);
  const octavo::float_model model =
      octavo::testing::random_float_model(summed_then_averaged({.window = square(4)}), rng);
  const auto images = octavo::testing::random_images(model.graph[0].shape, 3);
  const octavo::tensor_histograms seen = octavo::collect_histograms(model, images);
  const octavo::calibration_table by_rule = octavo::choose_thresholds(
      seen, {.rule = octavo::threshold_rule::percentile, .percentile = 50});
  octavo::calibration_table table = by_rule;
  octavo::keep_largest_values(model.graph, seen, table);
  const std::vector<bool> averaged = averaged_tensors(model.graph);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const std::string& name = seen.names()[i];
    CAPTURE(name);
    CHECK(*table.find(name) == (name == "fc"  ? seen[i].max * 1.25
                                : averaged[i] ? seen[i].max
                                              : *by_rule.find(name)));
  }
  CHECK(table != by_rule);
  builder other;
  const octavo::graph short_graph = other.finish(other.input("data", {1, 2, 4, 4}));
  CHECK(message_of([&] { octavo::keep_largest_values(short_graph, seen, table); }) ==
        "keep_largest_values: expected one histogram a node");
}
