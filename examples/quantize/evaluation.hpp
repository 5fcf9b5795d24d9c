// SPDX-License-Identifier: MIT
/// @file
/// Right answers, counted: everything that is said of an evaluation follows from these integers,
/// so that the sum over machines says what one would have said.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>

#include "octavo/core/error.hpp"

namespace octavo::examples {

/// How the logits of one picture rank. Of equal logits the class with the lower index comes first,
/// which in int8 is not rare.
struct ranking {
  std::size_t first = 0;  ///< the class with the largest logit
  std::size_t rank = 0;   ///< of the right class: 0 is first

  friend bool operator==(const ranking&, const ranking&) = default;
};

template <class T>
ranking rank_of(std::span<const T> logits, std::size_t label) {
  ranking found;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    if (logits[c] > logits[found.first]) found.first = c;
    if (logits[c] > logits[label] || (logits[c] == logits[label] && c < label)) ++found.rank;
  }
  return found;
}

/// What both networks said of one picture.
struct outcome {
  bool damaged = false;
  ranking int8 = {};
  std::optional<ranking> real = {};  ///< the float network's, where there is one
};

/// Counts of pictures. Those of the float network stay 0 where there is none.
struct evaluation {
  bool has_float = false;
  std::int64_t pictures = 0;  ///< damaged ones not in
  std::int64_t damaged = 0;
  std::int64_t int8_top1 = 0;
  std::int64_t int8_top5 = 0;
  std::int64_t float_top1 = 0;
  std::int64_t float_top5 = 0;
  std::int64_t agree = 0;       ///< both name the same class first, right or wrong
  std::int64_t only_int8 = 0;   ///< int8 is right (top-1), float wrong
  std::int64_t only_float = 0;  ///< the other way round

  void add(const outcome& seen) {
    if (seen.damaged) {
      ++damaged;
      return;
    }
    ++pictures;
    int8_top1 += seen.int8.rank < 1 ? 1 : 0;
    int8_top5 += seen.int8.rank < 5 ? 1 : 0;
    if (!seen.real) return;
    float_top1 += seen.real->rank < 1 ? 1 : 0;
    float_top5 += seen.real->rank < 5 ? 1 : 0;
    agree += seen.int8.first == seen.real->first ? 1 : 0;
    only_int8 += seen.int8.rank < 1 && seen.real->rank >= 1 ? 1 : 0;
    only_float += seen.int8.rank >= 1 && seen.real->rank < 1 ? 1 : 0;
  }

  void merge(const evaluation& other) {
    require(has_float == other.has_float, "evaluation: one has a float network, the other not");
    pictures += other.pictures;
    damaged += other.damaged;
    int8_top1 += other.int8_top1;
    int8_top5 += other.int8_top5;
    float_top1 += other.float_top1;
    float_top5 += other.float_top5;
    agree += other.agree;
    only_int8 += other.only_int8;
    only_float += other.only_float;
  }

  friend bool operator==(const evaluation&, const evaluation&) = default;
};

/// The standard error of a share of right answers, in points: 100 sqrt(p (1 - p) / n).
inline double share_error(std::int64_t right, std::int64_t pictures) {
  const auto n = static_cast<double>(pictures);
  const double p = static_cast<double>(right) / n;
  return 100 * std::sqrt(p * (1 - p) / n);
}

/// The standard error of the difference of two networks on the same pictures, in points. Pictures
/// on which both are right or both wrong add nothing to it: with b and c pictures that only the one
/// or the other has right, the mean of n values of +1, -1 and 0 has the variance
/// ((b + c) / n - ((b - c) / n)^2) / n.
inline double difference_error(const evaluation& counts) {
  const auto n = static_cast<double>(counts.pictures);
  const double unlike = static_cast<double>(counts.only_int8 + counts.only_float) / n;
  const double mean = static_cast<double>(counts.only_int8 - counts.only_float) / n;
  return 100 * std::sqrt((unlike - mean * mean) / n);
}

namespace detail {

/// "int8:         top-1  146 of 200, 73.00 % (standard error 3.14)"
inline std::string share_line(const char* who, const char* what, std::int64_t right,
                              std::int64_t pictures) {
  char line[160];
  std::snprintf(line, sizeof line, "%-13s %-6s %lld of %lld, %.2f %% (standard error %.2f)\n", who,
                what, static_cast<long long>(right), static_cast<long long>(pictures),
                100 * static_cast<double>(right) / static_cast<double>(pictures),
                share_error(right, pictures));
  return line;
}

inline std::string difference_line(const evaluation& counts) {
  char line[200];
  std::snprintf(line, sizeof line,
                "%-13s %+.2f points of top-1 (standard error %.2f): int8 alone is right on %lld, "
                "float alone on %lld\n",
                "difference:",
                100 * static_cast<double>(counts.int8_top1 - counts.float_top1) /
                    static_cast<double>(counts.pictures),
                difference_error(counts), static_cast<long long>(counts.only_int8),
                static_cast<long long>(counts.only_float));
  return line;
}

}  // namespace detail

/// The counts for a reader. @throws octavo::error where no picture was seen.
inline std::string to_text(const evaluation& counts) {
  require(counts.pictures > 0, "evaluation: no picture was seen");
  std::string text = concat_text("pictures:     ", counts.pictures);
  if (counts.damaged > 0) text += concat_text(", and ", counts.damaged, " damaged ones left out");
  text += "\n";
  text += detail::share_line("int8:", "top-1", counts.int8_top1, counts.pictures);
  text += detail::share_line("", "top-5", counts.int8_top5, counts.pictures);
  if (counts.has_float) {
    text += detail::share_line("float:", "top-1", counts.float_top1, counts.pictures);
    text += detail::share_line("", "top-5", counts.float_top5, counts.pictures);
    text += detail::share_line("agreement:", "top-1", counts.agree, counts.pictures);
    text += detail::difference_line(counts);
  }
  return text + "ties:         of equal logits the lower class index comes first\n";
}

}  // namespace octavo::examples
