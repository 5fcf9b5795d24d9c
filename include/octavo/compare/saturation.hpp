// SPDX-License-Identifier: MIT
/// @file
/// How often each int8 value occurs in a tensor: whether it saturates, and how many of its 256
/// values it uses.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "octavo/version.hpp"

namespace octavo::inline v0::compare {

/// Counts of one tensor over any number of images; neither their order nor merging matters.
///
/// Values at the two ends are those that saturation gives, but also those that just reach the end:
/// with the threshold of rule `max` some value lies at one of them.
///
/// Of a tensor that is stored moved by its threshold (calibrate/full_range.hpp) -128 stands for 0,
/// and there is no saturation at that end.
class saturation_counter {
 public:
  explicit saturation_counter(bool starts_at_zero = false) : starts_at_zero_(starts_at_zero) {}

  void add(std::span<const std::int8_t> values) {
    for (const std::int8_t value : values) ++counts_[slot(value)];
  }

  void merge(const saturation_counter& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }

  /// How many elements have this value, -128..127.
  std::int64_t count(std::int8_t value) const { return counts_[slot(value)]; }

  std::int64_t elements() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
  }

  /// The share of elements at -128 and at 127, in 0..1; 0 where nothing was seen.
  double low_share() const { return starts_at_zero_ ? 0 : share(-128); }
  double high_share() const { return share(127); }

  /// How many different values occurred.
  int distinct() const {
    return 256 - static_cast<int>(std::count(counts_.begin(), counts_.end(), 0));
  }

  friend bool operator==(const saturation_counter&, const saturation_counter&) = default;

 private:
  static std::size_t slot(std::int8_t value) { return static_cast<std::size_t>(value + 128); }

  double share(std::int8_t value) const {
    const std::int64_t all = elements();
    return all == 0 ? 0 : static_cast<double>(count(value)) / static_cast<double>(all);
  }

  bool starts_at_zero_;
  std::array<std::int64_t, 256> counts_ = {};
};

}  // namespace octavo::inline v0::compare
