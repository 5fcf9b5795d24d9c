// SPDX-License-Identifier: MIT
/// @file
/// Histograms as small multiples: the activations of a tensor with its threshold, and beside them
/// the weights before and after they became int8.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/report/axis.hpp"
#include "octavo/report/section.hpp"

namespace octavo::inline v0::report {

namespace detail {

inline constexpr double histogram_height = 56;
inline constexpr std::size_t shown_histograms = 12;

/// The outline of a histogram in a box of one unit a bin, on a logarithmic scale on which a count
/// of 1 can be told from 0.
inline std::string steps_of(const bars& of) {
  const std::int64_t most = *std::max_element(of.counts.begin(), of.counts.end());
  const double full = std::log1p(static_cast<double>(std::max<std::int64_t>(most, 1)));
  std::string path = concat_text("M0,", px(histogram_height));
  for (std::size_t i = 0; i < of.counts.size(); ++i) {
    const double height = std::log1p(static_cast<double>(of.counts[i])) / full;
    path += concat_text("V", short_decimal(histogram_height * (1 - height), 1), "H", i + 1);
  }
  return path + concat_text("V", px(histogram_height), "Z");
}

inline void draw_steps(html& out, const bars& of, std::string_view kind) {
  if (of.empty()) return;
  out.open("svg", {{"width", "100%"},
                   {"height", px(histogram_height)},
                   {"viewBox", concat_text("0 0 ", of.counts.size(), " ", px(histogram_height))},
                   {"preserveAspectRatio", "none"}});
  out.leaf("path", {{"class", std::string(kind)}, {"d", steps_of(of)}});
  out.close("svg");
}

inline void open_histogram(html& out, std::string_view title) {
  out.open("figure");
  out.element("figcaption", title);
  out.open("svg", {{"class", "histogram"}, {"height", px(histogram_height)}});
}

/// Ends a histogram with the values at the ends of its x axis.
inline void close_histogram(html& out, std::string_view lo, std::string_view hi) {
  out.close("svg");
  out.open("p", {{"class", "ends"}});
  out.element("span", lo);
  out.element("span", hi);
  out.close("p");
  out.close("figure");
}

inline void draw_activations(html& out, const value_ranges& of) {
  open_histogram(out, "activations");
  draw_steps(out, of.activations, "activations");
  // A threshold beyond all values widens no plot: the line stands at the end.
  const std::string x = width_share(axis{of.activations.lo, of.activations.hi}.at(of.threshold));
  out.leaf("line", {{"class", "threshold"}, {"x1", x}, {"x2", x}, {"y1", "0"}, {"y2", "100%"}});
  close_histogram(out, "0", significant(of.activations.hi));
}

/// Before and after in one box, each from end to end of its own scale: an int8 that uses all its
/// values spreads further than the weights that it stands for.
inline void draw_weights(html& out, const value_ranges& of) {
  open_histogram(out, "weights");
  draw_steps(out, of.weights_before, "before");
  draw_steps(out, of.weights_after, "after");
  const double largest = of.weights_before.empty() ? 0 : of.weights_before.hi * 84 / 85;
  close_histogram(out, concat_text("\u2212", significant(largest)), significant(largest));
}

inline void write_card(html& out, const report_data& data, std::size_t i) {
  const value_ranges& of = *data.ranges[i];
  out.open("div", {{"class", "card"}});
  out.element("h4", data.network[i].name.view());
  out.open("div", {{"class", "pair"}});
  if (!of.activations.empty()) draw_activations(out, of);
  if (!of.weights_after.empty() || !of.weights_before.empty()) draw_weights(out, of);
  out.close("div");
  std::string words = concat_text("threshold ", significant(of.threshold));
  if (!of.activations.empty()) words += concat_text(", ", percent_text(of.beyond), " beyond it");
  out.element("p", {{"class", "dim"}}, words);
  out.close("div");
  out.line();
}

/// Tensors with ranges, those that the int8 form loses most of first: by SQNR where it is known, by
/// what lies beyond the threshold where not.
inline std::vector<std::size_t> worst_first(const report_data& data) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < data.ranges.size(); ++i) {
    if (data.ranges[i]) order.push_back(i);
  }
  const auto loss = [&](std::size_t i) {
    const bool known = !data.tensors.empty() && data.tensors[i].sqnr_db.has_value();
    return known ? -*data.tensors[i].sqnr_db : data.ranges[i]->beyond;
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(-loss(a), a) < std::pair(-loss(b), b);
  });
  return order;
}

inline void write_cards(html& out, const report_data& data, const std::vector<std::size_t>& which) {
  out.open("div", {{"class", "cards"}});
  out.line();
  for (const std::size_t i : which) write_card(out, data, i);
  out.close("div");
}

}  // namespace detail

inline void write_range_section(html& out, const report_data& data) {
  std::vector<std::size_t> worst = detail::worst_first(data);
  open_section(out, "ranges", "Ranges",
               worst.empty() ? ""
                             : "How often which magnitude occurs, on a logarithmic scale, and the "
                               "threshold that becomes 127. Weights before and after: each over "
                               "the whole width of its own scale.");
  if (worst.empty()) {
    say_absent(out, "There was no float network whose values could be counted.");
    close_section(out);
    return;
  }
  write_legend(out, {{"activations", "activations"},
                     {"threshold", "threshold"},
                     {"before", "weights, real"},
                     {"after", "weights, int8"}});
  const std::size_t shown = std::min(worst.size(), detail::shown_histograms);
  std::vector<std::size_t> rest(worst.begin() + static_cast<std::ptrdiff_t>(shown), worst.end());
  std::sort(rest.begin(), rest.end());
  worst.resize(shown);
  if (!rest.empty()) out.element("h3", concat_text("The ", shown, " that lose most"));
  detail::write_cards(out, data, worst);
  if (!rest.empty()) {
    open_fold(out, concat_text("The other ", rest.size(), ", in execution order"));
    detail::write_cards(out, data, rest);
    close_fold(out);
  }
  close_section(out);
}

}  // namespace octavo::inline v0::report
