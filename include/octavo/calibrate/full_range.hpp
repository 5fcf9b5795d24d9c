// SPDX-License-Identifier: MIT
/// @file
/// All of int8's values for tensors that are never negative.
///
/// Behind a relu half of the 256 values stand for nothing. Stored as x - t, with t the tensor's
/// threshold, x from 0 to 255/128 t uses all of them: for one range the steps are half as large.
/// The relu then is the saturation at -128, the constant is in the biases of what writes and what
/// reads such a tensor, and the arithmetic is that of any other network. (What "asymmetric" or
/// "unsigned" quantization does with zero points, where they need no arithmetic of their own.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "octavo/calibrate/statistics.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/calibrate/threshold_rules.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/model/channel_classes.hpp"
#include "octavo/model/float_model.hpp"

namespace octavo::inline v0 {

namespace detail {

/// A tensor whose values decide the threshold of its group: in steps, from `low` to `high` it does
/// not saturate.
struct ranged_tensor {
  std::size_t node = 0;
  double low = 0;
  double high = 0;
  bool is_sum = false;  ///< of int8 values with the same step: what is not rounded once more
};

/// The tensors of a group that are no copies of others, nor what a relu reads.
inline std::vector<ranged_tensor> ranged_tensors(const graph& net, const tensor_moves& moves,
                                                 int group) {
  std::vector<ranged_tensor> found;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const double share = moves.share[i];
    if (moves.group[i] != group) continue;
    const bool behind_relu = starts_at_zero(net[i]);
    if (!behind_relu && (share == 1 || !has_weights(net[i].kind))) continue;
    const bool is_sum = behind_relu && net[static_cast<std::size_t>(net[i].src[0])].kind == op::add;
    found.push_back({i, -128 + 128 * share, 127 + 128 * share, is_sum});
  }
  return found;
}

/// The squared error of a tensor's values in these steps. Of one that is moved by half the range
/// counts as if it were not moved: what it lacks on the negative side is for the most part what the
/// relu behind the sum cuts off (and a histogram does not know signs).
inline double range_error(const histogram& seen, const ranged_tensor& range, double step) {
  const double high = range.low == 0 ? range.high : 127;
  double sum = 0;
  for (std::size_t bin = 0; bin < histogram_bins; ++bin) {
    if (seen.counts[bin] == 0) continue;
    const double x = product(seen.width(), static_cast<double>(bin));
    const double steps = range.is_sum ? x / step : round_up(x / step);
    const double off = x - product(std::min(steps, high), step);
    sum += product(static_cast<double>(seen.counts[bin]), product(off, off));
  }
  return sum;
}

/// A group's range beyond that of the least squared error: what saturates errs to one side, and
/// the same in all pixels, roundings do not. Found on ResNet-50: 1 to 1.3 were tried.
inline constexpr double full_range_room = 1.125;

/// The least threshold with which no tensor of a group saturates below its entry in the table.
inline double holding_threshold(const std::vector<ranged_tensor>& tensors,
                                const tensor_histograms& seen, const calibration_table& table) {
  double threshold = 0;
  for (const ranged_tensor& each : tensors) {
    const double steps = each.low == 0 ? each.high : std::min(-each.low, each.high);
    threshold = std::max(threshold, table.at(seen.names()[each.node]) * 128 / steps);
  }
  return threshold;
}

/// The squared error of a group's tensors, moved with one threshold.
inline double moved_error(const std::vector<ranged_tensor>& tensors, const tensor_histograms& seen,
                          double threshold) {
  double error = 0;
  for (const ranged_tensor& each : tensors) {
    error += range_error(seen[each.node], each, threshold / 128);
  }
  return error;
}

/// The threshold of least squared error in all tensors of a group together: of the candidates
/// whose range, 255 steps, is i = 128, 144, ... 2048 bins of the widest histogram.
inline double joint_mse_threshold(const std::vector<ranged_tensor>& tensors,
                                  const tensor_histograms& seen) {
  double width = 0;
  for (const ranged_tensor& each : tensors) width = std::max(width, seen[each.node].width());
  double least = std::numeric_limits<double>::infinity();
  double best = 0;
  for (int i = threshold_levels; i <= histogram_bins; i += 16) {
    const double threshold = product(width, i) / 255 * 128;
    const double error = moved_error(tensors, seen, threshold);
    if (error < least) {
      least = error;
      best = threshold;
    }
  }
  return best * full_range_room;
}

/// The squared error of a group's tensors where they stay, with the thresholds of the table.
inline double unmoved_error(const std::vector<ranged_tensor>& tensors,
                            const tensor_histograms& seen, const calibration_table& table) {
  double error = 0;
  for (const ranged_tensor& each : tensors) {
    error += quantization_error(seen[each.node], table.at(seen.names()[each.node]));
  }
  return error;
}

/// Makes a layer read a tensor that is moved by `source`, and write one that is moved by `written`.
inline void move_biases(float_params& layer, double source, double written) {
  const std::size_t taps = layer.weights.size() / layer.bias.size();
  for (std::size_t oc = 0; oc < layer.bias.size(); ++oc) {
    double sum = 0;
    for (std::size_t k = oc * taps; k < (oc + 1) * taps; ++k) sum += layer.weights[k];
    layer.bias[oc] += product(source, sum) - written;
  }
}

/// Makes a clip of a relu, or of a clip from 0 on, in front of which tensors are moved.
inline void move_relu(node& op_node, double by) {
  op_node.hi = op_node.kind == op::relu ? std::numeric_limits<float>::max() : op_node.hi - by;
  op_node.lo = -by;
  op_node.kind = op::clip;
}

/// @throws octavo::error where the thresholds of a group are not equal.
inline void check_shared_thresholds(const graph& net, const tensor_moves& moves,
                                    std::span<const double> thresholds) {
  std::vector<int> first(static_cast<std::size_t>(moves.groups), -1);  // of each group
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (moves.group[i] < 0) continue;
    int& one = first[static_cast<std::size_t>(moves.group[i])];
    if (one < 0) one = static_cast<int>(i);
    if (thresholds[i] == thresholds[static_cast<std::size_t>(one)]) continue;
    fail("move_tensors: the thresholds of ", net[i].name.view(), " and ",
         net[static_cast<std::size_t>(one)].name.view(), " must be equal");
  }
}

}  // namespace detail

