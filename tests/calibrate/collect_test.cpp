// SPDX-License-Identifier: MIT
/// @file
/// Calibration on threads and in shares: the same counts, to the last one, as in one go.

#include "octavo/calibrate/collect.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "helpers.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/calibrate/shard.hpp"
#include "octavo/graph/builder.hpp"
#include "support/random.hpp"

namespace {

using namespace octavo;
using octavo::testing::message_of;

/// data (2 x 5 x 5) -> conv -> relu -> pool -> fc
float_model random_network() {
  graph_builder<std::vector<node>> net;
  tensor_id x = net.input("data_quant", {1, 2, 5, 5});
  x = net.conv2d("conv", x, {.channels = 3, .window = square(3, 1, 1)});
  x = net.relu("conv_relu", x);
  x = net.max_pool("pool", x, {.window = square(2, 2)});
  x = net.fully_connected("fc", x, 4);
  float_model model{.graph = net.finish(x), .params = {5, float_params{}}};
  testing::random_source random(3);
  for (const std::size_t i : {std::size_t{1}, std::size_t{4}}) {
    model.params[i].weights.resize(
        static_cast<std::size_t>(weights_shape(model.graph, i).elements()));
    model.params[i].bias.resize(static_cast<std::size_t>(model.graph[i].shape.c));
    for (double& w : model.params[i].weights) w = random.real();
    for (double& b : model.params[i].bias) b = random.real();
  }
  return model;
}

std::vector<tensor<float>> random_images(std::size_t count) {
  testing::random_source random(5);
  std::vector<tensor<float>> images(count, tensor<float>({1, 2, 5, 5}));
  for (tensor<float>& image : images) {
    for (float& x : image.values) x = static_cast<float>(3 * random.real());
  }
  return images;
}

image_source source_of(const std::vector<tensor<float>>& images) {
  return {images.size(), [&images](std::size_t i) { return images[i]; }};
}

}  // namespace

TEST_CASE("the histograms do not depend on threads or order") {
  const float_model model = random_network();
  std::vector<tensor<float>> images = random_images(23);
  const tensor_histograms expected = collect_histograms(model, source_of(images));
  for (const int threads : {2, 3, 7, 64}) {
    CHECK(collect_histograms(model, source_of(images), {.threads = threads}) == expected);
  }
  std::reverse(images.begin(), images.end());
  CHECK(collect_histograms(model, source_of(images), {.threads = 3}) == expected);
  // The test would notice: an image less is another result.
  images.pop_back();
  CHECK_FALSE(collect_histograms(model, source_of(images), {.threads = 3}) == expected);
}

TEST_CASE("shares of the set merge to the whole") {
  const float_model model = random_network();
  const emulation::float_network network(model);
  const std::vector<tensor<float>> images = random_images(11);
  const tensor_ranges all_ranges = collect_ranges(network, source_of(images));
  const tensor_histograms all = collect_histograms(network, all_ranges, source_of(images));
  for (const std::uint32_t count : {1U, 2U, 4U, 11U}) {
    const auto share = [&](std::uint32_t index) {
      const std::vector<std::size_t> mine = images_of({index, count}, images.size());
      return image_source{mine.size(), [&images, mine](std::size_t i) { return images[mine[i]]; }};
    };
    tensor_ranges ranges = collect_ranges(network, share(count));
    for (std::uint32_t i = 1; i < count; ++i) ranges.merge(collect_ranges(network, share(i)));
    CHECK(ranges == all_ranges);
    tensor_histograms histograms = collect_histograms(network, ranges, share(count));
    for (std::uint32_t i = 1; i < count; ++i) {
      histograms.merge(collect_histograms(network, ranges, share(i)));
    }
    CHECK(histograms == all);
  }
}

TEST_CASE("progress counts up to the number of images on any threads") {
  const std::vector<tensor<float>> images = random_images(9);
  for (const int threads : {1, 4}) {
    std::vector<std::size_t> seen;
    collect_histograms(
        random_network(), source_of(images),
        {.threads = threads, .progress = [&](int pass, std::size_t done, std::size_t count) {
           CHECK(count == 9);
           seen.push_back(10 * static_cast<std::size_t>(pass) + done);
         }});
    std::vector<std::size_t> expected;
    for (const std::size_t pass : {10U, 20U}) {
      for (std::size_t done = 1; done <= 9; ++done) expected.push_back(pass + done);
    }
    CHECK(seen == expected);
  }
}

TEST_CASE("the first wrong image is the one that is reported, whatever the threads") {
  const image_source images = {20, [](std::size_t i) -> tensor<float> {
                                 if (i >= 5) fail("picture ", i, " is damaged");
                                 return random_images(20)[i];
                               }};
  for (const int threads : {1, 2, 6}) {
    CHECK(message_of([&] { collect_histograms(random_network(), images, {.threads = threads}); }) ==
          "picture 5 is damaged");
  }
}

