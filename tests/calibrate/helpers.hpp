// SPDX-License-Identifier: MIT
/// @file
/// What the tests of calibration share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "octavo/core/error.hpp"

namespace octavo::testing {

/// What an action that must fail says.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

/// The public calibration table of ResNet-50; empty without test data.
inline std::filesystem::path public_table() {
  const char* folder = std::getenv("OCTAVO_TEST_DATA");
  if (folder == nullptr || *folder == '\0') return {};
  return std::filesystem::path(folder) / "cat" / "bmnet_resnet50_calibration_table.1x10";
}

}  // namespace octavo::testing
