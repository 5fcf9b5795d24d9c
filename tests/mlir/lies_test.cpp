// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir: a text that is right but for one thing, and the whole message with its line
/// and column.

#include <doctest/doctest.h>

#include "mlir/mlir_recipe.hpp"

using namespace octavo_test;

namespace {

/// One thing changed, and what is said of it.
struct lie {
  std::string_view from;
  std::string_view to;
  std::string_view message;  ///< behind "f.mlir:"
};

/// DIR in a message stands for the folder of the weights.
void check_lies(const std::vector<lie>& lies) {
  const weights_folder folder;
  const std::string name = folder.path().string();
  for (const lie& each : lies) {
    std::string message = folder.message(replaced(small_text(), each.from, each.to));
    const std::size_t at = message.find(name);
    if (at != std::string::npos) message.replace(at, name.size(), "DIR");
    CAPTURE(std::string(each.to));
    CHECK(message == "f.mlir:" + std::string(each.message));
  }
}

}  // namespace

TEST_CASE("values: defined above, once, of the right kind and type") {
  check_lies({
      {"\"tpu.relu\"(%6)", "\"tpu.relu\"(%66)",
       "11:21: found '%66', expected a value that is defined above"},
      {"\"tpu.relu\"(%6)", "\"tpu.relu\"(%16)",
       "11:21: found '%16', expected a value that is defined above"},
      {"%7 = \"tpu.relu\"", "%6 = \"tpu.relu\"",
       "11:5: found '%6' defined a second time, expected a new name"},
      {"%7 = \"tpu.relu\"", "%arg0 = \"tpu.relu\"",
       "11:5: found '%arg0' defined a second time, expected a new name"},
      {"\"tpu.relu\"(%6)", "\"tpu.relu\"(%3)",
       "11:44: found tensor<1x3x4x4xf32> for '%3', expected tensor<3x2x3x3xf32> as where it is "
       "defined"},
      {"\"tpu.relu\"(%6) {name = \"relu\"} : (tensor<1x3x4x4xf32>)",
       "\"tpu.relu\"(%3) {name = \"relu\"} : (tensor<3x2x3x3xf32>)",
       "11:21: found '%3', an array of weights, expected a tensor"},
      {"\"tpu.quantization\"(%1)", "\"tpu.quantization\"(%arg0)",
       "6:29: found '%arg0', an argument of the function, expected the input before "
       "tpu.quantization"},
      {"\"tpu.load_weight\"(%0) {name = \"fc_0\"} : (memref<2147483648xf32>)",
       "\"tpu.load_weight\"(%4) {name = \"fc_0\"} : (tensor<3xf32>)",
       "16:29: found '%4', an array of weights, expected a weights file"},
      {"%15 = \"tpu.dequantization\"(%14) {name = \"prob_quant\", threshold = 8.0 : f32}",
       "%15 = \"tpu.relu\"(%14) {name = \"x\"}",
       "20:25: found '%15', a tensor, expected a result in real numbers"},
      {"\"func.return\"(%16)", "\"func.return\"(%14)",
       "21:19: found '%14', a tensor, expected a result in real numbers"},
  });
}

