// SPDX-License-Identifier: MIT
/// @file
/// What the tests of the reference ops share: tensors written as lists, and outputs with guards.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/tensor.hpp"

namespace octavo_test {

/// The elements of a tensor in NCHW order.
using bytes = std::vector<std::int8_t>;

/// A tensor of these elements; there must be as many as the shape asks for.
inline octavo::tensor<std::int8_t> make_tensor(const octavo::shape& shape, const bytes& values) {
  octavo::tensor<std::int8_t> made(shape);
  REQUIRE(made.values.size() == values.size());
  made.values = values;
  return made;
}

/// What `op` writes into memory filled with `poison`; the bytes around it must survive.
template <class Op>
bytes output_over(std::int8_t poison, const octavo::shape& shape, const Op& op) {
  constexpr std::size_t guard = 64;
  const auto count = static_cast<std::size_t>(shape.elements());
  bytes memory(guard + count + guard, poison);
  op(octavo::tensor_view<std::int8_t>{memory.data() + guard, shape});
  const auto is_poison = [&](std::int8_t value) { return value == poison; };
  CHECK(std::all_of(memory.begin(), memory.begin() + guard, is_poison));
  CHECK(std::all_of(memory.end() - guard, memory.end(), is_poison));
  return {memory.begin() + guard, memory.end() - guard};
}

/// What `op` writes to a tensor of this shape: every element, and not a byte around them.
template <class Op>
bytes output_of(const octavo::shape& shape, const Op& op) {
  bytes output = output_over(0x55, shape, op);
  CHECK(output == output_over(-86, shape, op));  // an element left unwritten would differ
  return output;
}

}  // namespace octavo_test

namespace doctest {

/// Lists of elements are printed when a comparison fails.
template <>
struct StringMaker<octavo_test::bytes> {
  static String convert(const octavo_test::bytes& values) {
    std::string text;
    for (const int value : values) text += octavo::concat_text(" ", value);
    return octavo::concat_text("{", text, " }").c_str();
  }
};

}  // namespace doctest
