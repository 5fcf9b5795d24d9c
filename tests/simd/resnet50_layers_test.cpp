// SPDX-License-Identifier: MIT
/// @file
/// Every distinct layer of both ResNet-50s, by name, on smaller images: channels, blocks, windows,
/// residuals and signs of the source are those of the networks.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "conv2d_case.hpp"
#include "octavo/core/blocked.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/networks/resnet.hpp"
#include "support/effort.hpp"

using namespace octavo::testing;
using octavo::op;
using octavo::networks::resnet_variant;

namespace {

/// The fused node as a convolution; a fully connected layer is one with a 1x1 image.
conv2d_case case_of(const octavo::graph& net, const octavo::node& layer) {
  const octavo::node& from = net[static_cast<std::size_t>(layer.src[0])];
  conv2d_case c;
  c.src = from.shape;
  c.channels = layer.shape.c;
  c.window = layer.window;
  if (layer.kind == op::fully_connected) {
    c.src = {from.shape.n, static_cast<int>(from.shape.elements_per_image()), 1, 1};
  }
  c.src_block = c.src.c <= 4 ? c.src.c : octavo::choose_block(c.src.c);
  c.biased = c.src_block < 16;
  c.dst_block = octavo::choose_block(c.channels);
  c.dst_border = {1, 1, 1, 1};
  c.signed_source = !from.relu && from.kind != op::max_pool && from.kind != op::avg_pool;
  c.relu = layer.relu;
  c.residual_operand = layer.residual_operand;
  c.add = {{97, 64}, 7};
  return c;
}

/// Those layers that are not in `done`, which they are put into.
void check_layers(resnet_variant variant, std::set<std::string>& done) {
  octavo::networks::resnet_options options;
  options.variant = variant;
  options.image = slow_build ? 32 : 64;
  options.width = slow_build ? 32 : 64;
  options.batch = slow_build ? 1 : 2;
  const octavo::graph net = octavo::fuse(octavo::networks::resnet(options));
  for (const octavo::node& layer : net) {
    if (layer.kind != op::conv2d && layer.kind != op::fully_connected) continue;
    conv2d_case c = case_of(net, layer);
    if (!done.insert(to_text(c)).second) continue;
    INFO(std::string(layer.name.view()));
    for (const bool per_channel : {false, true}) {
      random_source rng(done.size());
      c.kind = per_channel ? octavo::policy::multiplier_rshift : octavo::policy::rshift;
      c.per_channel = per_channel;
      if (slow_build && per_channel != (done.size() % 2 == 0)) continue;
      check_conv2d(c, rng);
    }
  }
}

}  // namespace

TEST_CASE("ResNet-50, Caffe's and torchvision's: every distinct convolution and fc1000") {
  std::set<std::string> done;
  check_layers(resnet_variant::caffe, done);
  const std::size_t first = done.size();
  CHECK(first >= 20);
  check_layers(resnet_variant::torchvision, done);
  CHECK(done.size() >= first + 3);  // where the strides are
}
