// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/add.hpp.

#include "octavo/reference/add.hpp"

#include <doctest/doctest.h>

#include "reference_test_tools.hpp"

using octavo::add_params;
using octavo_test::bytes;
using octavo_test::make_tensor;
using octavo_test::output_of;

namespace {

bytes sum(const bytes& a, const bytes& b, const add_params& params, bool relu = false) {
  const octavo::shape shape{1, static_cast<int>(a.size()), 1, 1};
  const auto left = make_tensor(shape, a);
  const auto right = make_tensor(shape, b);
  return output_of(shape, [&](auto dst) {
    octavo::reference::add(left.view(), right.view(), params, relu, dst);
  });
}

}  // namespace

TEST_CASE("add: each input has its multiplier, the shift is common") {
  CHECK(sum({1, 2, -3}, {10, 20, 30}, {{1, 1}, 0}) == bytes{11, 22, 27});
  CHECK(sum({1, 2, -3}, {10, 20, 30}, {{2, 0}, 0}) == bytes{2, 4, -6});
  CHECK(sum({1, 2, -3}, {10, 20, 30}, {{0, 3}, 0}) == bytes{30, 60, 90});
  CHECK(sum({4, 8, 12}, {8, 8, 8}, {{3, 5}, 2}) == bytes{13, 16, 19});
}

TEST_CASE("add: ties go up, and only the sum is rounded") {
  CHECK(sum({5, -5, 1, -1}, {0, 0, 0, 0}, {{1, 1}, 1}) == bytes{3, -2, 1, 0});
  CHECK(sum({4, -4}, {1, -1}, {{1, 1}, 1}) == bytes{3, -2});  // 2.5 from both together
  CHECK(sum({1, -1}, {1, -1}, {{1, 1}, 1}) == bytes{1, -1});  // two halves, not two ones
}

TEST_CASE("add: saturation on both sides, without overflow before it") {
  CHECK(sum({100, -100}, {28, -29}, {{1, 1}, 0}) == bytes{127, -128});
  CHECK(sum({100, -100}, {27, -28}, {{1, 1}, 0}) == bytes{127, -128});  // exactly at the ends
  CHECK(sum({127, -128}, {127, -128}, {{127, 127}, 0}) == bytes{127, -128});
  CHECK(sum({127, -128}, {127, -128}, {{127, 127}, 8}) == bytes{126, -127});  // 126.008, -127
  CHECK(sum({127, -128}, {127, -128}, {{127, 127}, 31}) == bytes{0, 0});
}

TEST_CASE("add: the fused ReLU comes last") {
  CHECK(sum({-10, 10, -1, 127}, {4, 4, 1, 127}, {{1, 1}, 0}, true) == bytes{0, 14, 0, 127});
}

TEST_CASE("add: all elements of all images, in place over either input") {
  // 24 elements: g++ 12 warns of overflows that are not there where it unrolls fewer.
  const octavo::shape extents = {2, 3, 2, 2};
  octavo::tensor<std::int8_t> a(extents);
  octavo::tensor<std::int8_t> b(extents);
  bytes expected;
  for (int i = 0; i < 24; ++i) {
    a.values[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i);
    b.values[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(2 * i);
    expected.push_back(static_cast<std::int8_t>(5 * i));
  }
  const add_params params{{1, 2}, 0};
  octavo::tensor<std::int8_t> left = a;
  octavo::reference::add(left.view(), b.view(), params, false, left.view());
  CHECK(left.values == expected);
  octavo::tensor<std::int8_t> right = b;
  octavo::reference::add(a.view(), right.view(), params, false, right.view());
  CHECK(right == left);
}
