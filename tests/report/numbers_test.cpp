// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/numbers.hpp: what a person reads.

#include "octavo/report/numbers.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <limits>

using namespace octavo::report;

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("decimal: digits behind the point, no negative zero, words for what is no number") {
  CHECK(decimal(2.5, 1) == "2.5");
  CHECK(decimal(2, 3) == "2.000");
  CHECK(decimal(-0.0, 1) == "0.0");
  CHECK(decimal(-0.04, 1) == "0.0");
  CHECK(decimal(-0.06, 1) == "-0.1");
  CHECK(decimal(endless, 1) == "\u221E");
  CHECK(decimal(-endless, 1) == "-\u221E");
  CHECK(decimal(not_a_number, 1) == no_number);
  CHECK(decimal(1e300, 0).size() == 301);
}

TEST_CASE("short_decimal: without zeros at the end") {
  CHECK(short_decimal(2.5, 3) == "2.5");
  CHECK(short_decimal(100, 0) == "100");
  CHECK(short_decimal(100, 2) == "100");
  CHECK(short_decimal(0, 2) == "0");
  CHECK(short_decimal(0.004, 2) == "0");
}

TEST_CASE("significant: three digits, also where rounding makes one more") {
  CHECK(significant(0) == "0");
  CHECK(significant(7.614) == "7.61");
  CHECK(significant(9.996) == "10.0");
  CHECK(significant(513.4) == "513");
  CHECK(significant(123456) == "123456");
  CHECK(significant(0.012345) == "0.0123");
  CHECK(significant(-3.14159) == "-3.14");
  CHECK(significant(1.2e-7) == "1.2e-07");
  CHECK(significant(endless) == "\u221E");
}

TEST_CASE("with_unit: the prefix follows the rounded number") {
  CHECK(with_unit(0, "s") == "0 s");
  CHECK(with_unit(0.00761, "s") == "7.61 ms");
  CHECK(with_unit(0.0009996, "s") == "1.00 ms");
  CHECK(with_unit(0.0000712, "s") == "71.2 \u00B5s");
  CHECK(with_unit(1, "s") == "1.00 s");
  CHECK(with_unit(999.6, "B") == "1.00 kB");
  CHECK(with_unit(513.6e9, "MAC/s") == "514 GMAC/s");
  CHECK(with_unit(4.09e9, "") == "4.09 G");
  CHECK(with_unit(640, "") == "640");
  CHECK(with_unit(1e-30, "s") == "1e-18 ps");
}

TEST_CASE("bytes, shares, groups, addresses") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(25542640) == "25.5 MB");
  CHECK(percent_text(0) == "0 %");
  CHECK(percent_text(0.96) == "96 %");
  CHECK(percent_text(1) == "100 %");
  CHECK(percent_text(0.00031) == "0.031 %");
  CHECK(percent_text(0.0999) == "10 %");
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1\u202F000");
  CHECK(grouped(25542640) == "25\u202F542\u202F640");
  CHECK(grouped(-100) == "-100");
  CHECK(grouped(-123456) == "-123\u202F456");
  CHECK(address_text(0) == "0x00000000");
  CHECK(address_text(0x185bff0) == "0x0185bff0");
  CHECK(address_text(0x123456789a) == "0x123456789a");
}

TEST_CASE("shapes: a vector is one number, a batch stands in front") {
  CHECK(shape_text({1, 1000, 1, 1}) == "1000");
  CHECK(shape_text({1, 64, 56, 28}) == "64\u00D756\u00D728");
  CHECK(shape_text({4, 10, 1, 1}) == "4\u00D710");
}

TEST_CASE("a rate of no time is no number") {
  CHECK(rate_text(1000, 0) == no_number);
  CHECK(rate_text(0, 1) == no_number);
  CHECK(rate_text(3000000, 0.001) == "3.00 GMAC/s");
}

TEST_CASE("no locale changes a number") {
  const char* const before = std::setlocale(LC_NUMERIC, nullptr);
  const std::string kept = before == nullptr ? "C" : before;
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) {
    std::setlocale(LC_NUMERIC, name);  // where there is no such locale nothing changes
    CHECK(decimal(2.5, 1) == "2.5");
  }
  std::setlocale(LC_NUMERIC, kept.c_str());
}
