// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/npz.hpp and io/zip.hpp: zip files of arrays, or of anything.

#include <string>
#include <vector>

#include "octavo/io/npz.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using namespace octavo::io;

namespace {

/// The contents of all members that are not large.
std::vector<byte_vector> read_members(byte_view bytes) {
  zip_reader zip(byte_source(bytes, "x.zip"));
  std::vector<byte_vector> contents;
  for (const zip_member& member : zip.members()) {
    constexpr std::uint64_t large = 1 << 24;
    if (member.size > large) continue;
    contents.push_back(zip.read(member));
    expect(contents.back().size() == member.size, "a member has the size that the directory says");
  }
  return contents;
}

npz_arrays read_arrays(byte_view bytes) {
  npz_reader file(bytes, "x.npz");
  const std::vector<std::string> names = file.names();
  npz_arrays arrays = file.read_all();
  expect(arrays.size() == names.size(), "an array for each name");
  return arrays;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const byte_view bytes(data, size);
  feed([&] { return read_members(bytes); }, [](const std::vector<byte_vector>&) {});
  feed([&] { return read_arrays(bytes); },
       [](const npz_arrays& arrays) {
         for (const auto& [name, array] : arrays) {
           expect(parse_npy(serialize_npy(array), name) == array,
                  "an array written again reads back equal");
         }
       });
  return 0;
}
