// SPDX-License-Identifier: MIT
#include <type_traits>

#include "engine_test_tools.hpp"
#include "octavo/networks/resnet.hpp"
#include "support/every_op.hpp"
#include "support/guarded.hpp"

namespace octavo::testing {
namespace {

static_assert(!std::is_copy_constructible_v<engine> && !std::is_copy_assignable_v<engine>);
static_assert(!std::is_copy_constructible_v<prepared_model>);

template <class Work>
std::string message_of(const Work& work) {
  try {
    work();
  } catch (const error& why) {
    return why.what();
  }
  return "";
}

}  // namespace

TEST_CASE("observer: every node in its order, with the tensors of run_all") {
  const quantized_model model = plain_model(every_op_graph());
  const tensor<std::int8_t> image = input_of(model.graph);
  engine net(model, {.fusion = fusion::none});
  const activations expected = interpret(model, image);
  std::size_t next = 0;
  net.run(image, [&](const observed_tensor& seen) {
    CHECK(seen.index() == next);
    CHECK(seen.node() == model.graph[next]);
    CHECK(seen.shape() == model.graph[next].shape);
    tensor<std::int8_t> values(seen.shape());
    seen.copy_to(values.view());
    CHECK(values == expected[next]);
    ++next;
  });
  CHECK(next == model.graph.size());
}

TEST_CASE("several outputs, each by its number") {
  const quantized_model model = plain_model(every_op_graph());
  const tensor<std::int8_t> image = input_of(model.graph);
  const activations expected = interpret(model, image);
  engine net(model);
  net.run(image);
  REQUIRE(net.output_count() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto node = static_cast<std::size_t>(model.graph.outputs[i]);
    CHECK(net.output_shape(i) == model.graph[node].shape);
    CHECK(net.output_threshold(i) == model.thresholds[node]);
    CHECK(net.output(i) == expected[node]);
    tensor<std::int8_t> values(net.output_shape(i));
    net.output(i, values.view());
    CHECK(values == expected[node]);
  }
  tensor<std::int8_t> wrong(shape{1, 1, 1, 1});
  CHECK(message_of([&] { net.output(2); }) == "engine: there is no such output");
  CHECK(message_of([&] { net.output(0, wrong.view()); }) ==
        octavo::concat_text("engine: dst has the shape 1x1x1x1, expected ", net.output_shape()));
  CHECK(message_of([&] { engine none(std::shared_ptr<const prepared_model>{}); }) ==
        "engine: there is no model");
  CHECK(message_of([&] { describe(net, std::vector<double>{1.0}); }) ==
        "describe: expected one time for each layer");
}

TEST_CASE("one prepared model, many engines; one engine, many runs") {
  const quantized_model model = plain_model(every_op_graph());
  const auto prepared = std::make_shared<const prepared_model>(model);
  engine a(prepared);
  engine b(prepared);
  const tensor<std::int8_t> first = input_of(model.graph, fill::uniform, 1);
  const tensor<std::int8_t> second = input_of(model.graph, fill::uniform, 2);
  const tensor<std::int8_t> expected =
      interpret(model, first)[static_cast<std::size_t>(model.graph.outputs[0])];
  a.run(first);
  b.run(second);
  CHECK(a.output() == expected);
  CHECK(b.output() != expected);
  b.run(first);
  CHECK(b.output() == expected);
  b.run(second);
  b.run(first);
  CHECK(b.output() == expected);
}

TEST_CASE("memory of the caller: as much as was said, and not a byte beside it") {
  for (const way& one : all_ways()) {
    INFO(one.name);
    random_source rng(77);
    for (int i = 0; i < 3; ++i) {
      const graph net = random_graph(6, rng);
      const quantized_model model = random_model(net, {}, rng);
      const tensor<std::int8_t> image = input_of(net);
      const activations expected = interpret(model, image);
      prepare_options options = one.options;
      options.images_at_once = i;
      const execution_plan plan(model, options);
      const auto weights = static_cast<std::size_t>(packed_bytes(model, plan));
      for (const guard side : {guard::before, guard::behind}) {
        const guarded_bytes packed(weights, side);
        const auto prepared =
            std::make_shared<const prepared_model>(model, options, packed.bytes());
        CHECK(prepared->packed_bytes() == static_cast<std::int64_t>(weights));
        const guarded_bytes tensors(static_cast<std::size_t>(prepared->engine_bytes()), side);
        engine run(prepared, {.memory = tensors.bytes()});
        check_engine(run, image, expected);
      }
    }
  }
}

TEST_CASE("a model that is given away is freed layer by layer, and gives the same bytes") {
  const quantized_model model = plain_model(every_op_graph());
  const tensor<std::int8_t> image = input_of(model.graph);
  const activations expected = interpret(model, image);
  for (const way& one : all_ways()) {
    INFO(one.name);
    quantized_model given = model;
    engine net(std::move(given), one.options);
    for (const op_params& params : given.params) CHECK(params.weights.capacity() == 0);
    CHECK(given.graph.nodes == model.graph.nodes);
    CHECK(given.thresholds == model.thresholds);
    CHECK(differences(net.graph(), run_all(net, image), expected) == "");
  }
}

TEST_CASE("a model that is given away is kept where the reference executes a node of it") {
  builder far;
  const tensor_id data = far.input("data", {1, 1, 1, 1});
  const window padded = {1, 1, 1000, 1000, 1, 1, {1000, 1000, 1000, 1000}};
  const quantized_model model =
      plain_model(far.finish(far.conv2d("conv", data, {.channels = 2, .window = padded})));
  const tensor<std::int8_t> image = input_of(model.graph);
  engine net(quantized_model{model});
  REQUIRE(net.kernel_name(1) == "reference");
  REQUIRE(net.model().model() != nullptr);
  CHECK(net.model().model()->params[1].weights == model.params[1].weights);
  CHECK(differences(net.graph(), run_all(net, image), interpret(model, image)) == "");
}

TEST_CASE("engine_bytes is a constant for a constant graph") {
  constexpr auto net = networks::resnet50();
  constexpr std::int64_t bytes = engine_bytes(net);
  static_assert(bytes > 0 && bytes < 2'500'000);
  static_assert(engine_bytes(net, fusion::none) >= bytes);
  const graph same = to_graph(net);
  CHECK(engine_bytes(same) == bytes);
  CHECK(plan_memory(fuse(same)).bytes() == bytes);
}

TEST_CASE("preparation refuses what cannot work, and says why") {
  const quantized_model model = plain_model(every_op_graph());
  const auto prepared = std::make_shared<const prepared_model>(model);
  const auto weights = static_cast<std::size_t>(prepared->packed_bytes());
  aligned_bytes memory(weights + 64);
  CHECK(message_of([&] { prepared_model(model, {}, memory.view().first(weights - 1)); }) ==
        "prepared_model: too little memory for the packed weights");
  CHECK(message_of([&] { prepared_model(model, {}, memory.view().subspan(1)); }) ==
        "prepared_model: the memory must begin at a cache line");
  aligned_bytes arena(static_cast<std::size_t>(prepared->engine_bytes()) + 64);
  CHECK(message_of([&] { engine(prepared, {.memory = arena.view().first(100)}); }) ==
        "engine: too little memory for the tensors");
  CHECK(message_of([&] { engine(prepared, {.memory = arena.view().subspan(8)}); }) ==
        "engine: the memory must begin at a cache line");
  CHECK(message_of([&] { engine(prepared, {.threading = {.threads = 2}}); }) ==
        "engine: threads need a parallel_for");
  CHECK(message_of([&] { engine(prepared, {.threading = {.threads = 0}}); }) ==
        "engine: needs at least one thread");

  quantized_model broken = model;
  broken.params[1].weights.pop_back();
  CHECK(message_of([&] { engine net(broken); }) ==
        "model: conv: the number of weights is 71, expected 72 (4x3x3x2)");

  builder two;
  const tensor_id a = two.input("a", {1, 1, 2, 2});
  const tensor_id b = two.input("b", {1, 1, 2, 2});
  const quantized_model inputs = plain_model(two.finish(two.add("sum", a, b)));
  CHECK(message_of([&] { engine net(inputs); }).find("more than one input") != std::string::npos);

#if defined(__x86_64__)
  CHECK(message_of([&] {
          engine net(model, {.isa = isa::neon_dot});
        }).starts_with("isa neon_dot: not in this build, it has portable"));
#endif
}

TEST_CASE("describe: every layer, its kernel and what it takes") {
  const quantized_model model = plain_model(every_op_graph());
  engine net(model, {.fusion = fusion::none});
  const tensor<std::int8_t> image = input_of(model.graph);
  const std::vector<double> seconds = profile(net, image);
  CHECK(seconds.size() == model.graph.size());
  const std::string text = describe(net, seconds);
  CHECK(text.find(concat_text("isa ", to_string(net.isa()))) == 0);
  CHECK(std::count(text.begin(), text.end(), '\n') ==
        static_cast<std::ptrdiff_t>(model.graph.size() + 2));
  for (const node& op_node : model.graph) {
    INFO(op_node.name.view());
    CHECK(text.find(concat_text("\n", op_node.name.view(), " ")) != std::string::npos);
  }
  CHECK(text.find("conv2d s8 ") != std::string::npos);  // of the input
  CHECK(text.find("conv2d u8 ") != std::string::npos);  // of the relu
  CHECK(text.find("depthwise") != std::string::npos);   // scale
  const std::string line = octavo::detail::csv_line(net.model(), {1, net.kernel_name(1)}, 0.0015);
  CHECK(line.starts_with("conv,conv2d,conv2d s8 "));
  CHECK(line.ends_with(",1500.0\n"));
  CHECK(std::count(line.begin(), line.end(), ',') == 8);
}

}  // namespace octavo::testing
