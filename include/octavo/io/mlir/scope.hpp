// SPDX-License-Identifier: MIT
/// @file
/// The values of a function: each defined once, before it is used, and used with its own type.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/syntax.hpp"

namespace octavo::inline v0::io::mlir {

enum class value_kind {
  argument,      ///< of the function
  weights_file,  ///< tpu.load_file
  array,         ///< tpu.load_weight: a part of a weights file
  image,         ///< tpu.input in a quantized network: real numbers yet
  tensor,        ///< what a node of the graph writes
  result,        ///< tpu.dequantization or tpu.softmax: real numbers again
};

/// How messages call it.
constexpr std::string_view to_string(value_kind kind) {
  constexpr std::string_view names[] = {
      "an argument of the function",       "a weights file", "an array of weights",
      "the input before tpu.quantization", "a tensor",       "a result in real numbers"};
  return names[static_cast<std::size_t>(kind)];
}

struct value {
  value_kind kind = value_kind::tensor;
  std::size_t index = 0;  ///< of the argument, the weights file, or the node
  std::string name = {};  ///< array: in its file; result: of the op
  double threshold = 0;   ///< image: 0 where the text has none
  bool softmax = false;   ///< result
  bool alone = false;     ///< exactly one operation reads what its node writes
  type written = {};
};

class scope {
 public:
  /// Counts the readers of every value of a function's body.
  scope(const region& body, const std::string& file) : file_(file) {
    for (const operation& each : body.operations) {
      for (const value_name& operand : each.operands) readers_[operand.text].push_back(&each);
    }
  }

  void define(const value_name& name, value made) {
    if (values_.find(name.text) != values_.end()) {
      fail_at(file_, name.at, "found ", in_quotes(name.text),
              " defined a second time, expected a new name");
    }
    made.alone = made.alone && readers_[name.text].size() == 1;
    values_.emplace(name.text, std::move(made));
  }

  /// The one operation that reads a value, or nullptr where there are none or several.
  const operation* sole_reader(const value_name& name) const {
    const auto found = readers_.find(name.text);
    return found == readers_.end() || found->second.size() != 1 ? nullptr : found->second[0];
  }

  /// Refuses operands that are not defined above or have another type there.
  void check_operands(const operation& of) const {
    for (std::size_t i = 0; i < of.operands.size(); ++i) {
      const auto found = values_.find(of.operands[i].text);
      if (found == values_.end()) {
        fail_at(file_, of.operands[i].at, "found ", in_quotes(of.operands[i].text),
                ", expected a value that is defined above");
      }
      if (of.operand_types[i] == found->second.written) continue;
      fail_at(file_, of.operand_types[i].at, "found ", to_string(of.operand_types[i]), " for ",
              in_quotes(of.operands[i].text), ", expected ", to_string(found->second.written),
              " as where it is defined");
    }
  }

  /// An operand that check_operands() has passed.
  const value& operand(const operation& of, std::size_t place) const {
    return values_.find(of.operands[place].text)->second;
  }
  const value& operand(const operation& of, std::size_t place, value_kind kind) const {
    const value& found = operand(of, place);
    if (found.kind != kind) {
      fail_at(file_, of.operands[place].at, "found ", in_quotes(of.operands[place].text), ", ",
              to_string(found.kind), ", expected ", to_string(kind));
    }
    return found;
  }

 private:
  const std::string& file_;
  std::map<std::string, value, std::less<>> values_;
  std::map<std::string, std::vector<const operation*>, std::less<>> readers_;
};

}  // namespace octavo::inline v0::io::mlir
