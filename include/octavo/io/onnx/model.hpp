// SPDX-License-Identifier: MIT
/// @file
/// An ONNX model as plain values: what io/onnx/parse.hpp makes of a file and the importers read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/extents.hpp"

namespace octavo::inline v0::io::onnx {

/// Element types that are read, with ONNX's own numbers (TensorProto.DataType).
enum class data_type : int {
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  int32 = 6,
  int64 = 7,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  bfloat16 = 16,
};

/// "float32", "int8" ...; "type 8" for a number that is none of those above.
inline std::string to_string(data_type type) {
  switch (type) {
    case data_type::float32:
      return "float32";
    case data_type::uint8:
      return "uint8";
    case data_type::int8:
      return "int8";
    case data_type::int32:
      return "int32";
    case data_type::int64:
      return "int64";
    case data_type::boolean:
      return "bool";
    case data_type::float16:
      return "float16";
    case data_type::float64:
      return "float64";
    case data_type::bfloat16:
      return "bfloat16";
  }
  return concat_text("type ", static_cast<int>(type));
}

/// Bytes of one element; 0 for a type that is not read.
constexpr std::size_t size_of(data_type type) {
  switch (type) {
    case data_type::uint8:
    case data_type::int8:
    case data_type::boolean:
      return 1;
    case data_type::float16:
    case data_type::bfloat16:
      return 2;
    case data_type::float32:
    case data_type::int32:
      return 4;
    case data_type::int64:
    case data_type::float64:
      return 8;
  }
  return 0;
}

/// Extents, outermost first; none for a single number.
using extents = std::vector<std::int64_t>;

/// "(1, 3, 224, 224)".
inline std::string to_string(const extents& dims) { return octavo::detail::shape_text(dims); }

/// An array that the file holds: an initializer or the value of a Constant.
struct constant {
  std::string name = {};
  data_type type = data_type::float32;
  extents dims = {};
  std::string bytes = {};  ///< C order, little-endian; exactly as many as type and dims say

  std::size_t elements() const { return bytes.size() / size_of(type); }
};

using shared_constant = std::shared_ptr<const constant>;

/// The value of an attribute; std::monostate for the kinds that no supported op has.
using attribute = std::variant<std::monostate, std::int64_t, float, std::string,
                               std::vector<std::int64_t>, std::vector<float>, shared_constant>;

/// One op of the file. An input that is left out has an empty name.
struct node {
  std::string name = {};  ///< may be empty
  std::string type = {};  ///< "Conv"; with its domain where that is not ONNX's own:
                          ///< "com.microsoft.QLinearAdd"
  std::vector<std::string> inputs = {};
  std::vector<std::string> outputs = {};
  std::map<std::string, attribute, std::less<>> attributes = {};
  std::string written_as = {};  ///< the type in the file, where this is a part of that node
};

/// How messages call a node: Conv 'conv1', or by its first output where it has no name.
inline std::string label(const node& from) {
  const std::string type = in_quotes(from.written_as.empty() ? from.type : from.written_as);
  const bool named = !from.name.empty() || from.outputs.empty();
  return concat_text(type.substr(1, type.size() - 2), " ",
                     in_quotes(named ? from.name : from.outputs[0]));
}

/// The network's one input.
struct graph_input {
  std::string name = {};
  data_type type = data_type::float32;
  extents dims = {};  ///< -1 where the model leaves an extent open
};

/// A model whose structure was checked: every node reads constants, the input and what earlier
/// nodes write; no tensor is written twice.
struct model {
  std::string file = {};  ///< for messages
  std::int64_t opset = 0;
  graph_input input = {};
  std::vector<node> nodes = {};  ///< in execution order, without Constant
  std::map<std::string, shared_constant, std::less<>> constants = {};
  std::vector<std::string> outputs = {};
  /// How often each tensor is read, the network's outputs counted as readers.
  std::map<std::string, int, std::less<>> readers = {};

  /// The constant of this name, or none.
  shared_constant find_constant(std::string_view name) const {
    const auto found = constants.find(name);
    return found == constants.end() ? nullptr : found->second;
  }

  int readers_of(std::string_view name) const {
    const auto found = readers.find(name);
    return found == readers.end() ? 0 : found->second;
  }
};

/// What a file leaves open.
struct options {
  int batch = 1;  ///< images at once, where the model's input has no fixed number of them
};

}  // namespace octavo::inline v0::io::onnx