/// Those of the `possible` moves that pay: groups whose squared error is less when they are moved.
/// Their tensors get the threshold that they then have. By rule mse it is that of the least squared
/// error in all of them together, and an eighth more; by another rule the range that the table has
/// for them stays.
/// @param histograms of the nodes of `net`, as it is before anything is moved
[[nodiscard]] inline tensor_moves choose_full_ranges(const graph& net, const tensor_moves& possible,
                                                     const tensor_histograms& histograms,
                                                     threshold_rule rule,
                                                     calibration_table& table) {
  require(histograms.size() == net.size() && possible.group.size() == net.size(),
          "choose_full_ranges: expected one histogram and one move a node");
  std::vector<bool> pays;
  for (int group = 0; group < possible.groups; ++group) {
    const std::vector<detail::ranged_tensor> tensors = detail::ranged_tensors(net, possible, group);
    const double threshold = rule == threshold_rule::mse
                                 ? detail::joint_mse_threshold(tensors, histograms)
                                 : detail::holding_threshold(tensors, histograms, table);
    pays.push_back(detail::moved_error(tensors, histograms, threshold) <
                   detail::unmoved_error(tensors, histograms, table));
    for (std::size_t i = 0; pays.back() && i < net.size(); ++i) {
      if (possible.group[i] == group) table.set(histograms.names()[i], threshold);
    }
  }
  return possible.only(pays);
}

/// The same network with its tensors moved: biases changed, relus turned into clips from minus the
/// threshold on. In real arithmetic its outputs are what they were.
/// @param thresholds one for each node; those of a group are equal
/// @throws octavo::error where they are not, or something does not fit the graph
[[nodiscard]] inline float_model move_tensors(float_model model, const tensor_moves& moves,
                                              std::span<const double> thresholds) {
  const std::size_t count = model.graph.size();
  require(moves.group.size() == count && thresholds.size() == count && model.params.size() == count,
          "move_tensors: expected one move, threshold and parameter set for each node");
  detail::check_shared_thresholds(model.graph, moves, thresholds);
  const auto moved_by = [&](std::size_t i) { return product(moves.share[i], thresholds[i]); };
  for (std::size_t i = 0; i < count; ++i) {
    node& op_node = model.graph.nodes[i];
    if (has_weights(op_node.kind)) {
      detail::check_layer_sizes(model.params[i], model.graph, i,
                                concat_text("move_tensors: ", op_node.name));
      detail::move_biases(model.params[i], moved_by(static_cast<std::size_t>(op_node.src[0])),
                          moved_by(i));
    } else if (moves.group[i] >= 0 && starts_at_zero(op_node)) {
      detail::move_relu(op_node, moved_by(i));
    }
  }
  return model;
}

}  // namespace octavo::inline v0
