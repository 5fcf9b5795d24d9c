// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/command_buffer.hpp: thousands of buffers damaged at random, several bytes, fields
/// or records at a time. Each is refused, or is a network that runs and is written back as it was
/// read.

#include <doctest/doctest.h>

#include "octavo/tpu_executor.hpp"
#include "support/effort.hpp"
#include "support/random_graph.hpp"
#include "tpu/command_recipe.hpp"

using namespace octavo::testing;
using octavo::quantized_model;
using octavo::tensor;
using octavo::tpu::command_buffer;
using octavo::tpu::rebuilt_model;
using octavo::tpu::weight_layout;

namespace {

std::size_t any_of(std::size_t count, random_source& rng) {
  return static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(count) - 1));
}

/// Changes a byte, puts a field's value into another field, or a record over another one.
void damage(byte_vector& buffer, const std::vector<buffer_field>& fields, random_source& rng) {
  const buffer_field& field = fields[any_of(fields.size(), rng)];
  switch (rng.integer(0, 4)) {
    case 0:
      buffer[any_of(buffer.size(), rng)] ^= static_cast<std::uint8_t>(1 << rng.integer(0, 7));
      break;
    case 1:
      buffer = with(std::move(buffer), field, rng.bits());
      break;
    case 2: {  // read before the buffer is moved from: compilers differ in what they do first
      const std::uint64_t value = get(buffer, fields[any_of(fields.size(), rng)]);
      buffer = with(std::move(buffer), field, value);
      break;
    }
    case 3: {  // a small number
      const std::uint64_t value =
          get(buffer, field) + static_cast<std::uint64_t>(rng.between(-2, 2));
      buffer = with(std::move(buffer), field, value);
      break;
    }
    default: {
      const std::uint32_t records = count_at(buffer, 44);
      if (64 + std::size_t{records} * 168 > buffer.size() || records == 0) break;
      const auto from =
          buffer.begin() + 64 + 168 * static_cast<std::ptrdiff_t>(any_of(records, rng));
      const byte_vector copy(from, from + 168);
      std::copy(copy.begin(), copy.end(),
                buffer.begin() + 64 + 168 * static_cast<std::ptrdiff_t>(any_of(records, rng)));
    }
  }
}

/// Whether the buffer was accepted.
bool survives(const byte_vector& buffer, const byte_vector& image, random_source& rng) {
  try {
    const command_buffer commands = octavo::tpu::read_command_buffer(buffer);
    CHECK(to_bytes(commands) == buffer);
    const rebuilt_model made = rebuild_model(commands, image);
    const tensor<std::int8_t> input = random_tensor(made.model.graph[0].shape, fill::uniform, rng);
    const octavo::activations tensors = interpret(made.model, input);
    octavo::tpu_executor net(commands, image, {0, commands.neuron_size});
    byte_vector memory(commands.neuron_size);
    net.run(byte_vector(input.values.begin(), input.values.end()), memory);
    const std::size_t last = tensors.size() - 1;
    CHECK(std::equal(tensors[last].values.begin(), tensors[last].values.end(),
                     memory.begin() + made.addresses[last], [](std::int8_t a, std::uint8_t b) {
                       return static_cast<std::uint8_t>(a) == b;
                     }));
    return true;
  } catch (const octavo::error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("damaged buffers are refused or run") {
  int accepted = 0;
  constexpr int attempts = 6000;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    CAPTURE(attempt);
    random_source rng(static_cast<std::uint64_t>(attempt));
    const weight_layout layout = rng.pick(all_layouts);
    const octavo::graph net =
        rng.one_in(2) ? every_command_graph() : random_graph(rng.integer(1, 6), rng);
    const quantized_model model = model_for(layout, net, rng);
    byte_vector buffer = write_command_buffer(
        model, layout, rng.one_in(2) ? octavo::fusion::relu : octavo::fusion::none);
    const byte_vector image = write_weight_image(model, layout);
    const std::vector<buffer_field> fields = fields_of(buffer);
    for (int changes = rng.integer(1, 3); changes > 0; --changes) damage(buffer, fields, rng);
    if (rng.one_in(20)) buffer.resize(any_of(buffer.size(), rng));
    accepted += survives(buffer, image, rng) ? 1 : 0;
  }
  // Nearly all fields are checked; those of parameters may hold other numbers.
  CHECK(accepted > attempts / 50);
  CHECK(accepted < attempts / 3);
}

TEST_CASE("bytes at random, and behind a true header") {
  random_source rng(99);
  for (int attempt = 0; attempt < 2000; ++attempt) {
    byte_vector buffer(static_cast<std::size_t>(rng.integer(0, 2000)));
    for (std::uint8_t& value : buffer) value = static_cast<std::uint8_t>(rng.bits());
    CHECK_FALSE(survives(buffer, {}, rng));
    if (buffer.size() < 64 + 168) continue;
    const auto records = static_cast<std::uint32_t>((buffer.size() - 64 - 4) / 168);
    buffer.resize(64 + std::size_t{records} * 168 + 4);
    byte_list header;
    header.text("OCTAVOCB").u32({1, 0}).u64({buffer.size(), 1 << 20, 0});
    header.u32({1, records, 0, 0, 1, 0});
    std::copy(header.get().begin(), header.get().end(), buffer.begin());
    CHECK_FALSE(survives(buffer, {}, rng));
  }
}
