// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir/parser.hpp: the forms in which releases of mlir-opt print one function, every
/// kind of attribute, and what breaks the grammar.

#include "octavo/io/mlir/parser.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "io/io_test_tools.hpp"

using namespace octavo::io::mlir;
using octavo_test::message_of;

namespace {

/// The attribute `a` of the one operation that has it.
attribute attribute_of(const std::string& value) {
  const auto operations = parse("\"x\"() {a = " + value + "} : () -> ()", "f");
  return *find_attribute(operations.at(0), "a");
}

template <class T>
T value_of(const std::string& text) {
  CAPTURE(text);
  const attribute found = attribute_of(text);
  REQUIRE(std::holds_alternative<T>(found.value));
  return std::get<T>(found.value);
}

std::string parse_refusal(std::string_view text) {
  return message_of([&] { parse(text, "f"); });
}

/// A function f of one argument that returns it, in whatever form.
void check_identity(std::string_view text) {
  CAPTURE(std::string(text));
  std::vector<operation> operations = parse(text, "f");
  REQUIRE(operations.size() == 1);
  if (operations[0].name == "builtin.module") {
    REQUIRE(operations[0].regions.size() == 1);
    operations = std::vector<operation>(operations[0].regions[0].operations);
    REQUIRE(operations.size() == 1);
  }
  const operation& function = operations[0];
  CHECK(function.name == "func.func");
  CHECK(std::get<std::string>(find_attribute(function, "sym_name")->value) == "f");
  const attribute* signature = find_attribute(function, "function_type");
  if (signature == nullptr) signature = find_attribute(function, "type");
  const auto& types = std::get<type_value>(signature->value);
  CHECK(types.inputs == std::vector<type>{float_tensor({1, 2})});
  CHECK(types.results == std::vector<type>{float_tensor({1, 2})});
  REQUIRE(function.regions.size() == 1);
  const region& body = function.regions[0];
  CHECK(body.arguments.at(0).text == "%arg0");
  CHECK(body.argument_types == std::vector<type>{float_tensor({1, 2})});
  REQUIRE(body.operations.size() == 1);
  CHECK(body.operations[0].name == "func.return");
  CHECK(body.operations[0].operands.at(0).text == "%arg0");
  CHECK(body.operations[0].operand_types == std::vector<type>{float_tensor({1, 2})});
}

}  // namespace

TEST_CASE("a function in every form in which it is printed") {
  // Releases 16 and later, and 14.
  check_identity(
      "module {\n  func.func @f(%arg0: tensor<1x2xf32>) -> tensor<1x2xf32> {\n"
      "    return %arg0 : tensor<1x2xf32>\n  }\n}\n");
  check_identity(
      "module attributes {a = 1 : i32} {\n  func @f(%arg0: tensor<1x2xf32>) -> tensor<1x2xf32> {\n"
      "    return %arg0 : tensor<1x2xf32>\n  }\n}\n");
  check_identity(
      "func.func private @\"f\"(%arg0: tensor<1x2xf32> {tpu.a = 1 : i64}) -> (tensor<1x2xf32> {b}) "
      "attributes {c = \"d\"} { func.return %arg0 : tensor<1x2xf32> }");
  // The generic form: 19, 16, 14.
  check_identity(
      "\"builtin.module\"() ({\n  \"func.func\"() <{function_type = (tensor<1x2xf32>) -> "
      "tensor<1x2xf32>, sym_name = \"f\"}> ({\n  ^bb0(%arg0: tensor<1x2xf32>):\n"
      "    \"func.return\"(%arg0) : (tensor<1x2xf32>) -> ()\n  }) : () -> ()\n}) : () -> ()\n");
  check_identity(
      "\"builtin.module\"() ({\n  \"func.func\"() ({\n  ^bb0(%arg0: tensor<1x2xf32>):\n"
      "    \"func.return\"(%arg0) : (tensor<1x2xf32>) -> ()\n  }) {function_type = "
      "(tensor<1x2xf32>) -> tensor<1x2xf32>, sym_name = \"f\"} : () -> ()\n}) : () -> ()\n");
  check_identity(
      "\"builtin.module\"() ({\n  \"builtin.func\"() ({\n  ^bb0(%arg0: tensor<1x2xf32>):\n"
      "    \"std.return\"(%arg0) : (tensor<1x2xf32>) -> ()\n  }) {sym_name = \"f\", type = "
      "(tensor<1x2xf32>) -> (tensor<1x2xf32>)} : () -> ()\n}) : () -> ()\n");
  // --mlir-print-debuginfo
  check_identity(
      "#loc2 = loc(\"a.mlir\":2:23)\nmodule {\n  func.func @f(%arg0: tensor<1x2xf32> "
      "loc(\"a\":2:3)) "
      "-> tensor<1x2xf32> {\n    return %arg0 : tensor<1x2xf32> loc(#loc5)\n  } loc(#loc1)\n} "
      "loc(fused[\"x\", callsite(\"y\" at \"z\")])\n#loc = loc(unknown)\n");
}

