// SPDX-License-Identifier: MIT
/// @file
/// A sum of doubles that does not depend on their order: partial sums of shards, merged in any
/// order, give what one run over everything gives.
#pragma once

#include <cstddef>
#include <vector>

#include "octavo/core/real.hpp"  // refuses -ffast-math, which would undo all of this

namespace octavo::inline v0::compare {

/// Keeps the exact sum as a list of doubles whose bits do not overlap, smallest magnitude first
/// (J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
/// Predicates", 1997, GROW-EXPANSION). A handful of them for any practical number of terms.
/// Terms and sums are finite.
class exact_sum {
 public:
  void add(double term) {
    std::size_t kept = 0;
    for (const double part : parts_) {
      const rounded sum = two_sum(term, part);
      if (sum.error != 0) parts_[kept++] = sum.error;
      term = sum.value;
    }
    parts_.resize(kept);
    if (term != 0) parts_.push_back(term);
  }

  void merge(const exact_sum& other) {
    const std::vector<double> terms = other.parts_;  // `other` may be this sum itself
    for (const double term : terms) add(term);
  }

  /// The exact sum, rounded once to the nearest double, ties to even.
  double value() const {
    rounded sum = {};
    auto rest = parts_.rbegin();
    while (rest != parts_.rend() && sum.error == 0) sum = two_sum(sum.value, *rest++);
    // Rounded once so far, and wrong only where the error was a tie that the rest decides.
    if (sum.error != 0 && rest != parts_.rend() && (sum.error > 0) == (*rest > 0)) {
      const double neighbour = sum.value + 2 * sum.error;
      if (neighbour - sum.value == 2 * sum.error) return neighbour;
    }
    return sum.value;
  }

 private:
  struct rounded {
    double value = 0;
    double error = 0;  ///< a + b == value + error exactly
  };

  /// Knuth's TwoSum: holds whichever of the two is larger.
  static rounded two_sum(double a, double b) {
    const double value = a + b;
    const double b_part = value - a;
    const double a_part = value - b_part;
    return {value, (a - a_part) + (b - b_part)};
  }

  std::vector<double> parts_;
};

}  // namespace octavo::inline v0::compare
