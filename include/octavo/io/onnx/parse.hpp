// SPDX-License-Identifier: MIT
/// @file
/// Reads ONNX files: the one header here that includes protobuf.
///
/// A file is untrusted. Its size is limited, and how many parts it has; every array's bytes are
/// counted against its extents; data outside the file, sparse arrays and functions are refused.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/little_endian.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/onnx/count_fields.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/structure.hpp"

namespace octavo::inline v0::io {

namespace onnx {

inline constexpr std::uint64_t file_limit = std::uint64_t{1} << 30;  ///< bytes
inline constexpr std::size_t field_limit = 1 << 20;  ///< messages, texts and arrays of a file
inline constexpr std::uint64_t element_limit = std::uint64_t{1} << 31;  ///< of one array
inline constexpr int rank_limit = 8;                                    ///< extents of one array
inline constexpr int node_limit = 1 << 14;                              ///< nodes of a graph
inline constexpr int list_limit = 1 << 16;                              ///< initializers, inputs
inline constexpr int operand_limit = 256;  ///< inputs or outputs of a node
inline constexpr int output_limit = 16;
inline constexpr std::int64_t first_opset = 7;
inline constexpr std::int64_t last_opset = 21;

namespace detail {

/// How many elements an array's extents claim.
inline std::uint64_t claimed_elements(const extents& dims) {
  std::uint64_t count = 1;
  for (const std::int64_t extent : dims) {
    if (extent < 0) fail("its shape is ", to_string(dims), ", expected no negative extent");
    const auto times = static_cast<std::uint64_t>(extent);
    if (times != 0 && count > element_limit / times) {
      fail("its shape is ", to_string(dims), ", expected at most 2^31 elements");
    }
    count *= times;
  }
  return count;
}

/// The values of a typed field as bytes.
template <class T, class Values>
std::string to_bytes(const Values& values, std::uint64_t count, std::string_view field) {
  if (static_cast<std::uint64_t>(values.size()) != count) {
    fail(field, " has ", values.size(), " elements, expected ", count, " for its shape");
  }
  std::string bytes(static_cast<std::size_t>(count) * sizeof(T), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(bytes.data());
  for (const auto value : values) {
    if constexpr (std::is_integral_v<T>) {
      if (!std::in_range<T>(value)) fail(field, " holds ", value, ", which its type does not");
    }
    store_little(to, static_cast<T>(value));
    to += sizeof(T);
  }
  return bytes;
}

/// From the typed field that ONNX keeps this type in.
inline std::string typed_bytes(const ::onnx::TensorProto& from, data_type type,
                               std::uint64_t count) {
  switch (type) {
    case data_type::float32:
      return to_bytes<float>(from.float_data(), count, "float_data");
    case data_type::float64:
      return to_bytes<double>(from.double_data(), count, "double_data");
    case data_type::int64:
      return to_bytes<std::int64_t>(from.int64_data(), count, "int64_data");
    case data_type::int32:
      return to_bytes<std::int32_t>(from.int32_data(), count, "int32_data");
    case data_type::int8:
      return to_bytes<std::int8_t>(from.int32_data(), count, "int32_data");
    case data_type::uint8:
    case data_type::boolean:
      return to_bytes<std::uint8_t>(from.int32_data(), count, "int32_data");
    case data_type::float16:
    case data_type::bfloat16:
      break;
  }
  return to_bytes<std::uint16_t>(from.int32_data(), count, "int32_data");  // the bits
}

inline bool has_typed_data(const ::onnx::TensorProto& from) {
  return from.float_data_size() + from.int32_data_size() + from.int64_data_size() +
             from.double_data_size() >
         0;
}

/// Takes raw_data out of `from`, so that a large array is not there twice.
inline shared_constant take_constant(::onnx::TensorProto& from) {
  auto made = std::make_shared<constant>();
  made->name = from.name();
  made->type = static_cast<data_type>(from.data_type());
  require(from.data_location() != ::onnx::TensorProto::EXTERNAL && from.external_data_size() == 0,
          "its data lie in another file; store them inside the model");
  require(!from.has_segment(), "is a segment of an array, which is not supported");
  if (size_of(made->type) == 0) {
    fail("has elements of ", to_string(made->type),
         ", expected float32, float64, float16, bfloat16, int8, uint8, int32, int64 or bool");
  }
  if (from.dims_size() > rank_limit) {
    fail("has ", from.dims_size(), " extents, expected at most ", rank_limit);
  }
  made->dims.assign(from.dims().begin(), from.dims().end());
  const std::uint64_t count = claimed_elements(made->dims);
  if (!from.has_raw_data()) {
    made->bytes = typed_bytes(from, made->type, count);
    return made;
  }
  require(!has_typed_data(from), "has raw_data and typed data; expected one of them");
  const std::uint64_t expected = count * size_of(made->type);
  if (from.raw_data().size() != expected) {
    fail("raw_data has ", from.raw_data().size(), " bytes, expected ", expected, " for ",
         to_string(made->type), " of shape ", to_string(made->dims));
  }
  made->bytes = std::move(*from.mutable_raw_data());
  return made;
}

inline attribute take_attribute(::onnx::AttributeProto& from) {
  switch (from.type()) {
    case ::onnx::AttributeProto::INT:
      return from.i();
    case ::onnx::AttributeProto::FLOAT:
      return from.f();
    case ::onnx::AttributeProto::STRING:
      return from.s();
    case ::onnx::AttributeProto::INTS:
      return std::vector<std::int64_t>(from.ints().begin(), from.ints().end());
    case ::onnx::AttributeProto::FLOATS:
      return std::vector<float>(from.floats().begin(), from.floats().end());
    case ::onnx::AttributeProto::TENSOR:
      return with_context("its value", [&] { return take_constant(*from.mutable_t()); });
    default:
      return std::monostate{};
  }
}

inline node take_node(::onnx::NodeProto& from) {
  const bool own = from.domain().empty() || from.domain() == "ai.onnx";
  node made{.name = from.name(),
            .type = own ? from.op_type() : concat_text(from.domain(), ".", from.op_type()),
            .inputs = {from.input().begin(), from.input().end()},
            .outputs = {from.output().begin(), from.output().end()}};
  if (from.input_size() > operand_limit || from.output_size() > operand_limit) {
    fail(label(made), ": has more than ", operand_limit, " inputs or outputs");
  }
  for (::onnx::AttributeProto& each : *from.mutable_attribute()) {
    with_context(label(made), [&] {
      const bool added = made.attributes.emplace(each.name(), take_attribute(each)).second;
      if (!added) fail("has two attributes ", in_quotes(each.name()));
    });
  }
  return made;
}

inline graph_input take_input(const ::onnx::ValueInfoProto& from) {
  require(from.type().has_tensor_type() && from.type().tensor_type().has_shape(),
          "has no tensor's shape");
  const ::onnx::TypeProto::Tensor& type = from.type().tensor_type();
  graph_input made{.name = from.name(), .type = static_cast<data_type>(type.elem_type())};
  for (const auto& dim : type.shape().dim()) {
    made.dims.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  }
  return made;
}

/// The graph's input: the one that is no initializer (old files list those as inputs too).
inline void take_inputs(const ::onnx::GraphProto& from, model& to) {
  int found = 0;
  for (const ::onnx::ValueInfoProto& each : from.input()) {
    if (to.constants.contains(each.name())) continue;
    if (++found > 1) {
      fail("has a second input ", in_quotes(each.name()), " beside ", in_quotes(to.input.name),
           "; expected one");
    }
    to.input = with_context(concat_text("input ", in_quotes(each.name())),
                            [&] { return take_input(each); });
  }
  require(found == 1, "has no input");
}

inline void take_initializers(::onnx::GraphProto& from, model& to) {
  require(from.sparse_initializer_size() == 0, "has sparse initializers, which are not supported");
  for (::onnx::TensorProto& each : *from.mutable_initializer()) {
    with_context(concat_text("initializer ", in_quotes(each.name())), [&] {
      require(!each.name().empty(), "has no name");
      require(to.constants.emplace(each.name(), take_constant(each)).second, "is there twice");
    });
  }
}

inline void take_graph(::onnx::GraphProto& from, model& to) {
  if (from.node_size() > node_limit) {
    fail("has ", from.node_size(), " nodes, expected at most ", node_limit);
  }
  require(from.initializer_size() <= list_limit && from.input_size() <= list_limit,
          "has more than 2^16 initializers or inputs");
  if (from.output_size() > output_limit) {
    fail("has ", from.output_size(), " outputs, expected at most ", output_limit);
  }
  take_initializers(from, to);
  take_inputs(from, to);
  for (::onnx::NodeProto& each : *from.mutable_node()) to.nodes.push_back(take_node(each));
  for (const ::onnx::ValueInfoProto& each : from.output()) to.outputs.push_back(each.name());
}

/// The version of ONNX's own ops. Domains besides it need no check: an op of a domain that no
/// importer knows is refused by its name.
inline std::int64_t opset_of(const ::onnx::ModelProto& from) {
  std::int64_t version = 0;
  for (const ::onnx::OperatorSetIdProto& each : from.opset_import()) {
    if (!each.domain().empty() && each.domain() != "ai.onnx") continue;
    require(version == 0, "names the version of ONNX's ops twice");
    version = each.version();
  }
  if (version < first_opset || version > last_opset) {
    fail("uses version ", version, " of ONNX's ops, expected ", first_opset, "..", last_opset);
  }
  return version;
}

/// Refuses what would take much more memory than the file: an empty message is two bytes of it and
/// up to 272 of memory.
inline void limit_fields(byte_view bytes) {
  byte_source source(bytes, "protobuf");
  buffered_file file(source);
  const std::size_t found = with_context("is no ONNX model, or a damaged one", [&] {
    return count_fields(protobuf_reader(file, source.name(), 0, bytes.size()),
                        *::onnx::ModelProto::descriptor(), field_limit);
  });
  if (found > field_limit) fail("has more than ", field_limit, " messages, texts and arrays");
}

inline ::onnx::ModelProto decode(byte_view bytes) {
  ::onnx::ModelProto decoded;
  const auto parse = [&] {
    return decoded.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  };
  bool good = false;
#if defined(__cpp_exceptions)
  try {
    good = parse();
  } catch (const std::bad_alloc&) {
    fail("needs more memory than there is");
  }
#else
  good = parse();
#endif
  require(good, "is no ONNX model, or a damaged one: protobuf cannot read it");
  return decoded;
}

}  // namespace detail

}  // namespace onnx

/// The model in a file's bytes, its structure checked. `name` stands for the file in messages.
/// @throws octavo::error naming the file, the node or initializer, what was found and expected.
inline onnx::model parse_onnx(byte_view bytes, const std::string& name) {
  return with_context(name, [&] {
    if (bytes.size() > onnx::file_limit) {
      fail("has ", bytes.size(), " bytes, expected at most ", onnx::file_limit);
    }
    onnx::detail::limit_fields(bytes);
    ::onnx::ModelProto decoded = onnx::detail::decode(bytes);
    require(decoded.has_graph(), "is no ONNX model: it has no graph");
    require(decoded.functions_size() == 0, "defines functions, which are not supported");
    onnx::model made{.file = name, .opset = onnx::detail::opset_of(decoded)};
    onnx::detail::take_graph(*decoded.mutable_graph(), made);
    onnx::complete_structure(made);
    return made;
  });
}

/// Reads a file of at most 1 GiB, which is in memory twice meanwhile.
/// @throws octavo::error as parse_onnx() does, or where the file cannot be read.
inline onnx::model load_onnx(const std::filesystem::path& path) {
  return parse_onnx(read_file(path, onnx::file_limit), path.string());
}

}  // namespace octavo::inline v0::io
