// SPDX-License-Identifier: MIT
/// @file
/// The subcommands of tensors. Each function adds some to `app`; the one that the command line
/// names puts what is to be done, and returns the exit status, into `chosen`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace octavo::examples {

using command = std::function<int()>;

/// npz_list, npz_dump, npz_to_bin
void add_npz_commands(CLI::App& app, command& chosen);
/// bin_dump, bin_extract, bin_fp32_to_int8
void add_bin_commands(CLI::App& app, command& chosen);
/// map, bin_to_npz
void add_map_commands(CLI::App& app, command& chosen);
/// npz_compare, bin_compare
void add_compare_commands(CLI::App& app, command& chosen);
/// show
void add_show_command(CLI::App& app, command& chosen);

}  // namespace octavo::examples
