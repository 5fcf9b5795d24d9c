// SPDX-License-Identifier: MIT
/// @file
/// The whole of calibration on networks small enough to follow.

#include "octavo/calibrate/calibrate.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "helpers.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/model/quantize.hpp"

namespace {

using octavo::calibration_table;
using octavo::tensor;
using octavo::tensor_id;
using octavo::threshold_rule;
using octavo::testing::message_of;
using builder = octavo::graph_builder<std::vector<octavo::node>>;

/// data_quant (2 pixels) -> fc (2 outputs: a - b and 2b + 1) -> relu
octavo::float_model small_model() {
  builder net;
  tensor_id x = net.input("data_quant", {1, 2, 1, 1});
  x = net.fully_connected("fc", x, 2);
  x = net.relu("fc_relu", x);
  octavo::float_model model{.graph = net.finish(x), .params = {3, octavo::float_params{}}};
  model.params[1] = {.weights = {1, -1, 0, 2}, .bias = {0, 1}};
  return model;
}

octavo::image_source images_of(const std::vector<std::vector<float>>& images) {
  return {images.size(), [images](std::size_t i) {
            tensor<float> image({1, 2, 1, 1});
            image.values = images[i];
            return image;
          }};
}

}  // namespace

TEST_CASE("every node gets its line, in execution order, the input without _quant") {
  // fc: (3, 1), (-6, 9), (1, -5); relu: (3, 1), (0, 9), (1, 0)
  const calibration_table table = calibrate(small_model(), images_of({{3, 0}, {-2, 4}, {-2, -3}}),
                                            {.rule = threshold_rule::max});
  CHECK(to_text(table) == "data 4\nfc 9\nfc_relu 9\n");
  const calibration_table other =
      calibrate(small_model(), images_of({{-3, 0}, {-9, -1}}), {.rule = threshold_rule::max});
  // fc: (-3, 1), (-8, -1)
  CHECK(to_text(other) == "data 9\nfc 8\nfc_relu 1\n");
}

TEST_CASE("the table is what propagate_thresholds asks for") {
  const octavo::float_model model = small_model();
  const calibration_table table =
      calibrate(model, images_of({{-3, 0}, {-9, -1}}), {.rule = threshold_rule::max});
  CHECK(octavo::propagate_thresholds(model.graph, table) == std::vector<double>{9, 8, 8});
  CHECK(octavo::propagate_thresholds(model.graph, table, {.relu_statistics = true}) ==
        std::vector<double>{9, 1, 1});
}

TEST_CASE("histograms of the tensors, in the order of the nodes") {
  const octavo::tensor_histograms seen =
      collect_histograms(small_model(), images_of({{3, 0}, {-2, 4}, {-2, -3}}));
  REQUIRE(seen.size() == 3);
  CHECK(seen.names() == std::vector<std::string>{"data", "fc", "fc_relu"});
  CHECK(seen[0].total() == 5);
  CHECK(seen[1].total() == 6);
  CHECK(seen[2].total() == 4);
  CHECK(seen[0].counts[1024] == 2);  // 2 of 4: 1023.5, up
  CHECK(seen[0].counts[1535] == 2);  // 3 of 4: 1535.25
  CHECK(seen[0].counts[2047] == 1);
}

TEST_CASE("the order of the images does not matter, under any rule") {
  const octavo::image_source forward = images_of({{3, 0}, {-2, 4}, {-2, -3}, {0.1F, 0.3F}});
  const octavo::image_source backward = {4, [&](std::size_t i) { return forward.load(3 - i); }};
  const octavo::float_model model = small_model();
  CHECK(collect_histograms(model, forward) == collect_histograms(model, backward));
  for (const auto rule : {threshold_rule::max, threshold_rule::kld, threshold_rule::percentile,
                          threshold_rule::mse}) {
    CHECK(calibrate(model, forward, {.rule = rule}) == calibrate(model, backward, {.rule = rule}));
  }
}

TEST_CASE("images are asked for one at a time, twice, and progress is told") {
  std::vector<std::size_t> asked;
  const octavo::image_source source = images_of({{3, 0}, {-2, 4}});
  const octavo::image_source watched = {2, [&](std::size_t i) {
                                          asked.push_back(i);
                                          return source.load(i);
                                        }};
  std::vector<std::tuple<int, std::size_t, std::size_t>> told;
  const auto progress = [&](int pass, std::size_t done, std::size_t count) {
    told.emplace_back(pass, done, count);
    CHECK(asked.size() == told.size());
  };
  calibrate(small_model(), watched, {.rule = threshold_rule::kld}, {.progress = progress});
  CHECK(asked == std::vector<std::size_t>{0, 1, 0, 1});
  CHECK(told == decltype(told){{1, 1, 2}, {1, 2, 2}, {2, 1, 2}, {2, 2, 2}});
}

TEST_CASE("the input keeps _quant where another tensor has the shorter name") {
  builder net;
  const tensor_id x = net.input("data_quant", {1, 2, 1, 1});
  octavo::float_model model{.graph = net.finish(net.relu("data", x)),
                            .params = {2, octavo::float_params{}}};
  const calibration_table table =
      calibrate(model, images_of({{3, -4}}), {.rule = threshold_rule::max});
  CHECK(to_text(table) == "data_quant 4\ndata 3\n");
  CHECK(octavo::propagate_thresholds(model.graph, table) == std::vector<double>{4, 4});
}

TEST_CASE("what cannot be calibrated is an error that says what and where") {
  const octavo::float_model model = small_model();
  CHECK(message_of([&] { calibrate(model, images_of({})); }) ==
        "calibration: the set has no images");
  CHECK(message_of([&] { calibrate(model, {.count = 1}); }) ==
        "calibration: the set has no way to load an image");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(message_of([&] {
          calibrate(model, images_of({{1, 2}, {1, nan}}));
        }) == "image 1 of 2: calibration: tensor data: NaN at element 1, expected finite values");
  const float huge = std::numeric_limits<float>::max();
  CHECK(message_of([&] {
          calibrate(model, images_of({{huge, -huge}}));
        }) ==
        "image 0 of 1: calibration: tensor fc: an infinity at element 0, "
        "expected finite values");
  // fc: (-3, -1): nothing passes the relu
  CHECK(message_of([&] {
          calibrate(model, images_of({{-4, -1}}));
        }) == "calibration: tensor fc_relu: it is all zero, there is no threshold for it");
  const octavo::image_source wrong_shape = {1, [](std::size_t) {
                                              return tensor<float>({1, 3, 1, 1});
                                            }};
  CHECK(message_of([&] { calibrate(model, wrong_shape); }) ==
        "image 0 of 1: float model: the input has the shape 1x3x1x1, expected 1x2x1x1");
}

TEST_CASE("images that change between the passes are noticed") {
  for (const float second : {5.0F, 3.0F}) {
    int loads = 0;
    const octavo::image_source changing = {1, [&](std::size_t) {
                                             tensor<float> image({1, 2, 1, 1});
                                             image.values = {loads++ == 0 ? 4.0F : second, 0};
                                             return image;
                                           }};
    CHECK(message_of([&] { calibrate(small_model(), changing); }).ends_with("both need one set"));
  }
}

TEST_CASE("a calibrated network can be quantized") {
  const octavo::float_model model = small_model();
  const calibration_table table = calibrate(model, images_of({{3, 0}, {-2, 4}, {-2, -3}}));
  const std::vector<double> thresholds = octavo::propagate_thresholds(model.graph, table);
  CHECK(octavo::quantize(model, thresholds, octavo::scheme::rshift32).thresholds == thresholds);
}
