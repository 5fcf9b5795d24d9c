// SPDX-License-Identifier: MIT
/// @file
/// Which threshold each kind of op gets, one rule at a time.

#include "octavo/calibrate/propagate.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "helpers.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/networks/resnet.hpp"

namespace {

using octavo::calibration_table;
using octavo::propagate_thresholds;
using octavo::tensor_id;
using octavo::testing::message_of;
using builder = octavo::graph_builder<std::vector<octavo::node>>;
using doubles = std::vector<double>;

calibration_table make_table(std::initializer_list<octavo::calibration_entry> entries) {
  calibration_table table;
  for (const auto& entry : entries) table.set(entry.name, entry.threshold);
  return table;
}

/// data, then the one op "y" that `append` puts behind it.
octavo::graph one_op(const auto& append) {
  builder net;
  const tensor_id x = net.input("data", {1, 4, 8, 8});
  return net.finish(append(net, x));
}

constexpr octavo::propagate_options with_relu = {.relu_statistics = true};

}  // namespace

TEST_CASE("relu, clip, leaky_relu and max pool take their input's threshold, entry or not") {
  const octavo::graph nets[] = {
      one_op([](builder& net, tensor_id x) { return net.relu("y", x); }),
      one_op([](builder& net, tensor_id x) { return net.clip("y", x, 0, 6); }),
      one_op([](builder& net, tensor_id x) { return net.leaky_relu("y", x, 0.1); }),
      one_op([](builder& net, tensor_id x) {
        return net.max_pool("y", x, {.window = octavo::square(2, 2)});
      }),
  };
  for (const octavo::graph& net : nets) {
    INFO(octavo::to_string(net[1].kind));
    CHECK(propagate_thresholds(net, make_table({{"data", 3}})) == doubles{3, 3});
    CHECK(propagate_thresholds(net, make_table({{"data", 3}, {"y", 2}})) == doubles{3, 3});
    CHECK(propagate_thresholds(net, make_table({{"data", 3}, {"y", 2}}), with_relu) ==
          doubles{3, 3});
  }
}

TEST_CASE("average pool takes the smaller of its own and its input's") {
  const octavo::graph net = one_op(
      [](builder& b, tensor_id x) { return b.avg_pool("y", x, {.window = octavo::square(8)}); });
  CHECK(propagate_thresholds(net, make_table({{"data", 3}, {"y", 2}})) == doubles{3, 2});
  CHECK(propagate_thresholds(net, make_table({{"data", 3}, {"y", 4}})) == doubles{3, 3});
  CHECK(message_of([&] {
          propagate_thresholds(net, make_table({{"data", 3}}));
        }) == "calibration table: no threshold for tensor y (avg_pool)");
}

TEST_CASE("conv2d, fully connected, scale, add and concat have their own") {
  const octavo::graph nets[] = {
      one_op([](builder& net, tensor_id x) { return net.conv2d("y", x, {.channels = 2}); }),
      one_op([](builder& net, tensor_id x) { return net.fully_connected("y", x, 2); }),
      one_op([](builder& net, tensor_id x) { return net.scale("y", x); }),
      one_op([](builder& net, tensor_id x) { return net.add("y", x, x); }),
      one_op([](builder& net, tensor_id x) {
        return net.concat("y", {x, x});
      }),
  };
  for (const octavo::graph& net : nets) {
    const std::string kind(octavo::to_string(net[1].kind));
    INFO(kind);
    CHECK(propagate_thresholds(net, make_table({{"data", 3}, {"y", 5}})) == doubles{3, 5});
    CHECK(propagate_thresholds(net, make_table({{"y", 2}, {"data", 3}})) == doubles{3, 2});
    CHECK(message_of([&] {
            propagate_thresholds(net, make_table({{"data", 3}}));
          }) == "calibration table: no threshold for tensor y (" + kind + ")");
  }
}

