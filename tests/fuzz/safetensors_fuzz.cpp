// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/safetensors.hpp.

#include "octavo/io/safetensors.hpp"
#include "stored_array.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::io::safetensors_reader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  feed([&] { return safetensors_reader(octavo::io::byte_source(bytes, "x.safetensors")); },
       [](safetensors_reader& file) {
         for (const std::string& name : file.names()) {
           expect(file.contains(name), "a name of the list is a tensor");
           read_stored_array([&] { return file.read(name); });
         }
       });
  return 0;
}
