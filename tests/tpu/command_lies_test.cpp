// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/command_check.hpp and command_graph.hpp: one lie at a time, in every field of every
/// entry of buffers with every op. A lie is refused, or changes nothing, or tells of another
/// network that can be run; which fields may do what is listed here.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "octavo/tpu_executor.hpp"
#include "tpu/command_recipe.hpp"

using namespace octavo::testing;
using octavo::fusion;
using octavo::quantized_model;
using octavo::tensor;
using octavo::tpu::command_buffer;
using octavo::tpu::rebuilt_model;
using octavo::tpu::weight_layout;

namespace {

/// A buffer with every op, its image, an input and what is in neuron memory afterwards.
struct honest_buffer {
  weight_layout layout;
  byte_vector commands;
  byte_vector image;
  tensor<std::int8_t> input;
  octavo::activations tensors;

  honest_buffer(weight_layout which, fusion level, std::uint64_t seed = 17) : layout(which) {
    random_source rng(seed);
    quantized_model model = model_for(layout, every_command_graph(), rng);
    if (level == fusion::none) {  // behind the clip something that a leaky relu changes
      model.params[static_cast<std::size_t>(model.graph.find("clip"))].clip = {-20, -3};
    }
    commands = write_command_buffer(model, layout, level);
    image = write_weight_image(model, layout);
    input = random_tensor(model.graph[0].shape, fill::uniform, rng);
    tensors =
        interpret(rebuild_model(octavo::tpu::read_command_buffer(commands), image).model, input);
  }
};

/// Other values for a field: every bit flipped alone, the ends of its range, the neighbours, and
/// the addresses of all tensors and parameters.
std::vector<std::uint64_t> lies_for(const byte_vector& buffer, const buffer_field& field) {
  const std::uint64_t truth = get(buffer, field);
  const std::size_t bits = 8 * field.size;
  const std::uint64_t mask = UINT64_MAX >> (64 - bits);
  const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
  std::set<std::uint64_t> all = {0,          1,         2,         mask,       mask - 1,
                                 sign,       sign - 1,  truth + 1, truth - 1,  truth + 16,
                                 truth - 16, truth * 2, truth / 2, truth + 256};
  for (std::size_t bit = 0; bit < bits; ++bit) all.insert(truth ^ std::uint64_t{1} << bit);
  if (field.name.ends_with("address")) {
    for (const buffer_field& other : fields_of(buffer)) {
      if (other.name.ends_with("address")) all.insert(get(buffer, other));
    }
  }
  std::vector<std::uint64_t> lies;
  for (const std::uint64_t value : all) {
    if ((value & mask) != truth) lies.push_back(value & mask);
  }
  return lies;
}

std::string name_of(const buffer_field& field) {
  return octavo::concat_text(field.entry, ": ", field.name);
}

/// Fields in which a lie that is not refused changes no tensor: the dilation of a single row or
/// column, padding that no window reaches, the rounding of a size without remainder, the place of a
/// tensor that nobody reads, and which tensors are the results.
const std::set<std::string> harmless = {
    "conv2d: vertical dilation", "conv2d: horizontal dilation",
    "max_pool: bottom padding",  "max_pool: right padding",
    "avg_pool: rounding",        "fully_connected: dst address",
    "relu: dst address",         "output: output",
};

/// Fields in which another value may be another network: any of its kind can be run.
const std::set<std::string> parameters = {
    // Numbers and flags.
    "conv2d: relu",
    "conv2d: policy",
    "conv2d: shift",
    "conv2d: groups",
    "scale: relu",
    "scale: policy",
    "fully_connected: policy",
    "scale: shift",
    "fully_connected: relu",
    "fully_connected: shift",
    "add: relu",
    "add: shift",
    "add: multiplier 0",
    "add: multiplier 1",
    "clip: clip lo",
    "clip: clip hi",
    "leaky_relu: multiplier 0",
    "leaky_relu: shift",
    "operand: multiplier",
    "operand: shift",
    "divisor: multiplier",
    "divisor: shift",
    // Windows whose output has the same size.
    "max_pool: kernel height",
    "max_pool: kernel width",
    "max_pool: top padding",
    "max_pool: left padding",
    // Another live tensor of the same shape.
    "relu: src 0 address",
    "clip: src 0 address",
    "leaky_relu: src 0 address",
    "scale: src 0 address",
    "add: src 0 address",
    "add: src 1 address",
    "conv2d: src 0 address",
    "operand: address",
    // A relu is a clip between 0 and 0 but for its opcode.
    "relu: opcode",
};

/// Fields in which a lie may need the weight image to be found out: the policy of its multipliers,
/// and a shift that leaves its biases no room.
const std::set<std::string> known_with_image = {
    "conv2d: policy", "scale: policy", "fully_connected: policy",
    "conv2d: shift",  "scale: shift",  "fully_connected: shift",
};

/// What became of lies, by the names of their fields.
struct outcomes {
  std::set<std::string> same;   ///< every tensor as before
  std::set<std::string> other;  ///< another network
};

/// The engine's neuron memory is the interpreter's.
void check_executor(const command_buffer& commands, const byte_vector& image,
                    const rebuilt_model& made, const octavo::activations& tensors,
                    const tensor<std::int8_t>& input) {
  byte_vector expected(commands.neuron_size);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (made.addresses[i] < 0) continue;
    std::copy(tensors[i].values.begin(), tensors[i].values.end(),
              expected.begin() + made.addresses[i]);
  }
  octavo::tpu_executor net(commands, image, {0, commands.neuron_size});
  byte_vector memory(commands.neuron_size);
  net.run(byte_vector(input.values.begin(), input.values.end()), memory);
  CHECK(memory == expected);
}

