// SPDX-License-Identifier: MIT
/// @file
/// Model files written field by field, so that tests can pin every byte and lie in any one field.
/// Shares nothing with the writer under test but the little-endian helpers: the checksum is zlib's.
#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "octavo/core/shape.hpp"
#include "octavo/core/window.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo_test {

using octavo::io::byte_vector;

/// What a file says about one node, by the numbers that stand in it.
struct node_recipe {
  std::uint8_t kind = 0;
  std::string name = {};
  octavo::shape shape = {};
  std::vector<std::int32_t> src = {};
  octavo::window window = {};
  std::int32_t groups = 1;
  std::uint8_t rounding = 0;
  std::uint8_t count_padding = 0;
  double lo = 0, hi = 0, slope = 0;
  double threshold = 1;
  byte_vector weights = {};
  std::vector<std::int32_t> bias = {};
  std::uint8_t policy = 0;
  std::vector<std::int32_t> multipliers = {};
  byte_vector shifts = {};
  std::array<std::int32_t, 3> add = {1, 1, 0};
  std::vector<std::array<std::int32_t, 3>> divisors = {};           ///< divisor, multiplier, shift
  std::vector<std::array<std::int32_t, 2>> input_multipliers = {};  ///< multiplier, shift
  std::uint8_t clip_lo = 0, clip_hi = 127;
};

class model_recipe {
 public:
  template <class T>
  void field(std::string name, T value) {
    byte_vector bytes;
    octavo::io::append_little(bytes, value);
    fields_.emplace_back(std::move(name), std::move(bytes));
  }
  /// A list of numbers: NAME.count, then NAME.
  template <class T>
  void list(const std::string& name, const std::vector<T>& values) {
    field(name + ".count", static_cast<std::uint32_t>(values.size()));
    byte_vector bytes;
    for (const T value : values) octavo::io::append_little(bytes, value);
    fields_.emplace_back(name, std::move(bytes));
  }
  template <std::size_t N>
  void records(const std::string& name, const std::vector<std::array<std::int32_t, N>>& values) {
    field(name + ".count", static_cast<std::uint32_t>(values.size()));
    for (const auto& record : values) numbers(name, record);
  }
  /// NAME0, NAME1 ...
  template <std::size_t N>
  void numbers(const std::string& name, const std::array<std::int32_t, N>& values) {
    for (std::size_t i = 0; i < N; ++i) field(name + std::to_string(i), values[i]);
  }

  /// The fields of one node, each called NODE.FIELD.
  void node(const node_recipe& n) {
    const std::string at = n.name + ".";
    field(at + "kind", n.kind);
    field(at + "name.length", static_cast<std::uint8_t>(n.name.size()));
    fields_.emplace_back(at + "name", byte_vector(n.name.begin(), n.name.end()));
    numbers<4>(at + "shape", {n.shape.n, n.shape.c, n.shape.h, n.shape.w});
    list(at + "src", n.src);
    const octavo::window& w = n.window;
    numbers<10>(at + "window", {w.kh, w.kw, w.stride_h, w.stride_w, w.dilation_h, w.dilation_w,
                                w.pad.top, w.pad.left, w.pad.bottom, w.pad.right});
    field(at + "groups", n.groups);
    field(at + "rounding", n.rounding);
    field(at + "count_padding", n.count_padding);
    field(at + "lo", n.lo);
    field(at + "hi", n.hi);
    field(at + "slope", n.slope);
    field(at + "threshold", n.threshold);
    list(at + "weights", n.weights);
    list(at + "bias", n.bias);
    field(at + "policy", n.policy);
    list(at + "multipliers", n.multipliers);
    list(at + "shifts", n.shifts);
    numbers(at + "add", n.add);
    records(at + "divisors", n.divisors);
    records(at + "input_multipliers", n.input_multipliers);
    field(at + "clip_lo", n.clip_lo);
    field(at + "clip_hi", n.clip_hi);
  }

  /// Other bytes for a field that is there.
  void set_bytes(const std::string& name, byte_vector bytes) {
    for (auto& [known, value] : fields_) {
      if (known != name) continue;
      value = std::move(bytes);
      return;
    }
    FAIL("the recipe has no field ", name);
  }
  template <class T>
  void set(const std::string& name, T value) {
    byte_vector bytes;
    octavo::io::append_little(bytes, value);
    set_bytes(name, std::move(bytes));
  }

  byte_vector body() const {
    byte_vector bytes;
    for (const auto& [name, value] : fields_) bytes.insert(bytes.end(), value.begin(), value.end());
    return bytes;
  }

  byte_vector file() const { return with_header(body()); }

  /// A header whose size and checksum fit these bytes, and the bytes.
  static byte_vector with_header(const byte_vector& body) {
    byte_vector file = {'O', 'C', 'T', 'A', 'V', 'O', 'Q', 'M', 1, 0, 0, 0};
    octavo::io::append_little(file, static_cast<std::uint32_t>(::crc32(
                                        0, body.data(), static_cast<unsigned>(body.size()))));
    octavo::io::append_little(file, std::uint64_t{body.size()});
    file.insert(file.end(), body.begin(), body.end());
    return file;
  }

 private:
  std::vector<std::pair<std::string, byte_vector>> fields_;
};

/// A convolution, a pool and a leaky relu behind an input: the numbers stand in tiny_model() too.
inline model_recipe tiny_recipe() {
  model_recipe recipe;
  recipe.field("scheme", std::uint8_t{4});
  recipe.field("nodes", std::uint32_t{4});
  recipe.node({.name = "data", .shape = {1, 1, 2, 3}, .threshold = 0.5});
  recipe.node({.kind = 1,
               .name = "conv",
               .shape = {1, 2, 2, 2},
               .src = {0},
               .window = {1, 2, 1, 1, 1, 1, {0, 0, 0, 0}},
               .weights = {0x01, 0xfe, 0x7f, 0x80},
               .bias = {5, -6},
               .policy = 2,
               .multipliers = {7, 0x12345678},
               .shifts = {0, 62}});
  recipe.node({.kind = 8,
               .name = "pool",
               .shape = {1, 2, 1, 2},
               .src = {1},
               .window = {2, 2, 1, 2, 1, 1, {0, 1, 0, 1}},
               .rounding = 1,
               .count_padding = 1,
               .divisors = {{4, 128, 9}}});
  recipe.node({.kind = 6,
               .name = "leaky",
               .shape = {1, 2, 1, 2},
               .src = {2},
               .slope = 0.25,
               .input_multipliers = {{1 << 30, 32}}});
  recipe.field("outputs.count", std::uint32_t{2});
  recipe.field("output0", std::int32_t{3});
  recipe.field("output1", std::int32_t{1});
  return recipe;
}

}  // namespace octavo_test
