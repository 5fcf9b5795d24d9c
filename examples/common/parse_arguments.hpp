// SPDX-License-Identifier: MIT
/// @file
/// What a program does with a wrong command line.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

namespace octavo::examples {

/// Calls `parse`, which has `app` parse what stands behind the program's name.
/// @returns the exit status where the program ends here: 0 after --help, 2 for a wrong usage, which
/// is then reported under the program's name.
template <class Parse>
std::optional<int> parse_arguments(CLI::App& app, const Parse& parse) {
  app.failure_message([](const CLI::App* program, const CLI::Error& why) {
    return program->get_name() + ": " + CLI::FailureMessage::simple(program, why);
  });
  try {
    parse();
    return {};
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? 0 : 2;
  }
}

}  // namespace octavo::examples
