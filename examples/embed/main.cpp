// SPDX-License-Identifier: MIT
// Writes a quantized model as one C++ header for a target without heap, files and exceptions.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include "add_choice.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/cpp_source.hpp"
#include "octavo/io/model_file.hpp"
#include "parse_arguments.hpp"

namespace octavo::examples {
namespace {

struct options {
  std::filesystem::path model;
  std::filesystem::path header;
  io::cpp_source_options source = {};
};

/// @returns the exit status where the program ends here.
std::optional<int> parse_options(int argc, const char* const* argv, options& to) {
  CLI::App app("Writes a quantized model as C++: one header of constants and reference ops.",
               "embed");
  app.add_option("MODEL", to.model, "The model file: .octavo")->required();
  app.add_option("OUT", to.header, "The header that is written")->required();
  add_choice(app, "--namespace", to.source.name_space,
             "The namespace of all that is in it; without: " + to.source.name_space,
             [](const std::string& text) {
               io::cpp::check_namespace(text);
               return text;
             });
  return parse_arguments(app, [&] { app.parse(argc, argv); });
}

void run(const options& wanted) {
  const quantized_model model = io::load_model(wanted.model);
  const std::string text = io::to_cpp_source(model, wanted.source);
  io::write_file(wanted.header, io::as_bytes(text));
  std::size_t weights = 0;
  for (const op_params& each : model.params) weights += each.weights.size();
  std::printf("network:      %zu ops, %zu weights, %lld multiply-adds, scheme %s\n",
              model.graph.size(), weights, static_cast<long long>(multiply_adds(model.graph)),
              std::string(to_string(model.scheme)).c_str());
  std::printf("arena:        %lld bytes\n",
              static_cast<long long>(io::cpp::make_source_plan(model).arena.size));
  std::printf("written:      %s (%zu bytes), namespace %s\n", wanted.header.string().c_str(),
              text.size(), wanted.source.name_space.c_str());
}

}  // namespace
}  // namespace octavo::examples

int main(int argc, char** argv) {
  octavo::examples::options wanted;
  const std::optional<int> status = octavo::examples::parse_options(argc, argv, wanted);
  if (status) return *status;
  try {
    octavo::examples::run(wanted);
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "embed: %s\n", why.what());
    return 1;
  }
}
