// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir/write.hpp: the text of a model, and that every model reads back equal.

#include "octavo/io/mlir/write.hpp"

#include <doctest/doctest.h>

#include "mlir/mlir_recipe.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/tpu/weight_layout.hpp"
#include "support/every_op.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

using namespace octavo_test;
using octavo::quantized_model;
using octavo::scheme;
using octavo::io::real_text;
using octavo::testing::random_source;

namespace {

/// Written to a file and read again.
octavo::io::mlir_network round_trip(const quantized_model& model,
                                    const octavo::io::mlir_options& options = {}) {
  const temporary_folder folder;
  octavo::io::save_mlir(model, folder / "m.mlir", options);
  return octavo::io::load_mlir(folder / "m.mlir");
}

void check_round_trip(const quantized_model& model) {
  const auto back = round_trip(model);
  CHECK(std::get<quantized_model>(back.model) == model);
}

quantized_model every_op_model(scheme kind, std::uint64_t seed) {
  random_source rng(seed);
  const octavo::float_model real =
      octavo::testing::random_float_model(octavo::testing::every_op_graph(), rng);
  std::vector<double> thresholds;
  for (const octavo::node& each : real.graph) {
    const bool keeps = octavo::keeps_threshold(each.kind);
    thresholds.push_back(keeps ? thresholds[static_cast<std::size_t>(each.src[0])]
                               : 4 + rng.real());
  }
  return octavo::quantize(real, thresholds, kind);
}

}  // namespace

TEST_CASE("real numbers: the shortest digits, with a point") {
  CHECK(real_text(161.008056641) == "161.008056641");
  CHECK(real_text(1) == "1.0");
  CHECK(real_text(-2) == "-2.0");
  CHECK(real_text(0.1) == "0.1");
  CHECK(real_text(1e-5) == "1.0e-05");
  CHECK(real_text(1e300) == "1.0e+300");
  CHECK(real_text(1.5e-7) == "1.5e-07");
  CHECK(real_text(double{0.1F}) == "0.10000000149011612");
}

TEST_CASE("the text of a small model") {
  quantized_model model = small_model();
  model.scheme = scheme::rshift16;
  const std::string text = octavo::io::mlir::write(
      model, {.weights = "w \"1\".npz", .outputs = {{.name = "prob", .softmax = true}}});
  CHECK(text == text_file("small_written.mlir"));
}

TEST_CASE("every op in every scheme reads back equal") {
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(std::string(to_string(kind)));
    for (std::uint64_t seed = 0; seed < 3; ++seed) check_round_trip(every_op_model(kind, seed));
  }
}

TEST_CASE("layers of several schemes") {
  random_source rng(7);
  const octavo::float_model real =
      octavo::testing::random_float_model(octavo::testing::every_op_graph(), rng);
  const std::vector<double> thresholds(real.graph.size(), 4.0);
  std::vector<scheme> kinds(real.graph.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = octavo::all_schemes[i % 7];
  const quantized_model model = octavo::quantize(real, thresholds, kinds);
  CHECK(model.scheme == scheme::mixed);
  check_round_trip(model);
}

TEST_CASE("the other rounding of a scheme with shifts") {
  quantized_model model = small_model();
  model.params[1].requantize.kind = octavo::policy::rshift_half_away;
  check_round_trip(model);
}

TEST_CASE("any model reads back equal") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const octavo::graph net = octavo::testing::random_graph(rng.integer(1, 9), rng);
    octavo::testing::model_options options;
    options.kind = rng.pick(octavo::testing::all_policies);
    options.per_channel = rng.one_in(2);
    options.extremes = rng.one_in(2);
    check_round_trip(octavo::testing::random_model(net, options, rng));
  }
}

TEST_CASE("a flat tensor becomes an image again for what reads images") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto in = net.input("x", {2, 3, 1, 1});
  const auto fc = net.fully_connected("fc", in, 3);
  const auto conv = net.conv2d("conv", fc, {.channels = 3});
  const auto sum = net.add("sum", fc, conv);
  const auto other = net.add("other", conv, fc);
  const auto joined = net.concat("joined", {sum, fc, other});
  const auto last = net.fully_connected("last", net.relu("relu", fc), 2);
  random_source rng(3);
  check_round_trip(octavo::testing::random_model(net.finish({joined, last, in, joined}), {}, rng));
}

