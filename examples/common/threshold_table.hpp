// SPDX-License-Identifier: MIT
/// @file
/// The thresholds of a quantized model as a calibration table.
#pragma once

#include <cstddef>

#include "octavo/calibrate/propagate.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::examples {

/// A line for each node: a table that reads back exactly.
inline calibration_table table_of(const quantized_model& model) {
  calibration_table table;
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    table.set(name_in_table(model.graph, i), model.thresholds[i]);
  }
  return table;
}

}  // namespace octavo::examples
