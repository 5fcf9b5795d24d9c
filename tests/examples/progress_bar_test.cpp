// SPDX-License-Identifier: MIT
/// @file
/// The line of a progress bar.

#include "progress_bar.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace octavo::examples;

// 59 characters where the terminal has 60 columns: the bar takes what the text leaves.
TEST_CASE("a progress line has bar, count, rate, time left and the running figure") {
  CHECK(progress_line("ranges", {5, 10, 2.5}, 60) ==
        "ranges [==============>             ] 5/10 2.0/s, 0:03 left");
  CHECK(progress_line("ranges", {10, 10, 5}, 60) ==
        "ranges [===========================] 10/10 2.0/s, 0:00 left");
  CHECK(progress_line("e", {1, 4, 2}, 60, "top-1 75.0 %") ==
        "e [=====>              ] 1/4 0.5/s, 0:06 left, top-1 75.0 %");
  CHECK(progress_line("e", {0, 4, 0}, 40) == "e [>             ] 0/4 0.0/s, -:-- left");
}

TEST_CASE("a progress line never fills the terminal's last column") {
  for (int width = 0; width < 300; ++width) {
    const std::string line =
        progress_line("evaluation", {123, 50000, 17.25}, width, "top-1 73.1 %, float 73.4 %");
    CHECK(line.size() <= static_cast<std::size_t>(width > 0 ? width - 1 : 0));
    // The bar goes before the figures are cut.
    if (width > 80) CHECK(line.ends_with(", float 73.4 %"));
  }
}

TEST_CASE("times are clocks, and unknown ones say so") {
  CHECK(clock_text(0) == "0:00");
  CHECK(clock_text(59.2) == "1:00");
  CHECK(clock_text(3599) == "59:59");
  CHECK(clock_text(3661) == "1:01:01");
  CHECK(clock_text(-1) == "-:--");
  CHECK(clock_text(std::numeric_limits<double>::infinity()) == "-:--");
  CHECK(clock_text(std::numeric_limits<double>::quiet_NaN()) == "-:--");
}

TEST_CASE("rates lose their decimals where they are large") {
  CHECK(rate_text({3, 10, 2}) == "1.5/s");
  CHECK(rate_text({1000, 1000, 2}) == "500/s");
  CHECK(rate_text({0, 10, 0}) == "0.0/s");
}
