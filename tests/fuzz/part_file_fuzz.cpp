// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/part_file.hpp and what is in parts: ranges, histograms, evaluations.

#include "checksummed.hpp"
#include "octavo/io/calibration_part.hpp"
#include "octavo/io/part_file.hpp"
#include "quantize/evaluation_part.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using namespace octavo::io;

namespace {

/// Reads the content of a part, and again what is written of it.
template <class Read>
void feed_content(const part_file& part, const Read& read) {
  feed([&] { return read(part); },
       [&](const auto& value) {
         part_file again = part;
         again.content = serialize(value);
         expect(read(again) == value, "a content written again reads back equal");
       });
}

void feed_file(const byte_vector& bytes) {
  feed([&] { return parse_part(bytes, "x.part"); },
       [&](const part_file& part) {
         expect(serialize_part(part.identity, part.content) == bytes,
                "a part is written as it was read");
         switch (part.identity.kind) {
           case octavo::part_kind::ranges:
             return feed_content(part, ranges_in);
           case octavo::part_kind::histograms:
             return feed_content(part, histograms_in);
           case octavo::part_kind::evaluation:
             return feed_content(part, octavo::examples::evaluation_in);
         }
       });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  feed_file({bytes.begin(), bytes.end()});
  feed_file(with_checksum(bytes));
  return 0;
}
