// SPDX-License-Identifier: MIT
/// @file
/// A quantized model in one file: graph, thresholds, integers. Little-endian throughout.
///
/// The header is that of io/checked_file.hpp with the magic "OCTAVOQM" and the version 1. Behind
/// it: u8 scheme; the list of nodes; the list of outputs (i32 node indices). A node is written in
/// the order of transfer_node() below, then its threshold (f64), then its parameters in the order
/// of transfer_params(). A text is a u8 length and its bytes, a list is a u32 count and its
/// elements, a flag a u8 of 0 or 1, an enumeration a u8.
///
/// One function describes each record for both directions, so that reader and writer cannot differ.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "octavo/core/crc32.hpp"
#include "octavo/core/transfer_window.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/checked_file.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/transfer_multiplier.hpp"

namespace octavo::inline v0::io {

namespace detail {

inline constexpr file_kind model_header = {"OCTAVOQM", 1, "Octavo model"};

/// Appends fields to a byte vector.
class model_writer {
 public:
  template <class T>
  void number(const T& value, std::string_view /*field*/) {
    append_little(bytes_, value);
  }
  void flag(const bool& value, std::string_view /*field*/) {
    append_little<std::uint8_t>(bytes_, value);
  }
  template <class Enum>
  void choice(const Enum& value, int /*count*/, std::string_view /*field*/) {
    append_little(bytes_, static_cast<std::uint8_t>(value));
  }
  void text(const node_name& value, std::string_view /*field*/) {
    append_little(bytes_, static_cast<std::uint8_t>(value.length));
    const byte_view letters = as_bytes(value.view());
    bytes_.insert(bytes_.end(), letters.begin(), letters.end());
  }
  template <class T>
  void numbers(const std::vector<T>& values, std::string_view /*field*/) {
    append_little(bytes_, static_cast<std::uint32_t>(values.size()));
    if constexpr (sizeof(T) == 1) {
      const auto* first = reinterpret_cast<const std::uint8_t*>(values.data());
      bytes_.insert(bytes_.end(), first, first + values.size());
    } else {
      for (const T value : values) append_little(bytes_, value);
    }
  }
  /// Writes the count of a list and returns it; the caller writes the elements.
  std::size_t count(std::size_t size, std::size_t /*element_size*/, std::size_t /*limit*/,
                    std::string_view /*field*/) {
    append_little(bytes_, static_cast<std::uint32_t>(size));
    return size;
  }

  byte_vector take() { return std::move(bytes_); }

 private:
  byte_vector bytes_;
};

/// Reads the same fields, refusing what is out of range. Nothing is allocated before the file has
/// shown that it holds that many bytes.
template <class ByteReader>
class model_reader {
 public:
  explicit model_reader(ByteReader& in) : in_(in) {}

  template <class T>
  void number(T& value, std::string_view field) {
    value = in_.template get<T>(field);
  }
  void flag(bool& value, std::string_view field) {
    constexpr int false_and_true = 2;
    choice(value, false_and_true, field);
  }
  template <class Enum>
  void choice(Enum& value, int count, std::string_view field) {
    const auto found = in_.template get<std::uint8_t>(field);
    if (found >= count) in_.fail(field, " is ", int{found}, ", expected 0..", count - 1);
    value = static_cast<Enum>(found);
  }
  void text(node_name& value, std::string_view field) {
    const auto length = in_.template get<std::uint8_t>(field);
    if (length > node_name::capacity) {
      in_.fail(field, " has ", int{length}, " letters, expected at most ", node_name::capacity);
    }
    value = node_name(in_.get_text(length, field));
  }
  template <class T>
  void numbers(std::vector<T>& values, std::string_view field) {
    values.resize(count(0, sizeof(T), UINT32_MAX, field));
    constexpr std::size_t part = buffered_file::kept / sizeof(T);  // so that its buffer never grows
    for (std::size_t first = 0; first < values.size(); first += part) {
      const std::size_t some = std::min(part, values.size() - first);
      const byte_view bytes = in_.take(some * sizeof(T), field);
      for (std::size_t i = 0; i < some; ++i) {
        values[first + i] = load_little<T>(bytes.data() + i * sizeof(T));
      }
    }
  }
  std::size_t count(std::size_t /*size*/, std::size_t element_size, std::size_t limit,
                    std::string_view field) {
    const auto found = in_.template get<std::uint32_t>(field);
    if (found > limit)
      in_.fail("the count of ", field, " is ", found, ", expected at most ", limit);
    if (found > in_.remaining() / element_size) {
      in_.fail("the count of ", field, " is ", found, ", but only ", in_.remaining(),
               " bytes are left");
    }
    return found;
  }