TEST_CASE("operations: known, with as many operands and results as they have") {
  check_lies({
      {"\"tpu.relu\"", "\"tpu.gelu\"",
       "11:10: found the operation 'tpu.gelu', expected one of tpu.batch_norm, tpu.clip, "
       "tpu.concat, tpu.conv_2d, tpu.dequantization, tpu.eltwise, tpu.fully_connected, tpu.input, "
       "tpu.load_file, tpu.load_weight, tpu.pool_2d, tpu.quantization, tpu.relu, tpu.reshape, "
       "tpu.scale, tpu.softmax, func.return"},
      {"\"tpu.relu\"(%6)", "\"tpu.relu\"()",
       "11:10: found 1 types for 0 operands of 'tpu.relu', expected one each"},
      {"\"tpu.eltwise\"(%8, %8) {name = \"sum\", threshold_y = 2.0 : f32} : (tensor<1x3x2x2xf32>, "
       "tensor<1x3x2x2xf32>)",
       "\"tpu.eltwise\"(%8) {name = \"sum\", threshold_y = 2.0 : f32} : (tensor<1x3x2x2xf32>)",
       "13:10: found 1 operands of tpu.eltwise, expected 2"},
      {"\"tpu.eltwise\"(%8, %8) {name = \"sum\", threshold_y = 2.0 : f32} : (tensor<1x3x2x2xf32>, "
       "tensor<1x3x2x2xf32>)",
       "\"tpu.eltwise\"(%8, %7) {name = \"sum\", threshold_y = 2.0 : f32} : (tensor<1x3x2x2xf32>, "
       "tensor<1x3x4x4xf32>)",
       "13:96: found tensor<1x3x4x4xf32>, expected tensor<1x3x2x2xf32> as the other operand"},
      {"\"tpu.relu\"(%6) {name = \"relu\"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>",
       "\"tpu.relu\"(%6) {name = \"relu\"} : (tensor<1x3x4x4xf32>) -> (tensor<1x3x4x4xf32>, i8)",
       "11:10: found 2 types for 1 results of 'tpu.relu', expected one each"},
      {"\"tpu.relu\"(%6) {name = \"relu\"}", "\"tpu.relu\"(%6) ({}) {name = \"relu\"}",
       "11:10: found a region in tpu.relu, expected none"},
      {"\"tpu.fully_connected\"(%11, %12, %13)", "\"tpu.fully_connected\"(%11)",
       "18:11: found 3 types for 1 operands of 'tpu.fully_connected', expected one each"},
      {"    \"func.return\"(%16) : (tensor<1x2xf32>) -> ()\n", "",
       "21:3: found the end of the function, expected a return"},
      {"\"func.return\"(%16) : (tensor<1x2xf32>)", "\"func.return\"() : ()",
       "22:23: found a function type that is not that of its arguments and its return, expected "
       "the same types"},
      {"    %16 = \"tpu", "    \"func.return\"(%15) : (tensor<1x2xf32>) -> ()\n    %16 = \"tpu",
       "20:5: found a return inside the function, expected it at the end"},
      {"\"tpu.softmax\"(%15)", "\"tpu.softmax\"(%14)",
       "20:25: found '%14', a tensor, expected a result in real numbers"},
      {"\"tpu.relu\"(%6) {name = \"relu\"}", "\"tpu.batch_norm\"(%6) {name = \"relu\"}",
       "11:10: found tpu.batch_norm behind tpu.quantization, expected it folded into a layer"},
      {"-> tensor<1x2xf32>\n    \"func",
       "-> tensor<1x2xf32>\n    %17 = \"tpu.softmax\"(%16) {name = \"p\"} : (tensor<1x2xf32>) -> "
       "tensor<1x2xf32>\n    \"func",
       "21:11: found the softmax of a softmax, expected one"},
  });
}

