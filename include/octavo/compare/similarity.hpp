// SPDX-License-Identifier: MIT
/// @file
/// How near a tensor, the target, is to another, the reference: cosine, euclid, SQNR and the
/// largest error, over any number of images.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/compare/exact_sum.hpp"
#include "octavo/compare/tolerance.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"

namespace octavo::inline v0::compare {

/// Where an element lies.
struct element_place {
  std::int64_t image = 0;  ///< counts the calls of similarity_meter::add
  std::int64_t index = 0;  ///< in the tensor of that call

  friend constexpr bool operator==(const element_place&, const element_place&) = default;
};

/// All that is known of a pair of tensors r, the reference, and t, the target. Nothing compared
/// with nothing is equal, as in NumPy.
struct similarity {
  std::int64_t elements = 0;
  std::int64_t unequal = 0;    ///< elements with r != t; 0 and -0 are equal
  std::int64_t not_close = 0;  ///< elements with |r - t| > atol + rtol * |r|

  /// sum(r * t) / (|r| * |t|), the cosine of the angle between them: the shape of the tensor,
  /// whatever its scale. 1 where both are zero, 0 where one is.
  double cosine = 1;
  /// 1 - |r - t| / |(r + t) / 2|, tpu-mlir's "euclidean similarity". 1 where both are zero, -1
  /// where one is, minus infinity where t = -r.
  double euclid = 1;
  /// 10 * log10(sum(r^2) / sum((r - t)^2)), signal to quantization noise in dB. Infinite where
  /// there is no noise, minus infinity where there is nothing else, 0 where t is zero. (tpu-mlir
  /// leaves the elements that are zero and both means out: its figures are others.)
  double sqnr = std::numeric_limits<double>::infinity();

  double max_error = 0;      ///< the largest |r - t|
  element_place worst = {};  ///< where it is, the first of several

  constexpr bool all_equal() const { return unequal == 0; }
  constexpr bool all_close() const { return not_close == 0; }

  friend constexpr bool operator==(const similarity&, const similarity&) = default;
};

/// EQUAL, CLOSE, SIMILAR or NOT_SIMILAR. rtol and atol have been the meter's: of `limits` only the
/// minima are read.
constexpr verdict judge(const similarity& found, const tolerance& limits) {
  if (found.all_equal()) return verdict::equal;
  if (found.all_close()) return verdict::close;
  const bool similar = found.cosine >= limits.min_cosine && found.euclid >= limits.min_euclid &&
                       found.sqnr >= limits.min_sqnr;
  return similar ? verdict::similar : verdict::not_similar;
}

namespace detail {

/// The measures from sums over all elements. |values| <= 2^128, so that no sum of fewer than 2^63
/// squares comes near the end of double's range.
inline double cosine_of(double products, double squares_r, double squares_t) {
  if (squares_r == 0 && squares_t == 0) return 1;
  if (squares_r == 0 || squares_t == 0) return 0;
  return std::clamp(products / (std::sqrt(squares_r) * std::sqrt(squares_t)), -1.0, 1.0);
}

inline double euclid_of(double squared_differences, double squared_sums) {
  if (squared_differences == 0) return 1;
  if (squared_sums == 0) return -std::numeric_limits<double>::infinity();
  return 1 - 2 * std::sqrt(squared_differences) / std::sqrt(squared_sums);
}

inline double sqnr_of(double squares_r, double squared_differences) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (squared_differences == 0) return infinity;
  if (squares_r == 0) return -infinity;
  return 10 * std::log10(squares_r / squared_differences);
}

/// Sums over one pair of tensors, in double, in the order of the elements.
struct image_sums {
  double squares_r = 0;
  double squares_t = 0;
  double products = 0;
  double squared_differences = 0;
  double squared_sums = 0;
  std::int64_t unequal = 0;
  std::int64_t not_close = 0;
  double max_error = 0;
  std::int64_t worst = 0;

  void add(double r, double t, std::int64_t index, const tolerance& limits) {
    squares_r += product(r, r);
    squares_t += product(t, t);
    products += product(r, t);
    squared_differences += product(r - t, r - t);
    squared_sums += product(r + t, r + t);
    if (r == t) return;
    ++unequal;
    const double error = std::fabs(r - t);
    if (error > limits.atol + product(limits.rtol, std::fabs(r))) ++not_close;
    if (error > max_error) {
      max_error = error;
      worst = index;
    }
  }
};

}  // namespace detail

