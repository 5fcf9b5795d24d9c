// SPDX-License-Identifier: MIT
/// @file
/// A command-line option that is one of several words.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "octavo/core/error.hpp"

namespace octavo::examples {

/// Makes `to` from the text of an option; what parse() throws becomes a usage error.
template <class T, class Parse>
CLI::Option* add_choice(CLI::App& app, const std::string& name, T& to, const std::string& help,
                        const Parse& parse) {
  const auto assign = [&to, name, parse](const std::string& text) {
    try {
      to = parse(text);
    } catch (const error& why) {
      throw CLI::ValidationError(name, why.what());
    }
  };
  return app.add_option_function<std::string>(name, assign, help);
}

}  // namespace octavo::examples
