// SPDX-License-Identifier: MIT
/// @file
/// What tests of command buffers share: buffers written number by number, the fields of the format
/// as SPECIFICATION.md 2.5 lists them, and models that a layout can hold. Shares nothing with the
/// writer under test but the little-endian helpers.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/tpu/command_buffer.hpp"
#include "support/random_model.hpp"

namespace octavo::testing {

using byte_vector = std::vector<std::uint8_t>;

/// Appends numbers.
class byte_list {
 public:
  byte_list& text(std::string_view letters) {
    for (const char letter : letters) made_.push_back(static_cast<std::uint8_t>(letter));
    return *this;
  }
  byte_list& u8(std::initializer_list<int> values) {
    for (const int value : values) made_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  byte_list& i32(std::initializer_list<std::int32_t> values) { return append(values); }
  byte_list& u32(std::initializer_list<std::uint32_t> values) { return append(values); }
  byte_list& u64(std::initializer_list<std::uint64_t> values) { return append(values); }
  byte_list& tensor(std::uint64_t address, std::initializer_list<std::int32_t> extents) {
    return u64({address}).i32(extents);
  }
  byte_list& no_tensor() { return tensor(0, {0, 0, 0, 0}); }
  byte_list& no_window() { return i32({0, 0, 0, 0, 0, 0, 0, 0, 0, 0}); }
  byte_list& add(const byte_list& other) {
    made_.insert(made_.end(), other.made_.begin(), other.made_.end());
    return *this;
  }

  const byte_vector& get() const { return made_; }
  std::size_t size() const { return made_.size(); }

 private:
  template <class T>
  byte_list& append(std::initializer_list<T> values) {
    for (const T value : values) {
      made_.resize(made_.size() + sizeof(T));
      store_little(made_.data() + made_.size() - sizeof(T), value);
    }
    return *this;
  }

  byte_vector made_;
};

/// One field of an entry.
struct format_field {
  std::string_view name;
  std::size_t offset;
  std::size_t size;
};

inline constexpr format_field header_fields[] = {
    {"magic", 0, 8},
    {"version", 8, 4},
    {"weight layout", 12, 4},
    {"bytes of the buffer", 16, 8},
    {"bytes of neuron memory", 24, 8},
    {"bytes of the weight image", 32, 8},
    {"batch", 40, 4},
    {"number of records", 44, 4},
    {"number of operands", 48, 4},
    {"number of divisors", 52, 4},
    {"number of outputs", 56, 4},
    {"reserved", 60, 4},
};

inline constexpr format_field record_fields[] = {
    {"opcode", 0, 1},
    {"relu", 1, 1},
    {"rounding", 2, 1},
    {"count_padding", 3, 1},
    {"policy", 4, 1},
    {"shift", 5, 1},
    {"clip lo", 6, 1},
    {"clip hi", 7, 1},
    {"multiplier 0", 8, 4},
    {"multiplier 1", 12, 4},
    {"dst address", 16, 8},
    {"dst n", 24, 4},
    {"dst c", 28, 4},
    {"dst h", 32, 4},
    {"dst w", 36, 4},
    {"src 0 address", 40, 8},
    {"src 0 n", 48, 4},
    {"src 0 c", 52, 4},
    {"src 0 h", 56, 4},
    {"src 0 w", 60, 4},
    {"src 1 address", 64, 8},
    {"src 1 n", 72, 4},
    {"src 1 c", 76, 4},
    {"src 1 h", 80, 4},
    {"src 1 w", 84, 4},
    {"shift address", 88, 8},
    {"bias address", 96, 8},
    {"filter address", 104, 8},
    {"kernel height", 112, 4},
    {"kernel width", 116, 4},
    {"vertical stride", 120, 4},
    {"horizontal stride", 124, 4},
    {"vertical dilation", 128, 4},
    {"horizontal dilation", 132, 4},
    {"top padding", 136, 4},
    {"left padding", 140, 4},
    {"bottom padding", 144, 4},
    {"right padding", 148, 4},
    {"groups", 152, 4},
    {"first entry", 156, 4},
    {"number of entries", 160, 4},
    {"reserved", 164, 4},
};

inline constexpr format_field operand_fields[] = {
    {"address", 0, 8}, {"n", 8, 4},           {"c", 12, 4},     {"h", 16, 4},
    {"w", 20, 4},      {"multiplier", 24, 4}, {"shift", 28, 4},
};

inline constexpr format_field divisor_fields[] = {
    {"divisor", 0, 4}, {"multiplier", 4, 4}, {"shift", 8, 4}};

inline constexpr format_field output_fields[] = {{"output", 0, 4}};

/// A field of a whole buffer.
struct buffer_field {
  std::string entry;  ///< "header", "conv2d", "operand" ...
  std::string_view name;
  std::size_t offset;
  std::size_t size;
};

inline std::uint32_t count_at(const byte_vector& buffer, std::size_t offset) {
  return load_little<std::uint32_t>(buffer.data() + offset);
}

inline std::uint64_t get(const byte_vector& buffer, const buffer_field& field) {
  std::uint64_t value = 0;
  for (std::size_t i = field.size; i-- > 0;) value = value << 8 | buffer[field.offset + i];
  return value;
}

/// The buffer with another value in one field.
inline byte_vector with(byte_vector buffer, const buffer_field& field, std::uint64_t value) {
  for (std::size_t i = 0; i < field.size; ++i) {
    buffer[field.offset + i] = static_cast<std::uint8_t>(value >> 8 * i);
  }
  return buffer;
}

/// Every field of a buffer, in the order of the file.
inline std::vector<buffer_field> fields_of(const byte_vector& buffer) {
  std::vector<buffer_field> all;
  std::size_t at = 0;
  const auto append = [&](const std::string& entry, auto& fields, std::size_t size) {
    for (const format_field& field : fields) {
      all.push_back({entry, field.name, at + field.offset, field.size});
    }
    at += size;
  };
  append("header", header_fields, 64);
  for (std::uint32_t i = count_at(buffer, 44); i > 0; --i) {
    append(std::string(to_string(static_cast<op>(buffer[at]))), record_fields, 168);
  }
  for (std::uint32_t i = count_at(buffer, 48); i > 0; --i) append("operand", operand_fields, 32);
  for (std::uint32_t i = count_at(buffer, 52); i > 0; --i) append("divisor", divisor_fields, 12);
  for (std::uint32_t i = count_at(buffer, 56); i > 0; --i) append("output", output_fields, 4);
  return all;
}

/// Every op, and a relu behind each that can take one. Two outputs.
inline graph every_command_graph() {
  graph_builder<std::vector<node>> net;
  const tensor_id data = net.input("data", {1, 3, 6, 5});
  tensor_id x =
      net.conv2d("conv", data, {.channels = 4, .window = {3, 2, 1, 1, 1, 2, {1, 0, 1, 2}}});
  const tensor_id first = net.relu("conv_relu", x);
  x = net.conv2d("branch", first, {.channels = 4, .window = square(1), .groups = 2});
  const tensor_id sum = net.relu("sum_relu", net.add("sum", first, x));
  x = net.clip("clip", sum, -1, 6);
  x = net.leaky_relu("leaky", x, 0.25);
  x = net.relu("scale_relu", net.scale("scale", x));
  x = net.concat("join", {x, first});
  x = net.max_pool("max", x, {.window = square(3, 2, 1), .rounding = size_rounding::ceil});
  x = net.avg_pool("average", x, {.window = square(2, 1, 1)});
  x = net.relu("fc_relu", net.fully_connected("fc", x, 5));
  return net.finish({x, sum});
}

inline constexpr tpu::weight_layout all_layouts[] = {tpu::weight_layout::v1, tpu::weight_layout::v2,
                                                     tpu::weight_layout::per_channel};

/// A random model whose parameters `layout` can hold: biases of 8 or 16 bits where it has no more.
inline quantized_model model_for(tpu::weight_layout layout, const graph& net, random_source& rng) {
  constexpr policy tpu_policies[] = {policy::rshift, policy::multiplier_rshift,
                                     policy::multiplier_q31};
  const bool per_channel = layout == tpu::weight_layout::per_channel;
  model_options options;
  options.per_channel = per_channel && rng.one_in(2);
  if (per_channel) options.kind = rng.pick(tpu_policies);
  quantized_model model = random_model(net, options, rng);
  if (per_channel) return model;
  for (op_params& params : model.params) {
    for (std::int32_t& bias : params.bias) {
      const std::int32_t unit = std::int32_t{1} << params.requantize.shift[0];
      bias = layout == tpu::weight_layout::v1 ? rng.integer(-128, 127) * unit
                                              : rng.integer(-32768, 32767);
    }
  }
  validate(model);
  return model;
}

}  // namespace octavo::testing
