// SPDX-License-Identifier: MIT
/// @file
/// The numbers of an ONNX constant, checked: real ones as double, which holds each of their types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/little_endian.hpp"
#include "octavo/core/real.hpp"
#include "octavo/io/npy.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/model.hpp"

namespace octavo::inline v0::io::onnx {

/// How messages call a constant.
inline std::string label(const constant& from) {
  return from.name.empty() ? std::string("a constant") : in_quotes(from.name);
}

namespace detail {

inline const std::uint8_t* bytes_of(const constant& from) {
  return reinterpret_cast<const std::uint8_t*>(from.bytes.data());
}

inline double real_at(const constant& from, std::size_t i) {
  const std::uint8_t* const at = bytes_of(from) + i * size_of(from.type);
  switch (from.type) {
    case data_type::float32:
      return load_little<float>(at);
    case data_type::float64:
      return load_little<double>(at);
    case data_type::float16:
      return io::detail::half_to_float(load_little<std::uint16_t>(at));
    case data_type::bfloat16:
      return io::detail::bfloat_to_float(load_little<std::uint16_t>(at));
    case data_type::uint8:
    case data_type::int8:
    case data_type::int32:
    case data_type::int64:
    case data_type::boolean:
      break;
  }
  fail(label(from), " holds ", to_string(from.type), ", expected real numbers");
}

template <class T>
std::vector<T> elements_of(const constant& from) {
  std::vector<T> values(from.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = load_little<T>(bytes_of(from) + i * sizeof(T));
  }
  return values;
}

}  // namespace detail

inline bool is_real(data_type type) {
  return type == data_type::float32 || type == data_type::float64 || type == data_type::float16 ||
         type == data_type::bfloat16;
}

/// @throws octavo::error where the elements are no real numbers, or one is NaN or infinite.
inline std::vector<double> real_values(const constant& from) {
  std::vector<double> values(from.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = detail::real_at(from, i);
    if (is_finite(values[i])) continue;
    fail(label(from), ": element ", i, " is ", values[i], ", expected a finite number");
  }
  return values;
}

/// The elements of a constant of exactly this type.
/// @throws octavo::error where it is of another one.
inline std::vector<std::int8_t> int8_values(const constant& from) {
  if (from.type != data_type::int8) {
    fail(label(from), " holds ", to_string(from.type), ", expected int8");
  }
  return detail::elements_of<std::int8_t>(from);
}

inline std::vector<std::int32_t> int32_values(const constant& from) {
  if (from.type != data_type::int32) {
    fail(label(from), " holds ", to_string(from.type), ", expected int32");
  }
  return detail::elements_of<std::int32_t>(from);
}

/// Axes and extents: int64, as ONNX has them, or int32.
inline std::vector<std::int64_t> index_values(const constant& from) {
  if (from.type == data_type::int64) return detail::elements_of<std::int64_t>(from);
  const std::vector<std::int32_t> narrow = int32_values(from);
  return {narrow.begin(), narrow.end()};
}

/// The one number of a constant of one element, whatever its rank.
inline double sole_real(const constant& from) {
  const std::vector<double> values = real_values(from);
  if (values.size() != 1) {
    fail(label(from), " has ", values.size(), " elements, expected one number");
  }
  return values[0];
}

/// One real number for each channel, from a constant of exactly so many elements in one extent.
inline std::vector<double> channel_values(const model& from, const node& op_node, std::size_t place,
                                          std::string_view what, int channels) {
  const constant& found = constant_operand(from, op_node, place, what);
  if (found.dims != extents{channels}) {
    fail(what, " ", label(found), " has the shape ", to_string(found.dims), ", expected (",
         channels, ")");
  }
  return real_values(found);
}

/// Counts numbers that are read or changed, so that a small file cannot ask for much memory or
/// time: many nodes can read one array, and each makes weights of its own from it.
class number_limit {
 public:
  explicit number_limit(std::uint64_t most) : most_(most) {}

  void count(std::uint64_t numbers) {
    total_ += numbers;
    if (total_ > most_) fail("with this node the model works on more than ", most_, " weights");
  }
  void count_operands(const model& from, const node& op_node) {
    for (const std::string& name : op_node.inputs) {
      if (const shared_constant found = from.find_constant(name)) count(found->elements());
    }
  }

 private:
  std::uint64_t most_;
  std::uint64_t total_ = 0;
};

/// Numbers that a model's nodes may read in all, and that may be folded.
inline constexpr std::uint64_t reading_limit = std::uint64_t{1} << 28;
inline constexpr std::uint64_t folding_limit = std::uint64_t{1} << 32;

/// rows x columns, read column by column.
template <class T>
std::vector<T> transposed(const std::vector<T>& from, std::size_t rows, std::size_t columns) {
  std::vector<T> to(from.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      to[column * rows + row] = from[row * columns + column];
    }
  }
  return to;
}

}  // namespace octavo::inline v0::io::onnx
