// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/command_buffer.hpp: whole buffers of tiny networks written out by hand.

#include <doctest/doctest.h>

#include "tpu/command_recipe.hpp"

using octavo::policy;
using octavo::quantized_model;
using octavo::testing::byte_list;
using octavo::testing::byte_vector;
using octavo::tpu::command_buffer;
using octavo::tpu::read_command_buffer;
using octavo::tpu::weight_layout;
using octavo::tpu::write_command_buffer;

namespace {

/// conv: 2 input and 3 output channels, windows of 2 rows; relu; fc: 8 outputs of 3 * 1 * 2 inputs.
quantized_model one_conv_model() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 2, 2, 2});
  x = net.conv2d("conv", x, {.channels = 3, .window = {2, 1}});
  x = net.relu("relu", x);
  x = net.fully_connected("fc", x, 8);
  quantized_model model{.scheme = octavo::scheme::rshift8,
                        .graph = net.finish(x),
                        .thresholds = {1, 1, 1, 1},
                        .params = std::vector<octavo::op_params>(4)};
  model.params[1].weights.assign(12, 1);
  model.params[1].bias = {16, -8, -1024};
  model.params[1].requantize = {policy::rshift, {}, {3}};
  model.params[3].weights.assign(48, 2);
  model.params[3].bias.assign(8, 4);
  model.params[3].requantize = {policy::rshift, {}, {2}};
  return model;
}

/// Magic, version, layout, sizes, batch and counts.
byte_list header(std::uint32_t layout, std::uint64_t size, std::uint64_t neurons,
                 std::uint64_t weights, std::initializer_list<std::uint32_t> batch_and_counts) {
  byte_list made;
  made.text("OCTAVOCB").u32({1, layout}).u64({size, neurons, weights});
  return made.u32(batch_and_counts).u32({0});
}

/// Opcode, relu, rounding, count_padding, policy, shift, clip's limits; multipliers of 0.
byte_list begin(std::initializer_list<int> first) {
  byte_list made;
  return made.u8(first).i32({0, 0});
}

/// What an op without weights, window and entries ends with.
byte_list nothing_more() {
  byte_list made;
  return made.u64({0, 0, 0}).no_window().i32({0}).u32({0, 0, 0});
}

byte_list input_record(std::uint64_t address, std::initializer_list<std::int32_t> extents) {
  byte_list made = begin({0, 0, 0, 0, 0, 0, 0, 0});
  return made.tensor(address, extents).no_tensor().no_tensor().add(nothing_more());
}

}  // namespace

TEST_CASE("first layout: the shift lies in the image") {
  byte_list expected = header(0, 64 + 4 * 168 + 4, 64, 128, {1, 4, 0, 0, 1});
  // Neuron map: data 0, fc 16, relu 32, conv 48. Image: fc 0, 16, 32 (48 bytes); conv 80, 96, 112
  // (12 -> 16 bytes).
  expected.add(input_record(0, {1, 2, 2, 2}));
  expected.add(begin({1, 0, 0, 0, 0, 0, 0, 0}));
  expected.tensor(48, {1, 3, 1, 2}).tensor(0, {1, 2, 2, 2}).no_tensor().u64({80, 96, 112});
  expected.i32({2, 1, 1, 1, 1, 1, 0, 0, 0, 0}).i32({1}).u32({0, 0, 0});
  expected.add(begin({4, 0, 0, 0, 0, 0, 0, 0}));
  expected.tensor(32, {1, 3, 1, 2}).tensor(48, {1, 3, 1, 2}).no_tensor().add(nothing_more());
  expected.add(begin({2, 0, 0, 0, 0, 0, 0, 0}));
  expected.tensor(16, {1, 8, 1, 1}).tensor(32, {1, 3, 1, 2}).no_tensor().u64({0, 16, 32});
  expected.no_window().i32({0}).u32({0, 0, 0});
  expected.u32({3});
  CHECK(expected.size() == 740);
  CHECK(write_command_buffer(one_conv_model(), weight_layout::v1) == expected.get());
}

