// SPDX-License-Identifier: MIT
/// @file
/// The command line of bmnet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "octavo/simd/isa.hpp"

namespace octavo::examples {

struct options {
  std::filesystem::path input;     ///< the input tensor, int8
  std::filesystem::path weights;   ///< weight image
  std::filesystem::path commands;  ///< command buffer
  std::filesystem::path output;    ///< where the part of neuron memory goes
  std::uint64_t output_size = 0;   ///< bytes of that part
  std::uint64_t output_offset = 0;
  std::uint64_t neuron_size = 0;
  std::uint64_t batch = 0;
  std::optional<octavo::isa> isa;  ///< the environment's OCTAVO_ISA, else the best
  int threads = 1;
  int repeat = 1;
};

/// The options, or the exit status with which the program ends: after --help, or a wrong option.
struct parsed_options {
  options values = {};
  std::optional<int> exit_status = {};
};

parsed_options parse_options(int argc, const char* const* argv);

}  // namespace octavo::examples
