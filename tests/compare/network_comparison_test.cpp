// SPDX-License-Identifier: MIT
/// @file
/// Float and int8 networks side by side: those that must be equal, and a lie in one tensor.
#include "octavo/compare/network_comparison.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "helpers.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/model/quantize.hpp"
#include "support/every_op.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

using namespace octavo::compare;
using namespace octavo::testing;
using octavo::activations;
using octavo::quantized_model;
using octavo::tensor;

namespace {

/// data_quant (2 pixels) -> fc (a - b and 2b + 1) -> fc_relu
octavo::float_model small_model() {
  builder net;
  octavo::tensor_id x = net.input("data_quant", {1, 2, 1, 1});
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

/// With thresholds of 128 an int8 is its own value, and whole numbers are not rounded.
quantized_model whole_numbers() {
  return quantize(small_model(), std::vector<double>{128, 128, 128}, octavo::scheme::rshift32);
}

auto emulation_of(const quantized_model& model) {
  return [&model](const tensor<std::int8_t>& image) {
    return octavo::emulation::emulate(model, image);
  };
}

/// A network with every op and what calibration makes of it.
struct every_op_network {
  octavo::float_model floats;
  octavo::image_source images;
  quantized_model quantized;

  explicit every_op_network(std::size_t image_count) {
    random_source rng(11);
    floats = random_float_model(every_op_graph(), rng);
    images = random_images(floats.graph[0].shape, image_count);
    const octavo::calibration_table table =
        calibrate(floats, images, {.rule = octavo::threshold_rule::max});
    quantized =
        quantize(floats, propagate_thresholds(floats.graph, table), octavo::scheme::multiplier);
  }
};

}  // namespace

TEST_CASE("a network of whole numbers is equal to its int8 form") {
  const quantized_model model = whole_numbers();
  const network_comparison seen = compare_network(
      small_model(), model, images_of({{3, 1}, {-2, 40}, {-50, 2}}), emulation_of(model));
  CHECK(seen.first_below(exact_tolerance) == -1);
  CHECK(exit_status(seen.to_report(exact_tolerance)) == 0);
  CHECK(to_csv(seen.to_report()) ==
        "name,op,elements,threshold,cosine,euclid,sqnr_db,max_error,saturated_low,saturated_high,"
        "verdict,unequal,max_error_image,max_error_element,distinct_values,note\n"
        "data_quant,input,6,128,1.000000,1.000000,inf,0,0.000000,0.000000,EQUAL,0,0,0,6,\n"
        "fc,fully_connected,6,128,1.000000,1.000000,inf,0,0.000000,0.000000,EQUAL,0,0,0,6,\n"
        "fc_relu,relu,6,128,1.000000,1.000000,inf,0,0.000000,0.000000,EQUAL,0,0,0,5,\n");
}

TEST_CASE("what saturates is seen where it happens") {
  const quantized_model model = whole_numbers();
  // fc of (100, -40): 140 and -79; of (-100, 40): -140 and 81
  const network_comparison seen =
      compare_network(small_model(), model, images_of({{100, -40}, {-100, 40}}),
                      emulation_of(model), {.limits = exact_tolerance});
  CHECK(seen.first_below() == 1);
  CHECK(seen[0].meter.value().all_equal());
  const similarity fc = seen[1].meter.value();
  CHECK(fc.unequal == 2);
  CHECK(fc.max_error == 13);  // 127 for 140; -128 for -140 is off by 12
  CHECK(fc.worst == element_place{0, 0});
  CHECK(seen[1].saturation.low_share() == 0.25);
  CHECK(seen[1].saturation.high_share() == 0.25);
  CHECK(seen[2].saturation.low_share() == 0);
  CHECK(seen[2].meter.value().unequal == 1);
}

TEST_CASE("any network is equal to itself dequantized, and a lie is found where it is") {
  random_source rng(5);
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const octavo::graph net = random_graph(12, rng);
    const quantized_model model = random_model(net, {}, rng);
    const activations tensors = octavo::emulation::emulate(
        model, random_tensor(net[sole_input(net)].shape, fill::uniform, rng));
    const std::size_t lie =
        static_cast<std::size_t>(rng.integer(0, static_cast<int>(net.size()) - 1));
    network_comparison honest(model, exact_tolerance);
    network_comparison lying(model, exact_tolerance);
    for (std::size_t i = 0; i < net.size(); ++i) {
      std::vector<float> floats;
      for (const std::int8_t q : tensors[i].values) {
        floats.push_back(static_cast<float>(octavo::dequantize(q, model.thresholds[i])));
      }
      honest.add(i, floats, tensors[i].values);
      std::vector<std::int8_t> told = tensors[i].values;
      if (i == lie) told.back() = static_cast<std::int8_t>(told.back() ^ 1);
      lying.add(i, floats, told);
    }
    CHECK(honest.first_below() == -1);
    CHECK(lying.first_below() == static_cast<int>(lie));
    CHECK(lying[lie].meter.value().unequal == 1);
    CHECK(lying[lie].meter.value().worst.index ==
          static_cast<std::int64_t>(tensors[lie].values.size()) - 1);
  }
}

