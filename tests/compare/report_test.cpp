// SPDX-License-Identifier: MIT
/// @file
/// What reports say, to the byte.
#include "octavo/compare/report.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "helpers.hpp"

using namespace octavo::compare;
using octavo::testing::similarity_of;

namespace {

report_row row(const std::string& name, const similarity& found) {
  return {.name = name, .found = found, .result = judge(found, {})};
}

/// A row of each kind.
report every_verdict() {
  report all;
  all.rows.push_back(row("data", similarity_of({1, 2, 2}, {1, 2, 2})));
  all.rows.push_back(row("conv", similarity_of({1000, 2, 2}, {1000.5F, 2, 2})));
  all.rows.push_back(row("relu", similarity_of({10, 0, 0}, {9, 0, 1.25F})));
  all.rows.push_back(row("pool", similarity_of({10, 0, 0}, {9, 0, 0})));
  all.rows.push_back(row("fc", similarity_of({3, -4}, {-3, 4})));
  all.rows.push_back({.name = "prob", .note = "the target does not have it"});
  all.rows[1].op = "conv2d";
  all.rows[1].threshold = 1024.5;
  all.rows[1].saturation.emplace();
  all.rows[1].saturation->add(std::vector<std::int8_t>{125, 127, -128});
  return all;
}

}  // namespace

TEST_CASE("CSV") {
  CHECK(to_csv(every_verdict()) ==
        "name,op,elements,threshold,cosine,euclid,sqnr_db,max_error,saturated_low,saturated_high,"
        "verdict,unequal,max_error_image,max_error_element,distinct_values,note\n"
        "data,,3,,1.000000,1.000000,inf,0,,,EQUAL,0,0,0,,\n"
        "conv,conv2d,3,1024.5,1.000000,0.999500,66.021,0.5,0.333333,0.333333,CLOSE,1,0,0,3,\n"
        "relu,,3,,0.990492,0.831860,15.913,1.25,,,NOT_SIMILAR,2,0,2,,\n"
        "pool,,3,,1.000000,0.894737,20.000,1,,,NOT_SIMILAR,1,0,0,,\n"
        "fc,,2,,-1.000000,-inf,-6.021,8,,,NOT_SIMILAR,2,0,1,,\n"
        "prob,,,,,,,,,,NOT_MATCH,,,,,the target does not have it\n");
}

TEST_CASE("names that a line of CSV cannot hold as they are") {
  report all;
  all.rows.push_back({.name = "a,b", .note = "say \"no\""});
  all.rows.push_back({.name = "two\nlines"});
  const std::string text = to_csv(all);
  CHECK(text.substr(text.find('\n') + 1) ==
        "\"a,b\",,,,,,,,,,NOT_MATCH,,,,,\"say \"\"no\"\"\"\n"
        "\"two\nlines\",,,,,,,,,,NOT_MATCH,,,,,\n");
}

TEST_CASE("the table") {
  CHECK(to_text(every_verdict()) ==
        "tensor  op      elements  threshold     cosine    euclid  sqnr dB  max error   at -128"
        "    at 127  values      verdict\n"
        "data    -              3          -   1.000000  1.000000      inf          0         -"
        "         -       -        EQUAL\n"
        "conv    conv2d         3     1024.5   1.000000  0.999500   66.021        0.5  0.333333"
        "  0.333333       3        CLOSE\n"
        "relu    -              3          -   0.990492  0.831860   15.913       1.25         -"
        "         -       -  NOT_SIMILAR\n"
        "pool    -              3          -   1.000000  0.894737   20.000          1         -"
        "         -       -  NOT_SIMILAR\n"
        "fc      -              2          -  -1.000000      -inf   -6.021          8         -"
        "         -       -  NOT_SIMILAR\n"
        "prob    -              -          -          -         -        -          -         -"
        "         -       -    NOT_MATCH  the target does not have it\n"
        "6 tensors: 1 EQUAL, 1 CLOSE, 0 SIMILAR, 3 NOT_SIMILAR, 1 NOT_MATCH; worst fc (-6.0 dB); "
        "first below relu\n");
}

TEST_CASE("a name from a hostile file stays on its line") {
  report all;
  all.rows.push_back({.name = "\x1b[2J\n"});
  CHECK(to_text(all).find('\x1b') == std::string::npos);
  CHECK(summary(all) ==
        "1 tensor: 0 EQUAL, 0 CLOSE, 0 SIMILAR, 0 NOT_SIMILAR, 1 NOT_MATCH; first "
        "below '\\x1b[2J\\x0a'\n");
}

TEST_CASE("the exit status") {
  report all = every_verdict();
  CHECK(exit_status(all) == 1);
  REQUIRE(first_below(all) != nullptr);
  CHECK(first_below(all)->name == "relu");
  CHECK(worst_of(all)->name == "fc");
  all.rows.resize(2);
  CHECK(exit_status(all) == 0);
  CHECK(first_below(all) == nullptr);
  CHECK(worst_of(all)->name == "conv");
  all.rows.resize(1);
  CHECK(worst_of(all) == nullptr);
  CHECK(summary(all) == "1 tensor: 1 EQUAL, 0 CLOSE, 0 SIMILAR, 0 NOT_SIMILAR\n");
  all.rows.clear();
  CHECK(exit_status(all) == 1);  // a comparison of nothing has shown nothing
  all.rows.push_back({.name = "prob"});
  CHECK(exit_status(all) == 1);
}

TEST_CASE("numbers") {
  using namespace octavo::compare::detail;
  CHECK(fixed_text(-1e-9, 6) == "0.000000");
  CHECK(fixed_text(-1e-6, 6) == "-0.000001");
  CHECK(fixed_text(0.0625, 3) == "0.062");
  CHECK(fixed_text(-1e300, 1).size() == 304);
  CHECK(fixed_text(-std::numeric_limits<double>::infinity(), 3) == "-inf");
  CHECK(general_text(161.008056641, 9) == "161.008057");
  CHECK(general_text(1e-7, 6) == "1e-07");
}
