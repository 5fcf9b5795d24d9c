// SPDX-License-Identifier: MIT
/// @file
/// The text of one function, operation by operation: values are numbered, types follow them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/mlir/syntax.hpp"

namespace octavo::inline v0::io::mlir {

/// A value and its type.
struct reference {
  std::string name = {};
  type written = {};
};

class text_body {
 public:
  /// The function's next argument.
  reference add_argument(const type& written) {
    arguments_.push_back({concat_text("%arg", arguments_.size()), written});
    return arguments_.back();
  }

  /// Appends an operation and returns its result.
  reference emit(std::string_view op, const std::vector<reference>& operands,
                 const std::string& attributes, const type& result) {
    reference made{concat_text("%", next_++), result};
    body_ +=
        concat_text("    ", made.name, " = \"", op, "\"(", list_of(operands, false), ") ",
                    attributes, " : (", list_of(operands, true), ") -> ", to_string(result), "\n");
    return made;
  }

  /// Function and module around what was written.
  std::string function(const std::vector<reference>& results) const {
    std::string arguments;
    for (const reference& each : arguments_) {
      append_item(arguments, each.name, ": ", to_string(each.written));
    }
    return concat_text("\"builtin.module\"() ({\n  \"func.func\"() ({\n  ^bb0(", arguments, "):\n",
                       body_, "    \"func.return\"(", list_of(results, false), ") : (",
                       list_of(results, true), ") -> ()\n  }) {function_type = (",
                       list_of(arguments_, true), ") -> ", types_behind_arrow(results),
                       ", sym_name = \"tpu_func\"} : () -> ()\n}) : () -> ()\n");
  }

 private:
  static std::string list_of(const std::vector<reference>& values, bool types) {
    std::string text;
    for (const reference& each : values) {
      append_item(text, types ? to_string(each.written) : each.name);
    }
    return text;
  }
  /// The types of results: one, or several in parentheses.
  static std::string types_behind_arrow(const std::vector<reference>& values) {
    const std::string types = list_of(values, true);
    return values.size() == 1 ? types : "(" + types + ")";
  }

  std::string body_ = {};
  int next_ = 0;
  std::vector<reference> arguments_ = {};
};

}  // namespace octavo::inline v0::io::mlir
