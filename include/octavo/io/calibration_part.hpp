// SPDX-License-Identifier: MIT
/// @file
/// The content of part files that hold calibration's ranges or histograms, and their union.
///
/// A u32 count of tensors; for each its name (u16 length, bytes) and its largest magnitude (f32),
/// in histograms followed by 2048 counts (i64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "octavo/calibrate/shard.hpp"
#include "octavo/calibrate/statistics.hpp"
#include "octavo/io/part_file.hpp"

namespace octavo::inline v0::io {

namespace detail {

/// The values of one tensor that a part may have counted: max_shards times as many fit into 64
/// bits.
inline constexpr std::int64_t largest_total = std::int64_t{1} << 46;

inline void append_tensor(byte_vector& to, const std::string& name, double max) {
  append_little(to, static_cast<std::uint16_t>(name.size()));
  const byte_view letters = as_bytes(name);
  to.insert(to.end(), letters.begin(), letters.end());
  append_little(to, static_cast<float>(max));
}

/// The fields of one tensor.
struct tensor_entry {
  std::string name = {};
  float max = 0;
  std::vector<std::int64_t> counts = {};  ///< empty in ranges
};

inline std::vector<std::int64_t> read_counts(byte_reader& in, const tensor_entry& entry) {
  std::vector<std::int64_t> counts(histogram_bins);
  std::int64_t left = entry.max == 0 ? 0 : largest_total;
  for (std::int64_t& count : counts) {
    count = in.get<std::int64_t>("count");
    if (count < 0 || count > left) {
      in.fail("a count of tensor ", in_quotes(entry.name), " is ", count, ", expected 0..", left);
    }
    left -= count;
  }
  return counts;
}

inline tensor_entry read_tensor(byte_reader& in, bool with_counts) {
  tensor_entry entry;
  entry.name = in.get_text(in.get<std::uint16_t>("length of a name"), "name");
  entry.max = in.get<float>("largest magnitude");
  const bool finite = entry.max >= 0 && entry.max <= std::numeric_limits<float>::max();
  if (!finite) {
    in.fail("the largest magnitude of tensor ", in_quotes(entry.name), " is ",
            static_cast<double>(entry.max), ", expected a finite number, not negative");
  }
  if (with_counts) entry.counts = read_counts(in, entry);
  return entry;
}

/// Bytes that even a tensor without a name takes.
inline constexpr std::size_t smallest_tensor = sizeof(std::uint16_t) + sizeof(float);

inline std::vector<tensor_entry> read_tensors(const part_file& part, bool with_counts) {
  byte_reader in = part.reader();
  const auto count = in.get<std::uint32_t>("number of tensors");
  if (count > in.remaining() / smallest_tensor) {
    in.fail("the number of tensors is ", count, ", but only ", in.remaining(), " bytes are left");
  }
  std::vector<tensor_entry> entries;
  for (std::uint32_t i = 0; i < count; ++i) entries.push_back(read_tensor(in, with_counts));
  in.expect_end();
  return entries;
}

inline tensor_ranges ranges_of(const std::vector<tensor_entry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const tensor_entry& entry : entries) names.push_back(entry.name);
  tensor_ranges ranges(std::move(names));
  for (std::size_t i = 0; i < entries.size(); ++i) ranges.observe(i, std::span(&entries[i].max, 1));
  return ranges;
}

}  // namespace detail

/// The content of a part of kind ranges.
inline byte_vector serialize(const tensor_ranges& ranges) {
  byte_vector bytes;
  append_little(bytes, static_cast<std::uint32_t>(ranges.size()));
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    detail::append_tensor(bytes, ranges.names()[i], ranges.max_abs(i));
  }
  return bytes;
}

/// The content of a part of kind histograms.
inline byte_vector serialize(const tensor_histograms& histograms) {
  byte_vector bytes;
  append_little(bytes, static_cast<std::uint32_t>(histograms.size()));
  for (std::size_t i = 0; i < histograms.size(); ++i) {
    detail::append_tensor(bytes, histograms.names()[i], histograms[i].max);
    for (const std::int64_t count : histograms[i].counts) append_little(bytes, count);
  }
  return bytes;
}

/// @throws octavo::error naming the file, the offset and what was expected there.
inline tensor_ranges ranges_in(const part_file& part) {
  return detail::ranges_of(detail::read_tensors(part, false));
}

/// @throws octavo::error naming the file, the offset and what was expected there.
inline tensor_histograms histograms_in(const part_file& part) {
  std::vector<detail::tensor_entry> entries = detail::read_tensors(part, true);
  tensor_histograms histograms(detail::ranges_of(entries));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    histograms.add_counts(i, entries[i].counts);
  }
  return histograms;
}

/// The union of parts that check_parts() has passed, as the content of the whole.
/// @throws octavo::error naming the file that does not fit the first.
inline byte_vector merge_calibration(std::span<const part_file> parts) {
  const auto merged = [&](const auto& read) {
    auto whole = read(parts[0]);
    for (const part_file& part : parts.subspan(1)) {
      with_context(part.name, [&] { whole.merge(read(part)); });
    }
    return serialize(whole);
  };
  return parts[0].identity.kind == part_kind::ranges ? merged(ranges_in) : merged(histograms_in);
}

}  // namespace octavo::inline v0::io
