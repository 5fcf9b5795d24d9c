// SPDX-License-Identifier: MIT
// The tools of someone who debugs an int8 network: lists, prints, converts, compares and draws
// tensors in .npz files, raw files and neuron memory.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "commands.hpp"
#include "octavo/core/error.hpp"
#include "parse_arguments.hpp"

namespace octavo::examples {
namespace {

/// The words behind the program's name, last first, as CLI11 takes them. Under a subcommand's own
/// name (a link to the program) that name comes first.
std::vector<std::string> words_of(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "";
  const auto is_named = [&](const CLI::App* sub) { return sub->get_name() == name; };
  if (!app.get_subcommands(is_named).empty()) words.insert(words.begin(), name);
  std::reverse(words.begin(), words.end());
  return words;
}

/// The first word is a command. CLI11 would say of a wrong one that none is there.
void check_command(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty() || words.back().starts_with("-")) return;
  std::string known;
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_name() == words.back()) return;
    known += (known.empty() ? "" : ", ") + sub->get_name();
  }
  throw CLI::ValidationError(in_quotes(words.back()), "expected one of " + known);
}

int run(int argc, char** argv) {
  CLI::App app("Tensors in .npz files, raw files and neuron memory.", "tensors");
  app.require_subcommand(1);
  command chosen;
  add_npz_commands(app, chosen);
  add_bin_commands(app, chosen);
  add_map_commands(app, chosen);
  add_compare_commands(app, chosen);
  add_show_command(app, chosen);
  const auto wrong = parse_arguments(app, [&] {
    std::vector<std::string> words = words_of(app, argc, argv);
    check_command(app, words);
    app.parse(words);
  });
  if (wrong) return *wrong;
  const int status = chosen();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::fputs("tensors: the output cannot be written\n", stderr);
  return 1;
}

}  // namespace
}  // namespace octavo::examples

int main(int argc, char** argv) {
  try {
    return octavo::examples::run(argc, argv);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "tensors: %s\n", why.what());
    return 1;
  }
}
