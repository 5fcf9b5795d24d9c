// SPDX-License-Identifier: MIT
/// @file
/// The content of part files that hold an evaluation: u8 whether there is a float network, then the
/// nine counts (i64) in the order of for_each_count().
#pragma once

#include <cstdint>
#include <span>

#include "evaluation.hpp"
#include "octavo/io/part_file.hpp"

namespace octavo::examples {

namespace detail {

template <class Evaluation, class Visit>
void for_each_count(Evaluation& counts, const Visit& visit) {
  visit(counts.pictures, "pictures");
  visit(counts.damaged, "damaged pictures");
  visit(counts.int8_top1, "int8 top-1");
  visit(counts.int8_top5, "int8 top-5");
  visit(counts.float_top1, "float top-1");
  visit(counts.float_top5, "float top-5");
  visit(counts.agree, "agreement");
  visit(counts.only_int8, "int8 alone right");
  visit(counts.only_float, "float alone right");
}

/// What must hold of counts, whatever the pictures; a file may say anything.
inline bool is_consistent(const evaluation& c) {
  const bool ordered = c.int8_top1 <= c.int8_top5 && c.float_top1 <= c.float_top5;
  const bool differ = c.int8_top1 - c.only_int8 == c.float_top1 - c.only_float &&
                      c.only_int8 <= c.int8_top1 && c.only_float <= c.float_top1;
  const std::int64_t both = c.int8_top1 - c.only_int8;
  const bool agrees = both <= c.agree && c.agree <= c.pictures - c.only_int8 - c.only_float;
  const bool alone = c.float_top5 == 0 && c.agree == 0 && c.only_int8 == 0 && c.only_float == 0;
  return ordered && (c.has_float ? differ && agrees : alone);
}

}  // namespace detail

inline io::byte_vector serialize(const evaluation& counts) {
  io::byte_vector bytes;
  io::append_little(bytes, static_cast<std::uint8_t>(counts.has_float));
  detail::for_each_count(counts,
                         [&](std::int64_t count, const char*) { io::append_little(bytes, count); });
  return bytes;
}

/// @throws octavo::error naming the file, the offset and what was expected there.
inline evaluation evaluation_in(const io::part_file& part) {
  io::byte_reader in = part.reader();
  evaluation counts;
  const auto has_float = in.get<std::uint8_t>("float network");
  if (has_float > 1) in.fail("float network is ", int{has_float}, ", expected 0 or 1");
  counts.has_float = has_float == 1;
  const auto all = static_cast<std::int64_t>(part.identity.images);
  detail::for_each_count(counts, [&](std::int64_t& count, const char* field) {
    count = in.get<std::int64_t>(field);
    if (count < 0 || count > all) in.fail(field, " is ", count, ", expected 0..", all);
  });
  in.expect_end();
  if (!detail::is_consistent(counts)) in.fail("its counts contradict each other");
  return counts;
}

/// The sum of parts that check_parts() has passed.
inline evaluation merge_evaluations(std::span<const io::part_file> parts) {
  evaluation whole = evaluation_in(parts[0]);
  for (const io::part_file& part : parts.subspan(1)) {
    with_context(part.name, [&] { whole.merge(evaluation_in(part)); });
  }
  const auto seen = static_cast<std::uint64_t>(whole.pictures + whole.damaged);
  if (seen != parts[0].identity.images) {
    fail("merge: the parts have ", seen, " pictures, expected ", parts[0].identity.images);
  }
  return whole;
}

}  // namespace octavo::examples
