// SPDX-License-Identifier: MIT
/// @file
/// The top of a page: what was run, the figures that matter, the picture and what is seen in it.
#pragma once

#include <string>
#include <string_view>

#include "octavo/report/axis.hpp"
#include "octavo/report/section.hpp"

namespace octavo::inline v0::report {

inline void write_head(html& out, const report_data& data) {
  out.open("header");
  out.element("p", {{"class", "brand"}}, "Octavo");
  out.element("h1", data.title);
  if (!data.subtitle.empty()) out.element("p", {{"class", "subtitle"}}, data.subtitle);
  if (!data.figures.empty()) {
    out.open("div", {{"class", "figures"}});
    for (const fact& figure : data.figures) {
      out.open("div", {{"class", "figure"}});
      out.element("b", figure.value);
      out.element("span", figure.name);
      out.close("div");
    }
    out.close("div");
  }
  if (!data.facts.empty()) {
    out.open("dl", {{"class", "facts"}});
    for (const fact& each : data.facts) {
      out.open("div");
      out.element("dt", each.name);
      out.element("dd", each.value);
      out.close("div");
    }
    out.close("dl");
  }
  out.close("header");
  out.line();
}

inline void write_navigation(html& out) {
  constexpr std::string_view links[][2] = {{"#sees", "Picture"},  {"#network", "Network"},
                                           {"#time", "Time"},     {"#agreement", "Agreement"},
                                           {"#ranges", "Ranges"}, {"#memory", "Memory"}};
  out.open("nav");
  for (const auto& [where, words] : links) {
    out.element("a", {{"href", std::string(where)}}, words);
  }
  out.close("nav");
  out.line();
}

namespace detail {

/// One probability as a bar with its number.
inline void write_probability(html& out, std::string_view kind, std::string_view who,
                              double probability) {
  out.open("div", {{"class", "probability"}});
  out.element("span", {{"class", "who"}}, who);
  out.open("svg", {{"class", "bar"}, {"aria-hidden", "true"}});
  out.leaf("rect", {{"class", "room"}, {"width", "100%"}, {"height", "100%"}});
  out.leaf("rect", {{"class", std::string(kind)},
                    {"width", width_share(axis{}.at(probability))},
                    {"height", "100%"}});
  out.close("svg");
  out.element("span", {{"class", "number"}}, concat_text(decimal(probability * 100, 2), " %"));
  out.close("div");
}

}  // namespace detail

inline void write_sees_section(html& out, const report_data& data) {
  const bool has_float = !data.classes.empty() && data.classes[0].real.has_value();
  open_section(
      out, "sees", "What it sees",
      has_float ? "The likeliest classes, by the int8 network and by the float network." : "");
  if (!data.image && data.classes.empty()) say_absent(out, "No picture and no classes were given.");
  out.open("div", {{"class", "sees"}});
  if (data.image) {
    out.leaf("img", {{"class", "picture"},
                     {"src", data_uri(*data.image)},
                     {"width", std::to_string(data.image->width)},
                     {"height", std::to_string(data.image->height)},
                     {"alt", "the network's input"}});
    out.line();
  }
  out.open("ol", {{"class", "classes"}});
  for (const class_score& score : data.classes) {
    out.open("li");
    out.element("p", score.label);
    detail::write_probability(out, "int8", "int8", score.quantized);
    if (score.real) detail::write_probability(out, "float", "float", *score.real);
    out.close("li");
    out.line();
  }
  out.close("ol");
  out.close("div");
  close_section(out);
}

}  // namespace octavo::inline v0::report
