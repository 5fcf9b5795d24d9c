// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/command_buffer.hpp and tpu_executor.hpp: model -> buffer and image -> rebuilt model
/// gives every tensor of interpret(), in neuron memory as in the network.

#include <doctest/doctest.h>

#include "octavo/model/quantize.hpp"
#include "octavo/networks/mobilenet_v2.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/squeezenet.hpp"
#include "octavo/tpu/resnet50_map.hpp"
#include "octavo/tpu_executor.hpp"
#include "support/effort.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"
#include "tpu/command_recipe.hpp"

using namespace octavo::testing;
using octavo::fusion;
using octavo::graph;
using octavo::quantized_model;
using octavo::tensor;
using octavo::tpu::command_buffer;
using octavo::tpu::rebuilt_model;
using octavo::tpu::weight_layout;

namespace {

/// Neuron memory as the unfused tensors and the map say it must be.
byte_vector expected_memory(const quantized_model& model, const octavo::activations& tensors,
                            fusion level) {
  const graph net = octavo::fuse(model, level);
  const auto map = octavo::tpu::make_neuron_map(net);
  byte_vector memory(static_cast<std::size_t>(map.size));
  for (const octavo::tpu::neuron_row& row : map.rows) {
    const int unfused = net[static_cast<std::size_t>(row.node)].from.tensor;
    const tensor<std::int8_t>& values = tensors[static_cast<std::size_t>(unfused)];
    std::copy(values.values.begin(), values.values.end(), memory.begin() + row.offset);
  }
  return memory;
}

byte_vector run(const command_buffer& commands, const byte_vector& image,
                const tensor<std::int8_t>& input, const octavo::neuron_range& part, bool fused,
                const octavo::tpu_executor_options& options = {}) {
  octavo::tpu_executor net(commands, image, part, options);
  CHECK(net.is_fused() == fused);
  const byte_vector pixels(input.values.begin(), input.values.end());
  CHECK(net.input_size() == pixels.size());
  byte_vector memory(part.size, 0x5a);
  net.run(pixels, memory);
  return memory;
}

/// Every tensor of interpret(rebuilt), all of neuron memory, each output alone, parts of memory.
void check_round_trip(const quantized_model& model, weight_layout layout, fusion level,
                      random_source& rng) {
  const tensor<std::int8_t> input = random_tensor(model.graph[0].shape, fill::uniform, rng);
  const octavo::activations tensors = interpret(model, input);
  const byte_vector image = write_weight_image(model, layout);
  const byte_vector written = write_command_buffer(model, layout, level);
  const command_buffer commands = octavo::tpu::read_command_buffer(written);
  CHECK(to_bytes(commands) == written);

  const byte_vector memory = expected_memory(model, tensors, level);
  REQUIRE(commands.neuron_size == memory.size());
  const rebuilt_model made = rebuild_model(commands, image);
  const octavo::activations again = interpret(made.model, input);
  for (std::size_t i = 0; i < again.size(); ++i) {
    if (made.addresses[i] < 0) continue;
    const byte_vector values(again[i].values.begin(), again[i].values.end());
    CHECK(std::equal(values.begin(), values.end(), memory.begin() + made.addresses[i]));
  }

  CHECK(run(commands, image, input, {0, memory.size()}, false) == memory);
  for (const std::uint32_t output : commands.outputs) {
    const octavo::tpu::command_tensor& dst = commands.records[output].dst;
    const auto size = static_cast<std::uint64_t>(dst.extents.elements());
    const auto begin = memory.begin() + static_cast<std::ptrdiff_t>(dst.address);
    CHECK(run(commands, image, input, {dst.address, size}, true) ==
          byte_vector(begin, begin + static_cast<std::ptrdiff_t>(size)));
  }
  const std::uint64_t offset = rng.bits() % memory.size();
  const std::uint64_t size = 1 + rng.bits() % (memory.size() - offset);
  octavo::tpu_executor part(commands, image, {offset, size});
  byte_vector found(size, 0x5a);
  part.run(byte_vector(input.values.begin(), input.values.end()), found);
  const auto begin = memory.begin() + static_cast<std::ptrdiff_t>(offset);
  CHECK(found == byte_vector(begin, begin + static_cast<std::ptrdiff_t>(size)));
}

/// ResNet-50 with random integers for a layout.
const quantized_model& random_resnet50(weight_layout layout) {
  static const quantized_model models[] = {
      [] {
        random_source rng(50);
        return model_for(weight_layout::v1, octavo::to_graph(octavo::networks::resnet50()), rng);
      }(),
      [] {
        random_source rng(51);
        return model_for(weight_layout::v2, octavo::to_graph(octavo::networks::resnet50()), rng);
      }()};
  return models[layout == weight_layout::v1 ? 0 : 1];
}

}  // namespace

