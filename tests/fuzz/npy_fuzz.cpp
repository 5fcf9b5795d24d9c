// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/npy.hpp: .npy files.

#include "octavo/io/npy.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::io::npy_array;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  const auto check = [](const npy_array& array) {
    array.check();
    const npy_array again = octavo::io::parse_npy(octavo::io::serialize_npy(array), "again");
    expect(again == array, "an array written again reads back equal");
  };
  feed([&] { return octavo::io::parse_npy(bytes, "x.npy"); }, check);
  feed([&] { return octavo::io::parse_npy(bytes, "x.npy").as<std::int32_t>("x.npy"); },
       [](const std::vector<std::int32_t>&) {});
  feed([&] { return octavo::io::parse_npy(bytes, "x.npy").as<float>("x.npy"); },
       [](const std::vector<float>&) {});
  return 0;
}
