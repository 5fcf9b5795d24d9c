// SPDX-License-Identifier: MIT
/// @file
/// Order statistics of a few figures, and the correlation of two rows of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "octavo/core/error.hpp"

namespace octavo::bench {

/// The value below which a part (0..1) of the values lies. There is at least one.
inline double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5)];
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

/// Pearson's, of rows of one length.
template <class A, class B>
double correlation(const std::vector<A>& a, const std::vector<B>& b) {
  require(a.size() == b.size(), "correlation: the rows have not one length");
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]);
    const double y = static_cast<double>(b[i]);
    sa += x;
    sb += y;
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  const double n = static_cast<double>(a.size());
  return (n * sab - sa * sb) / std::sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
}

}  // namespace octavo::bench
