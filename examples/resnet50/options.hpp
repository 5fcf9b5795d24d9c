// SPDX-License-Identifier: MIT
/// @file
/// The command line of resnet50.
#pragma once

#include <filesystem>
#include <optional>

#include "octavo/calibrate/threshold_rules.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/simd/isa.hpp"

namespace octavo::examples {

/// What executes the quantized network.
enum class executor { engine, reference, emulation };

struct options {
  std::filesystem::path weights;            ///< float weights; empty: synthetic ones
  std::filesystem::path model;              ///< a saved quantized model instead
  std::filesystem::path image;              ///< empty: a generated picture
  std::filesystem::path tensor_in;          ///< preprocessed float32 instead of a picture
  std::filesystem::path tensor_out;         ///< softmax, float32
  std::filesystem::path calibration_table;  ///< thresholds instead of a calibration
  std::filesystem::path calibrate;          ///< folder of pictures to calibrate on
  std::filesystem::path labels;
  std::filesystem::path dump_all_tensor;
  std::filesystem::path dump_float_tensor;
  std::filesystem::path save;
  std::filesystem::path report;  ///< an HTML page about the run
  networks::resnet_variant variant = networks::resnet_variant::caffe;
  std::optional<networks::resnet_variant> preprocess;  ///< the variant's where not given
  octavo::scheme scheme = octavo::scheme::rshift16;
  threshold_rule rule = threshold_rule::kld;
  bool relu_statistics = false;
  executor exec = executor::engine;
  std::optional<octavo::isa> isa;  ///< the environment's OCTAVO_ISA, else the best
  int threads = 1;
  std::optional<bool> check;  ///< where not said: of synthetic weights
  bool print_map = false;
  bool describe = false;
  std::optional<int> repeat;  ///< 20 for the engine, 1 for the others
};

/// The options, or the exit status with which the program ends: after --help, or a wrong option.
struct parsed_options {
  options values = {};
  std::optional<int> exit_status = {};
};

parsed_options parse_options(int argc, const char* const* argv);

}  // namespace octavo::examples
