// SPDX-License-Identifier: MIT
/// @file
/// Ranks with their ties, counts, and the text and file that follow from them.

#include "quantize/evaluation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/io_test_tools.hpp"
#include "quantize/evaluation_part.hpp"

using namespace octavo::examples;
using octavo::part_identity;
using octavo::part_kind;
using octavo_test::check_message;
using octavo_test::message_of;

namespace {

ranking rank(const std::vector<std::int8_t>& logits, std::size_t label) {
  return rank_of(std::span(logits), label);
}

outcome seen(std::size_t int8_rank, std::size_t float_rank, bool same) {
  return {.int8 = {1, int8_rank}, .real = ranking{same ? 1U : 2U, float_rank}};
}

/// Eight pictures: both right 3 times, int8 alone once, float alone twice, both wrong twice.
evaluation eight() {
  evaluation counts{.has_float = true};
  for (const outcome& one :
       {seen(0, 0, true), seen(0, 0, true), seen(0, 0, true), seen(0, 3, false), seen(2, 0, false),
        seen(9, 0, false), seen(7, 8, true), seen(4, 5, false)}) {
    counts.add(one);
  }
  return counts;
}

constexpr part_identity whole = {.kind = part_kind::evaluation, .images = 8};

octavo::io::part_file part_of(const evaluation& counts) {
  return octavo::io::parse_part(octavo::io::serialize_part(whole, serialize(counts)), "p");
}

}  // namespace

TEST_CASE("of equal logits the lower class index comes first") {
  CHECK(rank({5, 7, 7, 3}, 1) == ranking{1, 0});
  CHECK(rank({5, 7, 7, 3}, 2) == ranking{1, 1});
  CHECK(rank({5, 7, 7, 3}, 0) == ranking{1, 2});
  CHECK(rank({5, 7, 7, 3}, 3) == ranking{1, 3});
  CHECK(rank({127, 127, 127}, 0) == ranking{0, 0});
  CHECK(rank({-128, -128, -128}, 2) == ranking{0, 2});
  CHECK(rank({-128}, 0) == ranking{0, 0});
}

TEST_CASE("ranks are those of a stable sort") {
  std::vector<std::int8_t> logits;
  for (int i = 0; i < 200; ++i) logits.push_back(static_cast<std::int8_t>(i * 37 % 11 - 5));
  std::vector<std::size_t> order(logits.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    CHECK(rank(logits, order[i]) == ranking{order[0], i});
  }
}

TEST_CASE("counts of top-1, top-5 and agreement") {
  evaluation counts = eight();
  CHECK(counts.pictures == 8);
  CHECK(counts.int8_top1 == 4);
  CHECK(counts.int8_top5 == 6);
  CHECK(counts.float_top1 == 5);
  CHECK(counts.float_top5 == 6);
  CHECK(counts.agree == 4);
  CHECK(counts.only_int8 == 1);
  CHECK(counts.only_float == 2);
  counts.add({.damaged = true});
  CHECK(counts.pictures == 8);
  CHECK(counts.damaged == 1);
}

TEST_CASE("the text has every count with its standard error") {
  // 100 sqrt(p (1 - p) / 8): 17.68 for 1/2, 15.31 for 6/8, 17.12 for 5/8.
  // The difference: (3/8 - (1/8)^2) / 8 = 0.044922, whose root is 0.2119.
  CHECK(to_text(eight()) ==
        "pictures:     8\n"
        "int8:         top-1  4 of 8, 50.00 % (standard error 17.68)\n"
        "              top-5  6 of 8, 75.00 % (standard error 15.31)\n"
        "float:        top-1  5 of 8, 62.50 % (standard error 17.12)\n"
        "              top-5  6 of 8, 75.00 % (standard error 15.31)\n"
        "agreement:    top-1  4 of 8, 50.00 % (standard error 17.68)\n"
        "difference:   -12.50 points of top-1 (standard error 21.19): int8 alone is right on 1, "
        "float alone on 2\n"
        "ties:         of equal logits the lower class index comes first\n");
  evaluation alone;
  alone.add({.int8 = {0, 0}});
  alone.add({.damaged = true});
  CHECK(to_text(alone) ==
        "pictures:     1, and 1 damaged ones left out\n"
        "int8:         top-1  1 of 1, 100.00 % (standard error 0.00)\n"
        "              top-5  1 of 1, 100.00 % (standard error 0.00)\n"
        "ties:         of equal logits the lower class index comes first\n");
  check_message(message_of([] { to_text(evaluation{}); }), "no picture was seen");
}

TEST_CASE("the standard error of the difference is that of the pairs") {
  // Straight from the definition: the standard deviation of +1, -1, 0 over n, by root n.
  const double values[] = {0, 0, 0, 1, -1, -1, 0, 0};
  double sum = 0;
  double squares = 0;
  for (const double v : values) {
    sum += v;
    squares += v * v;
  }
  const double variance = squares / 8 - sum / 8 * (sum / 8);
  CHECK(difference_error(eight()) == doctest::Approx(100 * std::sqrt(variance / 8)));
}

TEST_CASE("an evaluation comes back from its part, and shares add up") {
  CHECK(evaluation_in(part_of(eight())) == eight());
  evaluation first{.has_float = true};
  evaluation second{.has_float = true};
  first.add(seen(0, 3, false));
  first.add({.damaged = true});
  for (int i = 0; i < 6; ++i) second.add(seen(0, 0, true));
  const std::vector<octavo::io::part_file> parts = {part_of(first), part_of(second)};
  const evaluation sum = merge_evaluations(parts);
  CHECK(sum.pictures == 7);
  CHECK(sum.damaged == 1);
  CHECK(sum.only_int8 == 1);
  CHECK(sum.int8_top1 == 7);
  check_message(message_of([&] { merge_evaluations(std::span(parts).first(1)); }),
                "merge: the parts have 2 pictures, expected 8");
}

TEST_CASE("a content cut off anywhere is refused, and so is one with a byte too many") {
  octavo::io::part_file part = part_of(eight());
  part.content.push_back(0);
  check_message(message_of([&] { static_cast<void>(evaluation_in(part)); }), "1 bytes too many");
  part.content.pop_back();
  while (!part.content.empty()) {
    part.content.pop_back();
    check_message(message_of([&] { static_cast<void>(evaluation_in(part)); }), "are left");
  }
}

TEST_CASE("counts that no pictures can give are refused") {
  const auto refused = [](const auto& change) {
    evaluation lie = eight();
    change(lie);
    return message_of([&] { static_cast<void>(evaluation_in(part_of(lie))); });
  };
  check_message(refused([](evaluation& c) { c.pictures = -1; }), "pictures is -1, expected 0..8");
  check_message(refused([](evaluation& c) { c.damaged = 9; }), "damaged pictures is 9");
  check_message(refused([](evaluation& c) { c.int8_top1 = 7; }), "contradict each other");
  check_message(refused([](evaluation& c) { c.only_int8 = 5; }), "contradict each other");
  check_message(refused([](evaluation& c) { c.agree = 2; }), "contradict each other");
  check_message(refused([](evaluation& c) { c.agree = 6; }), "contradict each other");
  check_message(refused([](evaluation& c) { c.has_float = false; }), "contradict each other");
}