/// Tells one lie and puts its outcome down.
void tell(const honest_buffer& honest, const buffer_field& field, std::uint64_t lie, outcomes& to) {
  const byte_vector lying = with(honest.commands, field, lie);
  try {
    const command_buffer commands = octavo::tpu::read_command_buffer(lying, "buffer");
    CHECK(to_bytes(commands) == lying);
    const rebuilt_model made = rebuild_model(commands, honest.image, "image");
    const octavo::activations tensors = interpret(made.model, honest.input);
    (tensors == honest.tensors ? to.same : to.other).insert(name_of(field));
    check_executor(commands, honest.image, made, tensors, honest.input);
  } catch (const octavo::error& why) {
    const std::string_view message = why.what();
    CAPTURE(std::string(message));
    const bool in_buffer =
        message.starts_with("buffer: ") && message.find(" at offset ") != std::string::npos;
    const bool in_image =
        message.starts_with("image: ") && message.find(": op") != std::string::npos;
    CHECK((in_buffer || (in_image && known_with_image.contains(name_of(field)))));
  }
}

void tell_all(const honest_buffer& honest, outcomes& to) {
  CAPTURE(to_string(honest.layout));
  for (const buffer_field& field : fields_of(honest.commands)) {
    CAPTURE(name_of(field));
    for (const std::uint64_t lie : lies_for(honest.commands, field)) {
      CAPTURE(lie);
      tell(honest, field, lie, to);
    }
  }
}

}  // namespace

TEST_CASE("every lie in every field: refused, harmless, or another network that can be run") {
  outcomes found;
  for (const weight_layout layout : all_layouts) {
    for (const fusion level : {fusion::none, fusion::relu}) tell_all({layout, level}, found);
  }
  for (const std::uint64_t seed : {18U, 19U}) {  // the other two policies
    tell_all({weight_layout::per_channel, fusion::relu, seed}, found);
  }
  // Each listed field has its outcome, and no other field has any.
  std::set<std::string> accepted = found.same;
  accepted.insert(found.other.begin(), found.other.end());
  std::set<std::string> listed = harmless;
  listed.insert(parameters.begin(), parameters.end());
  for (const std::string& name : accepted) {
    CAPTURE(name);
    CHECK(listed.contains(name));
  }
  for (const std::string& name : listed) {
    CAPTURE(name);
    CHECK(accepted.contains(name));
    CHECK(found.other.contains(name) == parameters.contains(name));
  }
}

