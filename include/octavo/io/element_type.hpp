// SPDX-License-Identifier: MIT
/// @file
/// The types that elements of stored arrays have: bool, integers and floating point of NumPy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "octavo/io/byte_reader.hpp"

namespace octavo::inline v0::io {

/// What one element of a .npy array is.
enum class element_type : std::uint8_t {
  boolean,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float16,
  float32,
  float64
};

namespace detail {

struct element_facts {
  std::string_view name;  ///< as NumPy calls it
  char kind;              ///< NumPy's letter: b i u f
  std::uint8_t size;      ///< bytes
};

/// In the order of element_type.
inline constexpr std::array<element_facts, 12> element_table{{{"bool", 'b', 1},
                                                              {"int8", 'i', 1},
                                                              {"uint8", 'u', 1},
                                                              {"int16", 'i', 2},
                                                              {"uint16", 'u', 2},
                                                              {"int32", 'i', 4},
                                                              {"uint32", 'u', 4},
                                                              {"int64", 'i', 8},
                                                              {"uint64", 'u', 8},
                                                              {"float16", 'f', 2},
                                                              {"float32", 'f', 4},
                                                              {"float64", 'f', 8}}};

constexpr const element_facts& facts_of(element_type type) noexcept {
  return element_table[static_cast<std::size_t>(type)];
}

constexpr std::optional<element_type> find_element(char kind, int size) noexcept {
  for (std::size_t i = 0; i < element_table.size(); ++i) {
    if (element_table[i].kind == kind && element_table[i].size == size) {
      return static_cast<element_type>(i);
    }
  }
  return std::nullopt;
}

template <class T>
constexpr char kind_of() noexcept {
  if (std::is_same_v<T, bool>) return 'b';
  if (std::is_floating_point_v<T>) return 'f';
  return std::is_signed_v<T> ? 'i' : 'u';
}

}  // namespace detail

/// NumPy's name of the type: "float32".
constexpr std::string_view name_of(element_type type) noexcept {
  return detail::facts_of(type).name;
}

/// Bytes of one element.
constexpr std::size_t size_of(element_type type) noexcept { return detail::facts_of(type).size; }

/// The element type that a C++ number or bool is stored as.
template <class T>
requires number<T> || std::is_same_v<T, bool>
inline constexpr element_type element_type_of =
    *detail::find_element(detail::kind_of<T>(), int{sizeof(T)});

}  // namespace octavo::inline v0::io
