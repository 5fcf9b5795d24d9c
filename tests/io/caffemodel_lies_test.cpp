// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/caffemodel.hpp with files that lie.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "caffemodel_recipe.hpp"
#include "io_test_tools.hpp"
#include "octavo/io/caffemodel.hpp"

using namespace octavo_test;
using octavo::io::byte_source;
using octavo::io::caffemodel_reader;

namespace {

/// Of opening the file and reading all of it.
std::string caffemodel_refusal(const byte_vector& bytes) {
  return message_of([&] {
    caffemodel_reader file(byte_source(bytes, "x"));
    for (const std::string& name : file.names()) file.read(name);
  });
}
std::string caffemodel_refusal(const proto& net) { return caffemodel_refusal(net.done()); }

}  // namespace

TEST_CASE("two layers of one name") {
  const proto with_blob = layer_of("a", {blob_of({1}, {2})});
  CHECK(caffemodel_refusal(net_of({layer_of("a", {}), with_blob, layer_of("a", {})})).empty());
  check_message(caffemodel_refusal(net_of({with_blob, with_blob})),
                ": a second layer 'a' with blobs");
  // Only the end of the name is a number.
  CHECK(caffemodel_refusal(net_of({layer_of("a_1", {blob_of({1}, {2})}), with_blob})).empty());
}

TEST_CASE("files that are none") {
  CHECK(caffemodel_refusal(byte_vector{}) == "x: has no layer with blobs");
  CHECK(caffemodel_refusal(net_of({layer_of("a", {})})) == "x: has no layer with blobs");
  check_message(caffemodel_refusal(proto().varint(net_name, 7)),
                "x: at offset 0: field 1 has wire type 0, expected 2");
  check_message(caffemodel_refusal(proto().varint(net_layer, 7)),
                "field 100 has wire type 0, expected 2");
  check_message(caffemodel_refusal(proto().fixed(net_layers, 7.0F)),
                "field 2 has wire type 5, expected 2");
}

TEST_CASE("layers that lie") {
  const proto good = blob_of({1}, {2});
  const auto layer_refusal = [](const proto& layer) {
    return caffemodel_refusal(proto().message(net_layer, layer));
  };
  check_message(layer_refusal(proto().message(layer_blobs, good)),
                "a layer with 1 blobs has no name");
  check_message(layer_refusal(proto().text(layer_name, "").message(layer_blobs, good)),
                "a layer with 1 blobs has no name");
  check_message(layer_refusal(proto().text(layer_name, "a").text(layer_name, "b")),
                "a layer has two names, 'a' is the first");
  check_message(layer_refusal(proto().varint(layer_name, 1)),
                "field 1 has wire type 0, expected 2");
  check_message(layer_refusal(proto().text(layer_name, "a").varint(layer_blobs, 1)),
                "field 7 has wire type 0, expected 2");
  const proto oldest = proto().message(1, proto().text(1, "ip")).message(old_blobs, good);
  check_message(caffemodel_refusal(proto().message(net_layers, oldest)),
                "x: at offset 2: a layer of Caffe's oldest form; upgrade_net_proto_binary");
}

TEST_CASE("blobs that lie") {
  const proto two = proto().message(blob_data, packed_floats({4, 5}));
  const auto shaped = [&](const proto& shape) {
    return caffemodel_refusal(net_with(proto().raw(two.done()).message(blob_shape, shape)));
  };
  CHECK(shaped(shape_of({2, 1})).empty());
  CHECK(shaped(shape_of({3})) == "x: blob 'a_0': has 2 numbers, expected 3 for its shape (3)");
  check_message(shaped(shape_of({2, 0})), "has 2 numbers, expected 0 for its shape (2, 0)");
  check_message(shaped(shape_of({-1, -2})), "x: blob 'a_0': has the negative dimension -1");
  constexpr std::int64_t half = std::int64_t{1} << 32;
  check_message(shaped(shape_of({half, half, 2})), "multiply to more than 2^63 - 1");
  check_message(shaped(shape_of(extents(33, 1))), "x: blob 'a_0': has more than 32 dimensions");
  check_message(shaped(proto().bytes(1, {0x80})), "an extent takes 1 bytes at offset");
  check_message(shaped(proto().fixed(1, 2.0F)), "field 1 has wire type 5, expected 2");

  const auto blob_refusal = [](const proto& blob) { return caffemodel_refusal(net_with(blob)); };
  check_message(blob_refusal(proto()), "has 0 numbers, expected 1 for its shape ()");
  check_message(blob_refusal(blob_of({2}, {1, 2}).message(blob_shape, shape_of({2}))),
                "x: blob 'a_0': has two shapes");
  check_message(blob_refusal(blob_of({2}, {1, 2}).varint(1, 2)), "extents of old files");
  check_message(blob_refusal(proto().raw(two.done()).varint(1, ~std::uint64_t{0})),
                "the negative dimension -1");
  check_message(blob_refusal(proto().bytes(blob_data, {1, 2, 3, 4, 5})),
                "has 5 bytes of packed numbers at offset 49, expected a multiple of 4");
  check_message(blob_refusal(proto().bytes(blob_double_data, {1, 2, 3, 4})),
                "has 4 bytes of packed numbers at offset 49, expected a multiple of 8");
  check_message(blob_refusal(proto().fixed(blob_data, 1.0F).fixed(blob_double_data, 1.0)),
                "x: blob 'a_0': has both data and double_data");
  check_message(blob_refusal(proto().fixed(blob_data, 1.0)), "field 5 has wire type 1, expected 5");
  check_message(blob_refusal(proto().varint(blob_data, 1)), "field 5 has wire type 0, expected 5");
  check_message(blob_refusal(proto().fixed(blob_double_data, 1.0F)),
                "field 8 has wire type 5, expected 1");
  check_message(blob_refusal(proto().text(1, "2")), "field 1 has wire type 2, expected 0");
  check_message(blob_refusal(proto().varint(blob_shape, 1)), "field 7 has wire type 0, expected 2");
}

TEST_CASE("a file that is cut is refused") {
  // Read as a whole it must break somewhere; cut behind the first fields it has no layer.
  const byte_vector whole = net_with(blob_of({2}, {1, 2})).done();
  CHECK(caffemodel_refusal(whole).empty());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(
        caffemodel_refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
            .empty());
  }
}

TEST_CASE("a file with any bits changed is read or refused") {
  const proto old = proto().text(old_name, "o").message(old_blobs, blob_of({1}, {2}));
  const byte_vector whole =
      net_of({layer_of("a", {blob_of({2, 1}, {1, 2}), proto().fixed(blob_data, 3.0F)})})
          .message(net_layers, old)
          .done();
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      byte_vector damaged = whole;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
      if (!caffemodel_refusal(damaged).empty()) ++refused;
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("no message has 2 GiB") {
  const temporary_folder folder;
  std::ofstream(folder / "m").put(0);
  std::filesystem::resize_file(folder / "m", std::uint64_t{1} << 31U);
  check_message(message_of([&] { caffemodel_reader(byte_source(folder / "m")); }),
                ": has 2147483648 bytes, expected less than 2147483648");
}