TEST_CASE("the input's entry may lack _quant, its own name wins") {
  builder b;
  const octavo::graph net = b.finish(b.input("data_quant", {1, 1, 1, 1}));
  CHECK(propagate_thresholds(net, make_table({{"data", 3}})) == doubles{3});
  CHECK(propagate_thresholds(net, make_table({{"data_quant", 2}})) == doubles{2});
  CHECK(propagate_thresholds(net, make_table({{"data", 3}, {"data_quant", 2}})) == doubles{2});
  CHECK(message_of([&] {
          propagate_thresholds(net, make_table({{"dat", 1}}));
        }) ==
        "calibration table: no threshold for the network's input, neither data_quant nor data");

  builder plain;
  const octavo::graph other = plain.finish(plain.input("data", {1, 1, 1, 1}));
  CHECK(message_of([&] {
          propagate_thresholds(other, make_table({{"data_quant", 1}}));
        }) == "calibration table: no threshold for tensor data (input)");
}

TEST_CASE("name_in_table: only an input goes without _quant, and only where the name is free") {
  builder b;
  const tensor_id x = b.input("x_quant_quant", {1, 1, 1, 1});
  const tensor_id y = b.input("_quant", {1, 1, 1, 1});
  const tensor_id taken = b.input("z_quant", {1, 1, 1, 1});
  static_cast<void>(b.scale("z", x));
  static_cast<void>(b.relu("relu_quant", y));
  const octavo::graph net = b.finish(taken);
  CHECK(octavo::name_in_table(net, 0) == "x_quant");
  CHECK(octavo::name_in_table(net, 1) == "_quant");
  CHECK(octavo::name_in_table(net, 2) == "z_quant");
  CHECK(octavo::name_in_table(net, 3) == "z");
  CHECK(octavo::name_in_table(net, 4) == "relu_quant");
}

TEST_CASE("the input does not take the entry of another tensor") {
  builder b;
  const tensor_id x = b.input("data_quant", {1, 1, 1, 1});
  const octavo::graph net = b.finish(b.scale("data", x));
  CHECK(message_of([&] {
          propagate_thresholds(net, make_table({{"data", 3}}));
        }) == "calibration table: no threshold for tensor data_quant (input)");
}

TEST_CASE("thresholds go through chains") {
  builder b;
  tensor_id x = b.input("data", {1, 4, 8, 8});
  x = b.conv2d("conv", x, {.channels = 4});
  x = b.relu("relu", x);
  x = b.max_pool("pool", x, {.window = octavo::square(2, 2)});
  x = b.avg_pool("mean", x, {.window = octavo::square(4)});
  x = b.fully_connected("fc", x, 3);
  const octavo::graph net = b.finish(x);
  const calibration_table table =
      make_table({{"data", 9}, {"conv", 5}, {"relu", 4}, {"pool", 3}, {"mean", 4.5}, {"fc", 20}});
  CHECK(propagate_thresholds(net, table) == doubles{9, 5, 5, 5, 4.5, 20});
  CHECK(propagate_thresholds(net, table, with_relu) == doubles{9, 4, 4, 4, 4, 20});
}

TEST_CASE("relu_statistics: conv2d, fully connected, scale and add take their relu's entry") {
  const octavo::graph nets[] = {
      one_op([](builder& net, tensor_id x) {
        return net.relu("r", net.conv2d("y", x, {.channels = 2}));
      }),
      one_op(
          [](builder& net, tensor_id x) { return net.relu("r", net.fully_connected("y", x, 2)); }),
      one_op([](builder& net, tensor_id x) { return net.relu("r", net.scale("y", x)); }),
      one_op([](builder& net, tensor_id x) { return net.relu("r", net.add("y", x, x)); }),
  };
  for (const octavo::graph& net : nets) {
    INFO(octavo::to_string(net[1].kind));
    const calibration_table both = make_table({{"data", 3}, {"y", 5}, {"r", 4}});
    CHECK(propagate_thresholds(net, both) == doubles{3, 5, 5});
    CHECK(propagate_thresholds(net, both, with_relu) == doubles{3, 4, 4});
    const calibration_table own = make_table({{"data", 3}, {"y", 5}});
    CHECK(propagate_thresholds(net, own, with_relu) == doubles{3, 5, 5});
    const calibration_table relu_only = make_table({{"data", 3}, {"r", 4}});
    CHECK(propagate_thresholds(net, relu_only, with_relu) == doubles{3, 4, 4});
    CHECK(message_of([&] { propagate_thresholds(net, relu_only); }).find("tensor y") !=
          std::string::npos);
  }
}

