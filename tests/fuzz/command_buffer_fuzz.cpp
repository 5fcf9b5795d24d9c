// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes tpu/command_buffer.hpp: the buffer; the model of it and of a weight image; its run. What
/// follows the buffer, whose length stands in it, is the image, cut or filled with zeros to the
/// size that the buffer wants.

#include <algorithm>
#include <vector>

#include "octavo/core/little_endian.hpp"
#include "octavo/tpu/command_buffer.hpp"
#include "small_run.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::tpu::command_buffer;
using octavo::tpu::rebuilt_model;

namespace {

/// Bytes of the buffer, as it says itself; all of them where that cannot be.
std::size_t buffer_size(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t size_at = 16;
  if (bytes.size() < size_at + 8) return bytes.size();
  const auto said = octavo::load_little<std::uint64_t>(bytes.data() + size_at);
  return said < bytes.size() ? static_cast<std::size_t>(said) : bytes.size();
}

void check_commands(const command_buffer& commands, std::span<const std::uint8_t> rest) {
  constexpr std::uint64_t large = 1 << 20;
  if (commands.weight_size > large) return;
  std::vector<std::uint8_t> image(commands.weight_size);
  std::copy_n(rest.begin(), std::min(rest.size(), image.size()), image.begin());
  feed([&] { return rebuild_model(commands, image); },
       [&](const rebuilt_model& made) {
         expect(made.addresses.size() == made.model.graph.size(), "an address for each node");
         for (std::size_t i = 0; i < made.addresses.size(); ++i) {
           const std::int64_t end = made.addresses[i] + made.model.graph[i].shape.elements();
           expect(
               made.addresses[i] == -1 || static_cast<std::uint64_t>(end) <= commands.neuron_size,
               "every tensor lies in neuron memory");
         }
         run_small(made.model);
       });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  const std::span buffer = bytes.first(buffer_size(bytes));
  feed([&] { return octavo::tpu::read_command_buffer(buffer); },
       [&](const command_buffer& commands) {
         expect(std::ranges::equal(to_bytes(commands), buffer),
                "a buffer is written as it was read");
         check_commands(commands, bytes.subspan(buffer.size()));
       });
  return 0;
}
