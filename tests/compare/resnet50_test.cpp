// SPDX-License-Identifier: MIT
/// @file
/// Trained weights in float and in int8, from the folder that OCTAVO_TEST_DATA names.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "octavo/compare/head_room.hpp"
#include "octavo/compare/network_comparison.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/io/npz_state_dict.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"

using namespace octavo::compare;
using octavo::activations;
using octavo::scheme;
using octavo::tensor;

namespace {

/// The data folder, or an empty path after saying that the test was skipped.
std::filesystem::path data_folder() {
  const char* folder = std::getenv("OCTAVO_TEST_DATA");
  const std::filesystem::path data(folder != nullptr ? folder : "");
  const std::filesystem::path weights = data / "resnet50" / "resnet50_torchvision.npz";
  if (folder != nullptr && std::filesystem::exists(weights)) return data / "resnet50";
  MESSAGE("skipped: OCTAVO_TEST_DATA names no folder with resnet50/resnet50_torchvision.npz in it");
  return {};
}

octavo::float_model trained_model(const std::filesystem::path& data) {
  using namespace octavo::networks;
  const octavo::graph net = to_graph(resnet50({.variant = resnet_variant::torchvision}));
  const octavo::state_dict file = octavo::io::npz_state_dict(data / "resnet50_torchvision.npz");
  return load_float_model(net, file, resnet_naming(file));
}

/// The photo of a cat, preprocessed.
octavo::image_source cat(const std::filesystem::path& data) {
  tensor<float> image({1, 3, 224, 224});
  octavo::io::npz_reader file(data / "chelsea_fp32.npz");
  image.values = file.read("data").as<float>();
  return {1, [image](std::size_t) { return image; }};
}

std::vector<double> thresholds_of(const octavo::float_model& model,
                                  const octavo::image_source& images) {
  const octavo::calibration_table table =
      calibrate(model, images, {.rule = octavo::threshold_rule::max});
  return propagate_thresholds(model.graph, table);
}

/// `model` outlives what is returned.
auto honest(const octavo::quantized_model& model) {
  return [&model](const tensor<std::int8_t>& input) {
    return octavo::emulation::emulate(model, input);
  };
}

}  // namespace

TEST_CASE("data: a trained ResNet-50 keeps the original's floors") {
  const std::filesystem::path data = data_folder();
  if (data.empty()) return;
  const octavo::float_model model = trained_model(data);
  const octavo::image_source image = cat(data);
  const std::vector<double> thresholds = thresholds_of(model, image);
  const octavo::emulation::float_network network(model);
  for (const scheme kind : {scheme::rshift16, scheme::rshift_channel, scheme::multiplier}) {
    CAPTURE(to_string(kind));
    const octavo::quantized_model quantized = quantize(model, thresholds, kind);
    const tolerance limits = regression_tolerance(kind);
    const network_comparison seen =
        compare_network(network, quantized, image, honest(quantized), {.limits = limits});
    MESSAGE(summary(seen.to_report()));
    CHECK(seen.first_below() == -1);
    for (const layer_head_room& room : head_room(quantized)) {
      CAPTURE(room.name);
      CHECK(room.bits() > 0);
    }
  }
}

TEST_CASE("data: a lie in the middle of a trained ResNet-50 is found where it is") {
  const std::filesystem::path data = data_folder();
  if (data.empty()) return;
  const octavo::float_model model = trained_model(data);
  const octavo::image_source image = cat(data);
  const octavo::quantized_model quantized =
      quantize(model, thresholds_of(model, image), scheme::multiplier);
  const int lie = model.graph.find("scale4c_branch2b");
  REQUIRE(lie > 0);
  const auto lying = [&](const tensor<std::int8_t>& input) {
    activations tensors = honest(quantized)(input);
    tensor<std::int8_t>& told = tensors[static_cast<std::size_t>(lie)];
    std::rotate(told.values.begin(), told.values.begin() + 1, told.values.end());
    return tensors;
  };
  const network_comparison seen = compare_network(
      model, quantized, image, lying, {.limits = regression_tolerance(scheme::multiplier)});
  CHECK(seen.first_below() == lie);
  CHECK(seen.to_report().rows[static_cast<std::size_t>(lie) + 1].result == verdict::similar);
}
