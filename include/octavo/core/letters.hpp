// SPDX-License-Identifier: MIT
/// @file
/// Kinds of ASCII letters. The C library's functions of such names depend on the locale.
#pragma once

#include "octavo/version.hpp"

namespace octavo::inline v0::detail {

constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

constexpr bool is_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

}  // namespace octavo::inline v0::detail
