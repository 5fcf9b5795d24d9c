// SPDX-License-Identifier: MIT
/// @file
/// What the sections of a page have in common: their frame, legends, folded parts, and how a layer
/// is described in words.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/report/data.hpp"
#include "octavo/report/html.hpp"

namespace octavo::inline v0::report {

inline void open_section(html& out, std::string_view id, std::string_view title,
                         std::string_view lead) {
  out.line();
  out.open("section", {{"id", std::string(id)}});
  out.element("h2", title);
  if (!lead.empty()) out.element("p", {{"class", "lead"}}, lead);
}

inline void close_section(html& out) {
  out.close("section");
  out.line();
}

/// In place of a chart that there are no data for.
inline void say_absent(html& out, std::string_view why) {
  out.element("p", {{"class", "absent"}}, why);
}

/// A part that is folded until it is asked for.
inline void open_fold(html& out, std::string_view title) {
  out.open("details");
  out.element("summary", title);
}

inline void close_fold(html& out) { out.close("details"); }

/// A coloured square (class `key ...`) and what it means.
inline void write_key(html& out, std::string_view kind, std::string_view words) {
  out.open("span");
  out.element("i", {{"class", concat_text("key ", kind)}}, "");
  out.text(words);
  out.close("span");
}

/// Such squares in a line.
inline void write_legend(
    html& out, std::initializer_list<std::pair<std::string_view, std::string_view>> entries) {
  out.open("p", {{"class", "legend"}});
  for (const auto& [kind, words] : entries) write_key(out, kind, words);
  out.close("p");
}

/// Ops of one colour. Convolutions have three: most of a network is made of them.
struct op_color {
  std::string_view kind;   ///< class in the style sheet
  std::string_view words;  ///< in legends
};

inline op_color color_of(const node& of) {
  switch (of.kind) {
    case op::input:
      return {"op-input", "input"};
    case op::conv2d:
      if (of.groups > 1) return {"op-grouped", "conv2d, grouped or depthwise"};
      if (of.window.kh == 1 && of.window.kw == 1) return {"op-point", "conv2d 1\u00D71"};
      return {"op-conv2d", "conv2d, larger windows"};
    case op::fully_connected:
      return {"op-dense", "fully connected"};
    case op::max_pool:
    case op::avg_pool:
      return {"op-pool", "pools"};
    case op::add:
    case op::concat:
      return {"op-join", "add, concat"};
    case op::relu:
    case op::clip:
    case op::leaky_relu:
    case op::scale:
      break;
  }
  return {"op-map", "relu, clip, scale"};
}

inline std::string op_class(const node& of) { return std::string(color_of(of).kind); }

/// The colours that a graph has, in the order in which they occur.
inline void write_op_legend(html& out, const graph& net) {
  std::vector<std::string_view> seen;
  out.open("p", {{"class", "legend"}});
  for (const node& of : net) {
    const op_color color = color_of(of);
    if (std::find(seen.begin(), seen.end(), color.kind) != seen.end()) continue;
    seen.push_back(color.kind);
    write_key(out, color.kind, color.words);
  }
  out.close("p");
}

/// "3x3/2": kernel and stride of an op that has a window; else empty.
inline std::string window_text(const node& of) {
  if (of.kind != op::conv2d && of.kind != op::max_pool && of.kind != op::avg_pool) return "";
  const window& at = of.window;
  std::string text = concat_text(at.kh, "\u00D7", at.kw);
  if (at.stride_h > 1 || at.stride_w > 1) text += concat_text("/", at.stride_h);
  if (at.stride_w != at.stride_h) text += concat_text("\u00D7", at.stride_w);
  return text;
}

/// "conv2d 3x3/2 + relu": the op and what is fused behind it.
inline std::string op_text(const node& of) {
  std::string text(to_string(of.kind));
  const std::string window = window_text(of);
  if (!window.empty()) text += concat_text(" ", window);
  if (of.kind == op::conv2d && of.groups > 1) text += concat_text(", ", of.groups, " groups");
  if (of.residual_operand >= 0) text += " + add";
  if (of.relu) text += " + relu";
  return text;
}

/// Name, op, shapes: the first lines of what a node says when it is pointed at.
inline std::string node_text(const graph& net, std::size_t i) {
  const node& of = net[i];
  std::string text = concat_text(of.name.view(), "\n", op_text(of), "\n");
  std::string read;
  for (std::size_t k = 0; k < of.src.size(); ++k) {
    const node& from = net[static_cast<std::size_t>(of.src[k])];
    append_item(read, shape_text(from.shape));
  }
  text += concat_text(read, of.src.empty() ? "" : " \u2192 ", shape_text(of.shape));
  const std::int64_t products = multiply_adds(of, net.view());
  if (products > 0)
    text += concat_text("\n", with_unit(static_cast<double>(products), ""), " multiply-adds");
  return text;
}

/// A table's column: its title and its class: "number", and "wide" or "wider" where it is left out
/// on narrow pages.
struct table_column {
  std::string_view title;
  std::string_view kind;
};

/// A table that is sorted by a click on a title, up to where its rows begin.
inline void open_table(html& out, std::string_view kind,
                       std::initializer_list<table_column> columns) {
  out.open("div", {{"class", "scroll"}});
  out.open("table", {{"class", concat_text("sortable ", kind)}});
  out.open("thead");
  out.open("tr");
  for (const table_column& each : columns) {
    out.element("th", {{"class", std::string(each.kind)}, {"scope", "col"}}, each.title);
  }
  out.close("tr");
  out.close("thead");
  out.open("tbody");
  out.line();
}

inline void close_table(html& out) {
  out.close("tbody");
  out.close("table");
  out.close("div");
  out.line();
}

/// A cell whose column is sorted by `value`, of a measure that may not have been taken.
inline void write_number(html& out, std::string_view kind, std::optional<double> value,
                         std::string_view words) {
  std::string key;
  if (value && is_finite(*value)) key = short_decimal(*value, 12);
  if (value && std::isinf(*value)) key = *value > 0 ? "Infinity" : "-Infinity";
  out.element("td", {{"class", concat_text("number ", kind)}, {"data-v", key}}, words);
}

/// The share of the machine's peak that a layer reached; 0 where that is not known.
inline double peak_share(const report_data& data, const layer_run& layer) {
  if (!(data.peak > 0) || !(layer.seconds > 0)) return 0;
  return static_cast<double>(layer.multiply_adds) / layer.seconds / data.peak;
}

inline bool has_times(const report_data& data) {
  return std::any_of(data.layers.begin(), data.layers.end(),
                     [](const layer_run& layer) { return layer.seconds > 0; });
}

inline double total_seconds(const report_data& data) {
  double total = 0;
  for (const layer_run& layer : data.layers) total += layer.seconds;
  return total;
}

/// The node of the fused graph and how it was executed.
inline std::string layer_text(const report_data& data, std::size_t i) {
  std::string text = node_text(data.fused, i);
  if (data.layers.empty()) return text;
  const layer_run& layer = data.layers[i];
  if (layer.seconds > 0) {
    text += concat_text("\n", with_unit(layer.seconds, "s"), ", ",
                        percent_text(layer.seconds / total_seconds(data)), " of the time");
    if (layer.multiply_adds > 0) {
      text += concat_text("\n", rate_text(layer.multiply_adds, layer.seconds));
      if (data.peak > 0)
        text += concat_text(", ", percent_text(peak_share(data, layer)), " of the peak");
    }
  }
  if (!layer.kernel.empty()) {
    text += concat_text("\nkernel ", layer.kernel, layer.isa.empty() ? "" : ", ", layer.isa);
  }
  if (!layer.layout.empty()) text += concat_text("\nlayout ", layer.layout);
  if (layer.tensor_bytes > 0) text += concat_text("\ntensor ", bytes_text(layer.tensor_bytes));
  if (layer.weight_bytes > 0) text += concat_text(", weights ", bytes_text(layer.weight_bytes));
  return text;
}

}  // namespace octavo::inline v0::report
