// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/onnx/parse.hpp and structure.hpp: what is read, and files that are damaged or lie.

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "io/io_test_tools.hpp"
#include "octavo/io/onnx/values.hpp"
#include "onnx/onnx_recipe.hpp"
#include "support/random.hpp"

using namespace octavo_test;
using octavo::io::as_bytes;
using octavo::io::parse_onnx;
using recipe = onnx_recipe;

namespace {

std::string parse_message(const std::string& bytes) {
  return message_of([&] { parse_onnx(as_bytes(bytes), "m.onnx"); });
}

template <class Spoil>
void check_refused(const Spoil& spoil, std::string_view part) {
  check_message(float_message(float_recipe(), spoil), part);
}

}  // namespace

TEST_CASE("a model's parts") {
  const octavo::io::onnx::model model = float_recipe().parse();
  CHECK(model.opset == 13);
  CHECK(model.input.name == "image");
  CHECK(model.input.dims == octavo::io::onnx::extents{-1, 2, 4, 5});
  CHECK(model.nodes.size() == 7);
  CHECK(model.constants.size() == 8);
  CHECK(model.readers_of("relu") == 1);
  CHECK(model.readers_of("prob") == 1);
  CHECK(model.readers_of("nobody") == 0);
}

TEST_CASE("numbers from raw bytes and typed fields, of every type") {
  recipe made = float_recipe();
  const float some[] = {1.5F, -2.0F};
  made.array("raw", {2}, ::onnx::TensorProto::FLOAT)
      .set_raw_data(std::string(reinterpret_cast<const char*>(some), sizeof some));
  made.integers("half", {3}, ::onnx::TensorProto::FLOAT16, {0x3E00, 0xC000, 0x0001});
  made.integers("bfloat", {2}, ::onnx::TensorProto::BFLOAT16, {0x3FC0, 0xC000});
  made.array("double", {1}, ::onnx::TensorProto::DOUBLE).add_double_data(0.1);
  made.array("long", {1}, ::onnx::TensorProto::INT64).add_int64_data(-5);
  made.integers("bytes", {2}, ::onnx::TensorProto::INT8, {-128, 127});
  made.array("none", {0, 7}, ::onnx::TensorProto::FLOAT);
  const octavo::io::onnx::model model = made.parse();
  const auto reals = [&](const char* name) {
    return octavo::io::onnx::real_values(*model.find_constant(name));
  };
  CHECK(reals("raw") == std::vector<double>{1.5, -2});
  CHECK(reals("half") == std::vector<double>{1.5, -2, 0x1p-24});
  CHECK(reals("bfloat") == std::vector<double>{1.5, -2});
  CHECK(reals("double") == std::vector<double>{0.1});
  CHECK(reals("none").empty());
  CHECK(octavo::io::onnx::index_values(*model.find_constant("long")) ==
        std::vector<std::int64_t>{-5});
  CHECK(octavo::io::onnx::int8_values(*model.find_constant("bytes")) ==
        std::vector<std::int8_t>{-128, 127});
}

TEST_CASE("a constant under other names: Constant and Identity") {
  recipe made = float_recipe();
  ::onnx::NodeProto value = *made.graph().mutable_node(0);
  value.Clear();
  value.set_op_type("Constant");
  value.add_output("copied");
  set_real(value, "value_float", 2.5F);
  made.graph().add_node()->CopyFrom(value);
  made.node("Identity", {"copied"}, "again");
  const octavo::io::onnx::model model = made.parse();
  CHECK(octavo::io::onnx::sole_real(*model.find_constant("again")) == 2.5);
  CHECK(model.nodes.size() == 7);
}

TEST_CASE("a file cut at every length is refused, with one sentence") {
  const std::string whole = float_recipe().bytes();
  REQUIRE(parse_message(whole).empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    check_message(parse_message(whole.substr(0, length)), "m.onnx: ");
  }
}