TEST_CASE("any executor of the model will do, and gives the same report") {
  const every_op_network network(3);
  const quantized_model& model = network.quantized;
  const auto report_by = [&](const auto& execute) {
    return to_csv(compare_network(network.floats, model, network.images, execute).to_report());
  };
  const std::string expected = report_by(emulation_of(model));
  CHECK(report_by([&](const tensor<std::int8_t>& image) { return interpret(model, image); }) ==
        expected);
}

TEST_CASE("parts of the set merge to what one run gives, to the last bit") {
  const every_op_network network(5);
  const quantized_model& model = network.quantized;
  const auto seen_of = [&](std::size_t first, std::size_t count) {
    const octavo::image_source part = {
        count, [&network, first](std::size_t i) { return network.images.load(first + i); }};
    return compare_network(network.floats, model, part, emulation_of(model));
  };
  const network_comparison whole = seen_of(0, 5);
  network_comparison forward = seen_of(0, 2);
  forward.merge(seen_of(2, 3));
  network_comparison backward = seen_of(2, 3);
  backward.merge(seen_of(0, 2));
  CHECK(to_csv(forward.to_report()) == to_csv(whole.to_report()));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(whole[i].meter.name());
    CHECK(forward[i].meter.value() == whole[i].meter.value());
    CHECK(forward[i].saturation == whole[i].saturation);
    CHECK(backward[i].saturation == whole[i].saturation);
    CHECK(backward[i].meter.value().sqnr == whole[i].meter.value().sqnr);
    CHECK(backward[i].meter.value().cosine == whole[i].meter.value().cosine);
    CHECK(whole[i].meter.images() == 5);
  }
}

TEST_CASE("images are asked for once, in order, and progress is told") {
  const quantized_model model = whole_numbers();
  std::vector<std::size_t> asked;
  const octavo::image_source source = images_of({{3, 0}, {-2, 4}});
  const octavo::image_source watched = {2, [&](std::size_t i) {
                                          asked.push_back(i);
                                          return source.load(i);
                                        }};
  std::vector<std::pair<std::size_t, std::size_t>> told;
  compare_network(small_model(), model, watched, emulation_of(model),
                  {.progress = [&](std::size_t done, std::size_t count) {
                    CHECK(asked.size() == done);
                    told.emplace_back(done, count);
                  }});
  CHECK(asked == std::vector<std::size_t>{0, 1});
  CHECK(told == decltype(told){{1, 2}, {2, 2}});
}

