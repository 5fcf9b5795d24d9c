// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/tensor.hpp: NCHW order, views and owners.

#include "octavo/core/tensor.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using octavo::shape;
using octavo::tensor;
using octavo::tensor_view;

TEST_CASE("a view walks width first, then height, channels, batch") {
  static constexpr int values[] = {
      0,  1,  2,   // image 0, channel 0, row 0
      3,  4,  5,   //                     row 1
      6,  7,  8,   //          channel 1, row 0
      9,  10, 11,  //                     row 1
      12, 13, 14,  // image 1, channel 0, row 0
      15, 16, 17,  //                     row 1
      18, 19, 20,  //          channel 1, row 0
      21, 22, 23,  //                     row 1
  };
  constexpr tensor_view<const int> view{values, {2, 2, 2, 3}};
  static_assert(view(0, 0, 0, 2) == 2);
  static_assert(view(0, 0, 1, 0) == 3);
  static_assert(view(0, 1, 0, 0) == 6);
  static_assert(view(1, 0, 0, 0) == 12);
  static_assert(view(1, 1, 1, 2) == 23);
  CHECK(view(1, 0, 1, 1) == 16);
}

TEST_CASE("an index is computed in 64 bits") {
  constexpr tensor_view<const int> view{nullptr, {1, 4, 65536, 65536}};
  static_assert(view.index(0, 3, 65535, 65535) == (std::int64_t{4} << 32) - 1);
  CHECK(view.index(0, 2, 0, 1) == (std::int64_t{2} << 32) + 1);
}

TEST_CASE("a view can write, and can be handed on as one that only reads") {
  int values[] = {1, 2, 3, 4};
  const tensor_view<int> writable{values, {1, 1, 2, 2}};
  writable(0, 0, 1, 0) = 30;
  CHECK(values[2] == 30);
  const tensor_view<const int> readable = writable;
  CHECK(readable.data == values);
  CHECK(readable.shape == writable.shape);
  static_assert(!std::is_convertible_v<tensor_view<const int>, tensor_view<int>>);
}

TEST_CASE("an owner has as many elements as its shape, all zero") {
  const tensor<std::int8_t> empty;
  CHECK(empty.values.empty());
  tensor<std::int8_t> owner(shape{1, 2, 3, 4});
  CHECK(owner.shape == shape{1, 2, 3, 4});
  CHECK(owner.values == std::vector<std::int8_t>(24, 0));
  owner.view()(0, 1, 2, 3) = 7;
  CHECK(owner.values.back() == 7);
  const tensor<std::int8_t>& constant = owner;
  static_assert(std::is_same_v<decltype(constant.view()), tensor_view<const std::int8_t>>);
  CHECK(constant.view()(0, 1, 2, 3) == 7);
}

TEST_CASE("owners are equal where shape and elements are") {
  tensor<std::int8_t> a(shape{1, 2, 1, 3});
  tensor<std::int8_t> b = a;
  CHECK(a == b);
  b.values[5] = 1;
  CHECK(a != b);
  CHECK(a != tensor<std::int8_t>(shape{1, 3, 1, 2}));
}
