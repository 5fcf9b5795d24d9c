// SPDX-License-Identifier: MIT
/// @file
/// Random numbers and fills of tests: the same with every compiler and library, from a seed that a
/// failing test prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "octavo/core/tensor.hpp"

namespace octavo::testing {

/// SplitMix64 (Steele, Lea, Flood 2014). The standard's distributions differ between libraries, so
/// the mappings to ranges are here as well; a modulo's bias does not matter to tests.
class random_source {
 public:
  explicit constexpr random_source(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// An integer in [lo, hi].
  constexpr std::int64_t between(std::int64_t lo, std::int64_t hi) {
    const auto count = static_cast<std::uint64_t>(hi - lo) + 1;
    return lo + static_cast<std::int64_t>(bits() % count);
  }
  constexpr int integer(int lo, int hi) { return static_cast<int>(between(lo, hi)); }

  /// True once in `n` times.
  constexpr bool one_in(int n) { return integer(1, n) == 1; }

  /// One of the items.
  template <class T, std::size_t N>
  constexpr const T& pick(const T (&items)[N]) {
    return items[static_cast<std::size_t>(integer(0, static_cast<int>(N) - 1))];
  }

  /// A multiple of 2^-20 in [-1, 1): exact in float.
  constexpr double real() {
    return static_cast<double>(between(-(1 << 20), (1 << 20) - 1)) * 0x1p-20;
  }

 private:
  std::uint64_t state_;
};

/// What tests fill int8 tensors with. Saturation, wrong signs and overflow hide from uniform noise.
enum class fill { uniform, near_zero, sparse, lowest, highest, alternating };

inline constexpr fill all_fills[] = {fill::uniform, fill::near_zero, fill::sparse,
                                     fill::lowest,  fill::highest,   fill::alternating};

constexpr std::string_view to_string(fill kind) {
  constexpr std::string_view names[] = {"uniform", "near_zero", "sparse",
                                        "lowest",  "highest",   "alternating"};
  return names[static_cast<std::size_t>(kind)];
}

constexpr std::int8_t fill_value(fill kind, std::size_t index, random_source& rng) {
  switch (kind) {
    case fill::uniform:
      break;
    case fill::near_zero:
      return static_cast<std::int8_t>(rng.integer(-2, 2));
    case fill::sparse:
      if (!rng.one_in(8)) return 0;
      break;
    case fill::lowest:
      return -128;
    case fill::highest:
      return 127;
    case fill::alternating:
      return index % 2 == 0 ? -128 : 127;
  }
  return static_cast<std::int8_t>(rng.integer(-128, 127));
}

constexpr void fill_with(std::span<std::int8_t> values, fill kind, random_source& rng) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = fill_value(kind, i, rng);
}

inline tensor<std::int8_t> random_tensor(const shape& extents, fill kind, random_source& rng) {
  tensor<std::int8_t> made(extents);
  fill_with(made.values, kind, rng);
  return made;
}

}  // namespace octavo::testing
