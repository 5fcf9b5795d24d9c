// SPDX-License-Identifier: MIT
/// @file
/// The outcome of a comparison, tensor by tensor: as CSV, as a table to read, as an exit status.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "octavo/compare/saturation.hpp"
#include "octavo/compare/similarity.hpp"
#include "octavo/compare/text.hpp"
#include "octavo/compare/tolerance.hpp"
#include "octavo/core/error.hpp"

namespace octavo::inline v0::compare {

/// One pair of tensors.
struct report_row {
  std::string name = {};
  std::string op = {};                                ///< "conv2d" ...; empty where it is not known
  std::optional<double> threshold = {};               ///< of the target, where it is int8
  std::optional<similarity> found = {};               ///< nothing where they do not match
  std::optional<saturation_counter> saturation = {};  ///< of the target, where it is int8
  verdict result = verdict::not_match;
  std::string note = {};  ///< why they do not match
};

/// Every pair in order: execution order where there is a network.
struct report {
  std::vector<report_row> rows = {};
  std::vector<std::string> left_out = {};  ///< names that were not compared, as was asked
};

/// The first row that does not pass, or nullptr. In execution order this is where to look.
inline const report_row* first_below(const report& all) {
  for (const report_row& row : all.rows) {
    if (!passes(row.result)) return &row;
  }
  return nullptr;
}

/// The row with the least SQNR, the first of several, or nullptr where all are equal.
inline const report_row* worst_of(const report& all) {
  const report_row* worst = nullptr;
  for (const report_row& row : all.rows) {
    if (!row.found.has_value() || row.found->all_equal()) continue;
    if (worst == nullptr || row.found->sqnr < worst->found->sqnr) worst = &row;
  }
  return worst;
}

/// For a program: 0 where every row passes, and there is one; 1 otherwise.
inline int exit_status(const report& all) {
  return !all.rows.empty() && first_below(all) == nullptr ? 0 : 1;
}

namespace detail {

/// The measures of one row as both forms print them, `nothing` where there are none.
inline std::vector<std::string> measures_text(const report_row& row, const std::string& nothing) {
  if (!row.found.has_value()) return {nothing, nothing, nothing, nothing, nothing};
  const similarity& found = *row.found;
  return {std::to_string(found.elements), fixed_text(found.cosine, 6), fixed_text(found.euclid, 6),
          fixed_text(found.sqnr, 3), general_text(found.max_error, 6)};
}

/// Share of the low end, of the high end, and number of different values.
inline std::vector<std::string> saturation_text(const report_row& row, const std::string& nothing) {
  if (!row.saturation.has_value()) return {nothing, nothing, nothing};
  const saturation_counter& seen = *row.saturation;
  return {fixed_text(seen.low_share(), 6), fixed_text(seen.high_share(), 6),
          std::to_string(seen.distinct())};
}

inline std::string threshold_text(const report_row& row, const std::string& nothing) {
  return row.threshold.has_value() ? general_text(*row.threshold, 9) : nothing;
}

inline std::vector<std::string> csv_fields(const report_row& row) {
  const std::vector<std::string> measures = measures_text(row, "");
  const std::vector<std::string> ends = saturation_text(row, "");
  std::vector<std::string> errors(3);
  if (row.found.has_value()) {
    errors = {std::to_string(row.found->unequal), std::to_string(row.found->worst.image),
              std::to_string(row.found->worst.index)};
  }
  return {row.name,
          row.op,
          measures[0],
          threshold_text(row, ""),
          measures[1],
          measures[2],
          measures[3],
          measures[4],
          ends[0],
          ends[1],
          std::string(to_string(row.result)),
          errors[0],
          errors[1],
          errors[2],
          ends[2],
          row.note};
}

inline std::vector<std::string> table_cells(const report_row& row) {
  const std::vector<std::string> measures = measures_text(row, "-");
  const std::vector<std::string> ends = saturation_text(row, "-");
  return {printable(row.name),
          row.op.empty() ? "-" : row.op,
          measures[0],
          threshold_text(row, "-"),
          measures[1],
          measures[2],
          measures[3],
          measures[4],
          ends[0],
          ends[1],
          ends[2],
          std::string(to_string(row.result)),
          row.note.empty() ? "" : printable(row.note)};
}

}  // namespace detail

/// One line for each tensor under a line of titles. Shares are in 0..1, infinities `inf` and
/// `-inf`; what is not known is empty. The same bytes for the same report, whatever the locale.
inline std::string to_csv(const report& all) {
  std::string text =
      "name,op,elements,threshold,cosine,euclid,sqnr_db,max_error,saturated_low,saturated_high,"
      "verdict,unequal,max_error_image,max_error_element,distinct_values,note\n";
  for (const report_row& row : all.rows) text += detail::csv_line(detail::csv_fields(row));
  return text;
}

/// "122 tensors: 1 EQUAL, 0 CLOSE, 119 SIMILAR, 2 NOT_SIMILAR; worst fc (8.2 dB); first below
/// conv1", ended by a newline.
inline std::string summary(const report& all) {
  std::array<std::int64_t, verdict_names.size()> counts = {};
  for (const report_row& row : all.rows) ++counts[static_cast<std::size_t>(row.result)];
  std::string text = concat_text(all.rows.size(), all.rows.size() == 1 ? " tensor:" : " tensors:");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0 && static_cast<verdict>(i) == verdict::not_match) continue;
    text += concat_text(i == 0 ? " " : ", ", counts[i], " ", verdict_names[i]);
  }
  if (const report_row* worst = worst_of(all); worst != nullptr) {
    text += concat_text("; worst ", detail::printable(worst->name), " (",
                        detail::fixed_text(worst->found->sqnr, 1), " dB)");
  }
  if (const report_row* first = first_below(all); first != nullptr) {
    text += concat_text("; first below ", detail::printable(first->name));
  }
  if (!all.left_out.empty()) text += concat_text("; ", all.left_out.size(), " left out");
  return text + '\n';
}

/// A table in aligned columns and the summary() below it.
inline std::string to_text(const report& all) {
  std::vector<std::vector<std::string>> lines = {{"tensor", "op", "elements", "threshold", "cosine",
                                                  "euclid", "sqnr dB", "max error", "at -128",
                                                  "at 127", "values", "verdict", ""}};
  for (const report_row& row : all.rows) lines.push_back(detail::table_cells(row));
  return detail::aligned_columns(lines, 2) + summary(all);
}

}  // namespace octavo::inline v0::compare
