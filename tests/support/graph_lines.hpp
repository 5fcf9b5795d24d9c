// SPDX-License-Identifier: MIT
/// @file
/// A graph as lines of text: what tests of fusion compare.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/graph/graph.hpp"

namespace octavo::testing {

/// A type of its own, so that it is ours how a failing test shows it.
struct lines : std::vector<std::string> {
  using std::vector<std::string>::vector;
};

/// One line for each node: its name, what it computes from which tensors, and its origins. A fused
/// add is written with the residual where the add had it: "conv2d(data) + res" or "res + conv2d".
inline lines lines_of(const graph& net) {
  lines text;
  for (const node& n : net) {
    const bool adds = n.residual_operand >= 0;
    std::string inputs;
    for (std::size_t i = 0; i < n.src.size() - (adds ? 1 : 0); ++i) {
      inputs += i == 0 ? "" : ", ";
      inputs += net[static_cast<std::size_t>(n.src[i])].name.view();
    }
    std::string computed = std::string(to_string(n.kind)) + "(" + inputs + ")";
    if (adds) {
      const std::string residual(net[static_cast<std::size_t>(n.src[1])].name.view());
      computed =
          n.residual_operand == 0 ? residual + " + " + computed : computed + " + " + residual;
    }
    if (n.relu) computed = "relu(" + computed + ")";
    text.push_back(concat_text(n.name.view(), " = ", computed, " from ", n.from.tensor, " ",
                               n.from.params, " ", n.from.add));
  }
  return text;
}

/// The names of the outputs.
inline lines outputs_of(const graph& net) {
  lines names;
  for (const int output : net.outputs) {
    names.emplace_back(net[static_cast<std::size_t>(output)].name.view());
  }
  return names;
}

}  // namespace octavo::testing

namespace doctest {

template <>
struct StringMaker<octavo::testing::lines> {
  static String convert(const octavo::testing::lines& text) {
    std::string joined;
    for (const std::string& line : text) joined += "\n  " + line;
    return joined.c_str();
  }
};

}  // namespace doctest
