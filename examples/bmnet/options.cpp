// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <system_error>

#include "add_choice.hpp"
#include "octavo/core/parse_unsigned.hpp"
#include "octavo/simd/parallel.hpp"
#include "parse_arguments.hpp"

namespace octavo::examples {
namespace {

/// A number of bytes or images.
std::uint64_t parse_number(const std::string& text) {
  std::uint64_t value = 0;
  if (parse_unsigned(text, value) != std::errc()) {
    fail(in_quotes(text), ", expected a number below 2^64, decimal or 0x and hexadecimal");
  }
  return value;
}

void add_arguments(CLI::App& app, options& to) {
  app.add_option("INPUT", to.input, "The input tensor: int8, NCHW")->required();
  app.add_option("MODEL", to.weights, "The weight image")->required();
  app.add_option("CMDBUF", to.commands, "The command buffer")->required();
  app.add_option("OUTPUT", to.output, "Where the part of neuron memory is written")->required();
  add_choice(app, "OUTPUT_SIZE", to.output_size, "How many bytes of neuron memory are written",
             parse_number)
      ->required();
  add_choice(app, "OUTPUT_OFFSET", to.output_offset, "The address of the first of them",
             parse_number)
      ->required();
  add_choice(app, "NEURON_SIZE", to.neuron_size, "Bytes of neuron memory", parse_number)
      ->required();
  add_choice(app, "BATCH", to.batch, "Images in the input", parse_number)->required();
}

void add_run_options(CLI::App& app, options& to) {
  add_choice(app, "--isa", to.isa,
             "The engine's instruction set; without: OCTAVO_ISA, or the best of this CPU",
             [](const std::string& text) { return require_available(parse_isa(text)); });
  app.add_option("--threads", to.threads, "The engine's threads; without: 1")
      ->check(CLI::Range(1, most_threads));
  app.add_option("--repeat", to.repeat,
                 "Run so often and print median and minimum time; without: once")
      ->check(CLI::Range(1, 1000000));
}

}  // namespace

parsed_options parse_options(int argc, const char* const* argv) {
  parsed_options parsed;
  CLI::App app(
      "Runs a command buffer with its weight image and writes a part of neuron memory. Numbers are "
      "decimal or 0x and hexadecimal.",
      "bmnet");
  add_arguments(app, parsed.values);
  add_run_options(app, parsed.values);
  parsed.exit_status = parse_arguments(app, [&] { app.parse(argc, argv); });
  return parsed;
}

}  // namespace octavo::examples
