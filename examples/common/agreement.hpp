// SPDX-License-Identifier: MIT
/// @file
/// What a page says of a comparison.
#pragma once

#include <cstddef>
#include <string>

#include "octavo/compare/report.hpp"
#include "octavo/compare/tolerance.hpp"
#include "octavo/report/data.hpp"
#include "octavo/report/numbers.hpp"

namespace octavo::examples {

inline report::tensor_agreement agreement_of(const compare::report_row& row) {
  return {.cosine = row.found->cosine,
          .euclid = row.found->euclid,
          .sqnr_db = row.found->sqnr,
          .max_error = row.found->max_error,
          .saturated_low = row.saturation->low_share(),
          .saturated_high = row.saturation->high_share(),
          .verdict = std::string(to_string(row.result))};
}

/// Every tensor of a network on `kind`, and the logits' SQNR, large.
inline void add_comparison(const compare::report& all, scheme kind, report::report_data& page) {
  for (const compare::report_row& row : all.rows) page.tensors.push_back(agreement_of(row));
  page.cosine_limit = compare::regression_tolerance(kind).min_cosine;
  const auto output = static_cast<std::size_t>(page.network.outputs[0]);
  page.figures.push_back(
      {"SQNR of the logits", report::decimal(all.rows[output].found->sqnr, 1) + " dB"});
}

}  // namespace octavo::examples