TEST_CASE("second layout, relu fused: the shift in the record, no row for the convolution") {
  byte_list expected = header(1, 64 + 3 * 168 + 4, 48, 107, {1, 3, 0, 0, 1});
  // Neuron map: data 0, fc 16, relu 32. Image: fc's bias 16 + 8 bytes, filter at 24; conv's bias at
  // 72 takes 6 + 13 bytes, filter at 91.
  expected.add(input_record(0, {1, 2, 2, 2}));
  expected.add(begin({1, 1, 0, 0, 0, 3, 0, 0}));
  expected.tensor(32, {1, 3, 1, 2}).tensor(0, {1, 2, 2, 2}).no_tensor().u64({0, 72, 91});
  expected.i32({2, 1, 1, 1, 1, 1, 0, 0, 0, 0}).i32({1}).u32({0, 0, 0});
  expected.add(begin({2, 0, 0, 0, 0, 2, 0, 0}));
  expected.tensor(16, {1, 8, 1, 1}).tensor(32, {1, 3, 1, 2}).no_tensor().u64({0, 0, 24});
  expected.no_window().i32({0}).u32({0, 0, 0});
  expected.u32({2});
  CHECK(write_command_buffer(one_conv_model(), weight_layout::v2, octavo::fusion::relu) ==
        expected.get());
}

TEST_CASE("third layout: ops without weights, and the tables") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id data = net.input("data", {2, 3, 4, 5});
  const octavo::tensor_id scale = net.scale("scale", data);
  const octavo::tensor_id sum = net.add("sum", data, scale);
  const octavo::tensor_id clip = net.clip("clip", sum, -1, 6);
  const octavo::tensor_id leaky = net.leaky_relu("leaky", clip, 0.25);
  const octavo::tensor_id join = net.concat("join", {leaky, sum});
  const octavo::tensor_id max =
      net.max_pool("max", join, {.window = {3, 2, 2, 1}, .rounding = octavo::size_rounding::ceil});
  const octavo::tensor_id mean =
      net.avg_pool("mean", max, {.window = octavo::square(2, 1, 1), .count_padding = false});
  quantized_model model{.scheme = octavo::scheme::mixed,
                        .graph = net.finish({mean, sum}),
                        .thresholds = std::vector<double>(8, 1),
                        .params = std::vector<octavo::op_params>(8)};
  model.params[1].weights = {1, 2, 3};
  model.params[1].bias = {4, 5, 6};
  model.params[1].requantize = {policy::multiplier_q31, {1 << 30, 1 << 30, INT32_MAX}, {0, 1, 2}};
  model.params[2].add = {{100, 27}, 7};
  model.params[3].clip = {-100, 50};
  model.params[4].multipliers = {{0x12345678, 33}};
  model.params[5].multipliers = {{1, 0}, {200, 8}};
  // max is 2x6x2x4; the corners of mean have 1 pixel, its edges 2, the rest 4.
  model.params[7].divisors = {{1, {255, 8}}, {2, {128, 8}}, {4, {64, 8}}};
  validate(model);

  // Neuron map: data 0 (120 -> 128), mean 128 (180 -> 192), max 320 (96), join 416 (240),
  // leaky 656 (128), clip 784, sum 912, scale 1040. Image: 27 -> 32 bytes of records, 3 -> 16.
  byte_list expected = header(2, 64 + 8 * 168 + 2 * 32 + 3 * 12 + 2 * 4, 1168, 48, {2, 8, 2, 3, 2});
  expected.add(input_record(0, {2, 3, 4, 5}));
  expected.add(begin({3, 0, 0, 0, 3, 0, 0, 0}));  // scale
  expected.tensor(1040, {2, 3, 4, 5}).tensor(0, {2, 3, 4, 5}).no_tensor().u64({0, 0, 32});
  expected.no_window().i32({0}).u32({0, 0, 0});
  expected.u8({9, 0, 0, 0, 0, 7, 0, 0}).i32({100, 27});  // sum
  expected.tensor(912, {2, 3, 4, 5}).tensor(0, {2, 3, 4, 5}).tensor(1040, {2, 3, 4, 5});
  expected.add(nothing_more());
  expected.add(begin({5, 0, 0, 0, 0, 0, -100, 50}));  // clip
  expected.tensor(784, {2, 3, 4, 5}).tensor(912, {2, 3, 4, 5}).no_tensor().add(nothing_more());
  expected.u8({6, 0, 0, 0, 0, 33, 0, 0}).i32({0x12345678, 0});  // leaky
  expected.tensor(656, {2, 3, 4, 5}).tensor(784, {2, 3, 4, 5}).no_tensor().add(nothing_more());
  expected.add(begin({10, 0, 0, 0, 0, 0, 0, 0}));  // join
  expected.tensor(416, {2, 6, 4, 5}).no_tensor().no_tensor().u64({0, 0, 0});
  expected.no_window().i32({0}).u32({0, 2, 0});
  expected.add(begin({7, 0, 1, 0, 0, 0, 0, 0}));  // max
  expected.tensor(320, {2, 6, 2, 4}).tensor(416, {2, 6, 4, 5}).no_tensor().u64({0, 0, 0});
  expected.i32({3, 2, 2, 1, 1, 1, 0, 0, 0, 0}).i32({0}).u32({0, 0, 0});
  expected.add(begin({8, 0, 0, 0, 0, 0, 0, 0}));  // mean
  expected.tensor(128, {2, 6, 3, 5}).tensor(320, {2, 6, 2, 4}).no_tensor().u64({0, 0, 0});
  expected.i32({2, 2, 1, 1, 1, 1, 1, 1, 1, 1}).i32({0}).u32({0, 3, 0});
  expected.tensor(656, {2, 3, 4, 5}).i32({1, 0});
  expected.tensor(912, {2, 3, 4, 5}).i32({200, 8});
  expected.i32({1, 255, 8, 2, 128, 8, 4, 64, 8});
  expected.u32({7, 2});
  const byte_vector written = write_command_buffer(model, weight_layout::per_channel);
  CHECK(written == expected.get());

  const command_buffer commands = read_command_buffer(written);
  CHECK(commands.layout == weight_layout::per_channel);
  CHECK(commands.neuron_size == 1168);
  CHECK(commands.weight_size == 48);
  CHECK(commands.batch() == 2);
  CHECK(to_bytes(commands) == written);
}

