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
  chart.x_axis(concat_text("time, ", unit_text), 6, [](double v) { return short_decimal(v, 6); });
  for (std::size_t i = 0; i < data.layers.size(); ++i) {
    const layer_run& layer = data.layers[i];
    const double start = starts[i] / unit;
    chart.block({start, start + layer.seconds / unit}, {0, speed_of(data, layer)},
                concat_text("mark layer ", op_class(data.fused[i])), layer_text(data, i));
  }
  if (data.peak > 0) chart.limit(100, concat_text("peak: ", with_unit(data.peak, "MAC/s")));
  draw_stages(chart, data.fused, [&](std::size_t i) { return starts[i] / unit; });
  chart.finish();
}

/// The instruction sets of the kernels, in the order in which they occur.
inline std::string isas_of(const report_data& data) {
  std::vector<std::string_view> seen;
  std::string text;
  for (const layer_run& layer : data.layers) {
    if (layer.isa.empty()) continue;
    if (std::find(seen.begin(), seen.end(), layer.isa) != seen.end()) continue;
    append_item(text, layer.isa);
    seen.push_back(layer.isa);
  }
  return text;
}

/// Its time, as long as that of the slowest layer is the cell; the darker part is the time that the
/// multiply-adds would take at the peak.
inline void write_time_bar(html& out, const report_data& data, std::size_t i, double slowest) {
  const layer_run& layer = data.layers[i];
  const axis across{0, slowest};
  out.open("td", {{"class", "bar"}, {"data-v", short_decimal(layer.seconds, 12)}});
  out.open("svg", {{"class", "bar"}});
  const std::string color = op_class(data.fused[i]);
  out.leaf("rect",
           {{"class", concat_text("mark time ", color)},
            {"width", width_share(across.at(layer.seconds))},
            {"height", "100%"}},
           layer_text(data, i));
  const double at_peak = layer.seconds * std::min(1.0, peak_share(data, layer));
  if (at_peak > 0) {
    out.leaf("rect", {{"class", concat_text("ideal ", color)},
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
  out.element("td", {{"class", "wider"}}, layer.kernel);
  out.element("td", {{"class", "wider"}}, layer.layout);
  write_number(out, "wider", static_cast<double>(layer.tensor_bytes + layer.weight_bytes),
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
  open_table(out, "layers",
             {{"#", "number wide"},
              {"layer", ""},
              {"op", "wide"},
              {"kernel", "wider"},
              {"layout", "wider"},
              {"bytes", "number wider"},
              {"multiply-adds", "number wide"},
              {"time", ""},
              {"", "number"},
              {"of peak", "number"}});
  for (std::size_t i = 0; i < data.layers.size(); ++i) write_layer_row(out, data, i, slowest);
  close_table(out);
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
    std::string lead = "In execution order; a click on a title sorts by that column.";
    if (timed && data.peak > 0) {
      lead += " The dark part of a bar is the time that its multiply-adds take at the peak.";
    }
    const std::string isas = detail::isas_of(data);
    if (!isas.empty()) lead += concat_text(" Kernels are those of ", isas, ".");
    out.element("p", {{"class", "lead"}}, lead);
    detail::write_layer_table(out, data);
  }
  close_section(out);
}

}  // namespace octavo::inline v0::report
