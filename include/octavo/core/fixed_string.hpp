// SPDX-License-Identifier: MIT
/// @file
/// A short string that is a plain value, so that a graph with names can be a constant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"

namespace octavo::inline v0 {

/// Up to `Capacity` bytes of text, kept in place.
template <std::size_t Capacity>
struct fixed_string {
  static constexpr std::size_t capacity = Capacity;

  char text[Capacity + 1] = {};
  std::size_t length = 0;

  constexpr fixed_string() = default;
  constexpr fixed_string(std::string_view from) { append(from); }  // NOLINT: text is a name
  constexpr fixed_string(const char* from) { append(from); }       // NOLINT: text is a name
  fixed_string(const std::string& from) { append(from); }          // NOLINT: text is a name

  /// @throws octavo::error where the text would be longer than `Capacity`.
  constexpr void append(std::string_view from) {
    require(from.size() <= Capacity - length, "name: longer than a graph's names may be");
    for (const char letter : from) text[length++] = letter;
  }

  constexpr std::string_view view() const { return {text, length}; }
  constexpr operator std::string_view() const { return view(); }

  friend constexpr bool operator==(const fixed_string& a, const fixed_string& b) {
    return a.view() == b.view();
  }
};

/// The name of an op and of the tensor it writes.
using node_name = fixed_string<63>;

}  // namespace octavo::inline v0
