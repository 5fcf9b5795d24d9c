// SPDX-License-Identifier: MIT
/// @file
/// How near every int8 tensor is to the float network's: charts along the network, and a table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/report/plot.hpp"
#include "octavo/report/section.hpp"

namespace octavo::inline v0::report {

namespace detail {

using measure = std::optional<double> tensor_agreement::*;

inline bool has_measure(const report_data& data, measure which) {
  return std::any_of(data.tensors.begin(), data.tensors.end(),
                     [&](const tensor_agreement& each) { return (each.*which).has_value(); });
}

/// What a measure says where it was not taken.
template <class Format>
std::string optional_text(const std::optional<double>& value, const Format& format) {
  return value ? format(*value) : std::string(no_number);
}

inline std::string agreement_text(const report_data& data, std::size_t i) {
  const tensor_agreement& found = data.tensors[i];
  std::string text = node_text(data.network, i);
  if (found.sqnr_db) text += concat_text("\nSQNR ", decimal(*found.sqnr_db, 1), " dB");
  if (found.cosine) text += concat_text("\ncosine ", decimal(*found.cosine, 5));
  if (found.max_error) text += concat_text("\nlargest error ", significant(*found.max_error));
  if (found.saturated_low || found.saturated_high) {
    text += concat_text("\nsaturated ", percent_text(found.saturated_low.value_or(0)), " low, ",
                        percent_text(found.saturated_high.value_or(0)), " high");
  }
  if (!found.verdict.empty()) text += concat_text("\n", found.verdict);
  return text;
}

/// Tensors in execution order. The first and the last stand a little inside the plot.
inline axis tensor_axis(const report_data& data) {
  return {-0.5, static_cast<double>(data.tensors.size()) - 0.5};
}

struct measure_chart {
  measure which;
  std::string_view title;
  std::string_view kind;        ///< class of its dots
  std::optional<double> limit;  ///< dots below it stand out
};

/// A dot for each tensor, joined by a line; those below the limit stand out.
inline void draw_measure(html& out, const report_data& data, const measure_chart& what) {
  std::vector<double> values;
  for (const tensor_agreement& each : data.tensors) {
    if (each.*what.which) values.push_back(*(each.*what.which));
  }
  if (what.limit) values.push_back(*what.limit);
  plot chart(out, tensor_axis(data), axis_around(values, 5), 150, what.title);
  chart.y_axis(what.title, 5, [](double v) { return short_decimal(v, 6); });
  chart.x_axis("tensor, in execution order", 8, [](double v) { return short_decimal(v, 1); });
  draw_stages(chart, data.network, [](std::size_t i) { return static_cast<double>(i) - 0.5; });
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < data.tensors.size(); ++i) {
    if (const auto& value = data.tensors[i].*what.which) {
      points.emplace_back(static_cast<double>(i), *value);
    }
  }
  chart.line(points, concat_text("curve ", what.kind));
  if (what.limit) {
    chart.limit(*what.limit, concat_text("limit ", short_decimal(*what.limit, 6)));
  }
  for (const auto& [x, y] : points) {
    const bool low = what.limit && y < *what.limit;
    chart.dot(x, y, concat_text("mark dot ", what.kind, low ? " low" : ""),
              agreement_text(data, static_cast<std::size_t>(x)));
  }
  chart.finish();
}

/// The shares of elements at -128, downwards, and at 127, upwards.
inline void draw_saturation(html& out, const report_data& data) {
  std::vector<double> shares = {0};
  for (const tensor_agreement& each : data.tensors) {
    shares.push_back(100 * each.saturated_high.value_or(0));
    shares.push_back(-100 * each.saturated_low.value_or(0));
  }
  plot chart(out, tensor_axis(data), axis_around(shares, 4), 110, "Saturated elements");
  chart.y_axis("% of the elements at 127 (up) and at \u2212128 (down)", 4,
               [](double v) { return short_decimal(v < 0 ? -v : v, 6); });
  chart.x_axis("tensor, in execution order", 8, [](double v) { return short_decimal(v, 1); });
  chart.level(0, "base");
  for (std::size_t i = 0; i < data.tensors.size(); ++i) {
    const tensor_agreement& found = data.tensors[i];
    const axis across{static_cast<double>(i) - 0.4, static_cast<double>(i) + 0.4};
    const double high = 100 * found.saturated_high.value_or(0);
    const double low = 100 * found.saturated_low.value_or(0);
    if (high > 0) chart.block(across, {0, high}, "mark high", agreement_text(data, i));
    if (low > 0) chart.block(across, {-low, 0}, "mark low", agreement_text(data, i));
  }
  chart.finish();
}

inline void write_agreement_row(html& out, const report_data& data, std::size_t i) {
  const tensor_agreement& found = data.tensors[i];
  const auto fixed = [](int digits) { return [digits](double v) { return decimal(v, digits); }; };
  out.open("tr");
  write_number(out, "wide", static_cast<double>(i), std::to_string(i));
  out.element("td", {{"class", "name"}}, data.network[i].name.view());
  out.element("td", {{"class", "wider"}}, op_text(data.network[i]));
  out.element("td", {{"class", "wider"}}, shape_text(data.network[i].shape));
  write_number(out, "", found.sqnr_db, optional_text(found.sqnr_db, fixed(1)));
  write_number(out, "", found.cosine, optional_text(found.cosine, fixed(5)));
  write_number(out, "wide", found.euclid, optional_text(found.euclid, fixed(4)));
  write_number(out, "wider", found.max_error, optional_text(found.max_error, significant));
  write_number(out, "wide", found.saturated_low, optional_text(found.saturated_low, percent_text));
  write_number(out, "wide", found.saturated_high,
               optional_text(found.saturated_high, percent_text));
  out.element("td", {{"class", "wide"}}, found.verdict);
  out.close("tr");
  out.line();
}

inline void write_agreement_table(html& out, const report_data& data) {
  open_fold(out, concat_text("All ", data.tensors.size(), " tensors as a table"));
  open_table(out, "tensors",
             {{"#", "number wide"},
              {"tensor", ""},
              {"op", "wider"},
              {"shape", "wider"},
              {"SQNR, dB", "number"},
              {"cosine", "number"},
              {"euclid", "number wide"},
              {"largest error", "number wider"},
              {"at \u2212128", "number wide"},
              {"at 127", "number wide"},
              {"verdict", "wide"}});
  for (std::size_t i = 0; i < data.tensors.size(); ++i) write_agreement_row(out, data, i);
  close_table(out);
  close_fold(out);
}

}  // namespace detail

