// SPDX-License-Identifier: MIT
/// @file
/// A chart in SVG that is as wide as its place: x goes in percent of the width, y in pixels, so
/// that text, dots and lines keep their size on a telephone and on a wall.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/graph/graph.hpp"
#include "octavo/report/axis.hpp"
#include "octavo/report/html.hpp"

namespace octavo::inline v0::report {

/// Between construction and finish() its marks are written. Tick labels stand to the left of the
/// plot and below it, where the style sheet leaves room for them.
class plot {
 public:
  /// @param height pixels between the x axis and the top
  /// @param says what the chart shows, for those who do not see it
  plot(html& out, const axis& x, const axis& y, double height, std::string_view says)
      : out_(out), x_(x), y_(y), height_(height) {
    out_.open("svg", {{"class", "plot"},
                      {"role", "img"},
                      {"aria-label", std::string(says)},
                      {"style", concat_text("height:", px(height + 34), "px")}});
    out_.line();
  }

  double left(double value) const { return x_.at(value); }
  double top(double value) const { return height_ * (1 - y_.at(value)); }

  /// Lines across and their numbers; what is measured, above them.
  template <class Format>
  void y_axis(std::string_view title, int most, const Format& format) {
    for (const double value : ticks(y_, most)) {
      level(value, "grid");
      write(0, top(value) + 4, "tick y", format(value), "-6");
    }
    write(0, -24, "axis", title, "-44");
  }

  /// Numbers below the plot, and at its right end what they count.
  template <class Format>
  void x_axis(std::string_view title, int most, const Format& format) {
    level(y_.lo, "base");
    for (const double value : ticks(x_, most)) {
      write(left(value), height_ + 15, "tick x", format(value));
    }
    write(1, height_ + 30, "axis end", title);
  }

  void level(double value, std::string_view kind) {
    const std::string y = px(top(value));
    out_.leaf("line",
              {{"class", std::string(kind)}, {"x1", "0"}, {"x2", "100%"}, {"y1", y}, {"y2", y}});
  }

  /// A dashed line across and, above the plot, what it means.
  void limit(double value, std::string_view words) {
    level(value, "limit");
    write(1, -24, "note end", words);
  }

  /// A vertical line, with a word above it; a word of the class "wide" has no room on a narrow
  /// page.
  void guide(double value, std::string_view words, bool only_wide) {
    const std::string x = width_share(left(value));
    out_.leaf("line",
              {{"class", "guide"}, {"x1", x}, {"x2", x}, {"y1", "-8"}, {"y2", px(height_)}});
    if (!words.empty()) write(left(value), -6, only_wide ? "stage wide" : "stage", words, "4");
  }

  /// A rectangle, at least a pixel high. `x` and `y` are its ends in the chart's values.
  void block(const axis& x, const axis& y, std::string_view kind, std::string_view hint) {
    const double bottom = top(y.lo);
    const double upper = std::min(top(y.hi), bottom - 1);
    out_.leaf("rect",
              {{"class", std::string(kind)},
               {"x", width_share(left(x.lo))},
               {"width", width_share(left(x.hi) - left(x.lo))},
               {"y", px(upper)},
               {"height", px(bottom - upper)}},
              hint);
    out_.line();
  }

  void dot(double x, double y, std::string_view kind, std::string_view hint) {
    out_.leaf("circle",
              {{"class", std::string(kind)},
               {"cx", width_share(left(x))},
               {"cy", px(top(y))},
               {"r", "3.5"}},
              hint);
    out_.line();
  }

  /// A line through points in the order given.
  void line(const std::vector<std::pair<double, double>>& points, std::string_view kind) {
    std::string path;
    for (const auto& [x, y] : points) {
      path += concat_text(path.empty() ? "M" : "L", px(left(x) * 1000), ",", px(top(y)));
    }
    out_.open("svg", {{"width", "100%"},
                      {"height", px(height_)},
                      {"viewBox", concat_text("0 0 1000 ", px(height_))},
                      {"preserveAspectRatio", "none"}});
    out_.leaf("path", {{"class", std::string(kind)}, {"d", path}});
    out_.close("svg");
  }

  void finish() {
    out_.close("svg");
    out_.line();
  }

 private:
  /// Text at a share of the width, moved by `dx` pixels.
  void write(double x, double y, std::string_view kind, std::string_view words,
             std::string_view dx = "0") {
    out_.element("text",
                 {{"class", std::string(kind)},
                  {"x", width_share(x)},
                  {"y", px(y)},
                  {"dx", std::string(dx)}},
                 words);
  }

  html& out_;
  axis x_;
  axis y_;
  double height_;
};

namespace detail {

/// The first nodes of each new image size.
inline std::vector<std::size_t> stages_of(const graph& net) {
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const auto same_size = [&](std::size_t k) {
      return net[k].shape.h == net[i].shape.h && net[k].shape.w == net[i].shape.w;
    };
    if (std::none_of(first.begin(), first.end(), same_size)) first.push_back(i);
  }
  return first;
}

}  // namespace detail

/// Where along a network the images have a new size: guides with "56x56" and so on, where there is
/// room for it before the next. `place_of` gives the x of a node.
template <class Place>
void draw_stages(plot& chart, const graph& net, const Place& place_of) {
  const std::vector<std::size_t> first = detail::stages_of(net);
  for (std::size_t k = 0; k < first.size(); ++k) {
    const shape& now = net[first[k]].shape;
    const double x = place_of(first[k]);
    const double end = k + 1 < first.size() ? chart.left(place_of(first[k + 1])) : 1;
    const double room = end - chart.left(x);
    const bool fits = room >= 0.09;  // of the narrowest page that shows it, 720 pixels
    const bool fits_narrow = room >= 0.16;
    chart.guide(x, fits ? concat_text(now.h, "\u00D7", now.w) : "", !fits_narrow);
  }
}

}  // namespace octavo::inline v0::report
