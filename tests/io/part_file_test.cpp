// SPDX-License-Identifier: MIT
/// @file
/// Partial results in files: round trips, every truncation, damage, and fields that lie under a
/// right checksum.

#include "octavo/io/part_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/io_test_tools.hpp"
#include "octavo/io/calibration_part.hpp"

using namespace octavo_test;
using octavo::part_identity;
using octavo::part_kind;
using octavo::tensor_histograms;
using octavo::tensor_ranges;
using namespace octavo::io;

namespace {

constexpr part_identity identity = {.kind = part_kind::ranges,
                                    .shard = {2, 3},
                                    .images = 10,
                                    .files = 0x11111111,
                                    .network = 0x22222222,
                                    .options = 0x33333333};

part_identity histogram_identity() {
  part_identity other = identity;
  other.kind = part_kind::histograms;
  return other;
}

tensor_ranges small_ranges() {
  tensor_ranges ranges({"data", "fc", "empty"});
  const float data[] = {1.5F, -4, 0};
  const float fc[] = {0.25F};
  ranges.observe(0, data);
  ranges.observe(1, fc);
  return ranges;
}

tensor_histograms small_histograms() {
  tensor_histograms histograms(small_ranges());
  const float data[] = {1.5F, -4, 0, 3.25F};
  const float fc[] = {0.25F, 0.125F};
  histograms.observe(0, data);
  histograms.observe(1, fc);
  return histograms;
}

/// The file with other bytes at an offset of what stands behind the header, its checksum right.
byte_vector with_lie(byte_vector file, std::size_t offset, byte_view bytes) {
  std::copy(
      bytes.begin(), bytes.end(),
      file.begin() + static_cast<std::ptrdiff_t>(octavo::io::detail::checked_header_size + offset));
  const std::uint32_t crc =
      octavo::crc32(byte_view(file).subspan(octavo::io::detail::checked_header_size));
  store_little(file.data() + 12, crc);
  return file;
}

template <class T>
byte_vector little(T value) {
  byte_vector bytes;
  append_little(bytes, value);
  return bytes;
}

template <class Read>
std::string part_refusal(const byte_vector& file, const Read& read) {
  return message_of([&] { static_cast<void>(read(parse_part(file, "p"))); });
}

/// Where the content begins, counted from behind the header.
constexpr std::size_t content = 1 + 4 + 4 + 8 + 3 * 4;

}  // namespace

TEST_CASE("a part comes back as it was written") {
  const temporary_folder folder;
  write_part(folder / "r", identity, serialize(small_ranges()));
  write_part(folder / "h", histogram_identity(), serialize(small_histograms()));
  const part_file ranges = read_part(folder / "r", part_kind::ranges);
  CHECK(ranges.identity == identity);
  CHECK(ranges_in(ranges) == small_ranges());
  const part_file histograms = read_part(folder / "h", part_kind::histograms);
  CHECK(histograms.identity == histogram_identity());
  CHECK(histograms_in(histograms) == small_histograms());
  CHECK(folder.size() == 2);
  check_message(message_of([&] { read_part(folder / "r", part_kind::histograms); }),
                "r: holds ranges, expected histograms");
}

TEST_CASE("a part cut off anywhere is refused, and so is one with a byte too many") {
  for (const byte_vector& file :
       {serialize_part(identity, serialize(small_ranges())),
        serialize_part(histogram_identity(), serialize(small_histograms()))}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      const byte_view cut = byte_view(file).first(size);
      check_message(message_of([&] { parse_part(cut, "cut"); }), "cut: ");
    }
    byte_vector longer = file;
    longer.push_back(0);
    check_message(message_of([&] { parse_part(longer, "longer"); }), "longer: at offset 24: ");
  }
}

TEST_CASE("a part cut off inside, with a right header, is refused") {
  const byte_vector bytes = serialize(small_ranges());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const byte_vector file = serialize_part(identity, byte_view(bytes).first(size));
    check_message(part_refusal(file, ranges_in), "p: ");
  }
  byte_vector longer = bytes;
  longer.push_back(0);
  check_message(part_refusal(serialize_part(identity, longer), ranges_in), "1 bytes too many");
}

TEST_CASE("every flipped bit of a part is noticed") {
  const byte_vector file = serialize_part(identity, serialize(small_ranges()));
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    byte_vector damaged = file;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    check_message(message_of([&] { parse_part(damaged, "damaged"); }), "damaged: ");
  }
}