TEST_CASE("random networks: the same bytes in every layout, fused and unfused") {
  constexpr int rounds = slow_processor ? 10 : 150;
  for (int round = 0; round < effort(rounds); ++round) {
    random_source rng(static_cast<std::uint64_t>(round));
    const graph net = random_graph(rng.integer(1, 12), rng);
    for (const weight_layout layout : all_layouts) {
      const quantized_model model = model_for(layout, net, rng);
      for (const fusion level : {fusion::none, fusion::relu}) {
        CAPTURE(round);
        CAPTURE(to_string(layout));
        CAPTURE(static_cast<int>(level));
        check_round_trip(model, layout, level, rng);
      }
    }
  }
}

TEST_CASE("every op, extreme integers") {
  for (const octavo::policy kind : {octavo::policy::rshift, octavo::policy::multiplier_rshift,
                                    octavo::policy::multiplier_q31}) {
    for (const bool per_channel : {false, true}) {
      random_source rng(7);
      const quantized_model model = random_model(
          every_command_graph(), {.kind = kind, .per_channel = per_channel, .extremes = true}, rng);
      check_round_trip(model, weight_layout::per_channel, fusion::none, rng);
      check_round_trip(model, weight_layout::per_channel, fusion::relu, rng);
    }
  }
}

TEST_CASE("every scheme, in every layout that holds it") {
  random_source rng(3);
  const octavo::float_model source = random_float_model(every_command_graph(), rng);
  const std::vector<double> thresholds(source.graph.size(), 2);
  for (const octavo::scheme kind : octavo::all_schemes) {
    CAPTURE(std::string(to_string(kind)));
    const quantized_model model = octavo::quantize(source, thresholds, kind);
    const bool narrow = kind == octavo::scheme::rshift8 || kind == octavo::scheme::rshift16;
    for (const weight_layout layout : all_layouts) {
      if (layout == weight_layout::v1 && kind != octavo::scheme::rshift8) continue;
      if (layout == weight_layout::v2 && !narrow) continue;
      check_round_trip(model, layout, fusion::none, rng);
      check_round_trip(model, layout, fusion::relu, rng);
    }
  }
}

TEST_CASE("networks made small: depthwise convolutions, relu6, concats") {
  random_source rng(11);
  for (const graph& net :
       {octavo::to_graph(octavo::networks::mobilenet_v2(
            {.width = 0.35, .image = 32, .classes = 11, .batch = 2})),
        octavo::to_graph(octavo::networks::squeezenet({.image = 67, .width = 3, .classes = 11}))}) {
    for (const weight_layout layout : all_layouts) {
      const quantized_model model = model_for(layout, net, rng);
      check_round_trip(model, layout, fusion::relu, rng);
    }
  }
}

TEST_CASE("a clip to 0..127 is its op's relu, one to -128..127 has no record") {
  random_source rng(12);
  const graph net =
      octavo::to_graph(octavo::networks::mobilenet_v2({.width = 0.35, .image = 32, .classes = 11}));
  quantized_model model = model_for(weight_layout::per_channel, net, rng);
  for (const octavo::clip_params limits : {octavo::clip_params{0, 127}, {-128, 127}}) {
    for (std::size_t i = 0; i < net.size(); ++i) {
      if (net[i].kind == octavo::op::clip) model.params[i].clip = limits;
    }
    check_round_trip(model, weight_layout::per_channel, fusion::none, rng);
    check_round_trip(model, weight_layout::per_channel, fusion::relu, rng);
    const command_buffer commands = octavo::tpu::read_command_buffer(
        write_command_buffer(model, weight_layout::per_channel, fusion::relu));
    CHECK(commands.records.size() == 65);  // of 100, without the 35 relu6
    const auto relus = std::ranges::count_if(
        commands.records, [](const octavo::tpu::command_record& each) { return each.relu != 0; });
    CHECK(relus == (limits.lo == 0 ? 35 : 0));
  }
}

TEST_CASE("every instruction set") {
  random_source rng(5);
  const quantized_model model = model_for(weight_layout::v2, random_graph(10, rng), rng);
  const tensor<std::int8_t> input = random_tensor(model.graph[0].shape, fill::uniform, rng);
  const byte_vector image = write_weight_image(model, weight_layout::v2);
  const command_buffer commands =
      octavo::tpu::read_command_buffer(write_command_buffer(model, weight_layout::v2));
  const byte_vector memory = expected_memory(model, interpret(model, input), fusion::none);
  for (const octavo::isa which : octavo::available_isas()) {
    CHECK(run(commands, image, input, {0, memory.size()}, false, {.isa = which}) == memory);
  }
}

