// SPDX-License-Identifier: MIT
/// @file
/// Names of ops put together from parts, at compile time too.
#pragma once

#include <cstddef>
#include <string_view>

#include "octavo/core/fixed_string.hpp"

namespace octavo::inline v0::networks::detail {

/// The parts one after the other. @throws octavo::error where they are too long for a name.
template <class... Parts>
constexpr node_name join_name(const Parts&... parts) {
  node_name text;
  (text.append(std::string_view(parts)), ...);
  return text;
}

/// A number of one digit or two.
constexpr node_name digits_of(int number) {
  constexpr std::string_view digits = "0123456789";
  const auto digit = [&](int value) { return digits.substr(static_cast<std::size_t>(value), 1); };
  return number < 10 ? join_name(digit(number)) : join_name(digit(number / 10), digit(number % 10));
}

}  // namespace octavo::inline v0::networks::detail
