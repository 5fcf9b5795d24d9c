// SPDX-License-Identifier: MIT
/// @file
/// The last step of reading an ONNX model: constants are set apart, names and order are checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/little_endian.hpp"
#include "octavo/io/onnx/model.hpp"

namespace octavo::inline v0::io::onnx {

namespace detail {

template <class T>
shared_constant make_constant(data_type type, const std::vector<T>& values, extents dims) {
  auto made = std::make_shared<constant>();
  made->type = type;
  made->dims = std::move(dims);
  made->bytes.resize(values.size() * sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    store_little(reinterpret_cast<std::uint8_t*>(made->bytes.data()) + i * sizeof(T), values[i]);
  }
  return made;
}

/// The value of a Constant: a tensor, a number or a list of numbers, by the attribute's name.
inline shared_constant value_of_constant(const node& from) {
  require(from.attributes.size() == 1, "expected exactly one attribute, its value");
  const auto& [name, value] = *from.attributes.begin();
  const auto* const whole = std::get_if<shared_constant>(&value);
  const auto* const integer = std::get_if<std::int64_t>(&value);
  const auto* const real = std::get_if<float>(&value);
  const auto* const integers = std::get_if<std::vector<std::int64_t>>(&value);
  const auto* const reals = std::get_if<std::vector<float>>(&value);
  if (name == "value" && whole != nullptr) return *whole;
  if (name == "value_int" && integer != nullptr) {
    return make_constant<std::int64_t>(data_type::int64, {*integer}, {});
  }
  if (name == "value_float" && real != nullptr) {
    return make_constant<float>(data_type::float32, {*real}, {});
  }
  if (name == "value_ints" && integers != nullptr) {
    return make_constant(data_type::int64, *integers,
                         {static_cast<std::int64_t>(integers->size())});
  }
  if (name == "value_floats" && reals != nullptr) {
    return make_constant(data_type::float32, *reals, {static_cast<std::int64_t>(reals->size())});
  }
  fail("attribute ", in_quotes(name), " is not supported; expected value, value_int, value_float, ",
       "value_ints or value_floats");
}

/// Checks the nodes of a model one after the other.
class structure_check {
 public:
  explicit structure_check(model& checked) : model_(checked) {
    written_.insert(model_.input.name);
    for (const auto& each : model_.constants) written_.insert(each.first);
    for (const node& each : model_.nodes) later_.insert(each.outputs.begin(), each.outputs.end());
  }

  void run() {
    require(!model_.input.name.empty(), "the input has no name");
    require(!model_.nodes.empty(), "has no nodes");
    std::vector<node> kept;
    for (node& each : model_.nodes) {
      const bool computes = with_context(label(each), [&] { return visit(each); });
      if (computes) kept.push_back(std::move(each));
    }
    model_.nodes = std::move(kept);
    require(!model_.outputs.empty(), "has no outputs");
    for (const std::string& output : model_.outputs) {
      if (!written_.contains(output)) fail("no node writes the output ", in_quotes(output));
      ++model_.readers[output];
    }
  }

 private:
  /// Whether the node computes something, that is, is no constant.
  bool visit(const node& each) {
    for (const std::string& input : each.inputs) {
      if (!input.empty()) read(input);
    }
    require(!each.outputs.empty() && !each.outputs[0].empty(), "its first output has no name");
    for (const std::string& output : each.outputs) {
      if (output.empty()) continue;  // one that nobody wants
      if (!written_.insert(output).second) fail("writes ", in_quotes(output), " a second time");
    }
    if (each.type == "Constant") {
      model_.constants.emplace(each.outputs[0], value_of_constant(each));
      return false;
    }
    return !names_constant(each);
  }

  /// Identity gives a constant another name, as exporters do with weights that are used twice.
  bool names_constant(const node& each) {
    if (each.type != "Identity" || each.inputs.size() != 1) return false;
    const shared_constant value = model_.find_constant(each.inputs[0]);
    if (value == nullptr) return false;
    model_.constants.emplace(each.outputs[0], value);
    return true;
  }

  void read(const std::string& input) {
    if (!written_.contains(input)) {
      if (!later_.contains(input)) fail("reads ", in_quotes(input), ", which nothing writes");
      fail("reads ", in_quotes(input),
           ", which this node or a later one writes: the nodes form a circle or are not in order");
    }
    ++model_.readers[input];
  }

  model& model_;
  std::set<std::string, std::less<>> written_ = {};
  std::set<std::string, std::less<>> later_ = {};  ///< what any node writes
};

}  // namespace detail

/// Sets constants apart, counts readers, and refuses a graph whose nodes are not in order.
inline void complete_structure(model& made) { detail::structure_check(made).run(); }

}  // namespace octavo::inline v0::io::onnx