TEST_CASE("attributes: known, there, of the right kind and in range") {
  check_lies({
      {"{name = \"relu\"}", "{name = \"relu\", nam = 1}",
       "11:41: found the attribute 'nam' of tpu.relu, expected one of name, offset, quant, "
       "threshold_y, multiplier, negative_slope, rshift"},
      {"{name = \"relu\"}", "{}",
       "11:10: found tpu.relu without an attribute 'name', expected one"},
      {"{name = \"relu\"}", "{name = 1}", "11:33: found 1 for 'name', expected a string"},
      {"{name = \"relu\"}", "{name = \"conv\"}",
       "11:33: found the name 'conv' a second time, expected a new one"},
      {"{name = \"relu\"}", "{name = \"r,u\"}",
       "11:10: graph: r,u: a name has printable ASCII characters, no blanks, no commas"},
      {"{name = \"relu\"}",
       "{name = \"rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr\"}",
       "11:10: name: longer than a graph's names may be"},
      {"{name = \"relu\"}", "{name = \"relu\", offset = -1 : i64}",
       "11:50: found -1 for 'offset', expected an integer in 0..9223372036854775807"},
      {"{name = \"relu\"}", "{name = \"relu\", offset = 1.0}",
       "11:50: found 1.0 for 'offset', expected an integer in 0..9223372036854775807"},
      {"{name = \"relu\"}", "{name = \"relu\", quant = \"BF16\"}",
       "11:49: found 'BF16' for 'quant', expected NONE, INT8, INT8_PER_CHANNEL or INT8_MULTIPLIER"},
      {"{name = \"relu\"}", "{name = \"relu\", quant = \"NONE\"}",
       "11:49: found 'NONE' for 'quant', expected INT8 ... behind tpu.quantization"},
      {"{name = \"relu\"}", "{name = \"relu\", rshift = [1]}",
       "11:50: found the attribute 'rshift' of tpu.relu, expected none where there are no "
       "integers"},
      {"{name = \"relu\"}", "{name = \"relu\", threshold_y = 1.5}",
       "11:55: found 1.5 for 'threshold_y', expected its input's 1"},
      {"{name = \"relu\"}", "{name = \"relu\", threshold_y = 0.0}",
       "11:55: found 0.0 for 'threshold_y', expected a positive finite real number"},
      {"{name = \"relu\"}", "{name = \"relu\", threshold_y = 0x7F800000 : f32}",
       "11:55: found inf for 'threshold_y', expected a positive finite real number"},
      {"{name = \"relu\"}", "{name = \"relu\", threshold_y = 1}",
       "11:55: found 1 for 'threshold_y', expected a positive finite real number"},
      {"{name = \"relu\"}", "{name = \"relu\", negative_slope = true}",
       "11:58: found true for 'negative_slope', expected a finite real number"},
      {"{name = \"relu\"}", "{name = \"relu\", negative_slope = -1.0}",
       "11:10: graph: relu: leaky_relu: needs slope > 0"},
      {"{name = \"relu\"}", "{name = \"relu\", negative_slope = 0.5, multiplier = [1]}",
       "11:10: found tpu.relu without an attribute 'rshift', expected one"},
      {"{name = \"relu\"}",
       "{name = \"relu\", negative_slope = 0.5, multiplier = [1], rshift = []}",
       "11:90: found 0 integers for 'rshift', expected 1"},
      {"{name = \"relu\"}",
       "{name = \"relu\", negative_slope = 0.5, multiplier = [0], rshift = [1]}",
       "11:77: found 0 for 'multiplier', expected an integer in 1..2147483647"},
      {"name = \"sum\", threshold_y = 2.0 : f32", "name = \"sum\"",
       "13:10: found tpu.eltwise without an attribute 'threshold_y', expected one"},
      {"name = \"sum\", threshold_y = 2.0 : f32", "name = \"sum\", threshold_y = 0.001",
       "13:10: an input's threshold is 128 times the output's or more"},
      {"name = \"sum\"", "name = \"sum\", multiplier = [1, 2, 3], rshift = 1",
       "13:60: found 3 integers for 'multiplier', expected 2"},
      {"name = \"sum\"", "name = \"sum\", multiplier = [1, 128], rshift = 1",
       "13:64: found 128 for 'multiplier', expected an integer in 0..127"},
      {"name = \"sum\"", "name = \"sum\", multiplier = 1, rshift = 1",
       "13:60: found 1 for 'multiplier', expected an array of integers"},
      {"name = \"mean\"", "divisor = [4], multiplier = [1, 2], rshift = [1], name = \"mean\"",
       "14:107: found 2 integers for 'multiplier', expected 1"},
      {"name = \"mean\"", "divisor = [3], multiplier = [1], rshift = [1], name = \"mean\"",
       "21:5: model: mean: a divisor is not the window's"},
      {"pool = \"MAX\"", "pool = \"SUM\"", "12:118: found 'SUM' for 'pool', expected MAX or AVE"},
      {"pool = \"MAX\"", "pool = \"MAX\", count_padding",
       "12:125: found the attribute 'count_padding' of tpu.pool_2d, expected none behind pool MAX"},
      {"padding = \"VALID\"", "padding = \"FULL\"",
       "12:102: found 'FULL' for 'padding', expected SAME or VALID"},
      {"padding = \"VALID\"", "padding = \"VALID\", pad_top = 1 : i32",
       "12:102: found 'VALID' for 'padding', expected either it or the four pads"},
      {"padding = \"VALID\"", "pad_top = 2 : i32",
       "12:10: graph: max: a pool's padding must be smaller than its kernel"},
      {"padding = \"VALID\"", "padding = \"VALID\", ceil_mode = \"no\"",
       "12:123: found 'no' for 'ceil_mode', expected true or false"},
      {"filter_height = 2 : i32, filter_width = 2 : i32, name = \"max\"",
       "filter_height = 0 : i32, filter_width = 2 : i32, name = \"max\"",
       "12:45: found 0 for 'filter_height', expected an integer in 1..16777216"},
      {"filter_height = 2 : i32, filter_width = 2 : i32, name = \"max\"",
       "filter_height = 5 : i32, filter_width = 2 : i32, name = \"max\"",
       "12:10: graph: max: the kernel is larger than the padded input"},
      {"name = \"data_quant\", threshold = 2.0 : f32",
       "name = \"data_quant\", threshold = 3.0 : f32",
       "6:67: found 3.0 for 'threshold', expected 2 as tpu.input says"},
      {"threshold = 8.0 : f32", "threshold = 3.0 : f32",
       "19:71: found 3.0 for 'threshold', expected its operand's 8"},
      {"padding = \"SAME\"", "padding = \"SAME\", group = 2 : i32",
       "10:196: found a filter of 2 input channels in each of 2 groups, expected 2 in all"},
      {"padding = \"SAME\"", "padding = \"SAME\", group = 1, groups = 1",
       "10:10: found both 'group' and 'groups', expected one of them"},
  });
}

