// SPDX-License-Identifier: MIT
/// @file
/// Addresses and sizes as people write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// A whole number, decimal or hexadecimal behind 0x; a 0 in front means nothing, 010 is ten.
/// @returns std::errc() with `value` set, result_out_of_range from 2^64 on, invalid_argument where
///          the text is anything else.
[[nodiscard]] inline std::errc parse_unsigned(std::string_view text,
                                              std::uint64_t& value) noexcept {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value, hexadecimal ? 16 : 10);
  return stop == end ? code : std::errc::invalid_argument;
}

}  // namespace octavo::inline v0
