// SPDX-License-Identifier: MIT
/// @file
/// Two sets of named arrays: what pairs up, what does not, what is left out.
#include "octavo/compare/arrays.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "helpers.hpp"
#include "octavo/graph/builder.hpp"

using namespace octavo::compare;
using octavo::testing::message_of;

namespace {

using named_arrays = std::vector<std::pair<std::string, real_array>>;

real_array vector_of(const std::vector<double>& values) {
  return {{static_cast<std::int64_t>(values.size())}, values};
}

array_set set_of(const named_arrays& arrays) {
  array_set made;
  for (const auto& [name, array] : arrays) made.names.push_back(name);
  made.load = [arrays](const std::string& wanted) {
    for (const auto& [name, array] : arrays) {
      if (name == wanted) return array;
    }
    octavo::fail("no array ", wanted);
  };
  return made;
}

/// "name VERDICT, name VERDICT note"
std::string outcome(const report& all) {
  std::string text;
  for (const report_row& row : all.rows) {
    if (!text.empty()) text += ", ";
    text += row.name + " " + std::string(to_string(row.result));
    if (!row.note.empty()) text += " " + row.note;
  }
  return text;
}

const array_set reference =
    set_of({{"b", vector_of({4, 3, 0})}, {"a", vector_of({1, 2})}, {"c", vector_of({5})}});

}  // namespace

TEST_CASE("pairs in the order of the reference, then what the target alone has") {
  const array_set target = set_of({{"d", vector_of({1})},
                                   {"a", vector_of({1, 2})},
                                   {"z", vector_of({1})},
                                   {"b", vector_of({4, -3, 0})}});
  const report all = compare_arrays(reference, target);
  CHECK(outcome(all) ==
        "b NOT_SIMILAR, a EQUAL, c NOT_MATCH the target does not have it, "
        "d NOT_MATCH the reference does not have it, z NOT_MATCH the reference does not have it");
  REQUIRE(all.rows[0].found.has_value());
  CHECK(all.rows[0].found->cosine == 7.0 / 25);
  CHECK(!all.rows[0].threshold.has_value());
  CHECK(!all.rows[0].saturation.has_value());
  CHECK(!all.rows[2].found.has_value());
  CHECK(exit_status(all) == 1);
  const report common = compare_arrays(reference, target, {.common_only = true});
  CHECK(outcome(common) == "b NOT_SIMILAR, a EQUAL");
  CHECK(common.left_out == std::vector<std::string>{"c", "d", "z"});
  CHECK(summary(common) ==
        "2 tensors: 1 EQUAL, 0 CLOSE, 0 SIMILAR, 1 NOT_SIMILAR; worst b (-1.6 dB); first below b; "
        "3 left out\n");
}

TEST_CASE("exclusions, on either side") {
  const array_set target = set_of({{"a", vector_of({1, 2})}, {"d", vector_of({1})}});
  const report all = compare_arrays(reference, target, {.excluded = {"b", "c", "d"}});
  CHECK(outcome(all) == "a EQUAL");
  CHECK(all.left_out == std::vector<std::string>{"b", "c", "d"});
  CHECK(exit_status(all) == 0);
  CHECK(message_of([&] { compare_arrays(reference, target, {.excluded = {"B"}}); }) ==
        "comparison: 'B' is excluded, but neither set has it");
}

TEST_CASE("shapes count, not only sizes") {
  const array_set matrix = set_of({{"x", {{2, 3}, {1, 2, 3, 4, 5, 6}}}});
  const array_set turned = set_of({{"x", {{3, 2}, {1, 2, 3, 4, 5, 6}}}});
  const array_set scalar = set_of({{"x", {{}, {1}}}});
  CHECK(outcome(compare_arrays(matrix, matrix)) == "x EQUAL");
  CHECK(outcome(compare_arrays(matrix, turned)) ==
        "x NOT_MATCH the reference is (2, 3), the target (3, 2)");
  CHECK(outcome(compare_arrays(matrix, scalar)) ==
        "x NOT_MATCH the reference is (2, 3), the target ()");
}

TEST_CASE("the limits are those that were given") {
  const array_set target = set_of({{"a", vector_of({1, 2.5})}});
  const auto by = [&](const tolerance& limits) {
    return outcome(compare_arrays(set_of({{"a", vector_of({1, 2})}}), target, {.limits = limits}));
  };
  CHECK(by({.atol = 0.5}) == "a CLOSE");
  CHECK(by({.min_euclid = 0.7}) == "a SIMILAR");
  CHECK(by({}) == "a NOT_SIMILAR");  // euclid 0.802
}

