// SPDX-License-Identifier: MIT
/// @file
/// What calibration keeps of the tensors it sees: in a first pass their largest magnitude, in a
/// second one a histogram of their magnitudes.
///
/// Both are the same whatever the order of the values, and partial results of threads or of parts
/// of the set merge to what one pass over everything gives.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"

namespace octavo::inline v0 {

/// Bins of a histogram.
inline constexpr int histogram_bins = 2048;

/// How many magnitudes of one tensor lie around each of 0, w, 2w ... 2047w, with w = max / 2047.
struct histogram {
  double max = 0;  ///< max|x| of the tensor; 0 where every value is 0
  std::vector<std::int64_t> counts = std::vector<std::int64_t>(histogram_bins);  ///< zeros not in

  /// Distance of two bins' centres; the first is at 0, the last at max (but for rounding).
  constexpr double width() const { return max / (histogram_bins - 1); }

  /// Number of values that were not 0.
  std::int64_t total() const {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  }

  friend bool operator==(const histogram&, const histogram&) = default;
};

namespace detail {

[[noreturn]] inline void fail_not_finite(const std::string& tensor, float value, std::size_t at) {
  fail("calibration: tensor ", tensor, ": ", std::isnan(value) ? "NaN" : "an infinity",
       " at element ", at, ", expected finite values");
}

/// The largest magnitude among `values`, 0 where there are none.
inline float largest_magnitude(std::span<const float> values, const std::string& tensor) {
  float largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float magnitude = std::fabs(values[i]);
    const bool finite = magnitude <= std::numeric_limits<float>::max();  // NaN compares false
    if (!finite) fail_not_finite(tensor, values[i], i);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

}  // namespace detail

/// First pass: max|x| of each of a list of named tensors.
class tensor_ranges {
 public:
  /// Nothing seen yet of the tensors of these names.
  explicit tensor_ranges(std::vector<std::string> names)
      : names_(std::move(names)), max_(names_.size()) {}

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

  /// 0 for a tensor that was all zero, or never seen.
  double max_abs(std::size_t tensor) const { return max_[tensor]; }

  /// @throws octavo::error naming the tensor where a value is NaN or infinite.
  void observe(std::size_t tensor, std::span<const float> values) {
    raise(tensor, detail::largest_magnitude(values, names_[tensor]));
  }

  /// As if this object had also seen what `other` saw. @throws octavo::error for other tensors.
  void merge(const tensor_ranges& other) {
    require(names_ == other.names_, "calibration: only ranges of the same tensors can be merged");
    for (std::size_t i = 0; i < size(); ++i) raise(i, other.max_[i]);
  }

  friend bool operator==(const tensor_ranges&, const tensor_ranges&) = default;

 private:
  void raise(std::size_t tensor, float magnitude) {
    if (magnitude > max_[tensor]) max_[tensor] = magnitude;
  }

  std::vector<std::string> names_;
  std::vector<float> max_;
};

/// Second pass: the histogram of each tensor, over the range that the first pass found.
class tensor_histograms {
 public:
  /// Nothing counted yet of the tensors of `ranges`, which has seen the whole set.
  explicit tensor_histograms(const tensor_ranges& ranges)
      : names_(ranges.names()), tensors_(ranges.size()) {
    for (std::size_t i = 0; i < size(); ++i) tensors_[i].max = ranges.max_abs(i);
  }

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const histogram& operator[](std::size_t tensor) const { return tensors_[tensor]; }

  /// Counts every value that is not 0 in bin floor(|x| / w + 1/2).
  /// @throws octavo::error naming the tensor where a value is NaN, infinite, or larger than any of
  /// the first pass; nothing of `values` is counted then.
  void observe(std::size_t tensor, std::span<const float> values) {
    histogram& seen = tensors_[tensor];
    const double largest = detail::largest_magnitude(values, names_[tensor]);
    if (largest > seen.max) {
      fail("calibration: tensor ", names_[tensor], ": magnitude ", largest,
           " in the second pass, but at most ", seen.max, " in the first; both need one set");
    }
    const double width = seen.width();
    for (const float value : values) {
      if (value == 0) continue;
      const double bin = round_up(std::fabs(static_cast<double>(value)) / width);
      ++seen.counts[static_cast<std::size_t>(bin)];  // at most 2047, since |x| <= max
    }
  }

  /// As if so many values of each bin had been observed: what another pass over the same ranges
  /// has counted. @throws octavo::error unless there are histogram_bins counts, none negative.
  void add_counts(std::size_t tensor, std::span<const std::int64_t> counts) {
    bool good = counts.size() == histogram_bins;
    for (const std::int64_t count : counts) good = good && count >= 0;
    if (!good) {
      fail("calibration: tensor ", names_[tensor], ": expected ", histogram_bins,
           " counts, none negative");
    }
    for (std::size_t bin = 0; bin < histogram_bins; ++bin) {
      tensors_[tensor].counts[bin] += counts[bin];
    }
  }

  /// As if this object had also seen what `other` saw.
  /// @throws octavo::error for other tensors or other ranges.
  void merge(const tensor_histograms& other) {
    require(names_ == other.names_,
            "calibration: only histograms of the same tensors can be merged");
    for (std::size_t i = 0; i < size(); ++i) {
      if (tensors_[i].max == other.tensors_[i].max) continue;
      fail("calibration: tensor ", names_[i], ": its histograms have the ranges ", tensors_[i].max,
           " and ", other.tensors_[i].max, "; merge the first pass before the second");
    }
    for (std::size_t i = 0; i < size(); ++i) add_counts(i, other.tensors_[i].counts);
  }

  friend bool operator==(const tensor_histograms&, const tensor_histograms&) = default;

 private:
  std::vector<std::string> names_;
  std::vector<histogram> tensors_;
};

}  // namespace octavo::inline v0
