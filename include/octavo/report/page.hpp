// SPDX-License-Identifier: MIT
/// @file
/// A look at a quantized network: one HTML page that needs nothing beside itself.
///
///     octavo::report::report_data data;      // fill what is known
///     const std::string page = octavo::report::make_page(data);
///
/// The same data give the same bytes. Charts are SVG in the page and need no script; the script
/// shows what is pointed at, and sorts tables. A content security policy in the page forbids
/// everything from elsewhere.
#pragma once

#include <string>
#include <utility>

#include "octavo/report/agreement_section.hpp"
#include "octavo/report/check.hpp"
#include "octavo/report/head_section.hpp"
#include "octavo/report/memory_section.hpp"
#include "octavo/report/network_section.hpp"
#include "octavo/report/range_section.hpp"
#include "octavo/report/script.hpp"
#include "octavo/report/style.hpp"
#include "octavo/report/time_section.hpp"

namespace octavo::inline v0::report {

/// The page's text, UTF-8. @throws octavo::error where the data contradict each other.
inline std::string make_page(const report_data& data) {
  check_report(data);
  html out;
  out.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
  out.leaf("meta", {{"http-equiv", "Content-Security-Policy"},
                    {"content",
                     "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
                     "script-src 'unsafe-inline'"}});
  out.leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  out.leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  out.element("title", data.title);
  out.line();
  out.raw("<style>");
  out.raw(style_sheet);
  out.raw("</style>\n</head>\n<body>\n<main>\n");
  write_head(out, data);
  write_navigation(out);
  write_sees_section(out, data);
  write_network_section(out, data);
  write_time_section(out, data);
  write_agreement_section(out, data);
  write_range_section(out, data);
  write_memory_section(out, data);
  out.raw("</main>\n<div id=\"hint\" role=\"tooltip\" hidden></div>\n<script>");
  out.raw(script);
  out.raw("</script>\n</body>\n</html>\n");
  return std::move(out).str();
}

}  // namespace octavo::inline v0::report
