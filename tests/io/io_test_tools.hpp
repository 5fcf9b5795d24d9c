// SPDX-License-Identifier: MIT
/// @file
/// What the tests of the io headers share: caught messages and a folder that goes away.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"

namespace octavo_test {

/// The message of the octavo::error that `action` throws; empty when it throws none.
template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const octavo::error& problem) {
    return problem.what();
  }
  return {};
}

/// Checks that `message` is there and has `part` in it.
inline void check_message(const std::string& message, std::string_view part) {
  CAPTURE(message);
  CAPTURE(std::string(part));
  CHECK_FALSE(message.empty());
  CHECK(message.find(part) != std::string::npos);
}

/// A new folder, removed with what is in it.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "octavo_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  /// Number of entries.
  std::ptrdiff_t size() const {
    return std::distance(std::filesystem::directory_iterator(path_), {});
  }

 private:
  std::filesystem::path path_;
};

}  // namespace octavo_test
