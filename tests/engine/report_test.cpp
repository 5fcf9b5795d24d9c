// SPDX-License-Identifier: MIT
/// @file
/// What an engine says of itself: the lines of OCTAVO_VERBOSE, the table, the numbers in them.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "engine_test_tools.hpp"
#include "support/every_op.hpp"

namespace octavo::testing {
namespace {

/// What work() writes to stderr.
template <class Work>
std::string stderr_of(const Work& work) {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int kept = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  work();
  std::fflush(stderr);
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  std::string text(static_cast<std::size_t>(std::ftell(file)), ' ');
  std::rewind(file);
  const std::size_t count = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  CHECK(count == text.size());
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, separator);) parts.push_back(part);
  return parts;
}

/// OCTAVO_VERBOSE as long as it lives.
struct environment {
  explicit environment(const char* value) { ::setenv("OCTAVO_VERBOSE", value, 1); }
  ~environment() { ::unsetenv("OCTAVO_VERBOSE"); }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
};

}  // namespace

TEST_CASE("OCTAVO_VERBOSE=1 prints a line a layer and changes no byte") {
  const quantized_model model = plain_model(every_op_graph());
  const tensor<std::int8_t> image = input_of(model.graph);
  const activations expected = interpret(model, image);
  const environment verbose("1");
  std::optional<engine> made;
  const std::string header =
      stderr_of([&] { made.emplace(model, prepare_options{.fusion = fusion::none}); });
  CHECK(header ==
        "octavo,name,op,kernel,isa,layout,tensor bytes,weight bytes,multiply-adds,microseconds\n");
  engine& net = *made;
  activations got;
  const std::string text = stderr_of([&] { got = run_all(net, image); });
  CHECK(differences(net.graph(), got, expected) == "");
  const std::vector<std::string> lines = split(text, '\n');
  REQUIRE(lines.size() == model.graph.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO(lines[i]);
    const std::vector<std::string> fields = split(lines[i], ',');
    REQUIRE(fields.size() == 10);
    CHECK(fields[0] == "octavo");
    CHECK(fields[1] == model.graph[i].name.view());
    CHECK(fields[2] == to_string(model.graph[i].kind));
    CHECK(fields[3].starts_with(net.kernel_name(i)));
    CHECK(fields[4] == to_string(net.isa()));
    CHECK(fields[6] == std::to_string(net.model().plan().layout(i).bytes()));
    CHECK(fields[8] == std::to_string(multiply_adds(model.graph[i], model.graph.view())));
    CHECK((std::stoll(fields[7]) > 0) == has_weights(model.graph[i].kind));
  }
}

TEST_CASE("without OCTAVO_VERBOSE, or with another value, a run is silent") {
  const quantized_model model = plain_model(every_op_graph());
  const tensor<std::int8_t> image = input_of(model.graph);
  ::unsetenv("OCTAVO_VERBOSE");
  engine quiet(model);
  CHECK(stderr_of([&] { quiet.run(image); }) == "");
  const environment off("0");
  engine also_quiet(model);
  CHECK(stderr_of([&] { also_quiet.run(image); }) == "");
}

TEST_CASE("describe: layouts with their widest border, speed in GMAC/s") {
  builder net;
  const tensor_id data = net.input("data", {1, 64, 20, 30});
  const tensor_id x =
      net.conv2d("conv", data, {.channels = 32, .window = {2, 2, 1, 1, 1, 1, {0, 0, 1, 0}}});
  const graph made = net.finish(net.relu("relu", x));
  engine run(plain_model(made), {.fusion = fusion::none});
  const std::vector<double> seconds = {1e-6, 2e-3, 3e-6};
  const std::vector<std::string> lines = split(describe(run, seconds), '\n');
  REQUIRE(lines.size() == 5);
  CHECK(lines[2].find(" c64 20x30+1 ") != std::string::npos);
  CHECK(lines[3].find(" c32 20x29 ") != std::string::npos);
  // 32 * 20 * 29 * 64 * 4 multiply-adds in 2 ms
  CHECK(lines[3].ends_with("     2000.0     2.4"));
  CHECK(lines[4].ends_with("        3.0"));
  CHECK(describe(run).find("GMAC/s") == std::string::npos);
}

TEST_CASE("thresholds are those of the tensor, also behind a fused add") {
  builder net;
  const tensor_id data = net.input("data", {1, 4, 5, 5});
  const tensor_id conv = net.conv2d("conv", data, {.channels = 4});
  const graph made = net.finish({net.relu("relu", net.add("sum", conv, data)), data});
  quantized_model model = plain_model(made);
  model.thresholds = {1.5, 2.5, 3.5, 3.5};
  for (const fusion level : {fusion::none, fusion::relu, fusion::relu_add}) {
    const engine run(model, {.fusion = level});
    CHECK(run.input_threshold() == 1.5);
    CHECK(run.output_threshold(0) == 3.5);
    CHECK(run.output_threshold(1) == 1.5);
    CHECK(run.output_shape(0) == shape{1, 4, 5, 5});
  }
}

TEST_CASE("memory: exactly enough does, a byte less does not") {
  const quantized_model model = plain_model(every_op_graph());
  const auto prepared = std::make_shared<const prepared_model>(model);
  const auto needed = static_cast<std::size_t>(prepared->engine_bytes());
  CHECK(prepared->engine_bytes() == engine_bytes(model.graph));
  aligned_bytes memory(needed);
  engine enough(prepared, {.memory = memory.view()});
  CHECK_THROWS_WITH_AS(engine(prepared, {.memory = memory.view().first(needed - 1)}),
                       "engine: too little memory for the tensors", error);
}

TEST_CASE("pixel_table is the formula in double, ties and order of operations included") {
  random_source rng(12);
  for (int i = 0; i < 200; ++i) {
    const double mean[2] = {rng.integer(0, 2550) / 10.0, rng.integer(0, 2550) / 10.0};
    const double scale[2] = {rng.integer(1, 40) / 10.0, 1.0 / rng.integer(1, 60)};
    const double threshold = 12.8 * rng.integer(1, 20);
    const pixel_table pixels(mean, scale, threshold);
    CHECK(pixels.channels() == 2);
    int wrong = 0;
    for (int c = 0; c < 2; ++c) {
      for (int pixel = 0; pixel < 256; ++pixel) {
        const std::int8_t expected = quantize((pixel - mean[c]) * scale[c], threshold);
        wrong += pixels(c, static_cast<std::uint8_t>(pixel)) == expected ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
  }
}

}  // namespace octavo::testing
