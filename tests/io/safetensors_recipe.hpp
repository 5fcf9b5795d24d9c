// SPDX-License-Identifier: MIT
/// @file
/// .safetensors files made by hand for the tests, with everything wrong that a test wants.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "octavo/io/byte_reader.hpp"

namespace octavo_test {

using octavo::io::byte_vector;

/// A header of any text, its size, and data.
inline byte_vector safetensors_of(std::string_view header, const byte_vector& data) {
  byte_vector file(8 + header.size() + data.size());
  octavo::io::store_little(file.data(), std::uint64_t{header.size()});
  const auto after = std::copy(header.begin(), header.end(), file.begin() + 8);
  std::copy(data.begin(), data.end(), after);
  return file;
}

/// "NAME": {...}, everything as the arguments have it.
inline std::string tensor_text(std::string_view name, std::string_view dtype,
                               std::string_view shape, std::string_view offsets) {
  return octavo::concat_text('"', name, R"(":{"dtype":")", dtype, R"(","shape":)", shape,
                             R"(,"data_offsets":)", offsets, '}');
}

/// Numbers of several types one after the other.
template <class... T>
byte_vector elements(const T&... values) {
  byte_vector bytes;
  (octavo::io::append_little(bytes, values), ...);
  return bytes;
}

/// Numbers of one type.
template <class T>
byte_vector elements(std::initializer_list<T> values) {
  byte_vector bytes;
  for (const T value : values) octavo::io::append_little(bytes, value);
  return bytes;
}

}  // namespace octavo_test
