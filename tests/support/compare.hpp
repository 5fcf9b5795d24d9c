// SPDX-License-Identifier: MIT
/// @file
/// Says how two tensors differ, for messages of failing tests.
#pragma once

#include <cstddef>
#include <string>

#include "octavo/core/error.hpp"
#include "octavo/core/tensor.hpp"

namespace octavo::testing {

inline std::string to_text(const shape& s) {
  return concat_text(s.n, "x", s.c, "x", s.h, "x", s.w);
}

/// Empty where the tensors are equal, else shape, first bad index, both values and the count.
template <class T>
std::string difference(const tensor<T>& expected, const tensor<T>& got) {
  if (expected == got) return {};
  if (expected.shape != got.shape || expected.values.size() != got.values.size()) {
    return concat_text("expected shape ", to_text(expected.shape), ", got ", to_text(got.shape));
  }
  std::size_t first = got.values.size();
  std::size_t count = 0;
  for (std::size_t i = got.values.size(); i-- > 0;) {
    if (expected.values[i] == got.values[i]) continue;
    first = i;
    ++count;
  }
  return concat_text("shape ", to_text(got.shape), ": ", count, " of ", got.values.size(),
                     " differ, the first at ", first, ": expected ", +expected.values[first],
                     ", got ", +got.values[first]);
}

}  // namespace octavo::testing
