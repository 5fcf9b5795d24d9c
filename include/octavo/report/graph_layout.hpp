// SPDX-License-Identifier: MIT
/// @file
/// Where the nodes of a network stand in its drawing: one below the other in execution order, in
/// columns that are cut where few tensors cross.
///
///     column 1        column 2
///     [ data  ]       ( relu2 )     a port: the tensor comes from another column
///     [ conv1 ]--.    [ conv4 ]
///     [ conv2 ]  |    [ add   ]--   an arc, in lane 0: it passes over rows
///     [ relu2 ]<-'
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "octavo/graph/graph.hpp"

namespace octavo::inline v0::report {

/// One row of a column: a node, or a port, which shows a node of an earlier column again.
struct graph_row {
  int node = 0;
  bool port = false;

  friend bool operator==(const graph_row&, const graph_row&) = default;
};

/// From one row of a column down to another. Between neighbours it needs no lane.
struct graph_edge {
  int from = 0;
  int to = 0;
  int lane = -1;  ///< 0 is next to the boxes; -1: straight

  friend bool operator==(const graph_edge&, const graph_edge&) = default;
};

struct graph_column {
  std::vector<graph_row> rows = {};
  std::vector<graph_edge> edges = {};
  int lanes = 0;
};

namespace detail {

/// How many different nodes before `cut` are read at or behind it.
inline int tensors_across(const graph& net, std::size_t cut) {
  std::vector<bool> crosses(cut);
  for (std::size_t i = cut; i < net.size(); ++i) {
    for (const int src : net[i].src) {
      if (static_cast<std::size_t>(src) < cut) crosses[static_cast<std::size_t>(src)] = true;
    }
  }
  return static_cast<int>(std::count(crosses.begin(), crosses.end(), true));
}

/// Where the columns begin: of the places near those of columns of equal length the one that the
/// fewest tensors cross, of equal ones the nearest.
inline std::vector<std::size_t> column_starts(const graph& net, std::size_t longest) {
  std::vector<std::size_t> starts = {0};
  const std::size_t columns = (net.size() + longest - 1) / longest;
  for (std::size_t k = 1; k < columns; ++k) {
    const std::size_t ideal = k * net.size() / columns;
    const std::size_t reach = longest / 4;
    std::size_t best = std::max(ideal, starts.back() + 1);
    const auto cost = [&](std::size_t cut) {
      const std::size_t distance = cut > ideal ? cut - ideal : ideal - cut;
      return static_cast<std::size_t>(tensors_across(net, cut)) * longest + distance;
    };
    for (std::size_t cut = ideal - std::min(reach, ideal); cut <= ideal + reach; ++cut) {
      const bool possible = cut > starts.back() && cut < net.size();
      if (possible && cost(cut) < cost(best)) best = cut;
    }
    if (best < net.size()) starts.push_back(best);
  }
  return starts;
}

/// Gives every edge that passes over rows a lane in which no other passes at the same height: the
/// shorter the edge, the nearer.
inline void assign_lanes(graph_column& column) {
  std::vector<graph_edge*> order;
  for (graph_edge& edge : column.edges) {
    if (edge.to - edge.from > 1) order.push_back(&edge);
  }
  std::sort(order.begin(), order.end(), [](const graph_edge* a, const graph_edge* b) {
    return std::pair(a->to - a->from, a) < std::pair(b->to - b->from, b);
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    graph_edge& edge = *order[i];
    edge.lane = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t k = 0; k < i; ++k) {
        const graph_edge& other = *order[k];
        const bool meet = edge.from < other.to && other.from < edge.to;
        if (!meet || other.lane != edge.lane) continue;
        ++edge.lane;
        moved = true;
      }
    }
    column.lanes = std::max(column.lanes, edge.lane + 1);
  }
}

/// The nodes first .. last-1, behind ports for what they read of earlier ones.
inline graph_column make_column(const graph& net, std::size_t first, std::size_t last) {
  graph_column column;
  std::vector<int> row_of(net.size(), -1);
  const auto add_row = [&](std::size_t node, bool port) {
    row_of[node] = static_cast<int>(column.rows.size());
    column.rows.push_back({static_cast<int>(node), port});
  };
  std::vector<bool> needed(first);
  for (std::size_t i = first; i < last; ++i) {
    for (const int src : net[i].src) {
      if (static_cast<std::size_t>(src) < first) needed[static_cast<std::size_t>(src)] = true;
    }
  }
  for (std::size_t i = 0; i < first; ++i) {
    if (needed[i]) add_row(i, true);
  }
  for (std::size_t i = first; i < last; ++i) {
    add_row(i, false);
    for (const int src : net[i].src) {
      const graph_edge edge{row_of[static_cast<std::size_t>(src)], row_of[i]};
      const bool twice =
          std::find(column.edges.begin(), column.edges.end(), edge) != column.edges.end();
      if (!twice) column.edges.push_back(edge);  // add(x, x)
    }
  }
  assign_lanes(column);
  return column;
}

}  // namespace detail

/// The columns of a drawing, of `longest` nodes or a few more.
inline std::vector<graph_column> lay_out(const graph& net, std::size_t longest = 13) {
  std::vector<graph_column> columns;
  if (net.size() == 0) return columns;
  const std::vector<std::size_t> starts = detail::column_starts(net, longest);
  for (std::size_t k = 0; k < starts.size(); ++k) {
    const std::size_t last = k + 1 < starts.size() ? starts[k + 1] : net.size();
    columns.push_back(detail::make_column(net, starts[k], last));
  }
  return columns;
}

}  // namespace octavo::inline v0::report
