// SPDX-License-Identifier: MIT
/// @file
/// Reads the attributes and operands of one ONNX node and refuses those that nobody reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/io/onnx/model.hpp"

namespace octavo::inline v0::io::onnx {

/// A number of the file as an int that window positions may be computed with.
inline int checked_extent(std::string_view what, std::int64_t value, int least) {
  if (value < least || value > extent_limit) {
    fail(what, " is ", value, ", expected ", least, "..", extent_limit);
  }
  return static_cast<int>(value);
}

/// The attributes of one node, of which `known` are all that it may have.
class attribute_reader {
 public:
  /// @throws octavo::error naming an attribute that is not known.
  attribute_reader(const node& from, std::initializer_list<std::string_view> known) : from_(from) {
    for (const auto& each : from.attributes) {
      bool found = false;
      for (const std::string_view name : known) found = found || name == each.first;
      if (!found) fail("attribute ", in_quotes(each.first), " is not supported");
    }
  }

  bool has(std::string_view name) const { return from_.attributes.contains(name); }

  std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    const auto* const found = find<std::int64_t>(name, "an integer");
    return found != nullptr ? *found : otherwise;
  }

  /// Finite. Every float32 is a double.
  double real(std::string_view name, double otherwise) const {
    const auto* const found = find<float>(name, "a float");
    if (found == nullptr) return otherwise;
    if (!is_finite(*found)) fail("attribute ", name, " is ", double{*found}, ", expected a number");
    return *found;
  }

  std::string text(std::string_view name, std::string_view otherwise) const {
    const auto* const found = find<std::string>(name, "a text");
    return found != nullptr ? *found : std::string(otherwise);
  }

  /// None where the attribute is not there.
  std::vector<std::int64_t> integers(std::string_view name) const {
    const auto* const found = find<std::vector<std::int64_t>>(name, "a list of integers");
    return found != nullptr ? *found : std::vector<std::int64_t>{};
  }

  /// Exactly Count extents of at least `least`; all `otherwise` where the attribute is not there.
  template <std::size_t Count>
  std::array<int, Count> sizes(std::string_view name, int otherwise, int least) const {
    std::array<int, Count> read = {};
    read.fill(otherwise);
    if (!has(name)) return read;
    const std::vector<std::int64_t> found = integers(name);
    if (found.size() != Count) {
      fail("attribute ", name, " has ", found.size(), " numbers, expected ", Count,
           ": only two-dimensional images are supported");
    }
    for (std::size_t i = 0; i < Count; ++i) read[i] = checked_extent(name, found[i], least);
    return read;
  }

  /// Refuses any value but `only`, which is also what a missing attribute means.
  void expect(std::string_view name, std::int64_t only) const {
    const std::int64_t found = integer(name, only);
    if (found != only) fail("attribute ", name, " is ", found, "; only ", only, " is supported");
  }

 private:
  template <class T>
  const T* find(std::string_view name, std::string_view what) const {
    const auto found = from_.attributes.find(name);
    if (found == from_.attributes.end()) return nullptr;
    const T* const value = std::get_if<T>(&found->second);
    if (value == nullptr) fail("attribute ", name, " is not ", what);
    return value;
  }

  const node& from_;
};

/// Refuses a node of too few or too many operands, and one whose further outputs are read.
inline void expect_operands(const model& from, const node& op_node, std::size_t least,
                            std::size_t most) {
  const std::size_t found = op_node.inputs.size();
  if (found < least || found > most) {
    fail("the number of inputs is ", found, ", expected ", least, "..", most);
  }
  for (std::size_t i = 0; i < least; ++i) {
    if (op_node.inputs[i].empty()) fail("input ", i, " is missing");
  }
  for (std::size_t i = 1; i < op_node.outputs.size(); ++i) {
    if (from.readers_of(op_node.outputs[i]) > 0) {
      fail("output ", in_quotes(op_node.outputs[i]), " is read; only the first one is supported");
    }
  }
}

/// Whether a node has an operand at this place.
inline bool has_operand(const node& op_node, std::size_t place) {
  return place < op_node.inputs.size() && !op_node.inputs[place].empty();
}

/// The constant that a node reads at this place. @throws octavo::error where it is none.
inline const constant& constant_operand(const model& from, const node& op_node, std::size_t place,
                                        std::string_view what) {
  if (!has_operand(op_node, place)) fail(what, " is missing");
  const auto found = from.constants.find(op_node.inputs[place]);
  if (found == from.constants.end()) {
    fail(what, " ", in_quotes(op_node.inputs[place]), " is no initializer");
  }
  return *found->second;
}

}  // namespace octavo::inline v0::io::onnx