TEST_CASE("random damage: refused, or a model that can be imported") {
  octavo::testing::random_source rng(5);
  for (const recipe& good : {float_recipe(), int8_recipe()}) {
    const std::string whole = good.bytes();
    int accepted = 0;
    for (int attempt = 0; attempt < 4000; ++attempt) {
      CAPTURE(attempt);
      std::string other = whole;
      for (int changes = rng.integer(1, 3); changes > 0; --changes) {
        const auto at =
            static_cast<std::size_t>(rng.integer(0, static_cast<int>(whole.size()) - 1));
        other[at] = static_cast<char>(rng.integer(0, 255));
      }
      accepted +=
          message_of([&] { octavo::io::float_model_of(parse_onnx(as_bytes(other), "m")); }).empty();
      accepted += message_of([&] {
                    octavo::io::quantized_model_of(parse_onnx(as_bytes(other), "m"));
                  }).empty();
    }
    CHECK(accepted > 100);
    CHECK(accepted < 3000);
  }
}

TEST_CASE("what is no ONNX model") {
  check_message(parse_message(""), "m.onnx: is no ONNX model: it has no graph");
  check_message(parse_message("PK\x03\x04"), "m.onnx: is no ONNX model, or a damaged one");
  check_message(message_of([] { octavo::io::load_onnx("/nonexistent/m.onnx"); }),
                "there is no such file");
  check_message(message_of([] { octavo::io::load_onnx("/"); }), "is a directory");
}

TEST_CASE("arrays whose shape and bytes differ") {
  const auto w = [](recipe& r) -> ::onnx::TensorProto& { return r.find_array("w"); };
  const std::string where = "m.onnx: initializer 'w': ";
  check_refused([&](recipe& r) { w(r).set_dims(0, 4); },
                where + "float_data has 12 elements, expected 16");
  check_refused([&](recipe& r) { w(r).set_dims(0, -3); }, where + "its shape is (-3, 2, 1, 2)");
  check_refused([&](recipe& r) { w(r).set_dims(0, std::numeric_limits<std::int64_t>::max()); },
                where + "its shape is (9223372036854775807, 2, 1, 2), expected at most 2^31");
  check_refused([&](recipe& r) { w(r).set_dims(0, std::int64_t{1} << 62); }, "at most 2^31");
  check_refused(
      [&](recipe& r) {
        for (int i = 0; i < 5; ++i) w(r).add_dims(1);
      },
      where + "has 9 extents, expected at most 8");
  check_refused(
      [&](recipe& r) {
        w(r).clear_float_data();
        w(r).set_raw_data(std::string(47, '\0'));
      },
      where + "raw_data has 47 bytes, expected 48 for float32 of shape (3, 2, 1, 2)");
  check_refused([&](recipe& r) { w(r).set_raw_data(std::string(48, '\0')); },
                where + "has raw_data and typed data");
  check_refused([&](recipe& r) { w(r).set_data_type(::onnx::TensorProto::STRING); },
                where + "has elements of type 8, expected float32");
  check_refused([&](recipe& r) { w(r).set_data_type(0); }, "has elements of type 0");
  check_refused([&](recipe& r) { r.integers("x", {1}, ::onnx::TensorProto::INT8, {128}); },
                "initializer 'x': int32_data holds 128, which its type does not");
}

TEST_CASE("data outside the file, and other things that are refused as a whole") {
  check_refused(
      [](recipe& r) {
        ::onnx::StringStringEntryProto& entry = *r.find_array("w").add_external_data();
        entry.set_key("location");
        entry.set_value("../../etc/passwd");
      },
      "initializer 'w': its data lie in another file; store them inside the model");
  check_refused(
      [](recipe& r) { r.find_array("w").set_data_location(::onnx::TensorProto::EXTERNAL); },
      "its data lie in another file");
  check_refused([](recipe& r) { r.find_array("w").mutable_segment()->set_begin(0); }, "segment");
  check_refused([](recipe& r) { r.graph().add_sparse_initializer(); }, "sparse initializers");
  check_refused([](recipe& r) { r.model.add_functions(); }, "defines functions");
  check_refused([](recipe& r) { r.model.clear_graph(); }, "it has no graph");
  check_refused([](recipe& r) { r.model.clear_opset_import(); }, "uses version 0 of ONNX's ops");
  check_refused([](recipe& r) { r.model.mutable_opset_import(1)->set_version(6); },
                "uses version 6 of ONNX's ops, expected 7..21");
  check_refused([](recipe& r) { r.model.add_opset_import()->set_version(13); }, "twice");
}

