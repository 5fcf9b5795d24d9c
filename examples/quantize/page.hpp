// SPDX-License-Identifier: MIT
/// @file
/// What --report writes: the int8 network as a page to look at.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agreement.hpp"
#include "file_set.hpp"
#include "make_int8.hpp"
#include "octavo/compare/report.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/report/page.hpp"
#include "value_ranges.hpp"

namespace octavo::examples {

/// Names of files without their folders: a page may go to people whom those do not concern.
inline std::string thresholds_text(const options& wanted, std::string_view separator) {
  if (!wanted.table.empty()) return wanted.table.filename().string();
  return concat_text("rule ", to_string(wanted.rule.rule), ", corrections ",
                     to_text(corrections_of(wanted), separator));
}

inline report::report_data page_data(const options& wanted, const quantizer_material& from,
                                     const int8_network& made,
                                     const std::optional<compare::report>& comparison) {
  const quantized_model& model = made.model;
  report::report_data page{.network = model.graph, .fused = fuse(model)};
  const std::string scheme(to_string(model.scheme));
  page.title = network_name(wanted) + " in int8";
  page.subtitle = concat_text("scheme ", scheme);
  page.facts = {{"network", network_name(wanted)},
                {"weights", wanted.model.filename().string()},
                {"thresholds", thresholds_text(wanted, ", ")},
                {"scheme", scheme}};
  if (made.moves.groups > 0) page.facts.push_back({"full range", moved_text(made.moves)});
  if (from.histograms)
    page.ranges = value_ranges_of(from.source, model, *from.histograms, made.moves);
  if (comparison) add_comparison(*comparison, model.scheme, page);
  return page;
}

/// The page, and how many bytes it has.
inline std::size_t add_page(const options& wanted, const quantizer_material& from,
                            const int8_network& made,
                            const std::optional<compare::report>& comparison, file_set& to) {
  const std::string page = report::make_page(page_data(wanted, from, made, comparison));
  to.add(wanted.report, io::as_bytes(page));
  return page.size();
}

}  // namespace octavo::examples
