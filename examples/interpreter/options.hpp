// SPDX-License-Identifier: MIT
/// @file
/// The command line of interpreter.
#pragma once

#include <filesystem>
#include <optional>

namespace octavo::examples {

/// What executes the network.
enum class executor { int8, real };

struct options {
  std::filesystem::path network;          ///< .mlir
  std::filesystem::path tensor_in;        ///< float32
  std::filesystem::path tensor_out;       ///< float32; empty: a summary is printed
  std::filesystem::path dump_all_tensor;  ///< .npz
  std::optional<executor> exec;           ///< what the network is made for, where not given
};

/// The options, or the exit status with which the program ends: after --help, or a wrong option.
struct parsed_options {
  options values = {};
  std::optional<int> exit_status = {};
};

parsed_options parse_options(int argc, const char* const* argv);

}  // namespace octavo::examples
