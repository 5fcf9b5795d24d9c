// SPDX-License-Identifier: MIT
/// @file
/// The network drawn: a box for each op, in execution order, and what it reads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "octavo/report/graph_layout.hpp"
#include "octavo/report/section.hpp"

namespace octavo::inline v0::report {

namespace detail {

// Pixels of the drawing.
inline constexpr double row_pitch = 42;
inline constexpr double box_height = 33;
inline constexpr double box_width = 158;
inline constexpr double lane_pitch = 7;
inline constexpr std::size_t name_letters = 20;

inline double row_top(int row) { return row * row_pitch + 4; }

inline void draw_edge(html& out, const graph_edge& edge) {
  const double from = row_top(edge.from) + box_height;
  const double to = row_top(edge.to);
  if (edge.lane < 0) {
    out.leaf("path", {{"class", "edge"}, {"d", concat_text("M24,", px(from), "V", px(to - 1))}});
    return;
  }
  const double start = from - 10;  // below the middle: above it arrives what comes from others
  const double end = to + 10;
  const std::string x = px(box_width + 6 + lane_pitch * edge.lane);
  const std::string beyond = px(box_width + 10 + lane_pitch * edge.lane);
  out.leaf("path", {{"class", "edge arc"},
                    {"d", concat_text("M", px(box_width), ",", px(start), "H", x, "Q", beyond, ",",
                                      px(start), " ", beyond, ",", px(start + 4), "V", px(end - 4),
                                      "Q", beyond, ",", px(end), " ", x, ",", px(end), "H",
                                      px(box_width + 1))}});
}

/// What a row of a column shows of its node.
struct node_box {
  bool port = false;      ///< of a column before
  double top = 0;         ///< pixels
  double time_share = 0;  ///< its time, 1 for the slowest
  std::string hint = {};
};

/// A node's box: colour of its op, name, window, shape, and a line as long as its part of the time.
inline void draw_box(html& out, const node& of, const node_box& box) {
  out.open("g", {{"class", concat_text(box.port ? "port " : "node ", op_class(of))},
                 {"transform", concat_text("translate(0,", px(box.top), ")")}});
  out.element("title", box.hint);
  out.leaf("rect",
           {{"class", "box"}, {"width", px(box_width)}, {"height", px(box_height)}, {"rx", "3"}});
  out.leaf("rect", {{"class", "stripe"}, {"width", "5"}, {"height", px(box_height)}, {"rx", "2"}});
  out.element("text", {{"x", "11"}, {"y", box.port ? "20" : "13"}},
              shortened(of.name.view(), name_letters));
  if (!box.port) {
    out.element("text", {{"class", "dim"}, {"x", "11"}, {"y", "27"}}, window_text(of));
    out.element("text", {{"class", "dim end"}, {"x", px(box_width - 6)}, {"y", "27"}},
                shape_text(of.shape));
  }
  if (!box.port && box.time_share > 0) {
    out.leaf("rect", {{"class", "spent"},
                      {"x", "5"},
                      {"y", px(box_height - 2)},
                      {"width", px((box_width - 5) * box.time_share)},
                      {"height", "2"}});
  }
  out.close("g");
  out.line();
}

/// `time_share` of node i: its time, 1 for the slowest; `hint_of` what it says.
template <class TimeShare, class Hint>
void draw_network(html& out, const graph& net, const TimeShare& time_share, const Hint& hint_of) {
  out.open("div", {{"class", "columns"}});
  for (const graph_column& column : lay_out(net)) {
    const double width = box_width + 14 + lane_pitch * column.lanes;
    const double height = row_top(static_cast<int>(column.rows.size()));
    out.open("svg", {{"class", "column"}, {"width", px(width)}, {"height", px(height)}});
    out.line();
    for (const graph_edge& edge : column.edges) draw_edge(out, edge);
    for (std::size_t r = 0; r < column.rows.size(); ++r) {
      const graph_row& row = column.rows[r];
      const auto i = static_cast<std::size_t>(row.node);
      draw_box(out, net[i], {row.port, row_top(static_cast<int>(r)), time_share(i), hint_of(i)});
    }
    out.close("svg");
    out.line();
  }
  out.close("div");
}

}  // namespace detail

inline void write_network_section(html& out, const report_data& data) {
  open_section(out, "network", "The network",
               data.fused.size() == 0
                   ? ""
                   : "As it is executed, with relu and add fused into the op before them: name, "
                     "window/stride, channels\u00D7height\u00D7width. Columns go from top to "
                     "bottom; arcs skip over ops that are not on their way.");
  if (data.fused.size() == 0) {
    say_absent(out, "There is no network.");
    close_section(out);
    return;
  }
  write_op_legend(out, data.fused);
  double slowest = 0;
  for (const layer_run& layer : data.layers) slowest = std::max(slowest, layer.seconds);
  detail::draw_network(
      out, data.fused,
      [&](std::size_t i) { return slowest > 0 ? data.layers[i].seconds / slowest : 0; },
      [&](std::size_t i) { return layer_text(data, i); });
  if (data.network.size() != data.fused.size()) {
    open_fold(out, concat_text("As it is written: ", data.network.size(), " ops, nothing fused"));
    write_op_legend(out, data.network);
    detail::draw_network(
        out, data.network, [](std::size_t) { return 0.0; },
        [&](std::size_t i) { return node_text(data.network, i); });
    close_fold(out);
  }
  close_section(out);
}

}  // namespace octavo::inline v0::report
