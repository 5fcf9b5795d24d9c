// SPDX-License-Identifier: MIT
/// @file
/// What the subcommands share of the command line: numbers in decimal or with 0x, TYPE, N C H W.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "add_choice.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/parse_unsigned.hpp"
#include "octavo/core/real.hpp"
#include "raw_file.hpp"

namespace octavo::examples {

/// A decimal integer, or a hexadecimal one with 0x in front, perhaps with a minus before it.
/// @throws octavo::error where the text is anything else or out of least..most.
inline std::int64_t parse_integer(std::string_view text, std::int64_t least, std::int64_t most) {
  const bool negative = text.starts_with('-');
  std::uint64_t value = 0;
  const std::errc code = parse_unsigned(text.substr(negative ? 1 : 0), value);
  constexpr auto top = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (code == std::errc::invalid_argument) {
    fail(in_quotes(text), ", expected an integer, decimal or with 0x");
  }
  const auto magnitude = static_cast<std::int64_t>(value & top);
  const std::int64_t number = negative ? -magnitude : magnitude;
  if (code != std::errc() || value > top || number < least || number > most) {
    fail(in_quotes(text), ", expected an integer in ", least, "..", most);
  }
  return number;
}

/// A finite decimal number, whatever the locale. @throws octavo::error.
inline double parse_real(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || !is_finite(value)) {
    fail(in_quotes(text), ", expected a finite number");
  }
  return value;
}

/// Numbers with commas between them.
inline std::vector<double> parse_reals(std::string_view text) {
  std::vector<double> values;
  while (true) {
    const std::size_t comma = text.find(',');
    values.push_back(parse_real(text.substr(0, comma)));
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

/// Four words N C H W as extents. Zeros in front take dimensions away: 0 0 0 1000 is (1000,).
/// @throws octavo::error where nothing is left or a zero stands elsewhere.
inline std::vector<std::int64_t> parse_extents(const std::vector<std::string>& words) {
  constexpr std::int64_t longest = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int64_t> extents;
  for (const std::string& word : words) {
    const std::int64_t extent = parse_integer(word, 0, longest);
    if (extent == 0 && !extents.empty()) fail("a zero behind another extent of N C H W");
    if (extent > 0) extents.push_back(extent);
  }
  if (extents.empty()) fail("N C H W are all zero, expected at least one extent");
  return extents;
}

/// The bounds of K: how many elements to show.
inline std::int64_t parse_count(const std::string& text) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return parse_integer(text, -most, most);
}

/// The positional TYPE.
inline void add_type(CLI::App& app, raw_type& to) {
  add_choice(app, "TYPE", to, "int8, uint8, int16, int32, bf16 or float32", parse_raw_type);
  app.get_option("TYPE")->required();
}

/// The positionals N C H W.
inline void add_extents(CLI::App& app, std::vector<std::int64_t>& to) {
  const auto assign = [&to](const std::vector<std::string>& words) {
    try {
      to = parse_extents(words);
    } catch (const error& why) {
      throw CLI::ValidationError("N C H W", why.what());
    }
  };
  app.add_option_function<std::vector<std::string>>("NCHW", assign,
                                                    "N C H W; zeros in front: fewer dimensions")
      ->required()
      ->expected(4)
      ->allow_extra_args(false)
      ->type_name("N C H W");
}

/// The optional positional K.
inline void add_count(CLI::App& app, std::int64_t& to) {
  add_choice(app, "K", to, "Show the K largest elements as well; K < 0: all numbers", parse_count);
}

}  // namespace octavo::examples
