// SPDX-License-Identifier: MIT
/// @file
/// Where the time goes: a picture of the whole run, and a table with a bar for each layer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/report/plot.hpp"
#include "octavo/report/section.hpp"

namespace octavo::inline v0::report {

namespace detail {

/// How high a layer stands in the run's picture: its share of the peak in percent, or, where the
/// peak is not known, 10^9 multiply-adds a second.
inline double speed_of(const report_data& data, const layer_run& layer) {
  if (data.peak > 0) return 100 * peak_share(data, layer);
  return layer.seconds > 0 ? static_cast<double>(layer.multiply_adds) / layer.seconds * 1e-9 : 0;
}

/// Width: time. Height: speed. So that each area is the layer's work.
inline void draw_run(html& out, const report_data& data) {
  std::vector<double> starts;
  std::vector<double> speeds = {0};
  double total = 0;
  for (const layer_run& layer : data.layers) {
    starts.push_back(total);
    total += layer.seconds;
    speeds.push_back(speed_of(data, layer));
  }
  if (data.peak > 0) speeds.push_back(100);
  // Milliseconds or what fits: the axis counts in the unit of its end.
  const double unit = total >= 0.5 ? 1 : total >= 0.5e-3 ? 1e-3 : 1e-6;
  const std::string unit_text = unit == 1 ? "s" : unit == 1e-3 ? "ms" : "\u00B5s";
  const axis across{0, total / unit};
  plot chart(out, across, axis_around(speeds, 5), 190,
             "Time and speed of every layer, in execution order");
  chart.y_axis(data.peak > 0 ? "% of the peak" : "GMAC/s", 5,
               [](double v) { return short_decimal(v, 6); });
  chart.x_axis(concat_text("time of one run, ", unit_text), 6,
               [](double v) { return short_decimal(v, 6); });
  for (std::size_t i = 0; i < data.layers.size(); ++i) {
    const layer_run& layer = data.layers[i];
    const double start = starts[i] / unit;
    chart.block(start, start + layer.seconds / unit, 0, speed_of(data, layer),
                concat_text("mark layer ", op_class(data.fused[i].kind)), layer_text(data, i));
  }
  if (data.peak > 0) chart.level(100, "peak");
  draw_stages(chart, data.fused, [&](std::size_t i) { return starts[i] / unit; });
  chart.finish();
}

/// A cell whose column is sorted by `value`.
inline void write_number(html& out, std::string_view kind, double value, std::string_view words) {
  out.element("td", {{"class", concat_text("number ", kind)}, {"data-v", short_decimal(value, 12)}},
              words);
}

/// Its time, as long as that of the slowest layer is the cell; the darker part is the time that the
/// multiply-adds would take at the peak.
inline void write_time_bar(html& out, const report_data& data, std::size_t i, double slowest) {
  const layer_run& layer = data.layers[i];
  const axis across{0, slowest};
  out.open("td", {{"class", "bar"}, {"data-v", short_decimal(layer.seconds, 12)}});
  out.open("svg", {{"class", "bar"}});
  const std::string color = op_class(data.fused[i].kind);
  out.leaf("rect",
           {{"class", "mark time " + color},
            {"width", width_share(across.at(layer.seconds))},
            {"height", "100%"}},
           layer_text(data, i));
  const double at_peak = layer.seconds * std::min(1.0, peak_share(data, layer));
  if (at_peak > 0) {
    out.leaf("rect", {{"class", "ideal " + color},
                      {"width", width_share(across.at(at_peak))},
                      {"height", "100%"}});
  }
  out.close("svg");
  out.close("td");
}

inline void write_layer_row(html& out, const report_data& data, std::size_t i, double slowest) {
  const layer_run& layer = data.layers[i];
  const node& of = data.fused[i];
  out.open("tr", {{"class", "layer-row"}});
  write_number(out, "wide", static_cast<double>(i), std::to_string(i));
  out.element("td", {{"class", "name"}}, of.name.view());
  out.element("td", {{"class", "wide"}}, op_text(of));
  out.element("td", {{"class", "wide"}}, concat_text(layer.kernel, " ", layer.isa));
  out.element("td", {{"class", "wide"}}, layer.layout);
  write_number(out, "wide", static_cast<double>(layer.tensor_bytes + layer.weight_bytes),
               bytes_text(layer.tensor_bytes + layer.weight_bytes));
  const auto products = static_cast<double>(layer.multiply_adds);
  write_number(out, "wide", products,
               layer.multiply_adds > 0 ? with_unit(products, "") : std::string(no_number));
  write_time_bar(out, data, i, slowest);
  write_number(out, "", layer.seconds,
               layer.seconds > 0 ? with_unit(layer.seconds, "s") : std::string(no_number));
  const double share = peak_share(data, layer);
  write_number(out, "", share, share > 0 ? percent_text(share) : std::string(no_number));
  out.close("tr");
  out.line();
}

inline void write_layer_table(html& out, const report_data& data) {
  double slowest = 0;
  for (const layer_run& layer : data.layers) slowest = std::max(slowest, layer.seconds);
  constexpr std::string_view columns[][2] = {{"#", "number wide"},
                                             {"layer", ""},
                                             {"op", "wide"},
                                             {"kernel", "wide"},
                                             {"layout", "wide"},
                                             {"tensor + weights", "number wide"},
                                             {"multiply-adds", "number wide"},
                                             {"time", ""},
                                             {"", "number"},
                                             {"of peak", "number"}};
  out.open("table", {{"class", "sortable layers"}});
  out.open("thead");
  out.open("tr");
  for (const auto& [title, kind] : columns) {
    out.element("th", {{"class", std::string(kind)}, {"scope", "col"}}, title);
  }
  out.close("tr");
  out.close("thead");
  out.open("tbody");
  out.line();
  for (std::size_t i = 0; i < data.layers.size(); ++i) write_layer_row(out, data, i, slowest);
  out.close("tbody");
  out.close("table");
}

}  // namespace detail

inline void write_time_section(html& out, const report_data& data) {
  const bool timed = has_times(data);
  open_section(out, "time", "Where the time goes",
               !timed ? ""
               : data.peak > 0
                   ? "Each layer is as wide as its time and as high as its speed: its area is its "
                     "work, and what is empty below the dashed line is time in which the CPU could "
                     "have done more."
                   : "Each layer is as wide as its time and as high as its speed: its area is its "
                     "work.");
  if (timed) {
    write_op_legend(out, data.fused);
    detail::draw_run(out, data);
  } else {
    say_absent(out, "No layer's time was measured: only the engine can tell.");
  }
  if (!data.layers.empty()) {
    out.element("h3", "Layer by layer");
    if (timed && data.peak > 0) {
      out.element("p", {{"class", "lead"}},
                  "In execution order; a click on a title sorts by that column. The dark part of a "
                  "bar is the time that its multiply-adds take at the peak.");
    }
    detail::write_layer_table(out, data);
  }
  close_section(out);
}

}  // namespace octavo::inline v0::report