TEST_CASE("relu_statistics: of a clip from 0 on as of a relu, of another one not") {
  const calibration_table table = make_table({{"data", 3}, {"y", 5}, {"r", 4}});
  for (const double lo : {0.0, -1.0, 1.0}) {
    const octavo::graph clip =
        one_op([&](builder& net, tensor_id x) { return net.clip("r", net.scale("y", x), lo, 6); });
    const doubles expected = lo == 0 ? doubles{3, 4, 4} : doubles{3, 5, 5};
    CHECK(propagate_thresholds(clip, table, with_relu) == expected);
    CHECK(propagate_thresholds(clip, table) == doubles{3, 5, 5});
  }
}

TEST_CASE("relu_statistics: not for concat, other readers or outputs") {
  const calibration_table table = make_table({{"data", 3}, {"y", 5}, {"r", 4}, {"z", 6}});
  const octavo::graph concat = one_op([](builder& net, tensor_id x) {
    return net.relu("r", net.concat("y", {x, x}));
  });
  CHECK(propagate_thresholds(concat, table, with_relu) == doubles{3, 5, 5});

  for (const bool relu_first : {true, false}) {
    builder b;
    const tensor_id y = b.scale("y", b.input("data", {1, 1, 1, 1}));
    const tensor_id first = relu_first ? b.relu("r", y) : b.scale("z", y);
    const tensor_id second = relu_first ? b.scale("z", y) : b.relu("r", y);
    const octavo::graph two_readers = b.finish({first, second});
    CHECK(propagate_thresholds(two_readers, table, with_relu)[1] == 5);
  }

  builder b;
  const tensor_id y = b.scale("y", b.input("data", {1, 1, 1, 1}));
  const tensor_id r = b.relu("r", y);
  CHECK(propagate_thresholds(b.finish({r, y}), table, with_relu) == doubles{3, 5, 5});
}

TEST_CASE("a fused graph is refused") {
  octavo::graph net = one_op([](builder& b, tensor_id x) { return b.scale("y", x); });
  net.nodes[1].relu = true;
  CHECK(message_of([&] {
          propagate_thresholds(net, make_table({{"data", 3}, {"y", 5}}));
        }) == "calibration: y is fused; thresholds belong to unfused graphs");
}

TEST_CASE("data: ResNet-50 with its public table") {
  const std::filesystem::path path = octavo::testing::public_table();
  if (path.empty()) {
    MESSAGE("skipped: set OCTAVO_TEST_DATA to the folder of test data");
    return;
  }
  const calibration_table table = octavo::io::read_calibration_table(path);
  constexpr auto net = octavo::networks::resnet50();
  const doubles thresholds = propagate_thresholds(net, table);
  REQUIRE(thresholds.size() == net.size());
  const auto of = [&](std::string_view name) {
    return thresholds[static_cast<std::size_t>(net.find(name))];
  };
  CHECK(of("data_quant") == 161.008056641);
  CHECK(of("scale_conv1") == 16.018699646);
  CHECK(of("conv1_relu") == 16.018699646);
  CHECK(of("pool1") == 16.018699646);  // its entry says 19.22
  CHECK(of("res5c_relu") == 33.7025032043);
  CHECK(of("pool5") == 14.8855485916);
  CHECK(of("fc1000") == 28.1843185425);
}