TEST_CASE("schemes: known, and one with quant, policy and the network") {
  check_lies({
      {"\"SAME\", quant = \"INT8\"", "\"SAME\", quant = \"INT8\", scheme = \"int4\"",
       "10:99: found 'int4' for 'scheme', expected one of rshift8, rshift16, rshift32, "
       "rshift-channel, multiplier, multiplier8, multiplier-q31, mixed"},
      {"\"SAME\", quant = \"INT8\"", "\"SAME\", quant = \"INT8\", scheme = \"multiplier\"",
       "10:82: found 'INT8' for 'quant', expected what its scheme or policy says of it"},
      {"\"SAME\", quant = \"INT8\"", "\"SAME\", quant = \"INT8\", scheme = \"mixed\"",
       "10:10: found tpu.conv_2d without an attribute 'policy', expected one"},
      {"\"SAME\", quant = \"INT8\"",
       "\"SAME\", quant = \"INT8\", scheme = \"mixed\", policy = \"shift\"",
       "10:117: found 'shift' for 'policy', expected rshift, rshift-half-away, multiplier-rshift "
       "or multiplier-q31"},
      {"\"SAME\", quant = \"INT8\"", "\"SAME\", quant = \"INT8_MULTIPLIER\"",
       "10:10: DIR/w.npz: array 'conv_1': element 1 of type float32 is no uint8 without a change "
       "of its value"},
      {"\"SAME\", quant = \"INT8\"", "\"SAME\"",
       "10:10: found tpu.conv_2d without an attribute 'quant', expected one"},
      {"\"SAME\", quant = \"INT8\"", "\"SAME\", quant = \"INT8\", scheme = \"rshift8\"",
       "10:10: found a bias of -32767 with the shift 7, expected 8 bits that fit the accumulator"},
      {"quant = \"INT8\", offset = 0", "scheme = \"rshift32\", quant = \"INT8\", offset = 0",
       "10:10: found the scheme rshift16, expected rshift32 as tpu.quantization says"},
      {"quant = \"INT8\", offset = 0", "scheme = \"rshift8\", quant = \"INT8\", offset = 0",
       "10:10: found the scheme rshift16, expected rshift8 as tpu.quantization says"},
  });
}

