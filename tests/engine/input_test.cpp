// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>

#include "engine_test_tools.hpp"
#include "octavo/reference/quantize.hpp"

namespace octavo::testing {
namespace {

graph small_graph(const shape& input = {2, 3, 5, 4}) {
  builder net;
  const tensor_id x = net.input("data", input);
  return net.finish(net.conv2d("conv", x, {.channels = 7, .window = square(3, 1, 1)}));
}

tensor<float> random_floats(const shape& extents) {
  random_source rng(5);
  tensor<float> made(extents);
  for (float& x : made.values) x = static_cast<float>(rng.real() * 3);
  return made;
}

std::string message_of(engine& net, const tensor<float>& image) {
  try {
    net.run(image);
  } catch (const error& why) {
    return why.what();
  }
  return "";
}

}  // namespace

TEST_CASE("nhwc_view: channels are next to each other") {
  const int values[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const nhwc_view<const int> view{values, {1, 3, 2, 2}};
  CHECK(view(0, 2, 0, 0) == 2);
  CHECK(view(0, 0, 0, 1) == 3);
  CHECK(view(0, 1, 1, 0) == 7);
}

TEST_CASE("int8 in NCHW and NHWC") {
  const quantized_model model = plain_model(small_graph());
  const tensor<std::int8_t> image = input_of(model.graph);
  const tensor<std::int8_t> expected = interpret(model, image).back();
  engine net(model);
  net.run(image);
  CHECK(net.output() == expected);
  net.run(image.view());
  CHECK(net.output() == expected);
  const std::vector<std::int8_t> turned = to_nhwc(image);
  net.run(nhwc_view<const std::int8_t>{turned.data(), image.shape});
  CHECK(net.output() == expected);
}

TEST_CASE("floats are quantized by the input's threshold") {
  const quantized_model model = plain_model(small_graph());
  const tensor<float> image = random_floats(model.graph[0].shape);
  tensor<std::int8_t> quantized(image.shape);
  reference::quantize(image.view(), model.thresholds[0], quantized.view());
  engine net(model);
  CHECK(net.input_threshold() == model.thresholds[0]);
  CHECK(net.output_threshold() == model.thresholds[1]);
  net.run(image, [&](const observed_tensor& seen) {
    if (seen.index() != 0) return;
    tensor<std::int8_t> taken(seen.shape());
    seen.copy_to(taken.view());
    CHECK(taken == quantized);
  });
  const tensor<std::int8_t> expected = interpret(model, quantized).back();
  CHECK(net.output() == expected);
  const std::vector<float> turned = to_nhwc(image);
  net.run(nhwc_view<const float>{turned.data(), image.shape});
  CHECK(net.output() == expected);
}

TEST_CASE("a tensor whose shape was changed, and a table for another threshold") {
  const quantized_model model = plain_model(small_graph());
  engine net(model);
  tensor<std::int8_t> image = input_of(model.graph);
  image.values.pop_back();
  CHECK_THROWS_WITH_AS(net.run(image),
                       "engine: the input has not as many elements as its shape says", error);
  const double zeros[3] = {};
  const pixel_table other(zeros, zeros, 2 * model.thresholds[0]);
  CHECK_THROWS_WITH_AS(net.run(tensor<std::uint8_t>(image.shape), other),
                       "engine: the pixel table is for another threshold than the input's", error);
}

TEST_CASE("rows that are wider than what is converted at once, cut into parts") {
  const quantized_model model = plain_model(small_graph({2, 3, 3, 700}));
  const tensor<float> image = random_floats(model.graph[0].shape);
  tensor<std::int8_t> quantized(image.shape);
  reference::quantize(image.view(), model.thresholds[0], quantized.view());
  const tensor<std::int8_t> expected = interpret(model, quantized).back();
  const std::vector<float> turned = to_nhwc(image);
  const std::vector<std::int8_t> turned_bytes = to_nhwc(quantized);
  const threading parts = {3, [](int count, task_ref task) {
                             for (int i = 0; i < count; ++i) task(i);
                           }};
  for (const isa which : available_isas()) {
    engine net(model, {.isa = which}, {.threading = parts});
    net.run(image);
    CHECK(net.output() == expected);
    net.run(nhwc_view<const float>{turned.data(), image.shape});
    CHECK(net.output() == expected);
    net.run(quantized);
    CHECK(net.output() == expected);
    net.run(nhwc_view<const std::int8_t>{turned_bytes.data(), image.shape});
    CHECK(net.output() == expected);
  }
}

TEST_CASE("an output as real numbers") {
  for (const shape& input : {shape{2, 3, 5, 4}, shape{1, 3, 1, 1}, shape{3, 3, 20, 30}}) {
    const quantized_model model = plain_model(small_graph(input));
    engine net(model);
    net.run(input_of(model.graph));
    tensor<float> expected(net.output_shape());
    const tensor<std::int8_t> output = net.output();
    reference::dequantize(output.view(), net.output_threshold(), expected.view());
    tensor<float> got(net.output_shape());
    net.output(0, got.view());
    CHECK(got.values == expected.values);
    tensor<float> wrong(shape{1, 1, 1, 1});
    const std::string message =
        octavo::concat_text("engine: dst has the shape 1x1x1x1, expected ", net.output_shape());
    CHECK_THROWS_WITH_AS(net.output(0, wrong.view()), message.c_str(), error);
  }
}

TEST_CASE("pixels of 8 bits go through a table of (pixel - mean) * scale") {
  const quantized_model model = plain_model(small_graph());
  const double mean[3] = {123.675, 116.28, 103.53};
  const double scale[3] = {1 / 58.395, 1 / 57.12, 1 / 57.375};
  const pixel_table pixels(mean, scale, model.thresholds[0]);
  random_source rng(8);
  tensor<std::uint8_t> image(model.graph[0].shape);
  for (std::uint8_t& x : image.values) x = static_cast<std::uint8_t>(rng.integer(0, 255));
  tensor<std::int8_t> quantized(image.shape);
  for (int n = 0; n < 2; ++n) {
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < 20; ++i) {
        const auto at = static_cast<std::size_t>((n * 3 + c) * 20 + i);
        quantized.values[at] =
            quantize((image.values[at] - mean[c]) * scale[c], model.thresholds[0]);
      }
    }
  }
  const tensor<std::int8_t> expected = interpret(model, quantized).back();
  engine net(model);
  net.run(std::as_const(image).view(), pixels);
  CHECK(net.output() == expected);
  std::vector<std::uint8_t> turned = to_nhwc(image);
  net.run(nhwc_view<std::uint8_t>{turned.data(), image.shape}, pixels);
  CHECK(net.output() == expected);
  int seen = 0;
  net.run(image, pixels, [seen](const observed_tensor&) mutable { ++seen; });
  net.run(image, pixels, [&](const observed_tensor&) { ++seen; });
  CHECK(seen == 2);
  CHECK(net.output() == expected);

