// SPDX-License-Identifier: MIT
/// @file
/// How near two tensors must be: limits and the verdicts that follow from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::compare {

/// What is said of a pair of tensors, best first; the words are those of tpu-mlir's npz_tool.
enum class verdict : std::uint8_t {
  equal,        ///< every element
  close,        ///< every element within rtol and atol
  similar,      ///< cosine, euclid and sqnr reach their limits
  not_similar,  ///< one of them does not
  not_match,    ///< there is nothing to compare: one is missing, or the shapes differ
};

/// What to_string() gives, in the order of verdict.
inline constexpr std::array<std::string_view, 5> verdict_names = {"EQUAL", "CLOSE", "SIMILAR",
                                                                  "NOT_SIMILAR", "NOT_MATCH"};

/// "EQUAL", "CLOSE" ...
constexpr std::string_view to_string(verdict what) {
  return verdict_names[static_cast<std::size_t>(what)];
}

/// EQUAL, CLOSE and SIMILAR pass.
constexpr bool passes(verdict what) { return what <= verdict::similar; }

/// Limits. An element is close where |reference - target| <= atol + rtol * |reference|: NumPy's
/// allclose. A tensor is similar where every measure of compare/similarity.hpp is at least its
/// minimum.
///
/// The defaults are tpu-mlir's: three decimal digits to be close, a cosine of 0.99 and a euclid of
/// 0.90 to be similar. Its 50 dB of SQNR are left out, as its own command line does: 8 bits give
/// 10 to 40. They are strict for a deep network in int8, whose last layers carry the noise of all
/// before them; regression_tolerance() says what such a network has to reach.
struct tolerance {
  double rtol = 1e-3;
  double atol = 1e-8;
  double min_cosine = 0.99;
  double min_euclid = 0.90;
  double min_sqnr = -std::numeric_limits<double>::infinity();  ///< dB

  friend constexpr bool operator==(const tolerance&, const tolerance&) = default;
};

/// Only EQUAL passes: no cosine exceeds 1.
inline constexpr tolerance exact_tolerance = {.rtol = 0, .atol = 0, .min_cosine = 2};

/// The floors that the original compiler's regression tests set for every tensor of ResNet-50 by
/// the way it was quantized: a network below them has something wrong with it. Of mixed, which may
/// be anything, the lowest.
constexpr tolerance regression_tolerance(scheme kind) {
  tolerance floors = {.min_cosine = 0.92, .min_euclid = 0.59};
  if (kind == scheme::mixed || !is_per_channel(kind)) return floors;
  if (kind == scheme::rshift_channel) {
    floors.min_cosine = 0.95;
    floors.min_euclid = 0.70;
  } else {
    floors.min_cosine = 0.96;
    floors.min_euclid = 0.73;
  }
  return floors;
}

}  // namespace octavo::inline v0::compare