TEST_CASE("ranges of another network are refused") {
  const emulation::float_network network(random_network());
  const std::vector<tensor<float>> images = random_images(1);
  const tensor_ranges other({"a", "b"});
  CHECK(message_of([&] { collect_histograms(network, other, source_of(images)); }) ==
        "calibration: the ranges are not of this network's tensors");
}

TEST_CASE("a shard is i/n and deals a set out evenly") {
  CHECK(parse_shard("2/4") == shard{2, 4});
  CHECK(parse_shard("1/1") == shard{});
  for (const std::string text : {"", "2", "0/4", "5/4", "1/0", "-1/4", "1/65537", "1/4/", "a/b",
                                 "1 /4", "1/4294967297", "/", "1/"}) {
    CAPTURE(text);
    CHECK(message_of([&] { parse_shard(text); }).starts_with("shard '" + text + "', expected i/n"));
  }
  std::set<std::size_t> all;
  for (const std::uint32_t i : {1U, 2U, 3U}) {
    const std::vector<std::size_t> mine = images_of({i, 3}, 10);
    CHECK(mine.size() == (i == 1 ? 4 : 3));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == 10);
  CHECK(message_of([] { images_of({3, 3}, 2); }) == "shard 3/3 is empty: the set has 2 images");
}

TEST_CASE("parts must be every shard of one whole, once") {
  const auto part = [](std::uint32_t index) {
    return part_identity{.shard = {index, 3}, .images = 9, .files = 1, .network = 2, .options = 3};
  };
  const std::vector<std::string> names = {"a", "b", "c"};
  const auto refused = [&](const std::vector<part_identity>& parts) {
    return message_of([&] { check_parts(parts, std::span(names).first(parts.size())); });
  };
  std::vector<part_identity> parts = {part(3), part(1), part(2)};
  part_identity whole = part(1);
  whole.shard = {};
  CHECK(check_parts(parts, names) == whole);
  CHECK(refused({part(1), part(2), part(1)}) == "c: is shard 1/3, and so is a");
  CHECK(refused({part(1), part(3)}) == "merge: shard 2/3 is missing");
  CHECK(refused({}) == "merge: there are no parts");
  parts[1].network = 9;
  CHECK(refused(parts) == "b: is of another network than a");
  parts[1] = part(1);
  parts[2].files = 9;
  CHECK(refused(parts) == "c: is of another set of images than a");
  parts[2].files = 1;
  parts[2].images = 10;
  CHECK(refused(parts) == "c: is of another set of images than a");
  parts[2] = part(2);
  parts[2].options = 4;
  CHECK(refused(parts) == "c: is of another set of options than a");
  parts[2] = part(2);
  parts[2].shard.count = 4;
  CHECK(refused(parts) == "c: is shard 2/4, but a is shard 3/3");
  parts[2].kind = part_kind::evaluation;
  CHECK(refused(parts) == "c: holds evaluation, but a holds ranges");
}

TEST_CASE("a fingerprint follows every weight and all that the ops are told") {
  const float_model model = random_network();
  const std::uint32_t expected = fingerprint_of(model);
  CHECK(fingerprint_of(random_network()) == expected);
  float_model other = model;
  other.params[4].bias[3] += 1e-9;
  CHECK(fingerprint_of(other) != expected);
  std::set<std::uint32_t> seen = {expected};
  using change_of_node = void (*)(node&);
  constexpr change_of_node changes[] = {
      [](node& of) { of.name = "other"; },
      [](node& of) { of.kind = op::max_pool; },
      [](node& of) { of.src[0] = 1; },
      [](node& of) { of.src.push_back(0); },
      [](node& of) { of.shape.c = 4; },
      [](node& of) { of.window.kw = 2; },
      [](node& of) { of.window.stride_h = 2; },
      [](node& of) { of.window.dilation_h = 2; },
      [](node& of) { of.window.dilation_w = 2; },
      [](node& of) { of.window.pad.top = 2; },
      [](node& of) { of.window.pad.right = 2; },
      [](node& of) { of.groups = 2; },
      [](node& of) { of.rounding = size_rounding::ceil; },
      [](node& of) { of.count_padding = true; },
      [](node& of) { of.lo = -1; },
      [](node& of) { of.hi = 6; },
      [](node& of) { of.slope = 0.125; },
  };
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    CAPTURE(i);
    other = model;
    changes[i](other.graph.nodes[1]);
    CHECK(seen.insert(fingerprint_of(other)).second);
  }
  other = model;
  other.graph.outputs.push_back(1);
  CHECK(seen.insert(fingerprint_of(other)).second);
}