TEST_CASE("several inputs, no weights, names that need escapes or are taken") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto a = net.input("a\"\\_quant", {1, 2, 2, 2});
  const auto relu = net.relu("b_quant_real", a);
  const auto b = net.input("b_quant", {1, 2, 2, 2});
  const auto sum = net.add("b", relu, b);
  const auto taken = net.clip("b_dequant", sum, -0.5, 1e-300);
  random_source rng(5);
  const quantized_model model = octavo::testing::random_model(net.finish({sum, taken}), {}, rng);
  const temporary_folder folder;
  octavo::io::save_mlir(model, folder / "m.mlir");
  CHECK(folder.size() == 1);
  const auto back = octavo::io::load_mlir(folder / "m.mlir");
  CHECK(std::get<quantized_model>(back.model) == model);
  CHECK(back.outputs[0].name == "b_dequant_");
}

TEST_CASE("a model without layers keeps its scheme") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto in = net.input("x_quant", {1, 1, 1, 1});
  for (const scheme kind : {scheme::rshift8, scheme::multiplier_q31, scheme::mixed}) {
    quantized_model model{.scheme = kind,
                          .graph = net.finish(in),
                          .thresholds = {0.1},
                          .params = std::vector<octavo::op_params>(1)};
    check_round_trip(model);
  }
}

TEST_CASE("names of results are kept") {
  const octavo::io::mlir_options options = {.weights = "other.npz",
                                            .outputs = {{.name = "prob", .softmax = true}}};
  CHECK(round_trip(small_model(), options).outputs == options.outputs);
  CHECK(round_trip(small_model(), {.outputs = {{.name = "real"}}}).outputs[0].name == "real");
  CHECK(round_trip(small_model()).outputs[0].name == "fc_dequant");
  const auto refusal = [](std::vector<octavo::io::mlir_output> outputs) {
    return message_of([&] { octavo::io::mlir::write(small_model(), {"w", std::move(outputs)}); });
  };
  CHECK(refusal({{.name = "a"}, {.name = "b"}}) == "mlir: 2 names of outputs, expected 1");
  CHECK(refusal({{.name = "conv"}}) ==
        "mlir: 'conv' is the name of two ops, expected different names");
}

TEST_CASE("addresses are those of the maps, in each layout") {
  for (const scheme kind : octavo::all_schemes) {
    const quantized_model model = every_op_model(kind, 1);
    const std::string text = octavo::io::mlir::write(model, {.weights = "w.npz"});
    const auto layout = octavo::tpu::layout_of(kind);
    for (const auto& row : octavo::tpu::make_weight_map(model.graph, layout).rows) {
      const octavo::node& layer = model.graph[static_cast<std::size_t>(row.node)];
      std::string name = octavo::tpu::row_name(row, layer.name);
      if (row.part == octavo::tpu::weight_part::channel_records) {
        name = octavo::concat_text(layer.name, "_quant_int8_1");  // the record begins with it
      }
      const std::string wanted =
          octavo::concat_text("{name = \"", name, "\", offset = ", row.offset, " : i64}");
      CAPTURE(wanted);
      CHECK(text.find(wanted) != std::string::npos);
    }
    for (const auto& row : octavo::tpu::make_neuron_map(model.graph).rows) {
      const octavo::node& op_node = model.graph[static_cast<std::size_t>(row.node)];
      const std::size_t line = text.find(octavo::concat_text("{name = \"", op_node.name, "\", "));
      REQUIRE(line != std::string::npos);
      const std::string_view rest =
          std::string_view(text).substr(line, text.find('\n', line) - line);
      CHECK(rest.find(octavo::concat_text("offset = ", row.offset, " : i64")) !=
            std::string_view::npos);
    }
  }
}
