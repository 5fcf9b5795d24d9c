// SPDX-License-Identifier: MIT
/// @file
/// The command line of quantize.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "correction_set.hpp"
#include "octavo/calibrate/shard.hpp"
#include "octavo/calibrate/threshold_rules.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::examples {

struct options {
  // What is there.
  std::filesystem::path model;            ///< float weights, or a whole network (.onnx)
  std::string net;                        ///< which network weights belong to
  std::string preprocess;                 ///< how pictures are prepared; without: as for `net`
  std::filesystem::path images;           ///< folder of pictures to calibrate on
  std::filesystem::path evaluate;         ///< folder of pictures whose classes are known
  std::filesystem::path int8;             ///< the quantized model to evaluate
  std::filesystem::path labels;           ///< lines `path class`
  std::optional<std::size_t> count = {};  ///< so many pictures, evenly chosen

  // How it is quantized.
  std::optional<octavo::scheme> scheme = {};
  std::filesystem::path layer_schemes;
  threshold_options rule = {.rule = threshold_rule::mse};
  bool relu_statistics = false;
  std::optional<correction_set> corrections = {};  ///< without: see corrections_of()
  std::filesystem::path table;                     ///< thresholds in place of a calibration
  std::filesystem::path histograms;                ///< merged histograms in place of pictures

  // A share of the work.
  octavo::shard shard = {};
  std::optional<part_kind> round = {};  ///< of calibration: ranges, then histograms
  std::filesystem::path ranges;         ///< merged, for the second round
  std::filesystem::path part;           ///< where the partial result goes
  std::vector<std::filesystem::path> merge = {};

  // What comes out.
  std::filesystem::path out;         ///< a folder; of --merge a file
  std::filesystem::path report;      ///< an HTML page
  std::filesystem::path save_float;  ///< the float network as it was quantized
  std::filesystem::path csv;         ///< a line for each picture of an evaluation
  std::size_t compare_images = 4;
  bool skip_damaged = false;
  int threads = 1;
};

/// Whether a file holds a network and not only its weights.
inline bool holds_network(const std::filesystem::path& model) {
  return model.extension() == ".onnx";
}

/// Those asked for; otherwise all where there are pictures to calibrate on, and only what needs
/// none with merged histograms. A table's thresholds are taken as they are, and so is the network.
inline correction_set corrections_of(const options& wanted) {
  if (!wanted.table.empty()) {
    correction_set set = wanted.corrections.value_or(correction_set{});
    set.largest = set.snap = false;
    return set;
  }
  if (wanted.corrections) return *wanted.corrections;
  return wanted.histograms.empty() ? parse_corrections("all")
                                   : parse_corrections("full-range,largest,snap");
}

/// The options, or the exit status with which the program ends: after --help, or a wrong option.
struct parsed_options {
  options values = {};
  std::optional<int> exit_status = {};
};

parsed_options parse_options(int argc, const char* const* argv);

}  // namespace octavo::examples
