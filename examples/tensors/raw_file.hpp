// SPDX-License-Identifier: MIT
/// @file
/// Raw tensor files: nothing but elements, little-endian, last index fastest. What they hold has to
/// be said: TYPE N C H W.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "numpy_text.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/little_endian.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/npy.hpp"

namespace octavo::examples {

/// How a raw file's elements are stored. bf16 is the upper half of a float32, which is what it
/// becomes when it is read: NumPy has no such type.
struct raw_type {
  std::string_view name;
  std::size_t size;               ///< bytes of an element
  io::element_type element_type;  ///< of the array in memory
  bool is_bf16() const { return name == "bf16"; }
};

inline constexpr std::array<raw_type, 6> raw_types = {{{"int8", 1, io::element_type::int8},
                                                       {"uint8", 1, io::element_type::uint8},
                                                       {"int16", 2, io::element_type::int16},
                                                       {"int32", 4, io::element_type::int32},
                                                       {"bf16", 2, io::element_type::float32},
                                                       {"float32", 4, io::element_type::float32}}};

/// The type of that name, or nullptr.
inline const raw_type* find_raw_type(std::string_view name) {
  for (const raw_type& type : raw_types) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

/// @throws octavo::error that lists the names.
inline raw_type parse_raw_type(std::string_view name) {
  if (const raw_type* type = find_raw_type(name)) return *type;
  fail("the type ", in_quotes(name), ", expected int8, uint8, int16, int32, bf16 or float32");
}

namespace detail {

inline io::byte_vector float32_of_bf16(io::byte_view halves) {
  io::byte_vector bytes(halves.size() * 2);
  for (std::size_t i = 0; i < halves.size(); i += 2) {
    bytes[2 * i + 2] = halves[i];
    bytes[2 * i + 3] = halves[i + 1];
  }
  return bytes;
}

/// Rounded to nearest, ties to even; NaN stays NaN.
inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16U | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}

}  // namespace detail

/// The whole file as an array. @throws octavo::error unless it has exactly the bytes that type and
/// shape ask for.
inline io::npy_array read_raw(const std::filesystem::path& path, const raw_type& type,
                              const std::vector<std::int64_t>& extents) {
  const std::uint64_t expected = io::byte_count(extents, type.size, path.string());
  io::byte_source source(path);
  if (source.size() != expected) {
    fail(source.name(), ": has ", source.size(), " bytes, expected ", expected, " for ", type.name,
         " ", tuple_text(extents));
  }
  io::byte_vector bytes = io::make_bytes(expected, source.name());
  source.read(0, bytes, "the content");
  if (type.is_bf16()) bytes = detail::float32_of_bf16(bytes);
  return {extents, type.element_type, std::move(bytes)};
}

/// The elements of an array as a raw file has them. Only bf16 (and float32 of a float64) round;
/// @throws octavo::error naming `name` where another type lacks a value.
inline io::byte_vector raw_bytes(const io::npy_array& array, const raw_type& type,
                                 std::string_view name) {
  if (!type.is_bf16() && array.type == type.element_type) return array.data;
  io::byte_vector bytes;
  if (type.is_bf16()) {
    for (const float value : array.as<float>(name)) {
      io::append_little(bytes, detail::to_bf16(value));
    }
    return bytes;
  }
  return io::detail::with_element(type.element_type, [&]<class Element>() {
    if constexpr (number<Element>) {
      return io::make_npy_array(array.as<Element>(name), array.shape).data;
    } else {
      return bytes;
    }
  });
}

}  // namespace octavo::examples
