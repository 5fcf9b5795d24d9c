// SPDX-License-Identifier: MIT
/// @file
/// What a page shows, as plain values that a program fills. What stays empty is left out of the
/// page with a word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "octavo/graph/graph.hpp"
#include "octavo/report/histogram.hpp"
#include "octavo/report/png.hpp"

namespace octavo::inline v0::report {

/// "scheme", "rshift16". In the page's head, or large as one of its figures.
struct fact {
  std::string name = {};
  std::string value = {};
};

/// A class that the int8 network or the float one thinks likely.
struct class_score {
  std::string label = {};
  double quantized = 0;             ///< probability, 0..1
  std::optional<double> real = {};  ///< of the float network
};

/// How one layer of the fused graph was executed.
struct layer_run {
  std::string kernel = {};
  std::string isa = {};
  std::string layout = {};
  std::int64_t tensor_bytes = 0;
  std::int64_t weight_bytes = 0;
  std::int64_t multiply_adds = 0;
  double seconds = 0;  ///< 0: not measured
};

/// How near the int8 tensor of one op, dequantized, is to that of the float network.
struct tensor_agreement {
  std::optional<double> cosine = {};
  std::optional<double> euclid = {};          ///< 1 - |float - int8| / |(float + int8) / 2|
  std::optional<double> sqnr_db = {};         ///< infinite where they are equal
  std::optional<double> max_error = {};       ///< in the tensor's real units
  std::optional<double> saturated_low = {};   ///< share of elements at -128, 0..1
  std::optional<double> saturated_high = {};  ///< share of elements at 127
  std::string verdict = {};
};

/// What is known of the values of one tensor and of the weights of the op that writes it.
struct value_ranges {
  bars activations = {};     ///< magnitudes, zeros not counted
  double threshold = 0;      ///< > 0
  double beyond = 0;         ///< share of the values that are larger, 0..1
  bars weights_before = {};  ///< real, batch normalization folded
  bars weights_after = {};   ///< int8
};

/// All that a page is made of.
struct report_data {
  std::string title = {};
  std::string subtitle = {};
  std::vector<fact> figures = {};  ///< the few that matter most, shown large
  std::vector<fact> facts = {};

  std::optional<picture> image = {};
  std::vector<class_score> classes = {};  ///< the likeliest first

  octavo::graph network = {};  ///< unfused
  octavo::graph fused = {};    ///< as executed

  std::vector<layer_run> layers = {};  ///< of each node of `fused`, or none
  double peak = 0;  ///< multiply-adds a second that the machine can do; 0: unknown

  std::vector<tensor_agreement> tensors = {};  ///< of each node of `network`, or none
  std::optional<double> cosine_limit = {};     ///< below it a tensor is suspect

  std::vector<std::optional<value_ranges>> ranges = {};  ///< of each node of `network`, or none
};

}  // namespace octavo::inline v0::report