 private:
  ByteReader& in_;
};

/// Bytes that even an empty node takes: keeps a hostile count from asking for much memory.
inline constexpr std::size_t smallest_node = 139;

/// Bytes of a multiplier with its shift, and of a divisor with its multiplier.
inline constexpr std::size_t multiplier_size = 8;
inline constexpr std::size_t divisor_size = 4 + multiplier_size;

template <class Stream, class Shape>
void transfer_shape(Stream& s, Shape& extents) {
  s.number(extents.n, "shape n");
  s.number(extents.c, "shape c");
  s.number(extents.h, "shape h");
  s.number(extents.w, "shape w");
}

template <class Stream, class Node>
void transfer_node(Stream& s, Node& op_node) {
  s.choice(op_node.kind, op_count, "op kind");
  s.text(op_node.name, "name");
  transfer_shape(s, op_node.shape);
  const std::size_t inputs =
      s.count(op_node.src.size(), sizeof(int), op_node.src.capacity(), "inputs");
  if constexpr (!std::is_const_v<Node>) op_node.src.resize(inputs);
  for (std::size_t i = 0; i < inputs; ++i) s.number(op_node.src[i], "input");
  octavo::detail::transfer_window(s, op_node.window);
  s.number(op_node.groups, "groups");
  s.choice(op_node.rounding, size_rounding_count, "size rounding");
  s.flag(op_node.count_padding, "count_padding");
  s.number(op_node.lo, "clip's lower limit");
  s.number(op_node.hi, "clip's upper limit");
  s.number(op_node.slope, "slope");
}

template <class Stream, class Params>
void transfer_params(Stream& s, Params& params) {
  s.numbers(params.weights, "weights");
  s.numbers(params.bias, "bias");
  s.choice(params.requantize.kind, policy_count, "requantization policy");
  s.numbers(params.requantize.multiplier, "multipliers");
  s.numbers(params.requantize.shift, "shifts");
  s.number(params.add.multiplier[0], "add's first multiplier");
  s.number(params.add.multiplier[1], "add's second multiplier");
  s.number(params.add.shift, "add's shift");
  const std::size_t divisors =
      s.count(params.divisors.size(), divisor_size, UINT32_MAX, "divisors");
  if constexpr (!std::is_const_v<Params>) params.divisors.resize(divisors);
  for (auto& entry : params.divisors) {
    s.number(entry.divisor, "divisor");
    octavo::detail::transfer_multiplier(s, entry.requantize);
  }
  const std::size_t multipliers =
      s.count(params.multipliers.size(), multiplier_size, UINT32_MAX, "input multipliers");
  if constexpr (!std::is_const_v<Params>) params.multipliers.resize(multipliers);
  for (auto& entry : params.multipliers) octavo::detail::transfer_multiplier(s, entry);
  s.number(params.clip.lo, "clip's lower integer");
  s.number(params.clip.hi, "clip's upper integer");
}

template <class Stream, class Model>
void transfer_model(Stream& s, Model& model) {
  s.choice(model.scheme, scheme_count, "scheme");
  const std::size_t nodes = s.count(model.graph.size(), smallest_node, UINT32_MAX, "nodes");
  if constexpr (!std::is_const_v<Model>) {
    model.graph.nodes.resize(nodes);
    model.thresholds.resize(nodes);
    model.params.resize(nodes);
  }
  for (std::size_t i = 0; i < nodes; ++i) {
    transfer_node(s, model.graph.nodes[i]);
    s.number(model.thresholds[i], "threshold");
    transfer_params(s, model.params[i]);
  }
  const std::size_t outputs =
      s.count(model.graph.outputs.size(), sizeof(int), model.graph.outputs.capacity(), "outputs");
  if constexpr (!std::is_const_v<Model>) model.graph.outputs.resize(outputs);
  for (std::size_t i = 0; i < outputs; ++i) s.number(model.graph.outputs[i], "output");
}

}  // namespace detail

/// The file's bytes of a model that has passed validate(); nothing is checked again here.
inline byte_vector serialize(const quantized_model& model) {
  detail::model_writer writer;
  detail::transfer_model(writer, model);
  return detail::with_header(detail::model_header, writer.take());
}

namespace detail {

/// The checksum of what follows a model's header, a part at a time.
inline std::uint32_t crc32_of_model(buffered_file file) {
  constexpr std::size_t part = buffered_file::kept;
  std::uint32_t crc = 0;
  for (std::size_t at = checked_header_size; at < file.size(); at += part) {
    crc = crc32(file.subspan(at, std::min(part, file.size() - at)), crc);
  }
  return crc;
}

inline quantized_model read_model(byte_source& source) {
  const std::string& name = source.name();
  basic_byte_reader<buffered_file> in(buffered_file(source), name);
  const std::uint32_t checksum = read_header(model_header, in);
  expect_checksum(name, crc32_of_model(buffered_file(source)), checksum);
  quantized_model model;
  model_reader reader(in);
  transfer_model(reader, model);
  in.expect_end();
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    node& op_node = model.graph.nodes[i];
    const auto index = static_cast<int>(i);
    op_node.from = {index, index, op_node.kind == op::add ? index : -1};
  }
  with_context(name, [&] { validate(model); });
  return model;
}

}  // namespace detail

/// The model in a file's bytes, validated. @throws octavo::error naming `name`, the offset, the
/// field and what was expected; a damaged file is refused by its checksum.
inline quantized_model deserialize(byte_view bytes, const std::string& name) {
  byte_source source(bytes, name);
  return detail::read_model(source);
}

/// Writes the file, as serialize() makes it, whole or not at all.
/// @throws octavo::error where it cannot be written.
inline void save_model(const quantized_model& model, const std::filesystem::path& path) {
  write_file(path, serialize(model));
}

/// Whether the file begins as a model file does.
/// @throws octavo::error where it cannot be read.
inline bool is_model_file(const std::filesystem::path& path) {
  return byte_source(path).begins_with(detail::model_header.magic);
}

/// Takes little more memory than the model: the file is never there as a whole.
/// @throws octavo::error as deserialize() does, or where the file cannot be read.
inline quantized_model load_model(const std::filesystem::path& path) {
  byte_source source(path);
  return detail::read_model(source);
}

}  // namespace octavo::inline v0::io
