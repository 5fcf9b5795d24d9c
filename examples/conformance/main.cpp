// SPDX-License-Identifier: MIT
/// @file
/// conformance FOLDER: what the reference computes, for whoever computes the same in another way.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>

#include "layer_cases.hpp"
#include "network_case.hpp"
#include "other_cases.hpp"
#include "parse_arguments.hpp"
#include "requantize_cases.hpp"

namespace octavo::examples {
namespace {

/// @returns the exit status where the program ends here.
std::optional<int> parse_options(int argc, const char* const* argv, std::filesystem::path& folder) {
  CLI::App app("Writes test vectors of every op and policy, as the reference computes them.",
               "conformance");
  app.add_option("FOLDER", folder, "A new folder for them")->required();
  return parse_arguments(app, [&] { app.parse(argc, argv); });
}

void run(const std::filesystem::path& folder) {
  conformance_kit kit(folder);
  add_requantize_cases(kit);
  add_layer_cases(kit);
  add_other_cases(kit);
  add_network(kit);
  kit.finish();
}

}  // namespace
}  // namespace octavo::examples

int main(int argc, char** argv) {
  std::filesystem::path folder;
  const std::optional<int> status = octavo::examples::parse_options(argc, argv, folder);
  if (status) return *status;
  try {
    octavo::examples::run(folder);
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "conformance: %s\n", why.what());
    return 1;
  }
}
