// SPDX-License-Identifier: MIT
/// @file
/// Tests of core/error.hpp: how messages are put together and passed on.

#include "octavo/core/error.hpp"

#include <doctest/doctest.h>

#include <climits>
#include <string>
#include <string_view>

using octavo::concat_text;
using octavo::fail;
using octavo::require;
using octavo::with_context;

TEST_CASE("a message is its parts written one after the other") {
  const std::string file = "weights.npz";
  CHECK(concat_text() == "");
  CHECK(concat_text(file, ": offset ", 12, ", expected '", 'P', "'") ==
        "weights.npz: offset 12, expected 'P'");
  CHECK(concat_text(std::string_view("layer"), -1, " ", 2L, " ", -3LL) == "layer-1 2 -3");
  CHECK(concat_text("image ", octavo::shape{1, 3, 224, 112}) == "image 1x3x224x112");
  CHECK(concat_text(4U, " ", 5UL, " ", ULLONG_MAX) == "4 5 18446744073709551615");
}

TEST_CASE("reals are written so that reading them back gives the same number") {
  CHECK(concat_text(0.1) == "0.10000000000000001");
  CHECK(concat_text(161.008056641) == "161.008056641");
  CHECK(concat_text(0.25, " ", -1e300) == "0.25 -1.0000000000000001e+300");
}

TEST_CASE("texts from files are quoted for messages") {
  CHECK(octavo::in_quotes("conv1") == "'conv1'");
  CHECK(octavo::in_quotes("a\x1b[2J\n\xC3\xA4") == "'a\\x1b[2J\\x0a\\xc3\\xa4'");
  CHECK(octavo::in_quotes(std::string(101, 'x')) == "'" + std::string(100, 'x') + "...'");
}

TEST_CASE("a shape that is not the expected one is refused with both") {
  octavo::require_shape({1, 2, 3, 4}, {1, 2, 3, 4}, "dst");
  CHECK_THROWS_WITH_AS(octavo::require_shape({1, 2, 3, 4}, {1, 2, 4, 3}, "add: b"),
                       "add: b has the shape 1x2x3x4, expected 1x2x4x3", octavo::error);
}

TEST_CASE("fail throws the message") {
  CHECK_THROWS_WITH_AS(fail("graph: ", "conv1", ": ", 3, " inputs"), "graph: conv1: 3 inputs",
                       octavo::error);
  CHECK_THROWS_AS(fail("also a standard exception"), std::exception);
}

TEST_CASE("require throws its message unless the condition holds") {
  CHECK_NOTHROW(require(true, "never seen"));
  CHECK_THROWS_WITH_AS(require(false, "the stride must be at least 1"),
                       "the stride must be at least 1", octavo::error);
  static_assert((require(true, "a constant may ask, too"), true));
}

TEST_CASE("with_context puts a place in front of a message and lets results through") {
  CHECK(with_context("conv1", [] { return 42; }) == 42);
  CHECK_THROWS_WITH_AS(with_context("conv1", [] { fail("no weights"); }), "conv1: no weights",
                       octavo::error);
  int there = 1;
  with_context("nothing", [&]() -> int& { return there; }) = 2;
  CHECK(there == 2);
  // Other exceptions are not ours to rewrite.
  CHECK_THROWS_AS(with_context("conv1", [] { throw 7; }), int);
}
