// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/caffemodel.hpp and, below it, io/protobuf_wire.hpp.

#include "octavo/io/caffemodel.hpp"
#include "stored_array.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::io::caffemodel_reader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  feed([&] { return caffemodel_reader(octavo::io::byte_source(bytes, "x.caffemodel")); },
       [](caffemodel_reader& file) {
         for (const std::string& name : file.names()) {
           expect(file.contains(name), "a name of the list is a blob");
           read_stored_array([&] { return file.read(name); });
         }
       });
  return 0;
}
