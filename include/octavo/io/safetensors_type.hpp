// SPDX-License-Identifier: MIT
/// @file
/// The element types of .safetensors files, and which of them are read.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "octavo/io/convert_element.hpp"
#include "octavo/io/read_values.hpp"

namespace octavo::inline v0::io::detail {

struct safetensors_type {
  std::string_view name;      ///< as in the file
  std::uint8_t size;          ///< bytes of one element
  element_to_double convert;  ///< null: known, but not read
};

inline constexpr std::array<safetensors_type, 17> safetensors_types{{
    {"F64", 8, convert_element<double, double>},
    {"F32", 4, convert_element<float, double>},
    {"F16", 2, convert_element<half_bits, double>},
    {"BF16", 2, convert_element<bfloat_bits, double>},
    {"I8", 1, convert_element<std::int8_t, double>},
    {"U8", 1, convert_element<std::uint8_t, double>},
    {"I16", 2, convert_element<std::int16_t, double>},
    {"I32", 4, convert_element<std::int32_t, double>},
    {"I64", 8, convert_element<std::int64_t, double>},
    {"BOOL", 1, nullptr},
    {"U16", 2, nullptr},
    {"U32", 4, nullptr},
    {"U64", 8, nullptr},
    {"C64", 8, nullptr},
    {"F8_E4M3", 1, nullptr},
    {"F8_E5M2", 1, nullptr},
    {"F8_E8M0", 1, nullptr},
}};

/// Null for a name that is not in the table.
constexpr const safetensors_type* find_safetensors_type(std::string_view name) noexcept {
  for (const safetensors_type& type : safetensors_types) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace octavo::inline v0::io::detail
