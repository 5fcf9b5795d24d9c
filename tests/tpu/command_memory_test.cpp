// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/command_memory.hpp, command_graph.hpp and tpu_executor.hpp: buffers that use neuron
/// memory again, and those that read what is not there.

#include <doctest/doctest.h>

#include "octavo/tpu_executor.hpp"
#include "tpu/command_recipe.hpp"

using namespace octavo::testing;
using octavo::tpu::command_buffer;
using octavo::tpu::command_record;
using octavo::tpu::read_command_buffer;
using octavo::tpu::weight_layout;

namespace {

/// clip(lo, 127) of a tensor of n x 1 x 1 x w: an op without weights that shows what it has read.
command_record clip(std::uint64_t src, std::uint64_t dst, int lo, octavo::shape extents) {
  command_record record{.opcode = 5, .clip_lo = static_cast<std::int8_t>(lo), .clip_hi = 127};
  record.dst = {dst, extents};
  record.src[0] = {src, extents};
  return record;
}

command_record add(std::uint64_t a, std::uint64_t b, std::uint64_t dst, octavo::shape extents) {
  command_record record{.opcode = 9, .multiplier = {1, 1}};
  record.dst = {dst, extents};
  record.src[0] = {a, extents};
  record.src[1] = {b, extents};
  return record;
}

/// The input at 0, then these records; the last is the output.
command_buffer commands_of(std::uint64_t neuron_size, octavo::shape input,
                           std::vector<command_record> records) {
  command_buffer made{.neuron_size = neuron_size};
  made.records = {command_record{.dst = {0, input}}};
  made.records.insert(made.records.end(), records.begin(), records.end());
  made.outputs = {static_cast<std::uint32_t>(records.size())};
  return made;
}

byte_vector run(const command_buffer& commands, const byte_vector& input, std::uint64_t offset,
                std::uint64_t size) {
  octavo::tpu_executor net(read_command_buffer(to_bytes(commands)), {}, {offset, size});
  byte_vector memory(size, 0x5a);
  net.run(input, memory);
  return memory;
}

void check_refused(const command_buffer& commands, const char* message) {
  CHECK_THROWS_WITH(read_command_buffer(to_bytes(commands), "b"), message);
}

constexpr octavo::shape four = {1, 1, 1, 4};
constexpr octavo::shape twenty = {1, 1, 1, 20};

}  // namespace

