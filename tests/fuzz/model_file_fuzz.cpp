// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/model_file.hpp: as it is, and behind a right checksum.

#include "checksummed.hpp"
#include "octavo/io/model_file.hpp"
#include "small_run.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::io::byte_vector;

namespace {

void feed_file(const byte_vector& bytes) {
  feed([&] { return octavo::io::deserialize(bytes, "x.octavo"); },
       [&](const octavo::quantized_model& model) {
         expect(octavo::io::serialize(model) == bytes, "a model is written as it was read");
         run_small(model);
       });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  feed_file({bytes.begin(), bytes.end()});
  feed_file(with_checksum(bytes));
  return 0;
}
