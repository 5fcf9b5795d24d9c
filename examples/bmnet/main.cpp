// SPDX-License-Identifier: MIT
// Runs a command buffer with its weight image on an input, and writes a part of neuron memory.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "check_output.hpp"
#include "octavo/eigen_threads.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/tpu_executor.hpp"
#include "options.hpp"
#include "stopwatch.hpp"

namespace octavo::examples {
namespace {

/// Refuses arguments that are not those of the network.
void check_arguments(const options& wanted, const tpu::command_buffer& commands) {
  const std::string made_for = ", which " + wanted.commands.string() + " is made for";
  if (wanted.neuron_size != commands.neuron_size) {
    fail("NEURON_SIZE is ", wanted.neuron_size, ", expected ", commands.neuron_size, made_for);
  }
  const auto batch = static_cast<std::uint64_t>(commands.batch());
  if (wanted.batch != batch) fail("BATCH is ", wanted.batch, ", expected ", batch, made_for);
  if (wanted.output_size == 0 || wanted.output_size > wanted.neuron_size) {
    fail("OUTPUT_SIZE is ", wanted.output_size, ", expected 1..", wanted.neuron_size);
  }
  const std::uint64_t last = wanted.neuron_size - wanted.output_size;
  if (wanted.output_offset > last) {
    fail("OUTPUT_OFFSET is ", wanted.output_offset, ", expected 0..", last, ", so that the ",
         wanted.output_size, " bytes from there on lie inside neuron memory");
  }
}

/// The input's bytes: exactly those of its tensor.
io::byte_vector load_input(const options& wanted, const tpu::command_buffer& commands) {
  io::byte_source source(wanted.input);
  const auto expected = static_cast<std::uint64_t>(commands.input().extents.elements());
  if (source.size() != expected) {
    const bool is_float = source.size() == expected * sizeof(float);
    fail(source.name(), ": has ", source.size(), " bytes, expected ", expected,
         ", those of the input tensor",
         is_float ? " in int8; of float32 bin_fp32_to_int8 makes it" : "");
  }
  io::byte_vector input = io::make_bytes(expected, source.name());
  source.read(0, input, "the content");
  return input;
}

void print_network(const options& wanted, const tpu::command_buffer& commands,
                   const tpu_executor& net) {
  std::printf(
      "network:      %zu ops, %llu bytes of neuron memory, %llu of weights (%s), batch %d; "
      "engine %s, %d %s, %s\n",
      commands.records.size(), static_cast<unsigned long long>(commands.neuron_size),
      static_cast<unsigned long long>(commands.weight_size),
      std::string(to_string(commands.layout)).c_str(), commands.batch(),
      std::string(to_string(net.isa())).c_str(), wanted.threads,
      wanted.threads == 1 ? "thread" : "threads",
      net.is_fused() ? "fused for one result" : "every tensor at its address");
}

void print_times(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  std::printf("time:         %.2f ms median, %.2f ms minimum of %zu\n", 1e3 * median,
              1e3 * seconds[0], seconds.size());
}

void run(const options& wanted) {
  const std::string name = wanted.commands.string();
  const tpu::command_buffer commands =
      tpu::read_command_buffer(io::read_file(wanted.commands), name);
  check_arguments(wanted, commands);
  const io::byte_vector input = load_input(wanted, commands);
  check_output(wanted.output);
  tpu_executor net(commands, io::read_file(wanted.weights),
                   {.offset = wanted.output_offset, .size = wanted.output_size},
                   {.isa = wanted.isa ? *wanted.isa : isa_from_environment(),
                    .threading = eigen_threads(wanted.threads)},
                   wanted.weights.string());
  print_network(wanted, commands, net);
  io::byte_vector output = io::make_bytes(wanted.output_size, wanted.output.string());
  std::vector<double> seconds;
  for (int i = 0; i < wanted.repeat; ++i) {
    seconds.push_back(seconds_of([&] { net.run(input, output); }));
  }
  io::write_file(wanted.output, output);
  print_times(std::move(seconds));
}

}  // namespace
}  // namespace octavo::examples

int main(int argc, char** argv) {
  const octavo::examples::parsed_options parsed = octavo::examples::parse_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  try {
    octavo::examples::run(parsed.values);
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "bmnet: %s\n", why.what());
    return 1;
  }
}
