// SPDX-License-Identifier: MIT
/// @file
/// A .mlir file as a network.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "octavo/io/bytes.hpp"
#include "octavo/io/mlir/network.hpp"
#include "octavo/io/mlir/network_reader.hpp"
#include "octavo/io/mlir/parser.hpp"

namespace octavo::inline v0::io {

namespace mlir {

/// The function that is a network. Everything else at the top of a text must be modules.
inline constexpr std::string_view function_name = "tpu_func";

namespace detail {

inline void find_functions(const std::vector<operation>& in, const std::string& file,
                           std::vector<const operation*>& found) {
  for (const operation& each : in) {
    if (each.name == "func.func") {
      found.push_back(&each);
    } else if (each.name == "builtin.module") {
      for (const region& inside : each.regions) find_functions(inside.operations, file, found);
    } else {
      fail_at(file, each.at, "found ", in_quotes(each.name), ", expected a module or a function");
    }
  }
}

/// Refuses a function of another name and one that has not just a body.
inline void check_function(const operation& function, const std::string& file) {
  const attribute* symbol = find_attribute(function, "sym_name");
  const auto* name = symbol == nullptr ? nullptr : std::get_if<std::string>(&symbol->value);
  if (name == nullptr || *name != function_name) {
    fail_at(file, function.at, "found the function ", in_quotes(name == nullptr ? "" : *name),
            ", expected '", function_name, "' and no other");
  }
  if (function.regions.size() != 1) {
    fail_at(file, function.at, "found a function with ", function.regions.size(),
            " regions, expected 1");
  }
}

}  // namespace detail

/// The network in a text. `file` stands for it in messages; weights are looked for in `folder`.
/// @throws octavo::error: `<file>:<line>:<column>: found ..., expected ...`, or what is wrong with
/// the weights file.
inline mlir_network read(std::string_view text, const std::string& file,
                         const std::filesystem::path& folder) {
  const std::vector<operation> operations = parse(text, file);
  std::vector<const operation*> functions;
  detail::find_functions(operations, file, functions);
  for (const operation* each : functions) detail::check_function(*each, file);
  if (functions.size() != 1) {
    fail_at(file, functions.empty() ? position{} : functions[1]->at, "found ", functions.size(),
            " functions, expected one: @", function_name);
  }
  return network_reader(*functions[0], file, folder).run();
}

}  // namespace mlir

/// Larger texts are refused: no network needs as much.
inline constexpr std::size_t longest_mlir = std::size_t{64} << 20;

/// Reads a network. Its weights lie where tpu.load_file says, in the folder of `path` or below it.
/// @throws octavo::error as mlir::read(), or where a file cannot be read.
inline mlir_network load_mlir(const std::filesystem::path& path) {
  const byte_vector bytes = read_file(path, longest_mlir);
  return mlir::read(as_text(bytes), path.string(), path.parent_path());
}

}  // namespace octavo::inline v0::io