TEST_CASE("every truncation, and a byte too many") {
  for (const weight_layout layout : all_layouts) {
    const honest_buffer honest(layout, fusion::none);
    for (std::size_t size = 0; size < honest.commands.size(); ++size) {
      CAPTURE(size);
      const byte_vector part(honest.commands.begin(),
                             honest.commands.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK_THROWS_AS(octavo::tpu::read_command_buffer(part), octavo::error);
    }
    byte_vector longer = honest.commands;
    longer.push_back(0);
    CHECK_THROWS_AS(octavo::tpu::read_command_buffer(longer), octavo::error);
  }
}

TEST_CASE("what is wrong is said: entry, field, offset, found, expected") {
  const honest_buffer honest(weight_layout::v2, fusion::none);
  const auto refused = [&](std::string_view entry, std::string_view name, std::uint64_t lie,
                           const char* message) {
    const std::vector<buffer_field> fields = fields_of(honest.commands);
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const buffer_field& one) {
      return one.entry == entry && one.name == name;
    });
    REQUIRE(field != fields.end());
    CHECK_THROWS_WITH(
        octavo::tpu::read_command_buffer(with(honest.commands, *field, lie), "cmdbuf.bin"),
        message);
  };
  refused("header", "magic", 0x0a42424242424242,
          "cmdbuf.bin: is no command buffer: at offset 0 is 'BBBBBBB\\x0a', expected 'OCTAVOCB'");
  refused("header", "version", 2, "cmdbuf.bin: header: version at offset 8 is 2, expected 1");
  refused("header", "batch", 2,
          "cmdbuf.bin: header: batch at offset 40 is 2, expected 1, n of the input");
  refused("input", "opcode", 11, "cmdbuf.bin: record 0: opcode at offset 64 is 11, expected 0..10");
  // Record 1 begins at 232.
  refused("conv2d", "relu", 2,
          "cmdbuf.bin: record 1 (conv2d): relu at offset 233 is 2, expected 0 or 1");
  refused("conv2d", "policy", 2,
          "cmdbuf.bin: record 1 (conv2d): policy at offset 236 is 2, expected 0 (rshift), the only "
          "one of layout v2");
  refused("conv2d", "shift", 32,
          "cmdbuf.bin: record 1 (conv2d): shift at offset 237 is 32, expected 0..31");
  refused(
      "conv2d", "clip lo", 0xff,
      "cmdbuf.bin: record 1 (conv2d): clip lo at offset 238 is -1, expected 0: this op in layout "
      "v2 has no use for it");
  refused(
      "conv2d", "dst address", 1649,
      "cmdbuf.bin: record 1 (conv2d): dst address at offset 248 is 1649, expected a multiple of "
      "16");
  refused("conv2d", "src 0 c", 4,
          "cmdbuf.bin: record 1 (conv2d): src 0 c at offset 284 is 4, expected 3, as the tensor "
          "there has been written");
  refused("conv2d", "kernel height", 2,
          "cmdbuf.bin: record 1 (conv2d): dst h at offset 264 is 6, expected 7, which its inputs "
          "give");
  refused("conv2d", "groups", 2,
          "cmdbuf.bin: record 1 (conv2d) at offset 232: window 3x2, strides 1 1, dilation 1 2, "
          "padding 1 0 1 2, groups 2: graph: op1: groups must divide the input channels");
  refused("conv2d", "filter address", UINT64_MAX,
          "cmdbuf.bin: record 1 (conv2d): filter address at offset 336 is 18446744073709551615, "
          "expected that 80 bytes from there on lie inside the 993 of the weight image");
  refused("conv2d", "bias address", 894,
          "cmdbuf.bin: record 1 (conv2d): bias address at offset 328 is 894, expected 893, where "
          "what precedes it in the image ends");
  // Records 4, 7 and 10 begin at 736, 1240 and 1744.
  refused("add", "multiplier 1", 128,
          "cmdbuf.bin: record 4 (add): multiplier 1 at offset 748 is 128, expected 0..127");
  refused("add", "shift", 32,
          "cmdbuf.bin: record 4 (add): shift at offset 741 is 32, expected 0..31");
  refused("leaky_relu", "shift", 63,
          "cmdbuf.bin: record 7 (leaky_relu): shift at offset 1245 is 63, expected 0..62");
  refused(
      "leaky_relu", "multiplier 0", 0,
      "cmdbuf.bin: record 7 (leaky_relu): multiplier 0 at offset 1248 is 0, expected 1..2^31-1");
  refused("concat", "number of entries", 3,
          "cmdbuf.bin: record 10 (concat): number of entries at offset 1904 is 3, expected at most "
          "2, the operands left");
  refused("concat", "number of entries", 9,
          "cmdbuf.bin: record 10 (concat): number of entries at offset 1904 is 9, expected 1..8");
  // Fifteen records, then two operands, then the divisors.
  refused("operand", "shift", 63,
          "cmdbuf.bin: operand 0: shift at offset 2612 is 63, expected 0..62");
  refused("divisor", "divisor", 3,
          "cmdbuf.bin: pool divisor 0: divisor at offset 2648 is 3, expected 1");
}
