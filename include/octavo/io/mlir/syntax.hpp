// SPDX-License-Identifier: MIT
/// @file
/// MLIR's generic form as a tree: operations with operands, attributes and types, whatever they
/// mean. What io/mlir/parser.hpp makes of a text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/mlir/token.hpp"

namespace octavo::inline v0::io::mlir {

enum class type_kind { scalar, tensor, memref };

/// tensor<1x3xf32>, memref<16xf32>, or a word as i32, f32, none.
struct type {
  type_kind kind = type_kind::scalar;
  std::vector<std::int64_t> extents = {};  ///< of tensor and memref, outermost first
  std::string element = {};                ///< f32; of a scalar the word itself
  position at = {};

  /// Where they stand does not count.
  friend bool operator==(const type& a, const type& b) {
    return a.kind == b.kind && a.extents == b.extents && a.element == b.element;
  }
};

/// As MLIR writes it.
inline std::string to_string(const type& of) {
  if (of.kind == type_kind::scalar) return of.element;
  std::string text = of.kind == type_kind::tensor ? "tensor<" : "memref<";
  for (const std::int64_t extent : of.extents) text += concat_text(extent, "x");
  return text + of.element + ">";
}

/// tensor<...xf32>, the type of everything that flows.
inline type float_tensor(std::vector<std::int64_t> extents) {
  return {type_kind::tensor, std::move(extents), "f32"};
}

/// A type as the value of an attribute; a function's has inputs and results.
struct type_value {
  bool is_function = false;
  std::vector<type> inputs = {};
  std::vector<type> results = {};  ///< of what is no function: the type alone
};

struct unit_value {};

struct symbol_value {
  std::string name;
};

struct named_attribute;

/// The value of an attribute. Numbers have left their types behind: f32 is rounded to float32.
struct attribute {
  using array = std::vector<attribute>;
  using dictionary = std::vector<named_attribute>;

  std::variant<unit_value, bool, std::int64_t, double, std::string, symbol_value, type_value, array,
               dictionary>
      value;
  position at = {};
};

struct named_attribute {
  std::string name = {};
  attribute value;
  position at = {};
};

/// A value where it is written or read: %0.
struct value_name {
  std::string text;
  position at = {};
};

struct region;

/// One operation. Types of operands and results stand in their order.
struct operation {
  std::string name = {};  ///< tpu.conv_2d; func.func and func.return in whatever form they came
  position at = {};
  std::vector<value_name> results = {};
  std::vector<value_name> operands = {};
  std::vector<named_attribute> attributes = {};
  std::vector<type> operand_types = {};
  std::vector<type> result_types = {};
  std::vector<region> regions;
};

/// A region of one block: the arguments of the block, and what is done with them.
struct region {
  std::vector<value_name> arguments = {};
  std::vector<type> argument_types = {};
  std::vector<operation> operations = {};
  position end = {};  ///< of the closing brace
};

/// The attribute of this name, or nullptr.
inline const attribute* find_attribute(const operation& of, std::string_view name) {
  for (const named_attribute& each : of.attributes) {
    if (each.name == name) return &each.value;
  }
  return nullptr;
}

}  // namespace octavo::inline v0::io::mlir