TEST_CASE("types: what follows from the operands") {
  check_lies({
      {"-> tensor<1x3x1x1xf32>", "-> tensor<1x3x2x1xf32>",
       "14:160: found tensor<1x3x2x1xf32> as the result of tpu.pool_2d, expected "
       "tensor<1x3x1x1xf32>"},
      {"\"relu\"} : (tensor<1x3x4x4xf32>)", "\"relu\"} : (tensor<1x3x4x5xf32>)",
       "11:44: found tensor<1x3x4x5xf32> for '%6', expected tensor<1x3x4x4xf32> as where it is "
       "defined"},
      {"\"relu\"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>",
       "\"relu\"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xi8>",
       "11:68: found tensor<1x3x4x4xi8> as the result of tpu.relu, expected tensor<1x3x4x4xf32>"},
      {"tensor<3xf32>, tensor<1xi32>) -> tensor<1x3x4x4xf32>",
       "tensor<3xf32>, tensor<1xi32>) -> tensor<1x3x5x5xf32>",
       "10:233: found tensor<1x3x5x5xf32> behind padding SAME, expected extents that some padding "
       "below the kernel gives"},
      {"tensor<3xf32>, tensor<1xi32>) -> tensor<1x3x4x4xf32>",
       "tensor<3xf32>, tensor<1xi32>) -> tensor<48xf32>",
       "10:233: found tensor<48xf32>, expected four extents"},
      {"-> tensor<1x3xf32>", "-> tensor<3x1xf32>",
       "15:79: found tensor<3x1xf32> as the result of tpu.reshape, expected tensor<1x3xf32>"},
      {"-> memref<2147483648xf32>\n    %1", "-> tensor<2xf32>\n    %1",
       "4:57: found tensor<2xf32> as the result of tpu.load_file, expected a memref"},
      {"\"conv_1\"} : (memref<2147483648xf32>) -> tensor<3xf32>",
       "\"conv_1\"} : (memref<2147483648xf32>) -> none",
       "8:80: found none as the result of tpu.load_weight, expected a tensor"},
      {"\"prob\"} : (tensor<1x2xf32>) -> tensor<1x2xf32>",
       "\"prob\"} : (tensor<1x2xf32>) -> tensor<2xf32>",
       "20:69: found tensor<2xf32> as the result of tpu.softmax, expected tensor<1x2xf32>"},
      {"(tensor<1x2x4x4xf32>) -> tensor<1x2xf32>, sym",
       "(tensor<1x2x4x4xf32>) -> tensor<1x3xf32>, sym",
       "22:23: found a function type that is not that of its arguments and its return, expected "
       "the same types"},
      {"(tensor<1x2x4x4xf32>) -> tensor<1x2xf32>, sym",
       "(tensor<1x2x4x5xf32>) -> tensor<1x2xf32>, sym",
       "22:23: found a function type that is not that of its arguments and its return, expected "
       "the same types"},
      {"function_type = (tensor<1x2x4x4xf32>) -> tensor<1x2xf32>, ", "",
       "2:3: found a function without its type, expected 'function_type'"},
      {"function_type = (tensor<1x2x4x4xf32>) -> tensor<1x2xf32>", "function_type = 1",
       "2:3: found a function without its type, expected 'function_type'"},
  });
}

TEST_CASE("the function: tpu_func alone") {
  check_lies({
      {"sym_name = \"tpu_func\"", "sym_name = \"f\"",
       "2:3: found the function 'f', expected 'tpu_func' and no other"},
      {"sym_name = \"tpu_func\"", "sym_name = 1",
       "2:3: found the function '', expected 'tpu_func' and no other"},
      {"\"tpu_func\"} : () -> ()\n", "\"tpu_func\"} : () -> ()\n  \"tpu.x\"() : () -> ()\n",
       "23:3: found 'tpu.x', expected a module or a function"},
      {"sym_name = \"tpu_func\"} : () -> ()\n",
       "sym_name = \"tpu_func\"} : () -> ()\n\"func.func\"() ({}) {sym_name = \"g\"} : () -> ()\n",
       "23:1: found the function 'g', expected 'tpu_func' and no other"},
      {"sym_name = \"tpu_func\"} : () -> ()\n",
       "sym_name = \"tpu_func\"} : () -> ()\n\"func.func\"() ({}) {sym_name = \"tpu_func\"} : () "
       "-> ()\n",
       "23:1: found 2 functions, expected one: @tpu_func"},
      {"sym_name = \"tpu_func\"} : () -> ()\n",
       "sym_name = \"tpu_func\"} : () -> ()\n\"func.func\"() {sym_name = \"tpu_func\"} : () -> "
       "()\n",
       "23:1: found a function with 0 regions, expected 1"},
  });
}