TEST_CASE("what cannot be compared is an error that says what and where") {
  const octavo::float_model floats = small_model();
  const quantized_model model = whole_numbers();
  const auto run = [&](const octavo::image_source& images, const auto& execute) {
    return message_of([&] { compare_network(floats, model, images, execute); });
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const octavo::image_source good = images_of({{1, 2}, {3, 4}});
  CHECK(run(images_of({}), emulation_of(model)) == "comparison: the set has no images");
  CHECK(run({.count = 1}, emulation_of(model)) ==
        "comparison: the set has no way to load an image");
  CHECK(run(images_of({{1, 2}, {1, nan}}), emulation_of(model)) ==
        "image 1: comparison: element 1 is NaN or infinite, expected finite values");
  CHECK(run(images_of({{1, 2, 3}}), emulation_of(model)) ==
        "image 0: comparison: the image has not its shape's elements");
  const octavo::image_source wide = {1, [](std::size_t) { return tensor<float>({1, 3, 1, 1}); }};
  CHECK(run(wide, emulation_of(model)) ==
        "image 0: comparison: the image has the shape 1x3x1x1, expected 1x2x1x1");
  const float huge = std::numeric_limits<float>::max();
  CHECK(run(images_of({{1, 2}, {huge, -huge}}), emulation_of(model)) ==
        "image 1: comparison: tensor 'fc': an infinity at element 0 of the reference, expected "
        "finite values");
  const auto too_few = [&](const tensor<std::int8_t>& image) {
    return octavo::emulation::emulate(model, fuse(model), image);
  };
  CHECK(run(good, too_few) ==
        "image 0: comparison: the executor gave 2 tensors, expected 3, one for each node of the "
        "unfused graph");
  const auto wrong_shape = [&](const tensor<std::int8_t>& image) {
    activations tensors = octavo::emulation::emulate(model, image);
    tensors[1].values.pop_back();
    return tensors;
  };
  CHECK(run(good, wrong_shape) ==
        "image 0: comparison: the executor's tensor of fc has another shape than the node");
}

TEST_CASE("networks that are not the same") {
  const octavo::float_model floats = small_model();
  quantized_model model = whole_numbers();
  const auto run = [&] {
    return message_of([&] {
      compare_network(floats, model, images_of({{1, 2}}), emulation_of(model));
    });
  };
  model.graph.nodes[1].name = "other";
  CHECK(run() ==
        "comparison: node 1 is fc in the float network and not the same node (other) in the int8 "
        "one");
  model = whole_numbers();
  model.graph.nodes.pop_back();
  CHECK(run() == "comparison: the float network has 3 nodes, the int8 one 2");
  model = whole_numbers();
  model.thresholds[2] = 0;
  CHECK(run() == "comparison: fc_relu: threshold 0, expected a positive finite number");
  model.thresholds.pop_back();
  CHECK(run() == "comparison: the model has 2 thresholds, expected 3, one a node");
}

TEST_CASE("tensors that are not the node's, and a node that nobody has seen") {
  const quantized_model model = whole_numbers();
  network_comparison seen(model);
  const std::vector<float> floats = {1, 2};
  const std::vector<std::int8_t> ints = {1, 2};
  CHECK(message_of([&] { seen.add(3, floats, ints); }) ==
        "comparison: there is no node 3, the network has 3");
  CHECK(message_of([&] { seen.add(1, floats, std::vector<std::int8_t>{1}); }) ==
        "comparison: fc: 2 float and 1 int8 elements, expected 2");
  seen.add(0, floats, ints);
  seen.add(2, floats, ints);
  CHECK(message_of([&] { seen.to_report(); }) == "comparison: fc: no image was compared");
  seen.add(1, floats, ints);
  CHECK(message_of([&] { seen.to_report(); }) == "no error");
}

TEST_CASE("only comparisons of one network can be merged") {
  quantized_model model = whole_numbers();
  network_comparison seen(model);
  const std::string expected =
      "comparison: only those of one network with the same rtol and atol can be merged";
  CHECK(message_of([&] { seen.merge(network_comparison(model, {.atol = 1})); }) == expected);
  model.thresholds[1] = model.thresholds[2] = 64;
  CHECK(message_of([&] { seen.merge(network_comparison(model)); }) == expected);
  model = whole_numbers();
  model.graph.nodes[1].name = "other";
  CHECK(message_of([&] { seen.merge(network_comparison(model)); }) == expected);
  CHECK(message_of([&] { seen.merge(network_comparison(whole_numbers(), {.min_cosine = 0})); }) ==
        "no error");
}
