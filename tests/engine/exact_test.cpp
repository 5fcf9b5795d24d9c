// SPDX-License-Identifier: MIT
/// @file
/// The engine against the reference: every instruction set of this CPU and three emulated ones,
/// every level of fusion, every tensor.
#include <array>

#include "engine_test_tools.hpp"
#include "support/effort.hpp"

namespace octavo::testing {

const std::vector<way>& all_ways() {
  static const std::array<simd::kernel_table, 3> emulated = all_emulated_kernels();
  static const std::vector<way> ways = [] {
    std::vector<way> made;
    constexpr const char* levels[] = {", unfused", ", relu fused", ", fully fused"};
    for (const fusion level : {fusion::none, fusion::relu, fusion::relu_add}) {
      const char* const fused = levels[static_cast<std::size_t>(level)];
      for (const isa which : available_isas()) {
        made.push_back({concat_text(to_string(which), fused), {.isa = which, .fusion = level}});
      }
      for (const simd::kernel_table& table : emulated) {
        made.push_back({concat_text(table.detail, fused), {.fusion = level, .kernels = &table}});
      }
    }
    return made;
  }();
  return ways;
}

TEST_CASE("random graphs: every way gives the bytes of interpret()") {
  std::set<std::string> seen;
  for (int i = 0; i < effort(400); ++i) {
    INFO("seed " << i);
    random_source rng(static_cast<std::uint64_t>(i) + 1000);
    const graph net = random_graph(rng.integer(2, 9), rng);
    const model_options options = {.kind = rng.pick(all_policies),
                                   .per_channel = rng.one_in(2),
                                   .weights = rng.pick(all_fills),
                                   .extremes = rng.one_in(3)};
    const quantized_model model = random_model(net, options, rng);
    check_every_way(model, input_of(net, rng.pick(all_fills), rng.bits()), seen);
  }
  for (const char* kernel : {"input", "conv2d", "depthwise", "clip", "lookup", "max_pool",
                             "avg_pool", "add", "channel_copy"}) {
    INFO(kernel);
    CHECK(seen.contains(kernel));
  }
}

TEST_CASE("a fully connected layer reads any source, and any batch") {
  for (const shape source : {shape{1, 64, 1, 1}, shape{5, 70, 1, 1}, shape{3, 20, 4, 3},
                             shape{17, 3, 5, 5}, shape{2, 1, 3, 2}}) {
    builder net;
    const tensor_id x = net.input("data", source);
    check_every_way(net.finish(net.fully_connected("fc", x, 35)));
    builder behind;
    tensor_id y = behind.relu("relu", behind.input("data", source));
    y = behind.fully_connected("fc", y, 64);
    check_every_way(behind.finish(behind.fully_connected("fc2", y, 1)));
  }
}

TEST_CASE("padding that is too much for a border goes to the reference, and says so") {
  builder net;
  tensor_id x = net.input("data", {1, 3, 4, 5});
  x = net.conv2d("conv", x, {.channels = 5, .window = {3, 3, 300, 300, 1, 1, {500, 200, 3, 70}}});
  x = net.relu("relu", net.add("sum", x, net.conv2d("more", x, {.channels = 5})));
  const graph made = net.finish(x);
  std::set<std::string> seen;
  check_every_way(plain_model(made), input_of(made), seen);
  CHECK(seen.contains("reference"));
}

TEST_CASE("groups of every size, depthwise ones among them") {
  for (const std::array<int, 3>& layer :
       {std::array{64, 64, 1}, std::array{96, 32, 1}, std::array{30, 3, 2}, std::array{12, 12, 3},
        std::array{128, 2, 1}, std::array{70, 70, 1}, std::array{65, 5, 7}}) {
    const int channels = layer[0];
    const int groups = layer[1];
    const int multiplier = layer[2];
    INFO(channels << " channels, " << groups << " groups");
    builder net;
    tensor_id x = net.input("data", {2, channels, 5, 6});
    x = net.conv2d(
        "a", x, {.channels = channels * multiplier, .window = square(3, 1, 1), .groups = groups});
    x = net.relu("relu", x);
    x = net.conv2d("b", x, {.channels = groups, .window = square(3, 2, 2), .groups = groups});
    check_every_way(net.finish(x));
  }
}

TEST_CASE("one tensor, many readers: borders, blocks and outputs") {
  for (int channels = 1; channels <= 5; ++channels) {
    INFO(channels << " channels");
    builder net;
    const tensor_id data = net.input("data", {2, channels, 7, 6});
    const tensor_id a = net.conv2d("a", data, {.channels = 40, .window = square(5, 1, 2)});
    const tensor_id b =
        net.conv2d("b", data, {.channels = 40, .window = {1, 7, 1, 1, 1, 1, {0, 5, 0, 1}}});
    const tensor_id sum = net.add("sum", a, b);
    const tensor_id twice = net.add("twice", sum, sum);
    const tensor_id joined = net.concat("joined", {sum, data, twice});
    const tensor_id last = net.conv2d("last", joined, {.channels = channels});
    check_every_way(net.finish({net.add("end", last, data), data, sum}));
  }
}

TEST_CASE("a residual on either side of the add") {
  for (const bool first : {false, true}) {
    builder net;
    const tensor_id x = net.relu("x", net.input("data", {1, 48, 9, 15}));
    const tensor_id branch = net.conv2d("conv", x, {.channels = 48, .window = square(3, 1, 1)});
    const tensor_id sum = first ? net.add("sum", branch, x) : net.add("sum", x, branch);
    check_every_way(net.finish(net.relu("relu", sum)), 3);
  }
}

TEST_CASE("3x3 convolutions of many channels, by winograd where the instruction set has it") {
  std::set<std::string> seen;
  for (const policy kind : all_policies) {
    builder net;
    tensor_id x = net.conv2d("first", net.input("data", {2, 5, 11, 16}), {.channels = 64});
    const tensor_id y = net.conv2d("signed", x, {.channels = 90, .window = square(3, 1, 1)});
    x = net.relu("relu", net.conv2d("back", y, {.channels = 64, .window = square(3, 1, 1)}));
    x = net.add("sum", x, net.conv2d("again", x, {.channels = 64, .window = square(3, 1, 1)}));
    const quantized_model model = plain_model(net.finish(net.relu("end", x)), 1, kind);
    check_every_way(model, input_of(model.graph), seen);
  }
  CHECK(seen.contains("conv2d_winograd"));
}

TEST_CASE("winograd is left out where it is not wanted, and where it would not be exact") {
  builder net;
  const tensor_id x = net.conv2d("first", net.input("data", {1, 3, 8, 8}), {.channels = 256});
  const graph made = net.finish(net.conv2d("conv", x, {.channels = 32, .window = square(3, 1, 1)}));
  quantized_model model = plain_model(made);
  const tensor<std::int8_t> image = input_of(made);
  static const simd::kernel_table emulated = emulated_kernels<32>();
  const auto kernel_of = [&](bool wanted) {
    engine run(model, {.winograd = wanted, .kernels = &emulated});
    CHECK(differences(run.graph(), run_all(run, image), interpret(model, image)) == "");
    return std::string(run.kernel_name(2));
  };
  std::ranges::fill(model.params[2].weights, std::int8_t{1});
  CHECK(kernel_of(true) == "conv2d_winograd");
  CHECK(kernel_of(false) == "conv2d");
  for (std::size_t i = 0; i < 2304; ++i) model.params[2].weights[i] = i % 2 == 0 ? -114 : 114;
  CHECK(kernel_of(true) == "conv2d");
}

TEST_CASE("a batch gives each image what it gives alone") {
  builder one, three;
  for (builder* net : {&one, &three}) {
    tensor_id x = net->input("data", {net == &one ? 1 : 3, 3, 12, 10});
    x = net->relu("relu1", net->conv2d("conv1", x, {.channels = 20, .window = square(3, 2, 1)}));
    x = net->max_pool("pool", x, {.window = square(2, 2)});
    static_cast<void>(net->finish(net->fully_connected("fc", x, 11)));
  }
  const graph small = one.finish(tensor_id{4});
  const quantized_model model = plain_model(small);
  quantized_model batched = model;
  batched.graph = three.finish(tensor_id{4});
  const tensor<std::int8_t> images = input_of(batched.graph);
  engine all(batched);
  all.run(images);
  const tensor<std::int8_t> got = all.output();
  engine single(model);
  for (int n = 0; n < 3; ++n) {
    single.run(tensor_view<const std::int8_t>{&images.view()(n, 0, 0, 0), {1, 3, 12, 10}});
    const tensor<std::int8_t> alone = single.output();
    CHECK(std::equal(alone.values.begin(), alone.values.end(), &got.view()(n, 0, 0, 0)));
  }
}

}  // namespace octavo::testing
