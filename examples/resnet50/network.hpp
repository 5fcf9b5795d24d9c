// SPDX-License-Identifier: MIT
/// @file
/// From the command line's files to a quantized network and its input.
#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "float_file.hpp"
#include "image.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/io/weights_file.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "octavo/reference/quantize.hpp"
#include "options.hpp"
#include "picture_files.hpp"
#include "preprocess.hpp"
#include "synthetic_model.hpp"
#include "synthetic_picture.hpp"

namespace octavo::examples {

/// All that a run needs. A saved model comes without the float network.
struct prepared_network {
  quantized_model model = {};
  std::optional<float_model> source = {};
  std::optional<tensor_histograms> histograms = {};  ///< of a calibration, where a page wants them
};

inline constexpr shape input_shape = {1, 3, 224, 224};

inline tensor<float> to_tensor(std::vector<float> values) {
  tensor<float> result;
  result.shape = input_shape;
  result.values = std::move(values);
  return result;
}

inline tensor<float> from_picture(const image& picture, const options& wanted) {
  const networks::resnet_variant rule = wanted.preprocess.value_or(wanted.variant);
  const bool caffe = rule == networks::resnet_variant::caffe;
  return to_tensor(preprocess(picture, caffe ? caffe_preset : torchvision_preset));
}

inline image load_picture(const options& wanted) {
  return wanted.image.empty() ? synthetic_picture() : load_image(wanted.image);
}

inline tensor<float> load_input(const options& wanted) {
  if (!wanted.tensor_in.empty()) return to_tensor(read_floats(wanted.tensor_in, input_shape));
  return from_picture(load_picture(wanted), wanted);
}

/// What calibration sees: the pictures of --calibrate, or the input alone.
inline tensor_histograms calibration_histograms(const options& wanted, const float_model& source,
                                                const tensor<float>& input) {
  if (wanted.calibrate.empty()) {
    std::printf("calibration:  on the input itself, rule %s\n",
                std::string(to_string(wanted.rule)).c_str());
    return collect_histograms(source, {1, [&](std::size_t) { return input; }});
  }
  const std::vector<std::filesystem::path> pictures = pictures_in(wanted.calibrate);
  std::printf("calibration:  %zu pictures of %s, rule %s\n", pictures.size(),
              wanted.calibrate.string().c_str(), std::string(to_string(wanted.rule)).c_str());
  const auto load = [&](std::size_t i) { return from_picture(load_image(pictures[i]), wanted); };
  return collect_histograms(source, {pictures.size(), load});
}

/// The table of the command line, or one by calibration.
inline calibration_table make_table(const options& wanted, const tensor<float>& input,
                                    prepared_network& made) {
  if (!wanted.calibration_table.empty())
    return io::read_calibration_table(wanted.calibration_table);
  tensor_histograms seen = calibration_histograms(wanted, *made.source, input);
  calibration_table table = choose_thresholds(seen, {.rule = wanted.rule});
  if (!wanted.report.empty()) made.histograms = std::move(seen);
  return table;
}

inline float_model load_float_network(const options& wanted) {
  const graph net = to_graph(networks::resnet50({.variant = wanted.variant}));
  if (wanted.weights.empty()) return synthetic_model(net);
  const state_dict file = io::open_weights(wanted.weights);
  const bool torchvision_file = file.contains("conv1.weight");
  if (torchvision_file && wanted.variant == networks::resnet_variant::caffe) {
    std::fputs(
        "resnet50: note: torchvision's weights on Caffe's network and preprocessing; they were "
        "trained for --variant torchvision\n",
        stderr);
  }
  return load_float_model(net, file, networks::resnet_naming(file));
}

/// Which of the two networks a saved model is, its tensors moved or not. @throws octavo::error
/// where it is neither.
inline networks::resnet_variant variant_of(const quantized_model& model,
                                           const std::filesystem::path& file) {
  for (const auto variant :
       {networks::resnet_variant::caffe, networks::resnet_variant::torchvision}) {
    const graph net = to_graph(networks::resnet50({.variant = variant}));
    if (is_same_but_moved(model.graph, net)) return variant;
  }
  fail(file.string(), ": is no ResNet-50 with a 1x3x224x224 input and 1000 classes");
}

/// Quantizes the float network by the thresholds that the command line asks for.
inline prepared_network prepare(const options& wanted, const tensor<float>& input) {
  prepared_network made{.source = load_float_network(wanted)};
  const calibration_table table = make_table(wanted, input, made);
  const std::vector<double> thresholds =
      propagate_thresholds(made.source->graph, table, {.relu_statistics = wanted.relu_statistics});
  made.model = quantize(*made.source, thresholds, wanted.scheme);
  return made;
}

}  // namespace octavo::examples
