// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/quantize.hpp; the real image needs OCTAVO_TEST_DATA, the data folder.

#include "octavo/reference/quantize.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "reference_test_tools.hpp"

using octavo_test::bytes;
using octavo_test::make_tensor;

namespace {

octavo::tensor<float> reals(const std::vector<float>& values) {
  octavo::tensor<float> made(octavo::shape{1, 1, 1, static_cast<int>(values.size())});
  made.values = values;
  return made;
}

bytes quantized(const std::vector<float>& values, double threshold) {
  const auto src = reals(values);
  octavo::tensor<std::int8_t> dst(src.shape);
  octavo::reference::quantize(src.view(), threshold, dst.view());
  return dst.values;
}

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("quantize: every element, ties up, saturating") {
  CHECK(quantized({2.5F, -2.5F, 0.5F, -0.5F, 127.5F, 200, -128.5F, -200}, 128) ==
        bytes{3, -2, 1, 0, 127, 127, -128, -128});
  CHECK(quantized({1, -1, 0.25F}, 1) == bytes{127, -128, 32});
  CHECK(quantized({std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}, 1) ==
        bytes{127, -128});
}

TEST_CASE("quantize: the arithmetic is double although the values are float32") {
  // Computed in float32, each of these would be an exact tie and one higher.
  CHECK(quantized({-125.158607F}, 161.008056641) == bytes{-100});  // -99.50000076
  CHECK(quantized({-118.869232F}, 161.008056641) == bytes{-95});   // -94.50000227
}

TEST_CASE("quantize: NaN and infinities are errors that say where") {
  CHECK_THROWS_WITH(quantized({1, 2, not_a_number}, 1),
                    "quantize: element 2 is nan, expected a finite number");
  CHECK_THROWS_WITH(quantized({infinity}, 1),
                    "quantize: element 0 is inf, expected a finite number");
  CHECK_THROWS_WITH(quantized({0, -infinity}, 1),
                    "quantize: element 1 is -inf, expected a finite number");
}

TEST_CASE("quantize: a threshold is positive and finite") {
  CHECK_THROWS_WITH(quantized({1}, 0), "quantize: threshold 0, expected a positive finite number");
  CHECK_THROWS_WITH(quantized({1}, -2.5),
                    "quantize: threshold -2.5, expected a positive finite number");
  CHECK_THROWS_AS(quantized({1}, infinity), octavo::error);
  CHECK_THROWS_AS(quantized({1}, -infinity), octavo::error);
  CHECK_THROWS_AS(quantized({1}, not_a_number), octavo::error);
}

TEST_CASE("dequantize: q * threshold / 128, rounded once to float32") {
  const auto src = make_tensor({1, 1, 1, 4}, {-128, 0, 1, 127});
  octavo::tensor<float> dst(src.shape);
  octavo::reference::dequantize(src.view(), 0.1, dst.view());
  CHECK(dst.values == std::vector<float>{-0.1F, 0, static_cast<float>(0.1 / 128),
                                         static_cast<float>(12.7 / 128)});
}

namespace {

std::vector<char> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("data: quantize: the cat, all 150528 bytes") {
  // SPECIFICATION 1.1 names this pair of files and the threshold.
  const char* const folder = std::getenv("OCTAVO_TEST_DATA");
  if (folder == nullptr || *folder == '\0') {
    MESSAGE("skipped: set OCTAVO_TEST_DATA to the data folder (with cat/) to run it");
    return;
  }
  const std::string cat = std::string(folder) + "/cat/test_cat_in_";
  const std::vector<char> fp32 = contents(cat + "fp32.bin");
  const std::vector<char> int8 = contents(cat + "int8.bin");
  const octavo::shape shape{1, 3, 224, 224};
  REQUIRE(fp32.size() == 4 * 150528);
  REQUIRE(int8.size() == 150528);
  octavo::tensor<float> src(shape);
  std::memcpy(src.values.data(), fp32.data(), fp32.size());
  octavo::tensor<std::int8_t> dst(shape);
  octavo::reference::quantize(src.view(), 161.008056641, dst.view());
  CHECK(std::memcmp(dst.values.data(), int8.data(), int8.size()) == 0);
}
