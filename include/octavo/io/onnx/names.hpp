// SPDX-License-Identifier: MIT
/// @file
/// From names in an ONNX file, which may be anything, to names of a graph's nodes.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/core/fixed_string.hpp"
#include "octavo/io/onnx/model.hpp"

namespace octavo::inline v0::io::onnx {

/// The node's name, or its output's where it has none.
inline const std::string& own_name(const node& from) {
  return from.name.empty() ? from.outputs[0] : from.name;
}

/// Gives out names: printable ASCII without blanks and commas, at most 63 bytes, each once.
class op_names {
 public:
  /// What does not fit becomes '_'. Of a long name the end is kept, since exporters build names
  /// from the outside in; one that was given out before gets "_2", "_3" ... behind it.
  node_name make(std::string_view wanted) {
    const std::string base = fitting(wanted);
    int& count = counts_[base];
    std::string name = base;
    while (!given_.insert(name).second) {
      ++count;
      const std::string suffix = concat_text("_", count + 1);
      name = base.substr(0, node_name::capacity - suffix.size()) + suffix;
    }
    return node_name(name);
  }

  node_name make(const node& from) { return make(own_name(from)); }

 private:
  static std::string fitting(std::string_view wanted) {
    constexpr std::size_t longest = node_name::capacity;
    if (wanted.size() > longest) wanted = wanted.substr(wanted.size() - longest);
    std::string name(wanted);
    for (char& letter : name) {
      if (letter <= ' ' || letter > '~' || letter == ',') letter = '_';
    }
    return name.empty() ? "op" : name;
  }

  std::set<std::string, std::less<>> given_ = {};
  std::map<std::string, int, std::less<>> counts_ = {};
};

}  // namespace octavo::inline v0::io::onnx