TEST_CASE("weights: in their folder, there, of the right shape") {
  check_lies({
      {"\"w.npz\"", "\"/w.npz\"",
       "4:40: found '/w.npz' for 'filename', expected a file in the folder of the .mlir, without "
       "'..' and not absolute"},
      {"\"w.npz\"", "\"../w.npz\"",
       "4:40: found '../w.npz' for 'filename', expected a file in the folder of the .mlir, without "
       "'..' and not absolute"},
      {"\"w.npz\"", "\"a/../../w.npz\"",
       "4:40: found 'a/../../w.npz' for 'filename', expected a file in the folder of the .mlir, "
       "without '..' and not absolute"},
      {"\"w.npz\"", "\"\"",
       "4:40: found '' for 'filename', expected a file in the folder of the .mlir, without '..' "
       "and not absolute"},
      {"\"w.npz\"", "\"w\\00.npz\"",
       "4:40: found 'w\\x00.npz' for 'filename', expected a file in the folder of the .mlir, "
       "without '..' and not absolute"},
      {"\"tpu.load_weight\"(%0) {name = \"fc_0\"}", "\"tpu.load_weight\"(%0) {name = \"fc_7\"}",
       "18:11: DIR/w.npz: has no array 'fc_7'"},
      {"{name = \"fc_0\"} : (memref<2147483648xf32>) -> tensor<2x3xf32>",
       "{name = \"conv_1\"} : (memref<2147483648xf32>) -> tensor<2x3xf32>",
       "18:11: DIR/w.npz: array 'conv_1' has the shape (3), expected that of tensor<2x3xf32>"},
      {"\"conv_1\"} :", "\"conv_rshift\"} :",
       "10:10: DIR/w.npz: array 'conv_rshift' has the shape (1), expected that of tensor<3xf32>"},
      {"{name = \"conv_rshift\"}", "{name = \"conv_1\"}",
       "10:10: DIR/w.npz: array 'conv_1' has the shape (3), expected that of tensor<1xi32>"},
      {"\"w.npz\"", "\"v.npz\"", "4:10: DIR/v.npz: there is no such file"},
  });
}

TEST_CASE("weights: links inside the folder are followed, those that lead out are not") {
  const weights_folder inside;
  const weights_folder outside;
  const std::string text = small_text();
  const auto read_through = [&](const std::filesystem::path& target) {
    std::filesystem::remove(inside / "link.npz");
    std::filesystem::create_symlink(target, inside / "link.npz");
    return inside.message(replaced(text, "\"w.npz\"", "\"link.npz\""));
  };
  CHECK(read_through("w.npz").empty());
  CHECK(read_through(inside / "w.npz").empty());
  const std::string refused =
      "f.mlir:4:40: found 'link.npz' for 'filename', expected a file in the folder of the .mlir, "
      "without links that lead out of it";
  CHECK(read_through(outside / "w.npz") == refused);
  CHECK(read_through(outside.path() / "absent.npz").ends_with("there is no such file"));
  std::filesystem::create_directory_symlink(outside.path(), inside / "folder");
  CHECK(inside.message(replaced(text, "\"w.npz\"", "\"folder/w.npz\""))
            .ends_with("without links that lead out of it"));
}

TEST_CASE("no function at all") {
  const weights_folder folder;
  for (const std::string_view text : {"", "module {}", "// func.func @tpu_func"}) {
    CHECK(folder.message(text) == "f.mlir:1:1: found 0 functions, expected one: @tpu_func");
  }
}
