// SPDX-License-Identifier: MIT
#include "octavo/core/blocked.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "octavo/core/blocked_tensor.hpp"
#include "support/random.hpp"

namespace octavo::testing {
namespace {

constexpr blocked_layout example = {{2, 20, 3, 4}, 16, {1, 2, 0, 3}};

static_assert(example.blocks() == 2 && example.row() == (2 + 4 + 3) * 16);
static_assert(example.plane() == (1 + 3) * example.row());
static_assert(example.image() == 2 * example.plane() && example.bytes() == 2 * example.image());
static_assert(example.pixel(0, 0) == example.row() + 2 * 16 && example.pixel(-1, -2) == 0);
static_assert(example.offset(1, 18, 2, 3) ==
              example.image() + example.plane() + 3 * example.row() + 5 * 16 + 2);

blocked_layout random_layout(random_source& rng) {
  constexpr int blocks[] = {0, 16, 32, 64};
  blocked_layout layout = {
      {rng.integer(1, 3), rng.integer(1, 80), rng.integer(1, 5), rng.integer(1, 5)},
      rng.pick(blocks),
      {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)},
      rng.one_in(2)};
  if (layout.block == 0) layout.block = layout.shape.c = rng.integer(1, 4);
  return layout;
}

}  // namespace

TEST_CASE("every element has a byte of its own inside the tensor") {
  std::set<std::int64_t> seen;
  const shape& extents = example.shape;
  for (int n = 0; n < extents.n; ++n) {
    for (int c = 0; c < extents.c; ++c) {
      for (int h = 0; h < extents.h; ++h) {
        for (int w = 0; w < extents.w; ++w) seen.insert(example.offset(n, c, h, w));
      }
    }
  }
  CHECK(static_cast<std::int64_t>(seen.size()) == extents.elements());
  CHECK(*seen.begin() >= 0);
  CHECK(*seen.rbegin() < example.bytes());
}

TEST_CASE("into the blocked layout and back") {
  for (int seed = 0; seed < 50; ++seed) {
    random_source rng(static_cast<std::uint64_t>(seed));
    const blocked_layout layout = random_layout(rng);
    const tensor<std::int8_t> values = random_tensor(layout.shape, fill::uniform, rng);
    const blocked_tensor blocked(values.view(), layout);
    CHECK(blocked.layout() == layout);
    CHECK(is_aligned(blocked.view().data));
    tensor<std::int8_t> back(layout.shape);
    copy_to_nchw(blocked.view(), back.view());
    CHECK(back == values);
    const int c = layout.shape.c - 1;
    CHECK((blocked.view().data[layout.offset(0, c, 0, 0)] ^ layout.zero()) ==
          values.view()(0, c, 0, 0));
  }
}

TEST_CASE("clear_border writes the border, all of it, and nothing else") {
  for (int seed = 0; seed < 50; ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed));
    blocked_tensor tensor(random_layout(rng));
    const blocked_layout& at = tensor.layout();
    std::int8_t* const data = tensor.view().data;
    std::fill_n(data, at.bytes(), std::int8_t{7});
    const std::int64_t planes = std::int64_t{at.shape.n} * at.blocks();
    clear_border(tensor.view(), 0, planes);
    for (std::int64_t i = 0; i < planes * at.plane(); ++i) {
      const std::int64_t row = i % at.plane() / at.row() - at.border.top;
      const std::int64_t column = i % at.row() / at.block - at.border.left;
      const bool inside = row >= 0 && row < at.shape.h && column >= 0 && column < at.shape.w;
      REQUIRE(data[i] == (inside ? 7 : at.zero()));
    }
  }
}

TEST_CASE("clear_border keeps to its planes") {
  blocked_tensor tensor({{1, 40, 2, 2}, 16, {1, 1, 1, 1}});
  std::int8_t* const data = tensor.view().data;
  const std::int64_t plane = tensor.layout().plane();
  std::fill_n(data, tensor.layout().bytes(), std::int8_t{7});
  clear_border(tensor.view(), 1, 2);
  CHECK(std::all_of(data, data + plane, [](std::int8_t x) { return x == 7; }));
  CHECK(data[plane] == 0);
  CHECK(std::all_of(data + 2 * plane, data + 3 * plane, [](std::int8_t x) { return x == 7; }));
}

TEST_CASE("aligned_bytes: zeros at a cache line, and none at all") {
  const aligned_bytes some(100);
  CHECK(some.view().size() == 100);
  CHECK(is_aligned(some.view().data()));
  CHECK(std::all_of(some.view().begin(), some.view().end(),
                    [](std::byte x) { return x == std::byte{0}; }));
  const aligned_bytes none;
  CHECK(none.view().empty());
}

}  // namespace octavo::testing