TEST_CASE("names: twice, missing, of nothing") {
  check_refused([](recipe& r) { r.floats("w", {1}, {1}); }, "initializer 'w': is there twice");
  check_refused([](recipe& r) { r.find_array("w").clear_name(); }, "initializer '': has no name");
  check_refused([](recipe& r) { r.find_node("relu").set_output(0, "conv"); },
                "Relu 'relu': writes 'conv' a second time");
  check_refused([](recipe& r) { r.find_node("relu").set_output(0, "image"); },
                "writes 'image' a second time");
  check_refused([](recipe& r) { r.find_node("relu").set_output(0, "w"); },
                "writes 'w' a second time");
  check_refused([](recipe& r) { r.find_node("relu").clear_output(); },
                "its first output has no name");
  check_refused([](recipe& r) { r.find_node("relu").set_input(0, "nobody"); },
                "m.onnx: Relu 'relu': reads 'nobody', which nothing writes");
  check_refused([](recipe& r) { r.find_node("relu").set_input(0, "relu"); },
                "reads 'relu', which this node or a later one writes: the nodes form a circle");
  check_refused([](recipe& r) { r.find_node("conv").set_input(0, "fc"); }, "form a circle");
  check_refused([](recipe& r) { r.graph().mutable_output(0)->set_name("nobody"); },
                "no node writes the output 'nobody'");
  check_refused([](recipe& r) { r.graph().clear_output(); }, "has no outputs");
  check_refused([](recipe& r) { r.graph().clear_node(); }, "has no nodes");
}

TEST_CASE("inputs: none, two, without a shape") {
  check_refused([](recipe& r) { r.graph().clear_input(); }, "has no input");
  check_refused([](recipe& r) { r.input("more", {1}); },
                "has a second input 'more' beside 'image'; expected one");
  check_refused([](recipe& r) { r.graph().mutable_input(0)->clear_type(); },
                "input 'image': has no tensor's shape");
  // Old files list their initializers as inputs too.
  CHECK(float_message(float_recipe(), [](recipe& r) { r.input("w", {3, 2, 1, 2}); }).empty());
}

TEST_CASE("more nodes, operands and attributes than a network has") {
  check_refused(
      [](recipe& r) {
        for (int i = 0; i < 20000; ++i) r.graph().add_node();
      },
      "has 20007 nodes, expected at most 16384");
  check_refused(
      [](recipe& r) {
        for (int i = 0; i < 300; ++i) r.find_node("relu").add_input("norm");
      },
      "Relu 'relu': has more than 256 inputs or outputs");
  check_refused(
      [](recipe& r) {
        set_integer(r.find_node("fc"), "transB", 0);
        set_integer(r.find_node("fc"), "transB", 0);
      },
      "Gemm 'fc': has two attributes 'transB'");
  check_refused(
      [](recipe& r) {
        for (int i = 0; i < 16; ++i) r.output("fc");
      },
      "has 17 outputs, expected at most 16");
}

TEST_CASE("more messages and texts than there is memory for") {
  // An empty attribute is two bytes, and there are as many more fields as the recipe and the
  // messages around them have.
  const auto with_attributes = [](int count) {
    recipe made = float_recipe();
    ::onnx::NodeProto& node = *made.graph().add_node();
    for (int i = 0; i < count; ++i) node.add_attribute();
    return parse_message(made.bytes());
  };
  constexpr int limit = 1 << 20;
  check_message(with_attributes(limit - 200), "has two attributes");  // the next check
  check_message(with_attributes(limit), "m.onnx: has more than 1048576 messages, texts and arrays");
}

TEST_CASE("messages in messages in messages") {
  // A graph has nodes (field 1), a node attributes (5), an attribute a graph (6), and so on.
  const auto nested = [](int depth) {
    std::string bytes;
    constexpr char tags[] = {0x2A, 0x32, 0x0A};
    for (int i = depth; i > 0; --i) {
      std::string length;
      std::size_t size = bytes.size();
      for (; size > 0x7F; size >>= 7U) length += static_cast<char>(size | 0x80U);
      length += static_cast<char>(size);
      const char tag = i == 1 ? char{0x3A} : tags[i % 3];  // the graph of the model
      bytes = tag + length + bytes;
    }
    return parse_message(bytes);
  };
  check_message(nested(100), "m.onnx: uses version 0 of ONNX's ops");  // decoded
  check_message(nested(101), "a message nested more than 100 deep");
}