TEST_CASE("an operation: results, operands, attributes of both kinds, types") {
  const std::vector<operation> all = parse(
      "\n  %5 = \"tpu.x\"(%1, %2) <{a = 1 : i32}> {b} : (tensor<f32>, memref<16xf32>) -> none",
      "f");
  REQUIRE(all.size() == 1);
  const operation& op = all[0];
  CHECK(op.name == "tpu.x");
  CHECK(op.at == position{2, 8});
  CHECK(op.results.at(0).text == "%5");
  CHECK(op.results[0].at == position{2, 3});
  CHECK(op.operands.at(1).text == "%2");
  CHECK(op.operands[1].at == position{2, 20});
  CHECK(op.attributes.size() == 2);
  CHECK(op.attributes[1].at == position{2, 41});
  CHECK(to_string(op.operand_types.at(0)) == "tensor<f32>");
  CHECK(to_string(op.operand_types.at(1)) == "memref<16xf32>");
  CHECK(op.operand_types[1].at == position{2, 60});
  CHECK(to_string(op.result_types.at(0)) == "none");
}

TEST_CASE("attributes: numbers") {
  CHECK(value_of<std::int64_t>("5 : i32") == 5);
  CHECK(value_of<std::int64_t>("5") == 5);
  CHECK(value_of<std::int64_t>("-7 : i8") == -7);
  CHECK(value_of<std::int64_t>("0x10 : i64") == 16);
  CHECK(value_of<std::int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(value_of<std::int64_t>("3 : index") == 3);
  CHECK(value_of<double>("1.5") == 1.5);
  CHECK(value_of<double>("-1.5e3 : f64") == -1500);
  CHECK(value_of<double>("161.008056641 : f64") == 161.008056641);
  CHECK(value_of<double>("161.008056641 : f32") == double{161.008056641F});
  CHECK(value_of<double>("1.610081e+02 : f32") == double{161.0081F});
  CHECK(value_of<double>("0x7F800000 : f32") == std::numeric_limits<double>::infinity());
  CHECK(value_of<double>("0x3FC00000 : f32") == 1.5);
  CHECK(value_of<double>("0xBFF8000000000000 : f64") == -1.5);
  const double tiny = value_of<double>("0x7FC0 : f32");
  CHECK(tiny == 0x7FC0 * 0x1p-149);  // the bits of a denormal
}

TEST_CASE("attributes: everything else") {
  CHECK(value_of<bool>("true"));
  CHECK_FALSE(value_of<bool>("false"));
  CHECK(std::holds_alternative<unit_value>(attribute_of("unit").value));
  CHECK(value_of<std::string>("\"a\\22\"") == "a\"");
  CHECK(value_of<std::string>("\"a\" : i32") == "a");
  CHECK(value_of<symbol_value>("@f").name == "f");
  CHECK(value_of<symbol_value>("@\"f g\"").name == "f g");
  const auto list = value_of<attribute::array>("[1 : i32, \"b\", [true]]");
  REQUIRE(list.size() == 3);
  CHECK(std::get<std::int64_t>(list[0].value) == 1);
  CHECK(std::get<attribute::array>(list[2].value).size() == 1);
  CHECK(value_of<attribute::array>("[]").empty());
  CHECK(value_of<attribute::array>("array<i64>").empty());
  const auto dense = value_of<attribute::array>("array<i64: 1, -2>");
  REQUIRE(dense.size() == 2);
  CHECK(std::get<std::int64_t>(dense[1].value) == -2);
  CHECK(value_of<attribute::dictionary>("{b = 1 : i32, c}").size() == 2);
  CHECK(to_string(value_of<type_value>("i8").results.at(0)) == "i8");
  const auto function = value_of<type_value>("(i8, tensor<2xf32>) -> (i32, f64)");
  CHECK(function.is_function);
  CHECK(function.inputs.size() == 2);
  CHECK(function.results.size() == 2);
}

TEST_CASE("what breaks the grammar") {
  const struct {
    std::string_view text;
    std::string_view message;
  } rows[] = {
      {"x", "f:1:1: found 'x', expected an operation: \"tpu.conv_2d\""},
      {"%0 \"x\"", "f:1:4: found '\"x\"', expected '='"},
      {"%0:2 = \"x\"", "f:1:3: found ':', expected '='"},
      {"\"x\"(1)", "f:1:5: found '1', expected a value: %0"},
      {"\"x\"(%1 %2)", "f:1:8: found '%2', expected ',' or ')'"},
      {"\"x\"()[^bb1]", "f:1:6: found '[', expected ':'"},
      {"\"x\"() {a = }", "f:1:12: found '}', expected an attribute's value"},
      {"\"x\"() {a = - }", "f:1:14: found '}', expected a number"},
      {"\"x\"() {3}", "f:1:8: found '3', expected an attribute's name"},
      {"\"x\"() {a = 1, a = 2}",
       "f:1:15: found the attribute 'a' a second time, expected one of each name"},
      {"\"x\"() <{a}> {a} : () -> ()",
       "f:1:14: found the attribute 'a' a second time, expected one of each name"},
      {"\"x\"() {a = 9223372036854775808}",
       "f:1:12: found '9223372036854775808', expected an integer of 64 bits"},
      {"\"x\"() {a = 99999999999999999999}",
       "f:1:12: found '99999999999999999999', expected an integer of 64 bits"},
      {"\"x\"() {a = 1.0e999}",
       "f:1:12: found '1.0e999', expected a number that a float64 can hold"},
      {"\"x\"() {a = 1.5 : i32}", "f:1:18: found the type i32 behind '1.5', expected f32 or f64"},
      {"\"x\"() {a = 1 : f32}",
       "f:1:16: found the type f32 behind '1', expected an integer's type"},
      {"\"x\"() {a = 0x100000000 : f32}",
       "f:1:12: found '0x100000000', expected the 32 bits of an f32"},
      {"\"x\"() {a = dense<1>}",
       "f:1:12: found 'dense', expected a type: tensor<...>, memref<...>, i8, f32, none ..."},
      {"\"x\"() : (tensor<?xf32>)",
       "f:1:17: found '?', expected an extent or the type of the elements"},
      {"\"x\"() : (tensor<*xf32>)",
       "f:1:17: found '*', expected an extent or the type of the elements"},
      {"\"x\"() : (tensor<2xq8>)",
       "f:1:19: found 'q8', expected an extent or the type of the elements"},
      {"\"x\"() : (tensor<99999999999999999999xf32>)",
       "f:1:17: found '99999999999999999999', expected an extent"},
      {"\"x\"() : (tensor<2>)", "f:1:18: found '>', expected 'x'"},
      {"\"x\"() : () -> (",
       "f:1:16: found the end of the file, expected a type: tensor<...>, "
       "memref<...>, i8, f32, none ..."},
      {"\"x\"(%1) : () -> ()", "f:1:1: found 0 types for 1 operands of 'x', expected one each"},
      {"%1 = \"x\"() : () -> ()", "f:1:6: found 0 types for 1 results of 'x', expected one each"},
      {"return %1 : i8, i8",
       "f:1:1: found 2 types for 1 operands of 'func.return', expected one each"},
      {"\"x\"() ({ ^bb0: ^bb1: }) : () -> ()",
       "f:1:16: found '^bb1', expected an operation: \"tpu.conv_2d\""},
      {"module {", "f:1:9: found the end of the file, expected an operation or '}'"},
      {"func.func f", "f:1:11: found 'f', expected the function's name: @tpu_func"},
      {"#loc = 1", "f:1:8: found '1', expected loc(...)"},
      {"#map = affine_map<()>", "f:1:8: found 'affine_map', expected loc(...)"},
      {"\"x\"() : () -> () loc(\"a\"", "f:1:25: found the end of the file, expected ')'"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(parse_refusal(row.text) == row.message);
  }
}

TEST_CASE("nesting is bounded, wherever it is") {
  const auto times = [](std::string_view text, int count) {
    std::string made;
    for (int i = 0; i < count; ++i) made += text;
    return made;
  };
  CHECK(parse_refusal("\"x\"() {a = " + times("[", 30) + times("]", 30) + "} : () -> ()").empty());
  CHECK(parse_refusal("\"x\"() {a = " + times("[", 100000)) ==
        "f:1:43: found '[' inside 32 levels, expected no deeper nesting");
  CHECK(parse_refusal("\"x\"() {a = " + times("{a = ", 100000)).find("inside 32 levels") !=
        std::string::npos);
  CHECK(parse_refusal(times("module {\n", 100000)) ==
        "f:33:1: found 'module' inside 32 levels, expected no deeper nesting");
  CHECK(parse_refusal(times("\"x\"() ({\n", 100000)).find("inside 32 levels") != std::string::npos);
  // Locations are counted, not nested.
  CHECK(parse_refusal("\"x\"() : () -> () loc" + times("(", 100000) + times(")", 100000)).empty());
}
