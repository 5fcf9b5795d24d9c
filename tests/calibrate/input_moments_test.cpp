// SPDX-License-Identifier: MIT
/// @file
/// Moments of a layer's inputs against loops over pixels and taps.

#include "octavo/calibrate/input_moments.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/random_graph.hpp"

namespace {

using octavo::input_moments;
using octavo::node;
using octavo::shape;
using octavo::tensor;
using octavo::tensor_id;
using octavo::testing::builder;
using octavo::testing::random_source;
using images = std::vector<tensor<std::int8_t>>;

/// The node that `append` puts behind an input.
node layer_of(const shape& in, const auto& append) {
  builder net;
  const tensor_id x = net.input("data", in);
  return net.finish(append(net, x)).nodes.back();
}

images random_set(const shape& in, std::size_t count, random_source& rng) {
  images set;
  while (set.size() < count) {
    set.push_back(octavo::testing::random_tensor(in, octavo::testing::fill::uniform, rng));
  }
  return set;
}

/// What output pixel (oh, ow) of one group sees, and the constant 1.
std::vector<double> seen_by(const node& layer, int group, const tensor<std::int8_t>& image, int oh,
                            int ow) {
  const octavo::window& w = layer.window;
  const int channels = image.shape.c / layer.groups;
  std::vector<double> seen;
  for (int c = group * channels; c < (group + 1) * channels; ++c) {
    for (int kh = 0; kh < w.kh; ++kh) {
      for (int kw = 0; kw < w.kw; ++kw) {
        const int h = oh * w.stride_h + kh * w.dilation_h - w.pad.top;
        const int v = ow * w.stride_w + kw * w.dilation_w - w.pad.left;
        const bool inside = h >= 0 && h < image.shape.h && v >= 0 && v < image.shape.w;
        seen.push_back(inside ? image.view()(0, c, h, v) : 0);
      }
    }
  }
  seen.push_back(1);
  return seen;
}

/// One vector for each output pixel of each image, in order.
std::vector<std::vector<double>> all_seen(const node& layer, int group, const images& set) {
  std::vector<std::vector<double>> pixels;
  for (const tensor<std::int8_t>& image : set) {
    if (layer.kind == octavo::op::fully_connected) {
      pixels.emplace_back(image.values.begin(), image.values.end());
      pixels.back().push_back(1);
      continue;
    }
    for (int oh = 0; oh < layer.shape.h; ++oh) {
      for (int ow = 0; ow < layer.shape.w; ++ow) {
        pixels.push_back(seen_by(layer, group, image, oh, ow));
      }
    }
  }
  return pixels;
}

/// Compares with means over all pixels and products over every step-th of them. The sums are of
/// integers, up to 2^24 of them exact in float.
void check_moments(const input_moments& found, const std::vector<std::vector<double>>& pixels,
                   std::size_t step) {
  const std::size_t n = pixels[0].size();
  REQUIRE(found.mean.size() == static_cast<Eigen::Index>(n) - 1);
  REQUIRE(found.second.rows() == static_cast<Eigen::Index>(n));
  const std::size_t taken = (pixels.size() + step - 1) / step;
  CHECK(found.samples_taken == static_cast<Eigen::Index>(taken));
  bool equal = true;
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (const auto& pixel : pixels) sum += pixel[i];
    const auto row = static_cast<Eigen::Index>(i);
    if (i + 1 < n) equal &= found.mean[row] == sum / static_cast<double>(pixels.size());
    for (std::size_t j = 0; j <= i; ++j) {
      double products = 0;
      for (std::size_t p = 0; p < pixels.size(); p += step) products += pixels[p][i] * pixels[p][j];
      const double expected = products / static_cast<double>(taken);
      const double limit = 1e-6 * (128 * 128);
      equal &= std::abs(found.second(row, static_cast<Eigen::Index>(j)) - expected) <= limit;
    }
  }
  CHECK(equal);
}

constexpr std::int64_t all_pixels = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("by hand: two pixels of one channel, and the constant") {
  const node layer = layer_of({1, 1, 1, 2}, [](builder& net, tensor_id x) {
    return net.conv2d("conv", x, {.channels = 1});
  });
  images set(1, tensor<std::int8_t>({1, 1, 1, 2}));
  set[0].values = {3, -6};
  const input_moments found = octavo::detail::measure_inputs(layer, 0, set, all_pixels);
  CHECK(found.mean[0] == -1.5);
  CHECK(found.second(0, 0) == 22.5F);  // (9 + 36) / 2
  CHECK(found.second(1, 0) == -1.5F);
  CHECK(found.second(1, 1) == 1);
  CHECK(found.samples_taken == 2);
}

TEST_CASE("random convolutions: strides, pads, dilation, groups, one image and several") {
  random_source rng(11);
  for (int i = 0; i < 200; ++i) {
    CAPTURE(i);
    const shape in = {1, rng.integer(1, 6), rng.integer(1, 9), rng.integer(1, 9)};
    const node layer = layer_of(in, [&](builder& net, tensor_id x) {
      return net.conv2d("conv", x, octavo::testing::random_conv(in, rng));
    });
    const images set = random_set(in, static_cast<std::size_t>(rng.integer(1, 4)), rng);
    const int group = rng.integer(0, layer.groups - 1);
    check_moments(octavo::detail::measure_inputs(layer, group, set, all_pixels),
                  all_seen(layer, group, set), 1);
  }
}

TEST_CASE("a fully connected layer sees the whole image, once") {
  random_source rng(12);
  const shape in = {1, 3, 2, 4};
  const node layer =
      layer_of(in, [](builder& net, tensor_id x) { return net.fully_connected("fc", x, 5); });
  const images set = random_set(in, 7, rng);
  const auto pixels = all_seen(layer, 0, set);
  check_moments(octavo::detail::measure_inputs(layer, 0, set, all_pixels), pixels, 1);
  check_moments(octavo::detail::measure_inputs(layer, 0, set, 3), pixels, 2);
}

TEST_CASE("samples: a grid that goes on from image to image; the mean takes all pixels") {
  random_source rng(13);
  const shape in = {1, 2, 4, 5};
  const node layer = layer_of(in, [](builder& net, tensor_id x) {
    return net.conv2d("conv", x, {.channels = 1, .window = octavo::square(3, 1, 1)});
  });
  const images set = random_set(in, 5, rng);
  const auto pixels = all_seen(layer, 0, set);
  REQUIRE(pixels.size() == 100);
  // Of 20 pixels an image: steps that divide it, that do not, and that skip whole images.
  for (const std::size_t samples : {100U, 50U, 33U, 14U, 9U, 4U, 2U, 1U}) {
    CAPTURE(samples);
    const std::size_t step = 100 / samples;
    check_moments(octavo::detail::measure_inputs(layer, 0, set, static_cast<std::int64_t>(samples)),
                  pixels, step);
  }
  const input_moments mean_alone = octavo::detail::measure_inputs(layer, 0, set, 0);
  CHECK(mean_alone.mean == octavo::detail::measure_inputs(layer, 0, set, 100).mean);
  CHECK(mean_alone.second.size() == 0);
  CHECK(mean_alone.samples_taken == 0);
}