/// Accumulates what one `similarity` says. Within an image sums are in double, left to right;
/// those of images are added exactly, so that neither their order nor how they were divided among
/// meters that are merged changes a bit of any measure.
class similarity_meter {
 public:
  /// `name` of the tensor, for messages. Of `limits` only rtol and atol are read.
  explicit similarity_meter(std::string name, const tolerance& limits = {})
      : name_(std::move(name)), limits_{.rtol = limits.rtol, .atol = limits.atol} {
    const bool sensible =
        is_finite(limits.rtol) && is_finite(limits.atol) && limits.rtol >= 0 && limits.atol >= 0;
    require(sensible, "comparison: rtol and atol must be finite and not negative");
  }

  const std::string& name() const { return name_; }
  std::int64_t images() const { return images_; }

  /// One image's tensor. Values are within float32's range; doubles below 2^-511 may count as 0.
  /// @throws octavo::error naming tensor and element where one is NaN, infinite or beyond that
  /// range, or where the two have different sizes; nothing is added then.
  void add(std::span<const float> reference, std::span<const float> target) {
    measure(reference, target);
  }
  void add(std::span<const double> reference, std::span<const double> target) {
    measure(reference, target);
  }

  /// As if this meter had seen, behind its own, what `other` saw.
  /// @throws octavo::error where that one has another name, rtol or atol.
  void merge(const similarity_meter& other) {
    if (name_ != other.name_ || limits_ != other.limits_) {
      fail("comparison: ", in_quotes(name_), " and ", in_quotes(other.name_),
           ": only meters of one tensor with the same rtol and atol can be merged");
    }
    squares_r_.merge(other.squares_r_);
    squares_t_.merge(other.squares_t_);
    products_.merge(other.products_);
    squared_differences_.merge(other.squared_differences_);
    squared_sums_.merge(other.squared_sums_);
    if (other.counts_.max_error > counts_.max_error) {
      counts_.max_error = other.counts_.max_error;
      counts_.worst = {images_ + other.counts_.worst.image, other.counts_.worst.index};
    }
    counts_.elements += other.counts_.elements;
    counts_.unequal += other.counts_.unequal;
    counts_.not_close += other.counts_.not_close;
    images_ += other.images_;
  }

  similarity value() const {
    similarity found = counts_;
    const double noise = squared_differences_.value();
    const double signal = squares_r_.value();
    found.cosine = detail::cosine_of(products_.value(), signal, squares_t_.value());
    found.euclid = detail::euclid_of(noise, squared_sums_.value());
    found.sqnr = detail::sqnr_of(signal, noise);
    return found;
  }

 private:
  template <class T>
  void measure(std::span<const T> reference, std::span<const T> target) {
    if (reference.size() != target.size()) {
      fail("comparison: tensor ", in_quotes(name_), ": the reference has ", reference.size(),
           " elements, the target ", target.size());
    }
    detail::image_sums sums;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      sums.add(checked(reference[i], "reference", i), checked(target[i], "target", i),
               static_cast<std::int64_t>(i), limits_);
    }
    add(sums, static_cast<std::int64_t>(reference.size()));
  }

  void add(const detail::image_sums& sums, std::int64_t elements) {
    squares_r_.add(sums.squares_r);
    squares_t_.add(sums.squares_t);
    products_.add(sums.products);
    squared_differences_.add(sums.squared_differences);
    squared_sums_.add(sums.squared_sums);
    if (sums.max_error > counts_.max_error) {
      counts_.max_error = sums.max_error;
      counts_.worst = {images_, sums.worst};
    }
    counts_.elements += elements;
    counts_.unequal += sums.unequal;
    counts_.not_close += sums.not_close;
    ++images_;
  }

  double checked(double value, std::string_view side, std::size_t at) const {
    if (std::fabs(value) <= double{std::numeric_limits<float>::max()}) return value;  // NaN: false
    const std::string_view what = std::isnan(value)  ? "NaN"
                                  : is_finite(value) ? "a value beyond float32's range"
                                                     : "an infinity";
    fail("comparison: tensor ", in_quotes(name_), ": ", what, " at element ", at, " of the ", side,
         ", expected finite values");
  }

  std::string name_;
  tolerance limits_;
  std::int64_t images_ = 0;
  similarity counts_ = {};  ///< without the three measures, which value() computes
  exact_sum squares_r_;
  exact_sum squares_t_;
  exact_sum products_;
  exact_sum squared_differences_;
  exact_sum squared_sums_;
};

}  // namespace octavo::inline v0::compare