TEST_CASE("an identity that lies is refused") {
  const byte_vector file = serialize_part(identity, serialize(small_ranges()));
  const auto lie = [&](std::size_t offset, const byte_vector& bytes) {
    return part_refusal(with_lie(file, offset, bytes), ranges_in);
  };
  check_message(lie(0, {3}), "p: at offset 25: kind is 3, expected 0..2");
  check_message(lie(1, little<std::uint32_t>(0)), "the shard is 0/3, expected i/n");
  check_message(lie(1, little<std::uint32_t>(4)), "the shard is 4/3, expected i/n");
  check_message(lie(5, little<std::uint32_t>(0)), "the shard is 2/0, expected i/n");
  check_message(lie(5, little<std::uint32_t>(0xFFFFFFFFU)), "the shard is 2/4294967295");
}

TEST_CASE("tensors that lie are refused before anything is allocated for them") {
  const byte_vector file = serialize_part(identity, serialize(small_ranges()));
  const auto lie = [&](std::size_t offset, const byte_vector& bytes) {
    return part_refusal(with_lie(file, content + offset, bytes), ranges_in);
  };
  check_message(lie(0, little<std::uint32_t>(0xFFFFFFFFU)),
                "the number of tensors is 4294967295, but only ");
  check_message(lie(0, little<std::uint32_t>(2)), "bytes too many");
  check_message(lie(4, little<std::uint16_t>(0xFFFF)), "name at offset 59 takes 65535 bytes");
  const std::size_t max = 4 + 2 + 4;  // of "data"
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const float wrong : {-1.0F, infinity, std::numeric_limits<float>::quiet_NaN()}) {
    check_message(lie(max, little(wrong)), "the largest magnitude of tensor 'data' is ");
  }
}

TEST_CASE("counts that lie are refused") {
  const byte_vector file = serialize_part(histogram_identity(), serialize(small_histograms()));
  const auto lie = [&](std::size_t offset, std::int64_t count) {
    return part_refusal(with_lie(file, content + offset, little(count)), histograms_in);
  };
  const std::size_t first = 4 + 2 + 4 + 4;  // of "data"
  const std::size_t tensor = 8 * octavo::histogram_bins;
  check_message(lie(first, -1), "a count of tensor 'data' is -1, expected 0..70368744177664");
  check_message(lie(first, INT64_MAX), "a count of tensor 'data' is 9223372036854775807");
  // Each is small enough, their sum is not.
  byte_vector both = with_lie(file, content + first, little(std::int64_t{1} << 46));
  check_message(part_refusal(both, histograms_in), "a count of tensor 'data' is 1, expected 0..0");
  // A tensor that was all zero has no values to count.
  const std::size_t empty_part = first + tensor + 2 + 2 + 4 + tensor + 2 + 5 + 4;
  check_message(lie(empty_part, 1), "a count of tensor 'empty' is 1, expected 0..0");
}

TEST_CASE("the union of parts is what one run would have written") {
  const float a[] = {1, -2};
  const float b[] = {-3, 0.5F};
  tensor_ranges one({"x"});
  tensor_ranges two({"x"});
  one.observe(0, a);
  two.observe(0, b);
  tensor_ranges both({"x"});
  both.observe(0, b);
  both.observe(0, a);
  const auto parts_of = [](const part_identity& whose, const byte_vector& first,
                           const byte_vector& second) {
    return std::vector<part_file>{parse_part(serialize_part(whose, first), "one"),
                                  parse_part(serialize_part(whose, second), "two")};
  };
  CHECK(merge_calibration(parts_of(identity, serialize(one), serialize(two))) == serialize(both));

  tensor_histograms first(both);
  tensor_histograms second(both);
  tensor_histograms sum(both);
  first.observe(0, a);
  second.observe(0, b);
  sum.observe(0, a);
  sum.observe(0, b);
  CHECK(merge_calibration(parts_of(histogram_identity(), serialize(first), serialize(second))) ==
        serialize(sum));

  const tensor_histograms foreign(one);
  check_message(
      message_of([&] {
        merge_calibration(parts_of(histogram_identity(), serialize(first), serialize(foreign)));
      }),
      "two: calibration: tensor x: its histograms have the ranges");
}
