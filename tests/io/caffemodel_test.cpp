// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/caffemodel.hpp with files that are in order.

#include "octavo/io/caffemodel.hpp"

#include <doctest/doctest.h>

#include "caffemodel_recipe.hpp"
#include "io_test_tools.hpp"
#include "octavo/graph/builder.hpp"

using namespace octavo_test;
using octavo::named_array;
using octavo::io::byte_source;
using octavo::io::caffemodel_reader;

namespace {

using numbers = std::vector<double>;
using name_list = std::vector<std::string>;

named_array read(const proto& net, std::string_view name) {
  caffemodel_reader file(byte_source(net.done(), "x"));
  CHECK(file.contains(name));
  return file.read(name);
}

}  // namespace

TEST_CASE("arrays are called by layer and number") {
  const proto net = net_of(
      {layer_of("data", {}),
       layer_of("conv1", {blob_of({2, 1, 1, 2}, {1, -2, 3e-40F, 0.1F}), blob_of({2}, {7, 8})}),
       layer_of("conv1_relu", {}), layer_of("bn_conv1", {blob_of({1}, {5})})});
  caffemodel_reader file(byte_source(net.done(), "x"));
  CHECK(file.names() == name_list{"bn_conv1_0", "conv1_0", "conv1_1"});
  const named_array weights = file.read("conv1_0");
  CHECK(weights.shape == extents{2, 1, 1, 2});
  CHECK(weights.values == numbers{1, -2, 3e-40F, 0.1F});
  CHECK(file.read("conv1_1").values == numbers{7, 8});
  CHECK(file.read("bn_conv1_0").values == numbers{5});
  for (const char* const absent :
       {"conv1", "conv1_", "conv1_2", "conv1_00", "conv1_01", "conv1_+1", "conv1_-1", "conv1_1x",
        "conv1_18446744073709551616", "conv1_relu_0", "data_0", "_0", "", "_"}) {
    CAPTURE(absent);
    CHECK_FALSE(file.contains(absent));
  }
  CHECK_THROWS_WITH(file.read("conv1_2"), "x: has no blob 'conv1_2'");
}

TEST_CASE("numbers packed, one by one, and in pieces") {
  const proto dims = shape_of({3});
  const std::vector<proto> spellings = {
      blob_of({3}, {1, 2, 3}),
      proto().message(blob_shape, dims).message(blob_data, packed_floats({1, 2, 3})),
      proto()
          .fixed(blob_data, 1.0F)
          .fixed(blob_data, 2.0F)
          .fixed(blob_data, 3.0F)
          .message(blob_shape, dims),
      proto()
          .message(blob_data, packed_floats({1}))
          .fixed(blob_data, 2.0F)
          .message(blob_shape, dims)
          .message(blob_data, packed_floats({}))
          .message(blob_data, packed_floats({3})),
      proto()
          .message(blob_shape, dims)
          .message(blob_double_data, proto().element(1.0).element(2.0).element(3.0)),
      proto()
          .fixed(blob_double_data, 1.0)
          .fixed(blob_double_data, 2.0)
          .fixed(blob_double_data, 3.0)
          .message(blob_shape, proto().varint(1, 3)),
      // What training leaves in a file.
      proto().raw(blob_of({3}, {1, 2, 3}).done()).message(blob_diff, packed_floats({9, 9})),
  };
  for (const proto& blob : spellings) {
    const named_array found = read(net_with(blob), "a_0");
    CHECK(found.shape == extents{3});
    CHECK(found.values == numbers{1, 2, 3});
  }
}

TEST_CASE("double_data keep all their digits") {
  const proto blob = proto()
                         .fixed(blob_double_data, 0.1)
                         .fixed(blob_double_data, 1e-300)
                         .message(blob_shape, shape_of({2}));
  CHECK(read(net_with(blob), "a_0").values == numbers{0.1, 1e-300});
}

TEST_CASE("shapes: new, old, none, empty") {
  const proto two = proto().message(blob_data, packed_floats({4, 5}));
  const proto old = proto().varint(1, 1).varint(2, 2).varint(3, 1).varint(4, 1).raw(two.done());
  CHECK(read(net_with(old), "a_0").shape == extents{1, 2, 1, 1});
  const proto unpacked =
      proto().raw(two.done()).message(blob_shape, proto().varint(1, 2).varint(1, 1).text(2, "?"));
  CHECK(read(net_with(unpacked), "a_0").shape == extents{2, 1});
  const named_array scalar = read(net_with(proto().fixed(blob_data, 6.0F)), "a_0");
  CHECK(scalar.shape.empty());
  CHECK(scalar.values == numbers{6});
  const named_array empty = read(net_with(blob_of({2, 0, 3}, {})), "a_0");
  CHECK(empty.shape == extents{2, 0, 3});
  CHECK(empty.values.empty());
}

TEST_CASE("layers of the old format") {
  const proto old = proto()
                        .text(2, "in")
                        .text(3, "out")
                        .text(old_name, "ip")
                        .varint(old_type, 14)
                        .message(old_blobs, blob_of({1}, {2}))
                        .message(old_blobs, blob_of({1}, {3}));
  const proto net = proto().text(net_name, "old").message(net_layers, old);
  CHECK(read(net, "ip_0").values == numbers{2});
  CHECK(read(net, "ip_1").values == numbers{3});
  // In one file with the new ones.
  const proto both = proto().raw(net.done()).message(net_layer, layer_of("a", {blob_of({1}, {4})}));
  CHECK(read(both, "ip_1").values == numbers{3});
  CHECK(read(both, "a_0").values == numbers{4});
}

TEST_CASE("a network's parameters from a file, which stays open as long as somebody may ask") {
  const temporary_folder folder;
  const std::vector<float> weights = {0.1F, -2, 3e-40F, 4};
  octavo::io::write_file(
      folder / "m.caffemodel",
      net_of({layer_of("fc", {blob_of({1, 1, 2, 2}, weights), blob_of({2}, {-7, 300})})}).done());
  const octavo::state_dict source = octavo::io::caffemodel_state_dict(folder / "m.caffemodel");
  CHECK(source.file == (folder / "m.caffemodel").string());
  CHECK(source.contains("fc_1"));
  CHECK_FALSE(source.contains("fc"));
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 2, 1, 1});
  x = net.fully_connected("fc", x, 2);
  const octavo::float_model model = load_float_model(
      net.finish(x), source,
      [](const octavo::node&) { return octavo::layer_names{.weights = "fc_0", .bias = "fc_1"}; });
  CHECK(model.params[1].weights == numbers(weights.begin(), weights.end()));
  CHECK(model.params[1].bias == numbers{-7, 300});
  check_message(message_of([&] { octavo::io::caffemodel_state_dict(folder / "none"); }),
                "none: there is no such file");
}

TEST_CASE("a blob larger than what is read at a time") {
  const temporary_folder folder;
  std::vector<float> values(3 * octavo::io::buffered_file::kept / sizeof(float) + 1);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) + 0.25F;
  const auto count = static_cast<std::int64_t>(values.size());
  proto one_by_one;
  for (const float value : values) one_by_one.fixed(blob_data, value);
  one_by_one.message(blob_shape, shape_of({count}));
  octavo::io::write_file(folder / "m",
                         net_of({layer_of("a", {blob_of({count}, values), one_by_one})}).done());
  caffemodel_reader file(byte_source(folder / "m"));
  const numbers expected(values.begin(), values.end());
  CHECK(file.read("a_1").values == expected);
  CHECK(file.read("a_0").values == expected);
}
