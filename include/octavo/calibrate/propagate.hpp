// SPDX-License-Identifier: MIT
/// @file
/// From a calibration table to the threshold of every tensor of a network.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "octavo/calibrate/table.hpp"
#include "octavo/core/error.hpp"
#include "octavo/graph/graph.hpp"

namespace octavo::inline v0 {

/// What propagate_thresholds() can be told.
struct propagate_options {
  /// A conv2d, fully_connected, scale or add that only a relu, or a clip from 0 on, reads takes its
  /// entry where there is one: the range of the positive side alone, for relu6 at most 6.
  bool relu_statistics = false;
};

/// What the tensor of a node is called in tables and dumps of the float network: as the node, but
/// an input without `_quant` where it ends in that (`data_quant` is the quantized form of Caffe's
/// `data`), unless another node bears that name. Valid as long as the graph.
template <class Nodes>
constexpr std::string_view name_in_table(const basic_graph<Nodes>& net, std::size_t index) {
  constexpr std::string_view suffix = "_quant";
  const std::string_view name = net[index].name;
  const bool has_suffix = name.size() > suffix.size() && name.ends_with(suffix);
  if (net[index].kind != op::input || !has_suffix) return name;
  const std::string_view without = name.substr(0, name.size() - suffix.size());
  return net.find(without) < 0 ? without : name;
}

namespace detail {

/// Looks entries up for the nodes of one graph.
template <class Nodes>
class threshold_lookup {
 public:
  threshold_lookup(const basic_graph<Nodes>& net, const calibration_table& table)
      : net_(net), table_(table), only_relu_(net.size(), -1) {
    std::vector<int> readers(net.size());
    for (const int output : net.outputs) ++readers[static_cast<std::size_t>(output)];
    for (std::size_t i = 0; i < net.size(); ++i) {
      for (const int src : net[i].src) {
        const auto from = static_cast<std::size_t>(src);
        const bool alone = ++readers[from] == 1 && starts_at_zero(net[i]);
        only_relu_[from] = alone ? static_cast<int>(i) : -1;
      }
    }
  }

  double own(std::size_t i) const {
    const double* found = table_.find(net_[i].name);
    if (found == nullptr) {
      fail("calibration table: no threshold for tensor ", net_[i].name.view(), " (",
           to_string(net_[i].kind), ")");
    }
    return *found;
  }

  /// Under its own name or else the one that name_in_table() gives.
  double input(std::size_t i) const {
    const std::string_view short_name = name_in_table(net_, i);
    if (short_name == net_[i].name.view() || table_.contains(net_[i].name)) return own(i);
    const double* found = table_.find(short_name);
    if (found == nullptr) {
      fail("calibration table: no threshold for the network's input, neither ", net_[i].name.view(),
           " nor ", short_name);
    }
    return *found;
  }

  /// The entry of the relu (or clip from 0 on) that alone reads node i, or its own.
  double positive_side(std::size_t i) const {
    if (only_relu_[i] < 0) return own(i);
    const double* found = table_.find(net_[static_cast<std::size_t>(only_relu_[i])].name);
    return found != nullptr ? *found : own(i);
  }

 private:
  const basic_graph<Nodes>& net_;
  const calibration_table& table_;
  std::vector<int> only_relu_;  ///< of each node: the relu or clip that is its only reader, or -1
};

}  // namespace detail

/// One threshold for each node of an unfused graph. relu, clip, leaky_relu and max_pool write on
/// their input's scale; avg_pool takes the smaller of its own and its input's; every other op has
/// its own entry, the input's perhaps without `_quant` in the name.
/// @throws octavo::error naming the tensor where an entry is missing: there is no default.
template <class Nodes>
std::vector<double> propagate_thresholds(const basic_graph<Nodes>& net,
                                         const calibration_table& table,
                                         const propagate_options& options = {}) {
  const detail::threshold_lookup<Nodes> lookup(net, table);
  std::vector<double> thresholds;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const node& op_node = net[i];
    if (op_node.relu || op_node.residual_operand != -1) {
      fail("calibration: ", op_node.name.view(), " is fused; thresholds belong to unfused graphs");
    }
    const auto of_source = [&] { return thresholds[static_cast<std::size_t>(op_node.src[0])]; };
    double threshold = 0;
    if (op_node.kind == op::input) {
      threshold = lookup.input(i);
    } else if (keeps_threshold(op_node.kind)) {
      threshold = of_source();
    } else if (op_node.kind == op::avg_pool) {
      threshold = std::min(lookup.own(i), of_source());
    } else {
      const bool may_take = options.relu_statistics && op_node.kind != op::concat;
      threshold = may_take ? lookup.positive_side(i) : lookup.own(i);
    }
    thresholds.push_back(threshold);
  }
  return thresholds;
}

}  // namespace octavo::inline v0
