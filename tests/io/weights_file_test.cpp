// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/weights_file.hpp: which reader a file gets.

#include "octavo/io/weights_file.hpp"

#include <doctest/doctest.h>

#include "caffemodel_recipe.hpp"
#include "io_test_tools.hpp"
#include "octavo/io/npz.hpp"
#include "safetensors_recipe.hpp"

using namespace octavo_test;
using octavo::io::open_weights;
using octavo::io::write_file;

namespace {

const byte_vector safetensors_file =
    safetensors_of("{" + tensor_text("x", "F32", "[1]", "[0,4]") + "}", elements(2.5F));

/// Written under a name that says nothing.
std::string weights_refusal(const byte_vector& bytes) {
  const temporary_folder folder;
  write_file(folder / "w", bytes);
  return message_of([&] { open_weights(folder / "w"); });
}

}  // namespace

TEST_CASE("each format by its first bytes, whatever the name") {
  const temporary_folder folder;
  octavo::io::write_npz(folder / "w",
                        {{"x", octavo::io::make_npy_array(std::vector<float>{1.5F}, {1})}});
  CHECK(open_weights(folder / "w").read("x").values == std::vector<double>{1.5});
  write_file(folder / "w", safetensors_file);
  CHECK(open_weights(folder / "w").read("x").values == std::vector<double>{2.5});
  write_file(folder / "w", net_of({layer_of("x", {blob_of({1}, {3.5F})})}).done());
  CHECK(open_weights(folder / "w").read("x_0").values == std::vector<double>{3.5});
}

TEST_CASE("a damaged file is told what it seems to be") {
  check_message(weights_refusal({'P', 'K', 5, 6}), "w: ");
  byte_vector file = safetensors_file;
  file.pop_back();
  check_message(weights_refusal(file),
                "w: tensor 'x': data_offsets [0, 4] do not lie in the 3 bytes");
  file.resize(9);
  check_message(weights_refusal(file), "w: the header at offset 8 takes ");
}

TEST_CASE("a file that is none of them") {
  constexpr const char* none = "w: is no .npz, no .safetensors and no .caffemodel: ";
  check_message(weights_refusal({}), none);
  check_message(weights_refusal({'P'}), none);
  const std::string text = "this is no model";
  check_message(weights_refusal({text.begin(), text.end()}), none);
  check_message(weights_refusal(byte_vector(100, 0)), none);
  check_message(weights_refusal(byte_vector(100, 0xFF)), none);
  // A size of 2^32: no header is that large.
  byte_vector file = safetensors_file;
  file[4] = 1;
  check_message(weights_refusal(file), none);
  CHECK(message_of([] { open_weights("absent"); }) == "absent: there is no such file");
}

TEST_CASE("a file of ours and a single array are no weights, and it is said what they are") {
  const std::string array = "\x93NUMPY and more";
  check_message(weights_refusal({array.begin(), array.end()}),
                "w: is a .npy, one array without a name, expected several by name");
  const std::string model = "OCTAVOQM and more";
  check_message(weights_refusal({model.begin(), model.end()}),
                "w: is an Octavo model, quantized already, expected float weights");
}
