// SPDX-License-Identifier: MIT
/// @file
/// Schemes for single layers, and the text that says them (in files: io/scheme_table_file.hpp):
///
///     # comments and empty lines are skipped
///     scale_conv1 multiplier
///     fc1000 rshift-channel
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/table_lines.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0 {

/// A line of a scheme table.
struct scheme_entry {
  std::string name;  ///< of a layer with weights
  octavo::scheme scheme = octavo::scheme::rshift16;
  std::string where = {};  ///< "file:line", for messages
};

/// In the order of the lines; no name twice.
using scheme_table = std::vector<scheme_entry>;

namespace detail {

/// Reads the lines of a table one by one; every failure says "file:line: ...".
class scheme_parser {
 public:
  explicit scheme_parser(std::string_view file) : file_(file) {}

  void add_line(std::string_view line) {
    ++line_;
    const std::vector<std::string_view> fields = table_fields(line);
    if (fields.empty()) return;
    const std::string where = concat_text(file_, ":", line_);
    if (!is_table_name(fields[0])) fail(where, ": ", in_quotes(fields[0]), " is no layer's name");
    if (fields.size() != 2) {
      fail(where, ": ", fields.size(), fields.size() == 1 ? " field" : " fields",
           ", expected a layer's name and a scheme");
    }
    const auto [earlier, is_new] = places_.emplace(fields[0], where);
    if (!is_new) {
      fail(where, ": ", in_quotes(fields[0]), " has a scheme already, at ", earlier->second);
    }
    const scheme kind = with_context(where, [&] { return parse_scheme(fields[1]); });
    table_.push_back({std::string(fields[0]), kind, where});
  }

  scheme_table take() { return std::move(table_); }

 private:
  std::string_view file_;
  std::size_t line_ = 0;
  scheme_table table_ = {};
  std::map<std::string, std::string> places_ = {};  ///< where each name stands
};

}  // namespace detail

/// The table that a text holds. @throws octavo::error with `file`, the line and what was expected.
inline scheme_table parse_scheme_table(std::string_view text,
                                       std::string_view file = "scheme table") {
  detail::scheme_parser parser(file);
  detail::for_each_line(text, [&](std::string_view line) { parser.add_line(line); });
  return parser.take();
}

/// A scheme for each node, as quantize() takes them: the table's, or else `otherwise`.
/// @throws octavo::error with the file and line of a name that no layer with weights bears.
inline std::vector<scheme> schemes_of(const graph& net, const scheme_table& table,
                                      scheme otherwise) {
  std::vector<scheme> kinds(net.size(), otherwise);
  for (const scheme_entry& entry : table) {
    const int found = net.find(entry.name);
    if (found < 0) fail(entry.where, ": the network has no layer ", in_quotes(entry.name));
    const auto index = static_cast<std::size_t>(found);
    if (!has_weights(net[index].kind)) {
      fail(entry.where, ": ", in_quotes(entry.name), " is a ", to_string(net[index].kind),
           ", expected a layer with weights");
    }
    kinds[index] = entry.scheme;
  }
  return kinds;
}

}  // namespace octavo::inline v0