TEST_CASE("the fields of the format follow one another without gaps") {
  const auto check = [](const auto& fields, std::size_t size) {
    std::size_t at = 0;
    for (const octavo::testing::format_field& field : fields) {
      CAPTURE(std::string(field.name));
      CHECK(field.offset == at);
      at += field.size;
    }
    CHECK(at == size);
  };
  check(octavo::testing::header_fields, 64);
  check(octavo::testing::record_fields, 168);
  check(octavo::testing::operand_fields, 32);
  check(octavo::testing::divisor_fields, 12);
  check(octavo::testing::output_fields, 4);
}

TEST_CASE("what cannot be written is refused") {
  quantized_model model = one_conv_model();
  CHECK_THROWS_WITH(write_command_buffer(model, weight_layout::v1, octavo::fusion::relu_add),
                    "command buffer: the TPU fuses relu alone, expected none or relu");
  model.scheme = octavo::scheme::mixed;
  model.params[1].requantize.kind = policy::rshift_half_away;
  CHECK_THROWS_WITH(write_command_buffer(model, weight_layout::v2),
                    "command buffer v2: conv: the TPU rounds ties up, not away");
  model.params[1].requantize = {policy::rshift, {}, {1, 2, 3}};
  CHECK_THROWS_WITH(write_command_buffer(model, weight_layout::v2),
                    "command buffer v2: conv: has multipliers or more than one shift; only the "
                    "per_channel layout holds them");
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id a = net.input("a", {1, 1, 1, 1});
  const octavo::tensor_id b = net.input("b", {1, 1, 1, 1});
  quantized_model two{.graph = net.finish(net.add("sum", a, b)),
                      .thresholds = {1, 1, 1},
                      .params = std::vector<octavo::op_params>(3)};
  CHECK_THROWS_WITH(write_command_buffer(two, weight_layout::v1),
                    "graph: has more than one input; executors take exactly one");
}
