// SPDX-License-Identifier: MIT
// The first program: one convolution in int8, and a network as a constant.
#include <cstdio>
#include <octavo/engine.hpp>
#include <octavo/kernels.hpp>
#include <octavo/octavo.hpp>

int main() {
  // A 1x1x4x4 image and one 3x3 filter; int8 with thresholds, as a quantizer leaves them.
  const std::int8_t src[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const std::int8_t weights[9] = {0, -1, 0, -1, 5, -1, 0, -1, 0};  // sharpen
  const std::int32_t bias[1] = {3};
  std::int8_t dst[16];

  // acc = 3 + sum, then ReLU, then floor(acc / 2^1 + 1/2), saturated to int8.
  const octavo::kernels fast;
  fast.conv2d({src, {1, 1, 4, 4}}, octavo::filter<std::int32_t>{{weights, {1, 1, 3, 3}}, bias},
              {.window = octavo::square(3, /*stride=*/1, /*pad=*/1), .relu = true},
              octavo::rshift{1}, {dst, {1, 1, 4, 4}});

  for (int h = 0; h < 4; ++h) {
    std::printf("%4d%4d%4d%4d\n", dst[4 * h], dst[4 * h + 1], dst[4 * h + 2], dst[4 * h + 3]);
  }

  // A network is a constant: shapes are inferred, mistakes do not compile, memory is planned.
  constexpr auto net = [] {
    octavo::static_graph_builder<8> b;
    auto x = b.input("image", {1, 3, 32, 32});
    x = b.conv2d("conv1", x, {.channels = 16, .window = octavo::square(3, 1, 1)});
    x = b.relu("relu1", x);
    x = b.max_pool("pool1", x, {.window = octavo::square(2, 2)});
    return b.finish(b.fully_connected("fc", x, 10));
  }();
  constexpr auto fused = octavo::fuse(net);
  constexpr long long bytes = octavo::engine_bytes(net);
  std::printf("%zu ops, fused %zu, an engine needs %lld bytes\n", net.size(), fused.size(), bytes);
}
