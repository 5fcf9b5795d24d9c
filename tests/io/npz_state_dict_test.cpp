// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/npz_state_dict.hpp: a float model from an .npz file.

#include "octavo/io/npz_state_dict.hpp"

#include <doctest/doctest.h>

#include "io/io_test_tools.hpp"
#include "octavo/graph/builder.hpp"

using namespace octavo_test;
using octavo::io::make_npy_array;
using octavo::io::npz_state_dict;
using octavo::io::write_npz;

namespace {

octavo::graph fc_graph() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 2, 1, 1});
  x = net.fully_connected("fc", x, 2);
  return net.finish(x);
}

octavo::layer_names fc_names(const octavo::node&) {
  return {.weights = "fc.weight", .bias = "fc.bias"};
}

}  // namespace

TEST_CASE("arrays of any number type arrive as doubles, unrounded") {
  const temporary_folder folder;
  write_npz(folder / "m.npz",
            {{"fc.weight", make_npy_array(std::vector<float>{0.1F, -2, 3e-40F, 4}, {2, 2})},
             {"fc.bias", make_npy_array(std::vector<std::int16_t>{-7, 300}, {2})}});
  const octavo::state_dict source = npz_state_dict(folder / "m.npz");
  CHECK(source.file == (folder / "m.npz").string());
  CHECK(source.contains("fc.weight"));
  CHECK_FALSE(source.contains("fc"));
  CHECK(source.read("fc.weight").shape == std::vector<std::int64_t>{2, 2});
  const octavo::float_model model = load_float_model(fc_graph(), source, fc_names);
  CHECK(model.params[1].weights == std::vector<double>{0.1F, -2, 3e-40F, 4});
  CHECK(model.params[1].bias == std::vector<double>{-7, 300});
}

TEST_CASE("the file stays open as long as somebody may ask it") {
  const temporary_folder folder;
  write_npz(folder / "m.npz", {{"b", make_npy_array(std::vector<float>{5}, {1})}});
  octavo::state_dict copy;
  {
    const octavo::state_dict source = npz_state_dict(folder / "m.npz");
    copy = source;
  }
  CHECK(copy.read("b").values == std::vector<double>{5});
}

TEST_CASE("failures name the file and the array") {
  const temporary_folder folder;
  const std::string file = (folder / "m.npz").string();
  check_message(message_of([&] { npz_state_dict(folder / "m.npz"); }), file + ": ");
  write_npz(folder / "m.npz", {{"fc.bias", make_npy_array(std::vector<float>{1, 2}, {2})}});
  check_message(
      message_of([&] { load_float_model(fc_graph(), npz_state_dict(folder / "m.npz"), fc_names); }),
      file + ": has no array 'fc.weight'");
}