  const pixel_table gray(std::span(mean, 1), std::span(scale, 1), 1.0);
  CHECK_THROWS_WITH_AS(net.run(std::as_const(image).view(), gray),
                       "engine: the pixel table has another number of channels than the image",
                       error);
}

TEST_CASE("pixel_table refuses what gives no numbers") {
  const double one[1] = {1};
  const double bad[1] = {std::numeric_limits<double>::infinity()};
  CHECK_THROWS_AS(pixel_table(one, bad, 1.0), error);
  CHECK_THROWS_AS(pixel_table(bad, one, 1.0), error);
  CHECK_THROWS_AS(pixel_table(one, one, 0.0), error);
  const double huge[1] = {1e307};
  CHECK_THROWS_AS(pixel_table(one, huge, 1.0), error);
  CHECK_THROWS_AS(pixel_table(one, std::span<const double>(), 1.0), error);
}

TEST_CASE("inputs that are refused, and that do no harm") {
  const quantized_model model = plain_model(small_graph());
  engine net(model);
  CHECK(message_of(net, random_floats({2, 3, 4, 5})) ==
        octavo::concat_text("engine: the input has the shape 2x3x4x5, expected ",
                            model.graph[0].shape));
  tensor<float> image = random_floats(model.graph[0].shape);
  for (const float wrong : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    image.values[7] = wrong;
    CHECK(message_of(net, image) == "engine: the input has a value that is not finite");
  }
  image.values[7] = 0;
  CHECK(message_of(net, image) == "");
}

TEST_CASE("channels that fill up a block are zeros, whatever lay there") {
  // 5 channels in a block of 16, and memory full of garbage.
  const quantized_model model = plain_model(small_graph({1, 5, 6, 6}));
  const prepared_model prepared(model);
  aligned_bytes memory(static_cast<std::size_t>(prepared.engine_bytes()));
  std::fill(memory.view().begin(), memory.view().end(), std::byte{0x5a});
  const tensor<std::int8_t> image = input_of(model.graph);
  engine net(std::shared_ptr<const prepared_model>(&prepared, [](const prepared_model*) {}),
             {.memory = memory.view()});
  net.run(image, [](const observed_tensor& seen) {
    const blocked_layout& at = seen.values().layout;
    if (seen.index() != 0) return;
    for (int h = 0; h < at.shape.h; ++h) {
      for (int c = at.shape.c; c < at.block; ++c)
        CHECK(seen.values().data[at.pixel(h, 2) + c] == 0);
    }
  });
  CHECK(net.output() == interpret(model, image).back());
}

}  // namespace octavo::testing
