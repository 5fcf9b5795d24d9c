// SPDX-License-Identifier: MIT
/// @file
/// A text that is a number and nothing else.
#pragma once

#include <charconv>
#include <string_view>
#include <system_error>

#include "octavo/version.hpp"

namespace octavo::inline v0::detail {

/// Whether the whole of `text` is a number that `value`, of an integer or floating-point type, can
/// hold: decimal, in C notation whatever the locale says. `value` is set then.
template <class Number>
bool parse_number(std::string_view text, Number& value) {
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end;
}

}  // namespace octavo::inline v0::detail
