// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/model_file.hpp: files whose checksum fits, but whose fields lie.

#include <doctest/doctest.h>

#include <limits>

#include "io/io_test_tools.hpp"
#include "io/model_recipe.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/io/model_file.hpp"
#include "support/every_op.hpp"
#include "support/random_model.hpp"

using namespace octavo_test;
using octavo::io::deserialize;
using octavo::testing::random_source;

namespace {

/// Checks that the tiny file with another value in one field is refused with `part` in the message.
template <class T>
void check_lie(const std::string& field, T value, std::string_view part) {
  CAPTURE(field);
  model_recipe recipe = tiny_recipe();
  recipe.set(field, value);
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }), part);
}

constexpr std::int32_t int_values[] = {INT32_MIN, -1,      0,       1,         2,
                                       3,         1 << 24, 1 << 30, INT32_MAX, (1 << 24) + 1};

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Every value that the tiny file does not have there must be refused.
void check_number(const std::string& field, std::int32_t truth, std::string_view part) {
  for (const std::int32_t value : int_values) {
    if (value != truth) check_lie(field, value, part);
  }
}

}  // namespace

TEST_CASE("enumerations out of range") {
  check_lie("scheme", std::uint8_t{8}, "m: at offset 25: scheme is 8, expected 0..7");
  check_lie("scheme", std::uint8_t{255}, "scheme is 255, expected 0..7");
  check_lie("conv.kind", std::uint8_t{11}, "op kind is 11, expected 0..10");
  check_lie("pool.rounding", std::uint8_t{2}, "size rounding is 2, expected 0..1");
  check_lie("pool.count_padding", std::uint8_t{2}, "count_padding is 2, expected 0..1");
  check_lie("conv.policy", std::uint8_t{4}, "requantization policy is 4, expected 0..3");
}

TEST_CASE("counts beyond the file, and beyond what a list may hold") {
  constexpr std::uint32_t huge = 0xFFFFFFFFU;
  check_lie("nodes", huge, "the count of nodes is 4294967295, but only ");
  check_lie("conv.weights.count", huge, "the count of weights is 4294967295, but only ");
  check_lie("conv.bias.count", huge, "the count of bias is 4294967295, but only ");
  check_lie("conv.multipliers.count", huge, "the count of multipliers is 4294967295, but only ");
  check_lie("conv.shifts.count", huge, "the count of shifts is 4294967295, but only ");
  check_lie("pool.divisors.count", huge, "the count of divisors is 4294967295, but only ");
  check_lie("leaky.input_multipliers.count", huge,
            "the count of input multipliers is 4294967295, but only ");
  check_lie("conv.src.count", std::uint32_t{9}, "the count of inputs is 9, expected at most 8");
  check_lie("outputs.count", std::uint32_t{17}, "the count of outputs is 17, expected at most 16");
  check_lie("outputs.count", std::uint32_t{3}, "the count of outputs is 3, but only 8 bytes");
}

TEST_CASE("a count that just exceeds the bytes that are left is refused before it is believed") {
  // 8 bytes follow the count of outputs, 4 a number.
  const model_recipe recipe = tiny_recipe();
  const byte_vector file = recipe.file();
  const std::size_t behind_count = file.size() - 24 - 5;
  check_lie("nodes", static_cast<std::uint32_t>(behind_count / 139 + 1),
            octavo::concat_text("the count of nodes is ", behind_count / 139 + 1, ", but only ",
                                behind_count, " bytes are left"));
}

TEST_CASE("counts that are off by one shift all that follows") {
  for (const char* const list :
       {"nodes", "conv.weights.count", "conv.bias.count", "conv.multipliers.count",
        "conv.shifts.count", "pool.divisors.count", "leaky.input_multipliers.count",
        "conv.src.count", "outputs.count"}) {
    for (const std::uint32_t count : {0U, 1U, 2U, 3U, 4U, 5U, 6U}) {
      model_recipe recipe = tiny_recipe();
      recipe.set(list, count);
      if (recipe.file() == tiny_recipe().file()) continue;
      CAPTURE(list);
      CAPTURE(count);
      CHECK_THROWS_AS(deserialize(recipe.file(), "m"), octavo::error);
    }
  }
}

TEST_CASE("names: too long, empty, of another node") {
  model_recipe recipe = tiny_recipe();
  recipe.set("conv.name.length", std::uint8_t{64});
  recipe.set_bytes("conv.name", byte_vector(64, 'n'));
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                "name has 64 letters, expected at most 63");
  recipe.set("conv.name.length", std::uint8_t{63});
  recipe.set_bytes("conv.name", byte_vector(63, 'n'));
  CHECK(deserialize(recipe.file(), "m").graph[1].name.length == 63);
  recipe.set("conv.name.length", std::uint8_t{0});
  recipe.set_bytes("conv.name", {});
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                "m: graph: ?: a node needs a name");
  recipe.set("conv.name.length", std::uint8_t{4});
  recipe.set_bytes("conv.name", {'d', 'a', 't', 'a'});
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                "m: graph: data: two nodes have this name");
}

TEST_CASE("nodes that read themselves, a later node, or none") {
  for (const std::int32_t src : {1, 2, 3, 4, -1, INT32_MIN, INT32_MAX}) {
    model_recipe recipe = tiny_recipe();
    recipe.set("conv.src", src);
    check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                  "m: graph: conv: an input must be an earlier node");
  }
  check_lie("conv.kind", std::uint8_t{0}, "m: graph: conv: wrong number of inputs for its kind");
  check_lie("conv.kind", std::uint8_t{9}, "m: graph: conv: wrong number of inputs for its kind");
}

