// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/model_file.hpp: round trips, the pinned bytes of a tiny model, damaged files.

#include "octavo/io/model_file.hpp"

#include <doctest/doctest.h>

#include "io/io_test_tools.hpp"
#include "io/model_recipe.hpp"
#include "octavo/graph/builder.hpp"
#include "support/every_op.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

using namespace octavo_test;
using octavo::quantized_model;
using octavo::io::deserialize;
using octavo::io::serialize;
using octavo::testing::random_source;

namespace {

/// What tiny_recipe() says.
quantized_model tiny_model() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id data = net.input("data", {1, 1, 2, 3});
  const octavo::tensor_id conv = net.conv2d("conv", data, {.channels = 2, .window = {1, 2}});
  octavo::tensor_id x = net.avg_pool("pool", conv,
                                     {.window = {2, 2, 1, 2, 1, 1, {0, 1, 0, 1}},
                                      .rounding = octavo::size_rounding::ceil,
                                      .count_padding = true});
  x = net.leaky_relu("leaky", x, 0.25);
  quantized_model model{.scheme = octavo::scheme::multiplier,
                        .graph = net.finish({x, conv}),
                        .thresholds = {0.5, 1, 1, 1},
                        .params = std::vector<octavo::op_params>(4)};
  model.params[1].weights = {1, -2, 127, -128};
  model.params[1].bias = {5, -6};
  model.params[1].requantize = {octavo::policy::multiplier_rshift, {7, 0x12345678}, {0, 62}};
  model.params[2].divisors = {{4, {128, 9}}};
  model.params[3].multipliers = {{1 << 30, 32}};
  return model;
}

void check_round_trip(const quantized_model& model) {
  const byte_vector bytes = serialize(model);
  const quantized_model back = deserialize(bytes, "m");
  CHECK(back == model);
  CHECK(serialize(back) == bytes);
}

}  // namespace

TEST_CASE("every op and every policy comes back as it was") {
  std::uint64_t seed = 0;
  for (const octavo::policy kind : octavo::testing::all_policies) {
    for (const bool per_channel : {false, true}) {
      for (const bool extremes : {false, true}) {
        CAPTURE(seed);
        random_source rng(seed++);
        const quantized_model model =
            random_model(octavo::testing::every_op_graph(),
                         {.kind = kind, .per_channel = per_channel, .extremes = extremes}, rng);
        check_round_trip(model);
      }
    }
  }
}

TEST_CASE("random networks come back as they were") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const octavo::graph net = octavo::testing::random_graph(rng.integer(1, 12), rng);
    check_round_trip(random_model(
        net, {.kind = rng.pick(octavo::testing::all_policies), .per_channel = true}, rng));
  }
}

TEST_CASE("the smallest nodes there are: what the count of nodes is checked against") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id last;
  for (char letter = '!'; letter <= '~'; ++letter) {
    if (letter != ',') last = net.input(std::string_view(&letter, 1), {1, 1, 1, 1});
  }
  quantized_model model{.graph = net.finish(last)};
  model.thresholds.assign(model.graph.size(), 1);
  model.params.resize(model.graph.size());
  check_round_trip(model);
}

TEST_CASE("the bytes of a tiny model are pinned") {
  const byte_vector file = serialize(tiny_model());
  // Field by field, as the header's page and this recipe say.
  CHECK(file == tiny_recipe().file());
  // And as a whole: who changes this number changes the format, and its version.
  const byte_vector header(file.begin() + 8, file.begin() + 24);
  CHECK(header == byte_vector{1, 0, 0, 0, 0x25, 0xcd, 0x64, 0xa2, 0x84, 2, 0, 0, 0, 0, 0, 0});
  CHECK(deserialize(tiny_recipe().file(), "m") == tiny_model());
}

TEST_CASE("a file cut off anywhere is refused") {
  const byte_vector file = serialize(tiny_model());
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(deserialize(octavo::io::byte_view(file).first(size), "m"), octavo::error);
  }
}

TEST_CASE("a body cut off anywhere is refused, even with a header that fits it") {
  const byte_vector body = tiny_recipe().body();
  for (std::size_t size = 0; size < body.size(); ++size) {
    CAPTURE(size);
    const byte_vector part(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_THROWS_AS(deserialize(model_recipe::with_header(part), "m"), octavo::error);
  }
}

TEST_CASE("a flipped bit anywhere is refused") {
  byte_vector file = serialize(tiny_model());
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(i);
      const auto mask = static_cast<std::uint8_t>(1 << bit);
      file[i] ^= mask;
      CHECK_THROWS_AS(deserialize(file, "m"), octavo::error);
      file[i] ^= mask;
    }
  }
  CHECK_THROWS_WITH(
      [&] {
        file.back() ^= 1;
        deserialize(file, "some.model");
      }(),
      "some.model: is damaged: its checksum does not fit its contents");
}

TEST_CASE("what is no model file at all") {
  CHECK_THROWS_WITH(deserialize({}, "m"),
                    "m: magic at offset 0 takes 8 bytes, but only 0 are left");
  const byte_vector text(100, 'x');
  CHECK_THROWS_WITH(deserialize(text, "m"),
                    "m: is no Octavo model: it does not begin with OCTAVOQM");
}

TEST_CASE("another version is refused before anything else is looked at") {
  byte_vector file = serialize(tiny_model());
  file[8] = 2;
  CHECK_THROWS_WITH(deserialize(file, "m"), "m: at offset 12: the format version is 2, expected 1");
  file[8] = 0;
  CHECK_THROWS_WITH(deserialize(file, "m"), "m: at offset 12: the format version is 0, expected 1");
}

TEST_CASE("bytes too many are refused, announced or not") {
  byte_vector file = serialize(tiny_model());
  const std::size_t announced = file.size() - 24;
  file.push_back(0);
  const std::string message =
      octavo::concat_text("m: at offset 24: the header announces ", announced, " bytes, but ",
                          announced + 1, " follow");
  CHECK_THROWS_WITH(deserialize(file, "m"), message.c_str());
  byte_vector body = tiny_recipe().body();
  body.push_back(0);
  check_message(message_of([&] { deserialize(model_recipe::with_header(body), "m"); }),
                ": 1 bytes too many; the end was expected here");
}

TEST_CASE("files: written whole, read back, a failure names the file") {
  const temporary_folder folder;
  const std::filesystem::path path = folder / "tiny.octavo";
  octavo::io::save_model(tiny_model(), path);
  CHECK(folder.size() == 1);
  CHECK(octavo::io::read_file(path) == tiny_recipe().file());
  CHECK(octavo::io::load_model(path) == tiny_model());
  CHECK(octavo::io::is_model_file(path));
  octavo::io::write_file(path, octavo::io::byte_vector{'O', 'C', 'T', 'A', 'V', 'O', 'Q', 'N', 0});
  CHECK_FALSE(octavo::io::is_model_file(path));
  octavo::io::write_file(path, {});
  CHECK_FALSE(octavo::io::is_model_file(path));
  check_message(message_of([&] { octavo::io::load_model(path); }), path.string() + ": ");
  check_message(message_of([&] { octavo::io::load_model(folder / "none"); }), "no such file");
  check_message(message_of([&] { octavo::io::load_model(folder.path()); }), "is a directory");
}