TEST_CASE("memory used again: what remains is what the last op wrote there") {
  // 0 -> 16 -> 0 -> 16
  const command_buffer commands =
      commands_of(32, four, {clip(0, 16, 1, four), clip(16, 0, 2, four), clip(0, 16, 3, four)});
  const byte_vector memory = run(commands, {0, 5, 2, 0xff}, 0, 32);
  CHECK(memory == byte_vector{2, 5, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                              3, 5, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(run(commands, {0, 5, 2, 0xff}, 17, 3) == byte_vector{5, 3, 3});
  CHECK(run(commands, {0, 5, 2, 0xff}, 2, 3) == byte_vector{2, 2, 0});
}

TEST_CASE("memory used again, in a batch") {
  constexpr octavo::shape batch = {16, 1, 1, 1};
  const command_buffer commands =
      commands_of(32, batch, {clip(0, 16, 1, batch), clip(16, 0, 2, batch), clip(0, 16, 3, batch)});
  byte_vector input, expected;
  for (int i = 0; i < 16; ++i) input.push_back(static_cast<std::uint8_t>(i));
  for (int i = 0; i < 16; ++i) expected.push_back(static_cast<std::uint8_t>(std::max(i, 2)));
  for (int i = 0; i < 16; ++i) expected.push_back(static_cast<std::uint8_t>(std::max(i, 3)));
  CHECK(run(commands, input, 0, 32) == expected);
}

TEST_CASE("a tensor that a later one overlaps in part keeps its other bytes in memory") {
  // 20 bytes at 32; then the maxima of 17 bytes each at 48, over the last four of them.
  command_record maxima{.opcode = 7, .window = octavo::window{1, 17}};
  maxima.dst = {48, four};
  maxima.src[0] = {0, twenty};
  const command_buffer commands = commands_of(64, twenty, {clip(0, 32, 1, twenty), maxima});
  byte_vector input;
  for (int i = 0; i < 20; ++i) input.push_back(static_cast<std::uint8_t>(100 - i));
  CHECK(run(commands, input, 32, 32) == byte_vector{100, 99, 98, 97, 96, 95,  94, 93, 92, 91, 90,
                                                    89,  88, 87, 86, 85, 100, 99, 98, 97, 0,  0,
                                                    0,   0,  0,  0,  0,  0,   0,  0,  0,  0});
}

TEST_CASE("a tensor is read where it lies, before and after others are written beside it") {
  const command_buffer commands =
      commands_of(48, four, {clip(0, 16, 1, four), clip(0, 32, -1, four), add(16, 0, 32, four)});
  CHECK(run(commands, {0, 5, 2, 0xff}, 32, 4) == byte_vector{1, 10, 4, 0});
}

TEST_CASE("reading what nobody has written, or what is overwritten, is refused") {
  check_refused(commands_of(48, four, {clip(32, 16, 1, four)}),
                "b: record 1 (clip): src 0 address at offset 272 is 32, expected the address of a "
                "tensor that is written before and not overwritten since");
  // A later op's tensor.
  check_refused(commands_of(48, four, {clip(32, 16, 1, four), clip(0, 32, 1, four)}),
                "b: record 1 (clip): src 0 address at offset 272 is 32, expected the address of a "
                "tensor that is written before and not overwritten since");
  // Inside of a tensor.
  check_refused(commands_of(64, twenty, {clip(16, 48, 1, four)}),
                "b: record 1 (clip): src 0 address at offset 272 is 16, expected the address of a "
                "tensor that is written before and not overwritten since");
  // The input's last four bytes are overwritten: it is gone.
  command_record shrink{.opcode = 7, .window = octavo::window{1, 20}};
  shrink.dst = {48, {1, 1, 1, 1}};
  shrink.src[0] = {0, twenty};
  command_record over = clip(48, 16, 1, {1, 1, 1, 1});
  check_refused(commands_of(64, twenty, {shrink, over, clip(0, 64, 1, twenty)}),
                "b: record 3 (clip): dst address at offset 584 is 64, expected that 20 bytes from "
                "there on lie inside the 64 of neuron memory");
  check_refused(commands_of(96, twenty, {shrink, over, clip(0, 64, 1, twenty)}),
                "b: record 3 (clip): src 0 address at offset 608 is 0, expected the address of a "
                "tensor that is written before and not overwritten since");
  // As long as it is only touched at its end, it is there.
  over.dst.address = 32;
  CHECK_NOTHROW(read_command_buffer(
      to_bytes(commands_of(96, twenty, {shrink, over, clip(0, 64, 1, twenty)}))));
}

TEST_CASE("a tensor is gone whichever end of it is overwritten, or all of it") {
  command_record maxima{.opcode = 7, .window = octavo::window{1, 17}};
  maxima.src[0] = {0, twenty};
  maxima.dst = {80, four};  // inside of 64..83
  check_refused(commands_of(112, twenty, {maxima, clip(0, 64, 1, twenty), clip(80, 96, 1, four)}),
                "b: record 3 (clip): src 0 address at offset 608 is 80, expected the address of a "
                "tensor that is written before and not overwritten since");
  maxima.dst = {64, four};
  check_refused(commands_of(112, twenty, {maxima, clip(0, 64, 1, twenty), clip(64, 96, 1, four)}),
                "b: record 3 (clip): src 0 w at offset 628 is 4, expected 20, as the tensor there "
                "has been written");
  // 48..51 lies beside it.
  maxima.dst = {48, four};
  CHECK_NOTHROW(read_command_buffer(
      to_bytes(commands_of(112, twenty, {maxima, clip(0, 64, 1, twenty), clip(48, 96, 1, four)}))));
}

TEST_CASE("an op does not write over what it reads") {
  check_refused(
      commands_of(16, four, {clip(0, 0, 1, four)}),
      "b: record 1 (clip): src 0 address at offset 272 is 0, expected a tensor apart from "
      "the op's dst, 0..3");
  check_refused(
      commands_of(48, twenty, {clip(0, 16, 1, twenty)}),
      "b: record 1 (clip): src 0 address at offset 272 is 0, expected a tensor apart from "
      "the op's dst, 16..35");
  check_refused(
      commands_of(32, four, {clip(0, 16, 1, four), add(0, 16, 16, four)}),
      "b: record 2 (add): src 1 address at offset 464 is 16, expected a tensor apart from "
      "the op's dst, 16..19");
}

TEST_CASE("a result that a later op overwrites is refused") {
  command_buffer commands =
      commands_of(32, four, {clip(0, 16, 1, four), clip(16, 0, 2, four), clip(0, 16, 3, four)});
  commands.outputs = {2, 3};
  CHECK_NOTHROW(read_command_buffer(to_bytes(commands)));
  commands.outputs = {2, 1};
  check_refused(
      commands,
      "b: output 1: output at offset 740 is 1, expected a record whose tensor no later op "
      "overwrites");
}

TEST_CASE("sums of addresses and sizes do not wrap around") {
  for (const std::uint64_t address : {UINT64_MAX - 15, UINT64_MAX - 31, std::uint64_t{1} << 63}) {
    command_buffer commands = commands_of(64, twenty, {clip(0, 32, 1, twenty)});
    commands.records[1].dst.address = address;
    const std::string message = octavo::concat_text(
        "b: record 1 (clip): dst address at offset 248 is ", address,
        ", expected that 20 bytes from there on lie inside the 64 of neuron memory");
    check_refused(commands, message.c_str());
  }
  command_buffer commands = commands_of(64, twenty, {clip(0, 32, 1, twenty)});
  commands.neuron_size = UINT64_MAX;
  check_refused(commands,
                "b: header: bytes of neuron memory at offset 24 is 18446744073709551615, expected "
                "less than 2^63");
  commands.neuron_size = INT64_MAX;
  check_refused(commands,
                "b: header: bytes of neuron memory at offset 24 is 9223372036854775807, expected "
                "64, the end of the last tensor");
}

TEST_CASE("counts whose tables the file cannot hold are refused before anything is allocated") {
  byte_vector file = to_bytes(commands_of(64, twenty, {clip(0, 32, 1, twenty)}));
  octavo::store_little(file.data() + 44, UINT32_MAX);
  CHECK_THROWS_WITH(read_command_buffer(file, "b"),
                    "b: header: bytes of the buffer at offset 16 is 404, expected 721554505628, "
                    "which its counts take");
  octavo::store_little(file.data() + 16, std::uint64_t{721554505628});
  CHECK_THROWS_WITH(read_command_buffer(file, "b"),
                    "b: has 404 bytes, expected 721554505628 (bytes of the buffer at offset 16)");
}

TEST_CASE("entries of a table that no record has are refused") {
  random_source rng(1);
  const auto model = model_for(weight_layout::v2, every_command_graph(), rng);
  const command_buffer honest = read_command_buffer(write_command_buffer(model, weight_layout::v2));
  command_buffer commands = honest;
  commands.operands.push_back(commands.operands.back());
  check_refused(
      commands,
      "b: header: number of operands at offset 48 is 3, expected 2, those that the records "
      "read");
  commands = honest;
  commands.divisors.push_back(commands.divisors.back());
  const std::string message = octavo::concat_text(
      "b: header: number of divisors at offset 52 is ", commands.divisors.size(), ", expected ",
      honest.divisors.size(), ", those that the records have");
  check_refused(commands, message.c_str());
  // Or that a record has and the table lacks.
  commands = honest;
  commands.divisors.pop_back();
  CHECK_THROWS_WITH_AS(read_command_buffer(to_bytes(commands), "b"),
                       doctest::Contains(", the divisors left"), octavo::error);
}

TEST_CASE("layers whose rows overlap in the image, or leave a hole, are refused") {
  random_source rng(1);
  const auto model = model_for(weight_layout::v2, every_command_graph(), rng);
  const command_buffer honest = read_command_buffer(write_command_buffer(model, weight_layout::v2));
  // Rows in another order are as good, where the image has them so.
  const std::uint64_t filter = honest.records[1].filter_address;
  const std::uint64_t bias = honest.records[1].bias_address;
  command_buffer commands = honest;
  commands.records[1].filter_address = bias;
  commands.records[1].bias_address = bias + (honest.weight_size - filter);
  CHECK_NOTHROW(read_command_buffer(to_bytes(commands)));
  commands.records[1].bias_address = filter;
  CHECK_THROWS_AS(read_command_buffer(to_bytes(commands)), octavo::error);
  commands = honest;
  commands.weight_size += 16;
  CHECK_THROWS_AS(read_command_buffer(to_bytes(commands)), octavo::error);
  commands.records[1].filter_address += 16;
  CHECK_THROWS_AS(read_command_buffer(to_bytes(commands)), octavo::error);
}
