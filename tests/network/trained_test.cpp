// SPDX-License-Identifier: MIT
/// @file
/// The full-size network with trained weights, from the folder that OCTAVO_TEST_DATA names.
#include "network/trained.hpp"

#include <cmath>
#include <map>

#include "image.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/io/npz_state_dict.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "octavo/reference/quantize.hpp"
#include "preprocess.hpp"

namespace octavo::testing {
namespace {

constexpr shape input_shape = {1, 3, 224, 224};

constexpr const char* resnet50_file = "resnet50/resnet50_torchvision.npz";

float_model trained_model(const std::filesystem::path& data) {
  const graph net =
      to_graph(networks::resnet50({.variant = networks::resnet_variant::torchvision}));
  const state_dict file = io::npz_state_dict(data / resnet50_file);
  return load_float_model(net, file, networks::resnet_naming(file));
}

tensor<float> photo(const std::filesystem::path& path) {
  tensor<float> input(input_shape);
  input.values = examples::preprocess(examples::load_image(path), examples::torchvision_preset);
  return input;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

}  // namespace

TEST_CASE("data: the float network gives PyTorch's tensors") {
  const std::filesystem::path data = data_folder(resnet50_file);
  if (data.empty()) return;
  io::npz_reader oracle(data / "resnet50" / "chelsea_fp32.npz");
  const float_model model = trained_model(data);
  const emulation::float_network network(model);
  tensor<float> input(input_shape);
  input.values = oracle.read("data").as<float>();
  int compared = 0;
  network.run(input, [&](std::size_t i, const tensor<float>& values) {
    const std::string name(model.graph[i].name.view());
    if (!oracle.contains(name)) return;
    INFO(name);
    CHECK(largest_difference(values.values, oracle.read(name).as<float>()) < 1e-3);
    ++compared;
  });
  CHECK(compared == 5);
  const std::vector<float> from_picture =
      logits_of(network, photo(data / "photos" / "chelsea.png"));
  CHECK(largest_difference(from_picture, oracle.read("fc1000").as<float>()) < 0.05);
}

TEST_CASE("data: every scheme sees the cat") {
  const std::filesystem::path data = data_folder(resnet50_file);
  if (data.empty()) return;
  const float_model model = trained_model(data);
  const tensor<float> input = photo(data / "photos" / "chelsea.png");
  const tensor_histograms seen = collect_histograms(model, {1, [&](std::size_t) { return input; }});
  for (const threshold_rule rule : {threshold_rule::max, threshold_rule::kld}) {
    const calibration_table table = choose_thresholds(seen, {.rule = rule});
    const std::vector<double> thresholds = propagate_thresholds(model.graph, table);
    for (const scheme kind : all_schemes) {
      CAPTURE(to_string(rule));
      CAPTURE(to_string(kind));
      const quantized_model quantized = quantize(model, thresholds, kind);
      tensor<std::int8_t> src(input_shape);
      reference::quantize(input.view(), quantized.thresholds[0], src.view());
      CHECK(top1(emulation::emulate(quantized, src).back().values) == 285);  // Egyptian cat
    }
  }
}

TEST_CASE("data: photos of known things") {
  const std::filesystem::path data = data_folder(resnet50_file);
  if (data.empty()) return;
  const std::map<std::string, std::size_t> classes = {
      {"coffee.png", 967}, {"hot_dog.jpg", 934},   {"owl.jpg", 24},      {"parrot.jpg", 88},
      {"bird.bmp", 19},    {"dragonfly.bmp", 319}, {"cat_720p.jpg", 285}};
  const float_model model = trained_model(data);
  const emulation::float_network network(model);
  for (const std::pair<const std::string, std::size_t>& known : classes) {
    CAPTURE(known.first);
    CHECK(top1(logits_of(network, photo(data / "photos" / known.first))) == known.second);
  }
}

}  // namespace octavo::testing
