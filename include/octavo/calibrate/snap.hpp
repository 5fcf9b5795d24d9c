// SPDX-License-Identifier: MIT
/// @file
/// Thresholds whose ratios the integers of add and avg_pool can hold.
///
/// An add multiplies its operands by m0 and m1 of seven bits, an average by one m of eight, all
/// rounded down (quant/choose.hpp). A ratio of thresholds that is no such number makes the operand
/// up to 1/64 too small, or 1/2 where m is 1, on every image alike, and along sixteen residual
/// additions that adds up to more than all rounding. Moving a threshold by half a step of m costs
/// next to nothing instead.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/activation.hpp"
#include "octavo/quant/choose.hpp"

namespace octavo::inline v0 {

namespace detail {

/// The least t >= t_y * m / 2^shift whose ratio to t_y, as choose_add() computes it, reaches m.
inline double threshold_with_ratio(double t_y, double m, int shift) {
  double t = product(t_y, m) / power_of_two(shift);
  while (floor_exact(t / t_y * power_of_two(shift)) < m) {
    t = std::nextafter(t, std::numeric_limits<double>::infinity());
  }
  return t;
}

/// Snaps the thresholds of one graph, from its end to its start: the output of an op is settled
/// before its operands are.
template <class Nodes>
class threshold_snapper {
 public:
  threshold_snapper(const basic_graph<Nodes>& net, std::vector<double> thresholds)
      : net_(net), thresholds_(std::move(thresholds)), settled_(net.size()) {}

  std::vector<double> run() {
    for (std::size_t i = net_.size(); i-- > 0;) {
      if (net_[i].kind == op::add) snap_operands(i);
    }
    for (std::size_t i = 0; i < net_.size(); ++i) {
      if (keeps_threshold(net_[i].kind)) thresholds_[i] = source_threshold(i);
      if (net_[i].kind == op::avg_pool) snap_average(i);
    }
    return std::move(thresholds_);
  }

 private:
  double source_threshold(std::size_t i) const {
    return thresholds_[static_cast<std::size_t>(net_[i].src[0])];
  }

  /// An operand that two adds read follows the later one.
  void snap_operands(std::size_t add) {
    const double t_y = thresholds_[add];
    std::size_t owners[2] = {};
    double ratios[2] = {};
    for (std::size_t k = 0; k < 2; ++k) {
      owners[k] = threshold_owner(net_, static_cast<std::size_t>(net_[add].src[k]));
      ratios[k] = thresholds_[owners[k]] / t_y;
    }
    settled_[add] = true;
    const double largest = std::max(ratios[0], ratios[1]);
    if (largest >= 128) return;  // choose_add() will say so
    const int shift = choose_rshift(largest);
    for (std::size_t k = 0; k < 2; ++k) {
      if (settled_[owners[k]]) continue;
      const double m = std::clamp(round_up(ratios[k] * power_of_two(shift)), 1.0, 127.0);
      thresholds_[owners[k]] = threshold_with_ratio(t_y, m, shift);
      settled_[owners[k]] = true;
    }
  }

  /// Lowers the threshold of an average until its multiplier is a whole number; with several
  /// divisors until that of the first is. One that an add has settled stays: the add's multipliers
  /// are the coarser ones.
  void snap_average(std::size_t pool) {
    const double t_x = source_threshold(pool);
    if (settled_[pool] && thresholds_[pool] <= t_x) return;
    const double own = std::min(thresholds_[pool], t_x);
    thresholds_[pool] = own;
    const shape& src = net_[static_cast<std::size_t>(net_[pool].src[0])].shape;
    const int divisor = divisors_of(net_[pool], src).front();
    if (t_x / (own * divisor) > 255) return;  // choose_pool_divisor() may say so
    const int shift = choose_pool_divisor(t_x, own, divisor).requantize.shift;
    const double m = -floor_exact(-(t_x / (own * divisor) * power_of_two(shift)));
    double t_y = t_x / (m * divisor) * power_of_two(shift);
    while (t_y > own || t_x / (t_y * divisor) * power_of_two(shift) < m) {
      t_y = std::nextafter(t_y, 0.0);
    }
    thresholds_[pool] = t_y;
  }

  const basic_graph<Nodes>& net_;
  std::vector<double> thresholds_;
  std::vector<bool> settled_;
};

}  // namespace detail

/// The thresholds of an unfused graph, one for each node, moved to where add and avg_pool are
/// exact: those of an add's operands become t_y * m / 2^r, with m the nearest integer in 1..127,
/// and that of an average t_x * 2^r / (divisor * m), with m the next integer above.
/// Everything else stays, and so does what propagate_thresholds() promises of them.
/// @throws octavo::error where there is not one threshold, positive and finite, for each node.
template <class Nodes>
std::vector<double> snap_thresholds(const basic_graph<Nodes>& net, std::vector<double> thresholds) {
  require(thresholds.size() == net.size(), "snap_thresholds: expected one threshold a node");
  for (const double t : thresholds) {
    require(is_threshold(t), "snap_thresholds: expected positive finite thresholds");
  }
  return detail::threshold_snapper<Nodes>(net, std::move(thresholds)).run();
}

}  // namespace octavo::inline v0
