// SPDX-License-Identifier: MIT
/// @file
/// Compares two sets of named arrays: the dumps of two runs. Where they come from (.npz files, for
/// example) is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/calibrate/table.hpp"
#include "octavo/compare/report.hpp"
#include "octavo/compare/similarity.hpp"
#include "octavo/compare/tolerance.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/extents.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0::compare {

/// An array of numbers, each of which a double holds exactly.
struct real_array {
  std::vector<std::int64_t> shape = {};  ///< as NumPy's: empty for one element
  std::vector<double> values = {};       ///< last index fastest
};

/// Named arrays that are read one at a time.
struct array_set {
  std::vector<std::string> names = {};  ///< in the order of the report, each once
  std::function<real_array(const std::string& name)> load = {};
};

/// What is compared, and how strictly.
struct array_options {
  tolerance limits = {};
  std::vector<std::string> excluded = {};  ///< names that are not compared
  /// Names that only one set has are left out instead of NOT_MATCH.
  bool common_only = false;
  /// Where given, the target's arrays are int8 values q and stand for q * threshold / 128, rounded
  /// to float32. The thresholds are those of the quantized model: threshold_table(). Outlives the
  /// call.
  const calibration_table* thresholds = nullptr;
};

/// The thresholds of a model's tensors by name, as array_options takes them. (A calibration table
/// will not do: it has other entries for relu and whatever else writes on its input's scale.)
inline calibration_table threshold_table(const quantized_model& model) {
  require(model.thresholds.size() == model.graph.size(), "model: expected one threshold a node");
  calibration_table table;
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    table.set(model.graph[i].name, model.thresholds[i]);
  }
  return table;
}

namespace detail {

class array_comparison {
 public:
  array_comparison(const array_set& reference, const array_set& target,
                   const array_options& options)
      : reference_(reference),
        target_(target),
        options_(options),
        reference_names_(reference.names.begin(), reference.names.end()),
        target_names_(target.names.begin(), target.names.end()),
        excluded_(options.excluded.begin(), options.excluded.end()) {
    require(reference.load != nullptr && target.load != nullptr,
            "comparison: a set has no way to load an array");
    require(reference_names_.size() == reference.names.size(),
            "comparison: a name comes twice in the reference");
    require(target_names_.size() == target.names.size(),
            "comparison: a name comes twice in the target");
    for (const std::string& name : options.excluded) {
      if (reference_names_.contains(name) || target_names_.contains(name)) continue;
      fail("comparison: ", in_quotes(name), " is excluded, but neither set has it");
    }
  }

  report run() {
    std::set<std::string, std::less<>> paired;
    for (const std::string& name : reference_.names) {
      const std::string partner = partner_of(name);
      paired.insert(partner);
      if (excluded_.contains(name) || excluded_.contains(partner)) {
        all_.left_out.push_back(name);
      } else if (target_names_.contains(partner)) {
        all_.rows.push_back(compare(name, partner));
      } else {
        unmatched(name, "the target does not have it");
      }
    }
    for (const std::string& name : target_.names) {
      if (paired.contains(name)) continue;
      if (excluded_.contains(name)) {
        all_.left_out.push_back(name);
      } else {
        unmatched(name, "the reference does not have it");
      }
    }
    return std::move(all_);
  }

 private:
  /// The target's name for `name`: the same, but `data_quant` is the int8 form of `data` where
  /// neither set has both.
  std::string partner_of(const std::string& name) const {
    if (options_.thresholds == nullptr || target_names_.contains(name)) return name;
    std::string quantized = name + "_quant";
    const bool meant = target_names_.contains(quantized) && !reference_names_.contains(quantized);
    return meant ? quantized : name;
  }

  void unmatched(const std::string& name, std::string_view why) {
    if (options_.common_only) {
      all_.left_out.push_back(name);
    } else {
      all_.rows.push_back({.name = name, .note = std::string(why)});
    }
  }

  report_row compare(const std::string& name, const std::string& partner) const {
    const real_array from = reference_.load(name);
    real_array to = target_.load(partner);
    report_row row = {.name = name};
    if (from.shape != to.shape) {
      using octavo::detail::shape_text;
      row.note = concat_text("the reference is ", shape_text(from.shape), ", the target ",
                             shape_text(to.shape));
      return row;
    }
    if (options_.thresholds != nullptr) {
      row.threshold = options_.thresholds->at(partner);
      row.saturation = dequantize_values(partner, *row.threshold, to.values);
    }
    similarity_meter meter(name, options_.limits);
    meter.add(from.values, to.values);
    row.found = meter.value();
    row.result = judge(*row.found, options_.limits);
    return row;
  }

  /// In place; what the int8 values were is counted.
  static saturation_counter dequantize_values(const std::string& name, double threshold,
                                              std::vector<double>& values) {
    saturation_counter seen;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double q = values[i];
      if (!(q >= -128 && q <= 127) || q != static_cast<int>(q)) {
        fail("comparison: array ", in_quotes(name), ": element ", i, " is ", q,
             ", expected an integer in -128..127 to dequantize");
      }
      const auto value = static_cast<std::int8_t>(q);
      seen.add({&value, 1});
      values[i] = static_cast<float>(dequantize(value, threshold));
    }
    return seen;
  }

  const array_set& reference_;
  const array_set& target_;
  const array_options& options_;
  std::set<std::string, std::less<>> reference_names_;
  std::set<std::string, std::less<>> target_names_;
  std::set<std::string, std::less<>> excluded_;
  report all_ = {};
};

}  // namespace detail

/// A row for each name: those of the reference in its order, then those that the target alone has.
/// At most one array of each set is in memory.
/// @throws octavo::error where a name comes twice in a set or an excluded one is in neither; where
/// a value is NaN or infinite, or is to be dequantized and is no int8 or has no threshold.
inline report compare_arrays(const array_set& reference, const array_set& target,
                             const array_options& options = {}) {
  return detail::array_comparison(reference, target, options).run();
}

}  // namespace octavo::inline v0::compare
