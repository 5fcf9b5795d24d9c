// SPDX-License-Identifier: MIT
/// @file
/// Which tensors may be stored moved by a constant, so that none of int8's values is lost to a sign
/// that they do not have (calibrate/full_range.hpp).
///
/// A convolution that reads a moved tensor takes the constant back in its bias, unless it pads:
/// a padded 0 is not moved. max_pool and concat hand it on, and an add sums up what its operands
/// were moved by. Nothing else can read one.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "octavo/core/disjoint_sets.hpp"
#include "octavo/core/error.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0 {

/// How the tensors of an unfused graph are moved.
struct tensor_moves {
  /// Of each node: the group that it is in, or -1. The tensors of a group have one threshold.
  std::vector<int> group = {};
  /// Of each node: 1 where what is stored is the real value less the threshold, 1/2 where it is
  /// less half of it, 0 where it is the real value.
  std::vector<double> share = {};
  int groups = 0;

  /// Those of the groups for which `kept` is true, numbered anew.
  tensor_moves only(const std::vector<bool>& kept) const {
    tensor_moves made = {.group = std::vector<int>(group.size(), -1),
                         .share = std::vector<double>(group.size())};
    std::vector<int> number;
    number.reserve(kept.size());
    for (const bool keep : kept) number.push_back(keep ? made.groups++ : -1);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i] < 0 || !kept[static_cast<std::size_t>(group[i])]) continue;
      made.group[i] = number[static_cast<std::size_t>(group[i])];
      made.share[i] = share[i];
    }
    return made;
  }
};

namespace detail {

/// Whether a layer's bias can hold what moves a tensor: 128 steps of its output, or of each input.
constexpr bool has_wide_bias(scheme kind) {
  return kind != scheme::rshift8 && kind != scheme::rshift16;
}

/// Finds the moves of one graph.
class move_finder {
 public:
  move_finder(const graph& net, std::span<const scheme> kinds)
      : net_(net),
        kinds_(kinds),
        readers_(net.size()),
        joined_(net.size()),
        refused_(net.size()),
        share_(net.size()) {
    sets_.make(static_cast<int>(net.size()));
    for (const node& op_node : net) {
      for (const int src : op_node.src) ++readers_[at(src)];
    }
    for (const int output : net.outputs) ++readers_[at(output)];
  }

  tensor_moves run() {
    for (std::size_t i = 0; i < net_.size(); ++i) join_with_sources(i);
    for (std::size_t i = 0; i < net_.size(); ++i) {
      for (const int src : net_[i].src) {
        if (!can_read(i, at(src))) refused_[at(src)] = true;
      }
      if (!joined_[i] || net_.is_output(static_cast<int>(i))) refused_[i] = true;
    }
    return number_groups();
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  /// Makes a node one of its source's set, moved by `share` thresholds.
  void join(std::size_t index, int src, double share) {
    sets_.join(static_cast<int>(index), src);
    joined_[index] = true;
    share_[index] = share;
  }

  /// Whether a layer feeds this one reader and nobody else.
  bool feeds_alone(int layer) const {
    return has_weights(net_[at(layer)].kind) && readers_[at(layer)] == 1;
  }

  /// Whether a node is a relu that alone reads a layer or an add, which can saturate in its place.
  bool is_replaced(std::size_t index) const {
    if (!starts_at_zero(net_[index])) return false;
    const int src = net_[index].src[0];
    return feeds_alone(src) || (net_[at(src)].kind == op::add && readers_[at(src)] == 1);
  }

  void join_with_sources(std::size_t index) {
    const node& op_node = net_[index];
    if (is_replaced(index)) {
      const int src = op_node.src[0];
      join(index, src, 1);
      join(at(src), src, 1);
      if (net_[at(src)].kind == op::add) {
        join_operands(at(src));
      } else {
        expect_wide_bias(src);
      }
    } else if (op_node.kind == op::max_pool || op_node.kind == op::concat) {
      for (const int src : op_node.src) join(index, src, 1);
    }
  }

  /// An add is moved by what its operands are: by another moved tensor, or by the biases of two
  /// layers, half each, so that neither loses its negative side.
  void join_operands(std::size_t add) {
    const int first = net_[add].src[0];
    const int second = net_[add].src[1];
    const int layers = (feeds_alone(first) ? 1 : 0) + (feeds_alone(second) ? 1 : 0);
    for (const int src : {first, second}) {
      sets_.join(src, static_cast<int>(add));
      if (!feeds_alone(src)) continue;
      join(at(src), static_cast<int>(add), layers == 2 ? 0.5 : 0);
      if (layers == 2) expect_wide_bias(src);
    }
    if (layers == 0) refused_[add] = true;  // moved twice
  }

  void expect_wide_bias(int layer) {
    if (!has_wide_bias(kinds_[at(layer)])) refused_[at(layer)] = true;
  }

  /// Whether a node can read the tensor of `src` moved.
  bool can_read(std::size_t index, std::size_t src) const {
    const node& op_node = net_[index];
    if (joined_[index] && !has_weights(op_node.kind)) return true;
    return has_weights(op_node.kind) && share_[src] == 1 && op_node.window.pad == padding{} &&
           has_wide_bias(kinds_[index]);
  }

  tensor_moves number_groups() {
    std::vector<bool> set_refused(net_.size());
    for (std::size_t i = 0; i < net_.size(); ++i) {
      if (refused_[i]) set_refused[set_of(i)] = true;
    }
    tensor_moves moves = {.group = std::vector<int>(net_.size(), -1), .share = std::move(share_)};
    std::vector<int> number(net_.size(), -1);
    for (std::size_t i = 0; i < net_.size(); ++i) {
      if (set_refused[set_of(i)]) {
        moves.share[i] = 0;
        continue;
      }
      int& of_set = number[set_of(i)];
      if (of_set < 0) of_set = moves.groups++;
      moves.group[i] = of_set;
    }
    return moves;
  }

  std::size_t set_of(std::size_t index) { return at(sets_.find(static_cast<int>(index))); }

  const graph& net_;
  std::span<const scheme> kinds_;
  std::vector<int> readers_;   ///< how often each tensor is read; an output once more
  std::vector<bool> joined_;   ///< moved if its set is
  std::vector<bool> refused_;  ///< keeps its whole set where it is
  std::vector<double> share_;
  disjoint_sets sets_ = {};
};

}  // namespace detail

/// Whether `found` is `net`, its tensors moved or not: with clips from below 0 on in the place of
/// any relus and clips from 0 on (calibrate/full_range.hpp).
inline bool is_same_but_moved(const graph& found, const graph& net) {
  if (found.size() != net.size()) return false;
  graph unmoved = found;
  for (std::size_t i = 0; i < net.size(); ++i) {
    node& here = unmoved.nodes[i];
    if (here.kind != op::clip || here.lo >= 0 || !starts_at_zero(net[i])) continue;
    here.kind = net[i].kind;
    here.lo = net[i].lo;
    here.hi = net[i].hi;
  }
  return unmoved == net;
}

/// No tensor of so many nodes is moved.
inline tensor_moves no_tensor_moves(std::size_t nodes) {
  return {.group = std::vector<int>(nodes, -1), .share = std::vector<double>(nodes)};
}

/// The moves of an unfused graph, as many as there can be. `kinds` has one scheme for each node, as
/// quantize() is told: biases of 8 and 16 bits cannot hold a move.
inline tensor_moves find_tensor_moves(const graph& net, std::span<const scheme> kinds) {
  require(kinds.size() == net.size(), "find_tensor_moves: expected one scheme for each node");
  return detail::move_finder(net, kinds).run();
}

}  // namespace octavo::inline v0
