// SPDX-License-Identifier: MIT
/// @file
/// The int8 network beside the float one on a few pictures.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "engines.hpp"
#include "make_int8.hpp"
#include "octavo/compare/network_comparison.hpp"
#include "octavo/compare/report.hpp"
#include "picture_set.hpp"
#include "progress_bar.hpp"

namespace octavo::examples {

/// Every tensor, against the floors of the scheme, on --compare-images of the pictures.
inline compare::report compare_on(const options& wanted, const picture_list& pictures,
                                  const picture_preset& preset, const int8_network& made) {
  const image_source images = source_of(evenly_chosen(pictures, wanted.compare_images), preset);
  progress_bar bar("comparison");
  const compare::network_comparison seen = compare::compare_network(
      made.source, made.model, images, make_executor(made.model),
      {.limits = compare::regression_tolerance(made.model.scheme),
       .moves = made.moves,
       .progress = [&](std::size_t done, std::size_t count) { bar.update(done, count); }});
  bar.finish();
  return seen.to_report();
}

namespace detail {

/// The first few rows of the report in another order.
template <class Less>
std::vector<const compare::report_row*> first_rows(const compare::report& all, const Less& less) {
  constexpr std::size_t shown = 3;
  std::vector<const compare::report_row*> rows;
  for (const compare::report_row& row : all.rows) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto* a, const auto* b) { return less(*a, *b); });
  rows.resize(std::min(shown, rows.size()));
  return rows;
}

inline double saturated_share(const compare::report_row& row) {
  return row.saturation->low_share() + row.saturation->high_share();
}

}  // namespace detail

/// "worst", "first below" and "saturated": where to look.
inline void print_comparison(const compare::report& all) {
  std::printf("compared:     %s", summary(all).c_str());
  const auto worst = detail::first_rows(
      all, [](const auto& a, const auto& b) { return a.found->sqnr < b.found->sqnr; });
  for (const compare::report_row* row : worst) {
    std::printf("%s %-28s %6.2f dB, cosine %.6f\n",
                row == worst[0] ? "worst:       " : "             ", row->name.c_str(),
                row->found->sqnr, row->found->cosine);
  }
  const compare::report_row* below = first_below(all);
  std::printf("first below:  %s\n", below != nullptr ? below->name.c_str() : "none");
  const auto full = detail::first_rows(all, [](const auto& a, const auto& b) {
    return detail::saturated_share(a) > detail::saturated_share(b);
  });
  for (const compare::report_row* row : full) {
    std::printf("%s %-28s %8.4f %% at -128 or 127\n",
                row == full[0] ? "saturated:   " : "             ", row->name.c_str(),
                100 * detail::saturated_share(*row));
  }
}

}  // namespace octavo::examples
