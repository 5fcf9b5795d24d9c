// SPDX-License-Identifier: MIT
/// @file
/// From a float network and what calibration found to an int8 network: everything that decides how
/// near the one comes to the other is in make_int8().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "corrections.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/calibrate/full_range.hpp"
#include "octavo/calibrate/largest_values.hpp"
#include "octavo/calibrate/propagate.hpp"
#include "octavo/calibrate/quantize_moved.hpp"
#include "octavo/calibrate/snap.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/model/scheme_table.hpp"
#include "options.hpp"

namespace octavo::examples {

/// What there is to quantize by: of histograms and a table one.
struct quantizer_material {
  const float_model& source;  ///< equalized, where that is wanted
  std::optional<tensor_histograms> histograms = {};
  std::optional<calibration_table> table = {};
  image_source images = {};         ///< the calibration pictures; none without --images
  image_source corrected_on = {};   ///< those of them that corrections look at
  scheme_table layer_schemes = {};  ///< for single layers
  tensor_moves moves = {};          ///< possible ones; with a table its own
};

/// Refuses entries of a table that would not be noticed: a misspelt name changes nothing.
inline void check_table_names(const graph& net, const calibration_table& table,
                              const std::string& file) {
  for (const calibration_entry& entry : table) {
    bool known = false;
    for (std::size_t i = 0; i < net.size(); ++i) {
      known = known || net[i].name.view() == entry.name || name_in_table(net, i) == entry.name;
    }
    if (!known) fail(file, ": the network has no tensor ", in_quotes(entry.name));
  }
}

/// Says which entries are not used: ops that keep their input's threshold have none of their own,
/// and nobody should edit those in vain.
inline void note_unused_entries(const graph& net, const calibration_table& table,
                                std::span<const double> used, const std::string& file) {
  std::size_t count = 0;
  std::string first;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const double* own = table.find(net[i].name.view());
    if (own == nullptr || *own == used[i]) continue;
    if (count++ == 0) first = std::string(net[i].name.view());
  }
  if (count == 0) return;
  std::fprintf(stderr,
               "quantize: note: %s: entries without effect: %zu, the first is %s, whose threshold "
               "follows from another tensor's\n",
               file.c_str(), count, first.c_str());
}

/// A threshold for each node, and which tensors are moved.
struct node_ranges {
  std::vector<double> thresholds;
  tensor_moves moves;
};

/// A table is taken as it is: what make_int8() wrote reads back exactly.
inline node_ranges choose_node_ranges(const quantizer_material& from, const options& wanted) {
  const graph& net = from.source.graph;
  const correction_set corrections = corrections_of(wanted);
  // Equalization gives the levels to the positive side of what a relu reads.
  const propagate_options propagation = {.relu_statistics =
                                             wanted.relu_statistics || corrections.equalize};
  if (from.table) {
    const std::string file = wanted.table.string();
    check_table_names(net, *from.table, file);
    std::vector<double> thresholds =
        with_context(file, [&] { return propagate_thresholds(net, *from.table, propagation); });
    note_unused_entries(net, *from.table, thresholds, file);
    return {std::move(thresholds), from.moves};
  }
  calibration_table chosen = choose_thresholds(*from.histograms, wanted.rule);
  if (corrections.largest) keep_largest_values(net, *from.histograms, chosen);
  tensor_moves moves =
      choose_full_ranges(net, from.moves, *from.histograms, wanted.rule.rule, chosen);
  std::vector<double> thresholds = propagate_thresholds(net, chosen, propagation);
  if (corrections.snap) thresholds = snap_thresholds(net, std::move(thresholds));
  return {std::move(thresholds), std::move(moves)};
}

/// An int8 network and what it was made of.
struct int8_network {
  quantized_model model;
  float_model source;  ///< the float network that it is to come near, its tensors moved
  tensor_moves moves;
};

/// How many tensors are moved, in words.
inline std::string moved_text(const tensor_moves& moves) {
  const auto count = std::count(moves.share.begin(), moves.share.end(), 1.0);
  return concat_text(count, " tensors are stored less their threshold");
}

/// The int8 network. @throws octavo::error naming the tensor, layer or line that does not fit.
inline int8_network make_int8(const quantizer_material& from, const options& wanted) {
  node_ranges ranges = choose_node_ranges(from, wanted);
  const std::string thresholds_of = (from.table ? wanted.table : wanted.model).string();
  float_model source = with_context(
      thresholds_of, [&] { return move_tensors(from.source, ranges.moves, ranges.thresholds); });
  const std::vector<scheme> kinds = schemes_of(source.graph, from.layer_schemes, *wanted.scheme);
  quantized_model model = quantize_moved(source, ranges.moves, ranges.thresholds, kinds);
  const correction_set corrections = corrections_of(wanted);
  if (corrections.bias || corrections.weights) {
    model = corrected(source, std::move(model), kinds, from.corrected_on, corrections);
  }
  return {std::move(model), std::move(source), std::move(ranges.moves)};
}

}  // namespace octavo::examples
