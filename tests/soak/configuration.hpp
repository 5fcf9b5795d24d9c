// SPDX-License-Identifier: MIT
/// @file
/// One random convolution of the soak: drawn from its seed alone, computed on one instruction set
/// and held against the reference. Half of them call a kernel, half run an engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/engine.hpp"
#include "octavo/interpreter.hpp"
#include "simd/random_conv2d.hpp"
#include "support/guarded.hpp"
#include "support/random_model.hpp"
#include "support/std_threads.hpp"

namespace octavo::testing {

/// Multiply-adds of a convolution at most, so that the reference takes no millisecond.
inline constexpr std::int64_t soak_limit = 150'000;

/// What became of one seed. `problem` is empty where the bytes are those of the reference.
struct soak_outcome {
  std::string text;
  std::string problem;
};

/// Memory of an engine or of packed weights: it begins at a page and so at a cache line, or ends at
/// one where its size lets it begin at a line. Full of what nobody may rely on.
inline guarded_bytes engine_memory(std::int64_t bytes, random_source& rng) {
  const auto size = static_cast<std::size_t>(bytes);
  const bool can_end = size % cache_line == 0;
  guarded_bytes memory(size, can_end && rng.one_in(2) ? guard::behind : guard::before);
  std::ranges::fill(memory.values(), static_cast<std::int8_t>(rng.integer(-128, 127)));
  return memory;
}

/// A dense convolution, a narrow or a depthwise one, or one by winograd.
inline conv2d_case draw_kernel_case(random_source& rng) {
  switch (rng.integer(0, 5)) {
    case 0:
      return random_narrow(rng, soak_limit);
    case 1:
      return random_depthwise(rng);
    case 2: {
      conv2d_case c = random_winograd(rng);
      while (c.multiply_adds() > 4 * soak_limit) {
        int& channels = c.src.c > c.channels ? c.src.c : c.channels;
        channels = (channels + 1) / 2;
      }
      return c;
    }
    default:
      return random_conv2d(rng, soak_limit);
  }
}

inline soak_outcome soak_kernel(isa which, random_source& rng) {
  const conv2d_case c = draw_kernel_case(rng);
  const conv2d_operands o = random_operands(c, rng);
  const run_style& style = rng.pick(all_run_styles);
  return {concat_text(to_text(c), style.in_pieces ? ", in pieces" : ""),
          conv2d_difference(c, o, simd::kernels_for(which), style)};
}

/// data (relu) conv (add of another) (relu): what the engine fuses in one way or another.
inline graph draw_soak_graph(random_source& rng) {
  builder net;
  const bool wide = rng.one_in(60);  // large enough for winograd
  const shape in = wide ? shape{rng.integer(1, 2), rng.integer(16, 64), rng.integer(6, 14), 8}
                        : random_shape(rng);
  tensor_id x = net.input("data", in);
  if (rng.one_in(2)) x = net.relu("source", x);
  conv2d_options options =
      wide ? conv2d_options{.channels = 64, .window = square(3, 1, 1)} : random_conv(in, rng);
  tensor_id y = net.conv2d("conv", x, options);
  if (rng.one_in(2)) {
    const tensor_id other = net.conv2d("other", x, options);
    y = rng.one_in(2) ? net.add("sum", y, other) : net.add("sum", other, y);
  }
  if (rng.one_in(2)) y = net.relu("relu", y);
  return net.finish(y);
}

inline std::string describe(const graph& net, const model_options& options) {
  std::string text = "engine";
  for (const node& op_node : net.nodes) {
    text += concat_text(", ", op_node.name.view(), " ", to_text(op_node.shape));
    if (op_node.kind != op::conv2d) continue;
    const window& w = op_node.window;
    text += concat_text(" (kernel ", w.kh, "x", w.kw, " stride ", w.stride_h, "x", w.stride_w,
                        " dilation ", w.dilation_h, "x", w.dilation_w, " pad ", w.pad.top, " ",
                        w.pad.left, " ", w.pad.bottom, " ", w.pad.right, ", groups ",
                        op_node.groups, ")");
  }
  return concat_text(text, ", weights ", to_string(options.weights), ", policy ",
                     static_cast<int>(options.kind), options.per_channel ? " per channel" : "",
                     options.extremes ? " extreme" : "");
}

inline soak_outcome soak_engine(isa which, random_source& rng) {
  const graph net = draw_soak_graph(rng);
  const model_options options = {.kind = rng.pick(all_policies),
                                 .per_channel = rng.one_in(2),
                                 .weights = rng.one_in(2) ? fill::uniform : rng.pick(all_fills),
                                 .extremes = rng.one_in(3)};
  const quantized_model model = random_model(net, options, rng);
  const tensor<std::int8_t> image = random_tensor(net[0].shape, rng.pick(all_fills), rng);
  constexpr fusion levels[] = {fusion::none, fusion::relu, fusion::relu_add};
  const prepare_options prepare = {.isa = which,
                                   .fusion = rng.pick(levels),
                                   .winograd = !rng.one_in(4),
                                   .images_at_once = rng.integer(0, 2)};
  const int threads = rng.one_in(2) ? 1 : rng.integer(2, 4);

  const guarded_bytes packed = engine_memory(packed_bytes(model, prepare), rng);
  const auto prepared = std::make_shared<const prepared_model>(model, prepare, packed.bytes());
  const guarded_bytes memory = engine_memory(prepared->engine_bytes(), rng);
  engine run(prepared, {.threading = std_threads(threads), .memory = memory.bytes()});
  run.run(image);
  const auto last = static_cast<std::size_t>(net.outputs[0]);
  return {concat_text(describe(net, options), ", fusion ", static_cast<int>(prepare.fusion), ", ",
                      prepare.images_at_once, " images at once, ", threads, " threads"),
          difference(interpret(model, image)[last], run.output())};
}

/// The configuration of `seed` on `which`. Never throws: a refusal is a problem too.
inline soak_outcome soak_one(std::uint64_t seed, isa which) {
  random_source rng(seed);
  try {
    return rng.one_in(2) ? soak_kernel(which, rng) : soak_engine(which, rng);
  } catch (const std::exception& refused) {
    return {"refused", refused.what()};
  }
}

/// Which instruction set a seed is for, where none is asked for: one that the CPU has.
inline isa soak_isa(std::uint64_t seed) {
  const isa_list all = available_isas();
  random_source rng(~seed);
  return all[static_cast<std::size_t>(rng.integer(0, static_cast<int>(all.size()) - 1))];
}

}  // namespace octavo::testing
