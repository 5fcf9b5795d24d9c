// SPDX-License-Identifier: MIT
/// @file
/// .npy files made by hand for the tests.
#pragma once

#include <cstdint>
#include <string>

#include "octavo/io/byte_reader.hpp"

namespace octavo_test {

/// A .npy file with this header text and data.
inline octavo::io::byte_vector npy_file(const std::string& header,
                                        const octavo::io::byte_vector& data, int version = 1) {
  octavo::io::byte_vector bytes{0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version),
                                0};
  if (version == 1) {
    octavo::io::append_little(bytes, static_cast<std::uint16_t>(header.size()));
  } else {
    octavo::io::append_little(bytes, static_cast<std::uint32_t>(header.size()));
  }
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

inline std::string header_text(const std::string& descr, const std::string& shape,
                               const std::string& fortran = "False") {
  return "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

}  // namespace octavo_test