TEST_CASE("int8 is dequantized by the model's thresholds") {
  octavo::calibration_table table;
  table.set("data_quant", 64);
  table.set("fc", 256);
  const array_set floats = set_of({{"data", vector_of({0.5, -64, 3})}, {"fc", vector_of({2, 6})}});
  const array_set ints =
      set_of({{"fc", vector_of({1, 3})}, {"data_quant", vector_of({1, -128, 7})}});
  const report all = compare_arrays(floats, ints, {.thresholds = &table});
  CHECK(outcome(all) == "data SIMILAR, fc EQUAL");
  CHECK(all.rows[0].found->max_error == 0.5);  // 7 stands for 3.5
}

TEST_CASE("dequantizing: thresholds, saturation, and values rounded to float32") {
  octavo::calibration_table table;
  table.set("x", 0.1);
  const double rounded = static_cast<float>(0.1 / 128);
  const array_set floats = set_of({{"x", vector_of({rounded, -0.1F, 0})}});
  const array_set ints = set_of({{"x", vector_of({1, -128, 0})}});
  const report all = compare_arrays(floats, ints, {.thresholds = &table});
  CHECK(outcome(all) == "x EQUAL");
  CHECK(all.rows[0].threshold == 0.1);
  REQUIRE(all.rows[0].saturation.has_value());
  CHECK(all.rows[0].saturation->low_share() == 1.0 / 3);
  CHECK(all.rows[0].saturation->distinct() == 3);
}

TEST_CASE("data and data_quant are one tensor only where int8 is dequantized") {
  octavo::calibration_table table;
  table.set("data_quant", 128);
  const array_set floats = set_of({{"data", vector_of({1})}});
  const array_set ints = set_of({{"data_quant", vector_of({1})}});
  CHECK(outcome(compare_arrays(floats, ints, {.thresholds = &table})) == "data EQUAL");
  CHECK(outcome(compare_arrays(floats, ints)) ==
        "data NOT_MATCH the target does not have it, "
        "data_quant NOT_MATCH the reference does not have it");
  const array_set both = set_of({{"data", vector_of({1})}, {"data_quant", vector_of({1})}});
  CHECK(outcome(compare_arrays(both, ints, {.thresholds = &table})) ==
        "data NOT_MATCH the target does not have it, data_quant EQUAL");
  CHECK(compare_arrays(floats, ints, {.excluded = {"data_quant"}, .thresholds = &table}).left_out ==
        std::vector<std::string>{"data"});
}

TEST_CASE("the thresholds of a model by name") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto x = net.input("data_quant", {1, 2, 1, 1});
  const octavo::quantized_model model{
      .graph = net.finish(net.relu("relu", x)), .thresholds = {2.5, 2.5}, .params = {{}, {}}};
  CHECK(to_text(threshold_table(model)) == "data_quant 2.5\nrelu 2.5\n");
}

TEST_CASE("what cannot be compared is an error that says what and where") {
  octavo::calibration_table table;
  table.set("a", 1);
  const array_set floats = set_of({{"a", vector_of({1, 2})}});
  const auto run = [&](const array_set& target) {
    return message_of([&] { compare_arrays(floats, target, {.thresholds = &table}); });
  };
  for (const double bad : {128.0, -129.0, 0.5, 1e300}) {
    CHECK(run(set_of({{"a", vector_of({1, bad})}}))
              .starts_with("comparison: array 'a': element 1 is "));
  }
  CHECK(run(set_of({{"a", vector_of({1, 0.5})}})) ==
        "comparison: array 'a': element 1 is 0.5, expected an integer in -128..127 to dequantize");
  CHECK(message_of([&] { compare_arrays(reference, reference, {.thresholds = &table}); }) ==
        "calibration table: no threshold for tensor 'b'");
  CHECK(message_of([&] {
          compare_arrays({{"a", "a"}, floats.load}, floats);
        }) == "comparison: a name comes twice in the reference");
  CHECK(message_of([&] {
          compare_arrays(floats, {{"a", "a"}, floats.load});
        }) == "comparison: a name comes twice in the target");
  CHECK(message_of([&] {
          compare_arrays({{"a"}, {}}, floats);
        }) == "comparison: a set has no way to load an array");
}
