// SPDX-License-Identifier: MIT
/// @file
/// Runs a command buffer on neuron memory and a weight image by octavo::engine.
///
///     const auto commands = octavo::tpu::read_command_buffer(bytes);
///     octavo::tpu_executor net(commands, image, {.offset = 0, .size = commands.neuron_size});
///     net.run(input, memory);
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/engine.hpp"
#include "octavo/tpu/command_buffer.hpp"

namespace octavo::inline v0 {

/// A part of neuron memory, in bytes.
struct neuron_range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// How a tpu_executor executes.
struct tpu_executor_options {
  std::optional<octavo::isa> isa = {};  ///< the best that this CPU has, where not given
  octavo::threading threading = {};
};

/// A command buffer and its weight image, prepared to give one part of neuron memory: as it is
/// after the last op, every tensor at its address, and 0 where nothing is written.
class tpu_executor {
 public:
  /// @param commands from read_command_buffer()
  /// @param image the weight image, which need not live on
  /// @throws octavo::error where the part is empty or not inside neuron memory, or as
  ///         tpu::rebuild_model() and engine do.
  tpu_executor(const tpu::command_buffer& commands, std::span<const std::uint8_t> image,
               const neuron_range& part, const tpu_executor_options& options = {},
               std::string_view image_name = "weight image")
      : tpu_executor(tpu::rebuild_model(commands, image, image_name), checked(commands, part),
                     options) {}

  /// Bytes that run() takes: the input tensor, NCHW.
  std::size_t input_size() const {
    return static_cast<std::size_t>(engine_.graph()[0].shape.elements());
  }

  octavo::isa isa() const { return engine_.isa(); }

  /// Whether one result of the network is all that is asked for, so that ops run fused and no other
  /// tensor is kept.
  bool is_fused() const { return result_ >= 0; }

  /// Puts `input` at its address, executes every op, and writes the part of neuron memory.
  /// @throws octavo::error where input has not input_size() bytes, or memory not the part's size.
  void run(std::span<const std::uint8_t> input, std::span<std::uint8_t> memory) {
    if (input.size() != input_size()) {
      fail("tpu_executor: the input has ", input.size(), " bytes, expected ", input_size());
    }
    if (memory.size() != part_.size) {
      fail("tpu_executor: the memory has ", memory.size(), " bytes, expected ", part_.size);
    }
    std::fill(memory.begin(), memory.end(), std::uint8_t{0});
    const tensor_view<const std::int8_t> image = {
        reinterpret_cast<const std::int8_t*>(input.data()), engine_.graph()[0].shape};
    if (is_fused()) {
      engine_.run(image);
      const auto which = static_cast<std::size_t>(result_);
      engine_.output(which, buffer_for(engine_.output_shape(which)));
      place(result_address_, memory);
      return;
    }
    engine_.run(image, [&](const observed_tensor& seen) {
      const std::int64_t address = addresses_[seen.index()];
      if (address < 0 || !is_wanted(address, seen.shape())) return;
      seen.copy_to(buffer_for(seen.shape()));
      place(address, memory);
    });
  }

 private:
  tpu_executor(tpu::rebuilt_model&& made, const neuron_range& part,
               const tpu_executor_options& options)
      : part_(part),
        addresses_(std::move(made.addresses)),
        result_(find_result(made.model.graph)),
        result_address_(result_ < 0 ? 0 : address_of_output(made.model.graph, result_)),
        engine_(std::move(made.model), preparation(made.model.graph, options),
                {.threading = options.threading}) {}

  static const neuron_range& checked(const tpu::command_buffer& commands,
                                     const neuron_range& part) {
    const std::uint64_t whole = commands.neuron_size;
    if (part.size == 0 || part.size > whole || part.offset > whole - part.size) {
      fail("tpu_executor: ", part.size, " bytes at offset ", part.offset,
           ", expected at least one, inside the ", whole, " of neuron memory");
    }
    return part;
  }

  /// Where all is asked for, every tensor is the engine's own, and a batch goes through the network
  /// as a whole: of two tensors at one address the later op's remains.
  prepare_options preparation(const octavo::graph& net, const tpu_executor_options& options) const {
    prepare_options wanted{.isa = options.isa};
    if (is_fused()) return wanted;
    wanted.fusion = fusion::none;
    wanted.images_at_once = net[0].shape.n;
    return wanted;
  }

  std::int64_t address_of_output(const octavo::graph& net, int which) const {
    return addresses_[static_cast<std::size_t>(net.outputs[static_cast<std::size_t>(which)])];
  }

  /// The output that has the whole part inside it, or -1. No later op overwrites an output.
  int find_result(const octavo::graph& net) const {
    for (std::size_t k = 0; k < net.outputs.size(); ++k) {
      const auto at = static_cast<std::uint64_t>(address_of_output(net, static_cast<int>(k)));
      const shape& extents = net[static_cast<std::size_t>(net.outputs[k])].shape;
      const std::uint64_t end = at + static_cast<std::uint64_t>(extents.elements());
      if (at <= part_.offset && part_.offset + part_.size <= end) return static_cast<int>(k);
    }
    return -1;
  }

  bool is_wanted(std::int64_t address, const shape& extents) const {
    const auto begin = static_cast<std::uint64_t>(address);
    return begin < part_.offset + part_.size &&
           part_.offset < begin + static_cast<std::uint64_t>(extents.elements());
  }

  tensor_view<std::int8_t> buffer_for(const shape& extents) {
    buffer_.resize(static_cast<std::size_t>(extents.elements()));
    return {buffer_.data(), extents};
  }

  /// Copies what the buffer, a tensor at `address`, has inside the part.
  void place(std::int64_t address, std::span<std::uint8_t> memory) const {
    const auto begin = static_cast<std::uint64_t>(address);
    const std::uint64_t first = std::max(begin, part_.offset);
    const std::uint64_t last = std::min(begin + buffer_.size(), part_.offset + part_.size);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(first - begin), last - first,
                memory.begin() + static_cast<std::ptrdiff_t>(first - part_.offset));
  }

  neuron_range part_;
  std::vector<std::int64_t> addresses_;  // of each node of the unfused graph
  int result_;                           // the output that the part lies in, or -1
  std::int64_t result_address_;
  std::vector<std::int8_t> buffer_ = {};
  engine engine_;
};

}  // namespace octavo::inline v0
