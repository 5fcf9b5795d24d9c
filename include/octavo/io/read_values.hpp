// SPDX-License-Identifier: MIT
/// @file
/// The numbers of a stored array as doubles, read from a file a part at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/convert_element.hpp"

namespace octavo::inline v0::io::detail {

/// Converts the element at the pointer; false where no double has its value.
using element_to_double = bool (*)(const std::uint8_t*, double&) noexcept;

/// Makes room for `more` values. Fails, naming `name`, when there is not that much memory.
inline void add_room(std::vector<double>& values, std::size_t more, std::string_view name) {
#if defined(__cpp_exceptions)
  try {
    values.resize(values.size() + more);
  } catch (const std::exception&) {
    fail(name, ": needs memory for ", more, " numbers, which is not to be had");
  }
#else
  static_cast<void>(name);
  values.resize(values.size() + more);
#endif
}

/// Appends the `count` elements that start at `offset` and that lie inside the file, each of
/// `element_size` bytes (1, 2, 4 or 8). Fails at a number that no double has; `name` stands for the
/// array in the message.
inline void append_values(std::vector<double>& values, buffered_file& file, std::size_t offset,
                          std::size_t count, std::size_t element_size, element_to_double convert,
                          std::string_view name) {
  add_room(values, count, name);
  double* const to = values.data() + (values.size() - count);
  const std::size_t part = buffered_file::kept / element_size;
  for (std::size_t first = 0; first < count; first += part) {
    const std::size_t some = std::min(part, count - first);
    const byte_view bytes = file.subspan(offset + first * element_size, some * element_size);
    for (std::size_t i = 0; i < some; ++i) {
      if (convert(bytes.data() + i * element_size, to[first + i])) continue;
      fail(name, ": element ", first + i, " is no float64 without a change of its value");
    }
  }
}

}  // namespace octavo::inline v0::io::detail