TEST_CASE("ResNet-50: the pinned neuron map, 122 records; fused 73; addresses in the image") {
  const quantized_model& model = random_resnet50(weight_layout::v1);
  const command_buffer commands =
      octavo::tpu::read_command_buffer(write_command_buffer(model, weight_layout::v1));
  CHECK(commands.records.size() == 122);
  CHECK(commands.neuron_size == 0x185bff0);
  CHECK(commands.weight_size == 25531344);
  CHECK(commands.outputs == std::vector<std::uint32_t>{121});
  CHECK(commands.records[0].dst.address == 0);
  for (std::size_t i = 1; i < 122; ++i) {  // reverse execution order behind the input
    CHECK(commands.records[i].dst.address ==
          static_cast<std::uint64_t>(octavo::tpu::resnet50_map[122 - i].offset));
  }
  CHECK(commands.records[1].shift_address == 0x1856ec0);
  CHECK(commands.records[1].bias_address == 0x1856ed0);
  CHECK(commands.records[1].filter_address == 0x1856f10);
  CHECK(commands.records[121].filter_address == 0x400);

  const command_buffer fused = octavo::tpu::read_command_buffer(
      write_command_buffer(model, weight_layout::v1, fusion::relu));
  CHECK(fused.records.size() == 73);
  CHECK(fused.neuron_size == 16460784);

  const command_buffer second = octavo::tpu::read_command_buffer(
      write_command_buffer(random_resnet50(weight_layout::v2), weight_layout::v2));
  CHECK(second.weight_size == 25558040);
  CHECK(second.records[1].shift_address == 0);
  CHECK(second.records[1].bias_address == 0x185d6d8);
  CHECK(second.records[1].filter_address == 0x185d758);
}

TEST_CASE("a part of memory that is empty or not inside is refused") {
  random_source rng(1);
  const quantized_model model = model_for(weight_layout::v2, every_command_graph(), rng);
  const byte_vector image = write_weight_image(model, weight_layout::v2);
  const command_buffer commands =
      octavo::tpu::read_command_buffer(write_command_buffer(model, weight_layout::v2));
  const std::uint64_t size = commands.neuron_size;
  for (const auto& [offset, count] : {std::pair{std::uint64_t{0}, std::uint64_t{0}},
                                      {size, 0},
                                      {size, 1},
                                      {0, size + 1},
                                      {1, size},
                                      {UINT64_MAX, 2},
                                      {2, UINT64_MAX}}) {
    const octavo::neuron_range part = {offset, count};
    CHECK_THROWS_AS(octavo::tpu_executor(commands, image, part), octavo::error);
  }
  octavo::tpu_executor net(commands, image, {size - 1, 1});
  byte_vector memory(1);
  const std::string input = octavo::concat_text(
      "tpu_executor: the input has ", net.input_size() - 1, " bytes, expected ", net.input_size());
  CHECK_THROWS_WITH(net.run(byte_vector(net.input_size() - 1), memory), input.c_str());
  memory.resize(2);
  CHECK_THROWS_WITH(net.run(byte_vector(net.input_size()), memory),
                    "tpu_executor: the memory has 2 bytes, expected 1");
}

TEST_CASE("an image of another size, or with parameters out of range, is refused") {
  random_source rng(1);
  const quantized_model model = model_for(weight_layout::v1, every_command_graph(), rng);
  byte_vector image = write_weight_image(model, weight_layout::v1);
  const command_buffer commands =
      octavo::tpu::read_command_buffer(write_command_buffer(model, weight_layout::v1));
  const std::size_t shift = commands.records[1].shift_address;
  image[shift] = 32;
  CHECK_THROWS_WITH(rebuild_model(commands, image, "w"), "w: model: op1: a shift is out of range");
  image[shift] = 31;
  image[commands.records[1].bias_address] = 0x7f;
  CHECK_THROWS_AS(rebuild_model(commands, image), octavo::error);
  image.pop_back();
  const std::string message =
      octavo::concat_text("w: has ", image.size(), " bytes, expected ", image.size() + 1,
                          ", those of layout v1, which the command buffer was made for");
  CHECK_THROWS_WITH(rebuild_model(commands, image, "w"), message.c_str());
}
