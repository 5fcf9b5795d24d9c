// SPDX-License-Identifier: MIT
/// @file
/// What must hold of an array of a file of weights.
#pragma once

#include <cstdint>

#include "octavo/model/state_dict.hpp"
#include "target.hpp"

namespace octavo_fuzz {

/// read() gives an array, whose numbers are as many as its shape says, or refuses it.
template <class Read>
void read_stored_array(const Read& read) {
  feed(read, [](const octavo::named_array& array) {
    std::uint64_t elements = 1;
    for (const std::int64_t extent : array.shape) elements *= static_cast<std::uint64_t>(extent);
    expect(elements == array.values.size(), "as many numbers as the shape says");
  });
}

}  // namespace octavo_fuzz
