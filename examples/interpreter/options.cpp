// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <string>

#include "add_choice.hpp"
#include "parse_arguments.hpp"

namespace octavo::examples {
namespace {

executor parse_executor(const std::string& text) {
  if (text == "int8") return executor::int8;
  if (text == "float") return executor::real;
  fail("'", text, "', expected int8 or float");
}

}  // namespace

parsed_options parse_options(int argc, const char* const* argv) {
  parsed_options parsed;
  options& to = parsed.values;
  CLI::App app("Runs a network that a .mlir or an .octavo file describes.", "interpreter");
  app.add_option("network", to.network,
                 "The network: .mlir, its weights in an .npz beside it; or .octavo")
      ->required();
  app.add_option("--tensor-in", to.tensor_in, "The input: float32, as many as the network reads")
      ->required();
  app.add_option("--tensor-out", to.tensor_out,
                 "Write what the function returns here: float32; without: print a summary");
  app.add_option("--dump-all-tensor", to.dump_all_tensor,
                 "Write every tensor and the weights: .npz, float32");
  add_choice(
      app, "--exec", to.exec,
      "int8: the engine (default of a quantized network); float: the exact emulation, or the "
      "network in floating point",
      parse_executor);
  parsed.exit_status = parse_arguments(app, [&] { app.parse(argc, argv); });
  return parsed;
}

}  // namespace octavo::examples
