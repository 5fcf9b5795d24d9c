// SPDX-License-Identifier: MIT
/// @file
/// What every fuzz target is made of. An input either gives a value, and then a property of it is
/// asserted, or octavo::error says why not. Everything else ends the program: another exception, a
/// failed assertion, a sanitizer's report, memory beyond the limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string_view>

#include "octavo/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace octavo_fuzz {

/// What became of the inputs so far.
struct counts {
  long accepted = 0;
  long refused = 0;
};
inline counts seen = {};

inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Ends the program unless `holds`. Not assert(): NDEBUG must not switch it off.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::terminate();
}

/// Calls parse(), and check() with the value that it gives. Only parse() may throw, and only
/// octavo::error: what check() throws nobody catches. Whether there was a value.
template <class Parse, class Check>
bool feed(const Parse& parse, const Check& check) {
  std::optional<decltype(parse())> value;
  try {
    value.emplace(parse());
  } catch (const octavo::error&) {
    ++seen.refused;
    return false;
  }
  ++seen.accepted;
  check(*value);
  return true;
}

}  // namespace octavo_fuzz