TEST_CASE("outputs that are no nodes") {
  for (const std::int32_t output : {4, -1, INT32_MIN, INT32_MAX}) {
    check_lie("output0", output, "m: graph: an output must be a node of this graph");
    check_lie("output1", output, "m: graph: an output must be a node of this graph");
  }
}

TEST_CASE("shapes that are not what the inputs give") {
  check_number("data.shape1", 1, "m: ");
  check_number("data.shape2", 2, "m: graph: ");
  check_number("data.shape3", 3, "m: graph: ");
  for (const std::string node : {"conv", "pool", "leaky"}) {
    check_number(node + ".shape0", 1, "m: graph: ");
    check_number(node + ".shape1", 2, "m: graph: ");
  }
  check_number("conv.shape2", 2, "m: graph: conv: its shape is not what its inputs give");
  check_number("pool.shape3", 2, "m: graph: pool: its shape is not what its inputs give");
}

TEST_CASE("windows") {
  // Kernel, strides, dilations and pads of a 1x2 window over 2x3: rows 4 (dilation) may be
  // anything.
  check_number("conv.window0", 1, "m: graph: conv: ");
  check_number("conv.window1", 2, "m: graph: conv: ");
  check_number("conv.window2", 1, "m: graph: conv: ");
  check_number("conv.window3", 1, "m: graph: conv: ");
  check_number("conv.window5", 1, "m: graph: conv: ");
  for (const char* const pad : {"conv.window6", "conv.window7", "conv.window8", "conv.window9"}) {
    check_number(pad, 0, "m: graph: conv: ");
  }
  for (const std::int32_t dilation : {0, -1, INT32_MIN, INT32_MAX}) {
    check_lie("conv.window4", dilation, ": the dilation must be ");
    check_lie("pool.window4", dilation, ": the dilation must be ");
  }
  check_lie("pool.window4", 2, "m: graph: pool: ");
  check_lie("pool.window7", 2, "m: graph: pool: a pool's padding must be smaller than its kernel");
  for (const std::int32_t groups : {INT32_MIN, -1, 0, 2, 3, INT32_MAX}) {
    check_lie("conv.groups", groups, "m: graph: conv: groups must ");
  }
}

TEST_CASE("the integers of a requantization") {
  model_recipe recipe = tiny_recipe();
  recipe.set_bytes("conv.shifts", {0, 63});
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                "m: model: conv: a shift is out of range");
  recipe = tiny_recipe();
  recipe.set_bytes("conv.multipliers", {1, 0, 0, 0, 0, 0, 0, 0x80});
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                "m: model: conv: a multiplier is out of range");
  recipe = tiny_recipe();
  recipe.set_bytes("conv.bias", {0, 0, 0, 0x80, 0, 0, 0, 0});
  check_message(message_of([&] { deserialize(recipe.file(), "m"); }),
                "channel 0: bias -2147483648 may overflow the int32 accumulator");
  for (const int policy : {0, 1, 3}) {
    check_lie("conv.policy", static_cast<std::uint8_t>(policy), "m: model: conv: ");
  }
}

TEST_CASE("the integers of pools and leaky relus") {
  check_number("pool.divisors0", 4, "m: model: pool: a divisor is not the window's");
  for (const std::int32_t bad : {0, -1, INT32_MIN}) {
    check_lie("pool.divisors1", bad, "m: model: pool: a multiplier or its shift is out of range");
    check_lie("leaky.input_multipliers0", bad,
              "m: model: leaky: a multiplier or its shift is out of range");
  }
  for (const std::int32_t bad : {63, -1, INT32_MIN, INT32_MAX}) {
    check_lie("pool.divisors2", bad, "m: model: pool: a multiplier or its shift is out of range");
    check_lie("leaky.input_multipliers1", bad,
              "m: model: leaky: a multiplier or its shift is out of range");
  }
}

TEST_CASE("real numbers: thresholds and slopes are positive and finite") {
  for (const double bad : {0.0, -1.0, nan_value, infinity, -infinity}) {
    check_lie("data.threshold", bad, "m: model: data: its threshold is not a positive finite");
    check_lie("leaky.threshold", bad, "m: model: leaky: its threshold is not a positive finite");
    check_lie("leaky.slope", bad, "m: graph: leaky: leaky_relu: needs slope > 0");
  }
}

TEST_CASE("random lies: refused, or a model that runs and is written back as it was read") {
  random_source rng(3);
  const octavo::quantized_model good =
      random_model(octavo::testing::every_op_graph(),
                   {.kind = octavo::policy::multiplier_q31, .per_channel = true}, rng);
  const byte_vector file = octavo::io::serialize(good);
  const byte_vector body(file.begin() + 24, file.end());
  int accepted = 0;
  constexpr int attempts = 6000;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    CAPTURE(attempt);
    byte_vector other = body;
    for (int changes = rng.integer(1, 3); changes > 0; --changes) {
      const auto at = static_cast<std::size_t>(rng.integer(0, static_cast<int>(body.size()) - 1));
      other[at] = rng.one_in(3) ? static_cast<std::uint8_t>(rng.integer(0, 255))
                                : static_cast<std::uint8_t>(other[at] ^ (1 << rng.integer(0, 7)));
    }
    const byte_vector lying = model_recipe::with_header(other);
    try {
      const octavo::quantized_model model = deserialize(lying, "m");
      ++accepted;
      CHECK(octavo::io::serialize(model) == lying);
      const octavo::tensor<std::int8_t> input(model.graph[0].shape);
      CHECK(interpret(model, input).size() == model.graph.size());
    } catch (const octavo::error&) {
    }
  }
  // Most bytes are weights, which may be anything; shapes and counts may not.
  CHECK(accepted > attempts / 10);
  CHECK(accepted < attempts * 9 / 10);
}