inline void write_agreement_section(html& out, const report_data& data) {
  const bool any = !data.tensors.empty();
  open_section(out, "agreement", "How near it is to float",
               any ? "Each tensor of the int8 network, dequantized, beside the same tensor of the "
                     "float network."
                   : "");
  if (!any) {
    say_absent(out, "There was no float network to compare with; a saved int8 model has none.");
    close_section(out);
    return;
  }
  if (detail::has_measure(data, &tensor_agreement::sqnr_db)) {
    out.element("h3", "Signal to quantization noise");
    detail::draw_measure(out, data,
                         {&tensor_agreement::sqnr_db, "SQNR, dB: higher is better", "sqnr", {}});
  }
  if (detail::has_measure(data, &tensor_agreement::cosine)) {
    out.element("h3", "Cosine");
    detail::draw_measure(out, data,
                         {&tensor_agreement::cosine, "cosine: 1 is the same direction", "cosine",
                          data.cosine_limit});
  }
  if (detail::has_measure(data, &tensor_agreement::saturated_low) ||
      detail::has_measure(data, &tensor_agreement::saturated_high)) {
    out.element("h3", "Saturation");
    detail::draw_saturation(out, data);
  }
  detail::write_agreement_table(out, data);
  close_section(out);
}

}  // namespace octavo::inline v0::report
