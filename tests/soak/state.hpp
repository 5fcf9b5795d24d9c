// SPDX-License-Identifier: MIT
/// @file
/// How far a soak has come, as a text file: lines `name value`, so that a run can be stopped at any
/// moment and resumed.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/parse_unsigned.hpp"
#include "octavo/simd/isa.hpp"

namespace octavo::testing {

struct soak_state {
  std::uint64_t first = 1;  ///< seed that the run began with
  std::uint64_t next = 1;   ///< seed that was not run yet
  std::array<std::uint64_t, isa_count> ran = {};
  std::vector<std::uint64_t> failed = {};  ///< seeds

  friend bool operator==(const soak_state&, const soak_state&) = default;
};

inline std::string to_text(const soak_state& state) {
  std::string text = concat_text("first ", state.first, "\nnext ", state.next, "\n");
  for (int i = 0; i < isa_count; ++i) {
    const std::uint64_t count = state.ran[static_cast<std::size_t>(i)];
    if (count > 0) text += concat_text(to_string(static_cast<isa>(i)), " ", count, "\n");
  }
  for (const std::uint64_t seed : state.failed) text += concat_text("failed ", seed, "\n");
  return text;
}

/// Fails naming the line that is none of to_text().
inline soak_state parse_soak_state(const std::string& text) {
  soak_state state;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.find(' ');
    std::uint64_t value = 0;
    if (blank == std::string::npos ||
        parse_unsigned(line.substr(blank + 1), value) != std::errc()) {
      fail("soak state: expected 'name number', found ", in_quotes(line));
    }
    const std::string name = line.substr(0, blank);
    if (name == "first") {
      state.first = value;
    } else if (name == "next") {
      state.next = value;
    } else if (name == "failed") {
      state.failed.push_back(value);
    } else {
      state.ran[static_cast<std::size_t>(parse_isa(name))] = value;
    }
  }
  return state;
}

/// A new file takes the place of the old one: never half a state.
inline void save_soak_state(const std::filesystem::path& path, const soak_state& state) {
  std::filesystem::path written = path;
  written += ".part";
  {
    std::ofstream file(written);
    file << to_text(state);
    if (!file.flush()) fail(written.string(), ": cannot be written");
  }
  std::filesystem::rename(written, path);
}

/// That of the file, or where there is none one that begins at `first`.
inline soak_state load_soak_state(const std::filesystem::path& path, std::uint64_t first) {
  if (path.empty() || !std::filesystem::exists(path)) return {.first = first, .next = first};
  std::ifstream file(path);
  const soak_state state = parse_soak_state({std::istreambuf_iterator<char>(file), {}});
  if (state.first != first) {
    fail(path.string(), ": is of a run from seed ", state.first, ", not ", first);
  }
  return state;
}

}  // namespace octavo::testing
