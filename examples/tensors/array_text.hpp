// SPDX-License-Identifier: MIT
/// @file
/// What npz_dump and bin_dump say of an array: its numbers, its shape, the channels of a picture,
/// its largest elements.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "numpy_text.hpp"

namespace octavo::examples {

namespace detail {

/// Indices of the `count` largest elements, the largest first; of equal ones the lower index first,
/// NaN last.
template <class Element>
std::vector<std::size_t> largest_elements(const io::npy_array& array, std::size_t count) {
  std::vector<std::size_t> order(array.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&array](std::size_t i, std::size_t k) {
    const auto a = element_at<Element>(array, i);
    const auto b = element_at<Element>(array, k);
    if constexpr (is_float<Element>) {
      if (std::isnan(a) || std::isnan(b)) {
        return std::isnan(a) == std::isnan(b) ? i < k : std::isnan(b);
      }
    }
    return a != b ? a > b : i < k;
  };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
  std::partial_sort(order.begin(), end, order.end(), before);
  order.erase(end, order.end());
  return order;
}

/// Whether it can be one picture: three channels, in one image where there is a dimension for them.
inline bool is_picture(const io::npy_array& array) {
  const std::vector<std::int64_t>& extents = array.shape;
  if (array.size() == 0) return false;
  if (extents.size() == 3) return extents[0] == 3;
  return extents.size() == 4 && extents[0] == 1 && extents[1] == 3;
}

/// Three numbers in NumPy's layout.
inline std::string three_numbers(std::string_view title, const std::array<double, 3>& numbers) {
  return concat_text(title, " ", numpy_text(io::make_npy_array(numbers, {3})), "\n");
}

/// Maximum, minimum, mean, mean magnitude and standard deviation of each of three channels, in
/// double, left to right.
template <class Element>
std::string channel_text(const io::npy_array& array) {
  const std::size_t plane = array.size() / 3;
  std::array<double, 3> most, least, mean, magnitude, deviation;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto at = [&](std::size_t i) {
      return static_cast<double>(element_at<Element>(array, c * plane + i));
    };
    most[c] = least[c] = at(0);
    double sum = 0;
    double magnitudes = 0;
    for (std::size_t i = 0; i < plane; ++i) {
      most[c] = std::max(most[c], at(i));
      least[c] = std::min(least[c], at(i));
      sum += at(i);
      magnitudes += std::fabs(at(i));
    }
    const auto count = static_cast<double>(plane);
    mean[c] = sum / count;
    magnitude[c] = magnitudes / count;
    double squares = 0;
    for (std::size_t i = 0; i < plane; ++i) squares += (at(i) - mean[c]) * (at(i) - mean[c]);
    deviation[c] = std::sqrt(squares / count);
  }
  return three_numbers("max", most) + three_numbers("min", least) + three_numbers("mean", mean) +
         three_numbers("abs mean", magnitude) + three_numbers("std", deviation);
}

}  // namespace detail

/// "Show Top-K 5", then a line `(index, value)` for each of the largest elements.
inline std::string top_text(const io::npy_array& array, std::int64_t count) {
  std::string text = concat_text("Show Top-K ", count, "\n");
  const auto order = io::detail::with_element(array.type, [&]<class Element>() {
    return detail::largest_elements<Element>(array, static_cast<std::size_t>(count));
  });
  for (const std::size_t i : order) {
    text += concat_text("(", i, ", ", element_text(array, i), ")\n");
  }
  return text;
}

/// The array, `shape (...)`, `dtype ...` if asked for, what the channels of a picture hold, and for
/// `top` > 0 the largest elements. `top` < 0: all numbers, however many.
inline std::string array_text(const io::npy_array& array, std::int64_t top, bool with_type) {
  std::string text = numpy_text(array, top < 0) + "\n";
  text += concat_text("shape ", tuple_text(array.shape), "\n");
  if (with_type) text += concat_text("dtype ", io::name_of(array.type), "\n");
  if (detail::is_picture(array)) {
    text += io::detail::with_element(
        array.type, [&]<class Element>() { return detail::channel_text<Element>(array); });
  }
  if (top > 0) text += top_text(array, top);
  return text;
}

}  // namespace octavo::examples
