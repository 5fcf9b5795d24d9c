// SPDX-License-Identifier: MIT
/// @file
/// Tensors as pictures, pixel by pixel.

#include "tensors/heat_map.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "io/io_test_tools.hpp"

using namespace octavo::examples;
using octavo::io::make_npy_array;
using octavo::report::picture;
using octavo_test::check_message;
using octavo_test::message_of;

namespace {

colour pixel(const picture& of, int x, int y) {
  const auto at = static_cast<std::size_t>(3 * (y * of.width + x));
  return {of.rgb[at], of.rgb[at + 1], of.rgb[at + 2]};
}

/// OKLab's lightness of an sRGB colour, by the matrices of its definition: not those that the
/// scale is made with, which are their inverses.
double lightness(const colour& of) {
  std::array<double, 3> linear;
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = of[i] / 255.0;
    linear[i] = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  }
  const auto& [r, g, b] = linear;
  return 0.2104542553 * std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) +
         0.7936177850 * std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) -
         0.0040720468 * std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
}

plane_stack planes(std::vector<double> values, std::size_t count, std::size_t height,
                   std::size_t width) {
  return {count, height, width, std::move(values)};
}

}  // namespace

TEST_CASE("colours: equal steps of a number are equal steps of lightness") {
  for (int i = 0; i <= 100; ++i) {
    const double t = i / 100.0;
    // Within what 8 bits a channel round.
    CHECK(std::fabs(lightness(sequential_colour(t)) - (0.25 + 0.7 * t)) < 0.005);
    for (const double signed_t : {t, -t}) {
      CHECK(std::fabs(lightness(diverging_colour(signed_t)) - (0.97 - 0.5 * t)) < 0.005);
    }
  }
}

TEST_CASE("colours: without negative numbers from the least to the greatest") {
  const colour_scale scale(2, 10);
  CHECK(scale.low() == 2);
  CHECK(scale.high() == 10);
  CHECK(scale(2) == sequential_colour(0));
  CHECK(scale(6) == sequential_colour(0.5));
  CHECK(scale(10) == sequential_colour(1));
  CHECK(colour_scale(3, 3)(3) == sequential_colour(0));
}

TEST_CASE("colours: with negative numbers symmetric, zero in the middle") {
  const colour_scale scale(-1, 4);
  CHECK(scale.low() == -4);
  CHECK(scale.high() == 4);
  CHECK(scale(0) == diverging_colour(0));
  CHECK(scale(4) == diverging_colour(1));
  CHECK(scale(-4) == diverging_colour(-1));
  CHECK(diverging_colour(1)[0] > diverging_colour(1)[2]);    // red
  CHECK(diverging_colour(-1)[0] < diverging_colour(-1)[2]);  // blue
  constexpr double most = std::numeric_limits<double>::max();
  CHECK(colour_scale(-most, most)(most) == diverging_colour(1));
}

TEST_CASE("planes: channels of images; of vectors and matrices every number") {
  const std::vector<float> six = {1, 2, 3, 4, 5, 6};
  const auto stack_of = [&](const std::vector<std::int64_t>& extents) {
    return planes_of(make_npy_array(six, extents), "x");
  };
  CHECK(stack_of({1, 3, 1, 2}).planes == 3);
  CHECK(stack_of({3, 2, 1}).height == 2);
  CHECK(stack_of({3, 2, 1}).planes == 3);
  CHECK(stack_of({2, 3, 1, 1}).planes == 6);
  CHECK(stack_of({6}).planes == 6);
  CHECK(stack_of({2, 3}).planes == 6);
  CHECK(stack_of({1, 3, 1, 2}).at(2, 0, 1) == 6);
  check_message(message_of([&] { stack_of({1, 1, 1, 1, 6}); }), "x: has 5 dimensions");
  const auto empty = make_npy_array(std::vector<float>{}, {0, 3});
  check_message(message_of([&] { planes_of(empty, "x"); }), "x: has no elements");
  const auto nan = make_npy_array(std::vector<double>{0, std::nan("")}, {2});
  check_message(message_of([&] { planes_of(nan, "x"); }), "x: element 1 is nan");
}

TEST_CASE("heat maps: a tile each, one pixel between them, the legend below") {
  // Four planes of 1 x 1, magnified 16 times, in two columns.
  const picture made = draw_heat_maps(planes({0, 1, 2, 4}, 4, 1, 1));
  CHECK(made.width == 200);
  CHECK(made.height == 35 + detail::legend_height);
  CHECK(pixel(made, 0, 0) == detail::gap_colour);
  CHECK(pixel(made, 1, 1) == sequential_colour(0));
  CHECK(pixel(made, 16, 16) == sequential_colour(0));
  CHECK(pixel(made, 17, 1) == detail::gap_colour);
  CHECK(pixel(made, 18, 1) == sequential_colour(0.25));
  CHECK(pixel(made, 1, 18) == sequential_colour(0.5));
  CHECK(pixel(made, 33, 33) == sequential_colour(1));
  CHECK(pixel(made, 34, 34) == detail::gap_colour);
  CHECK(pixel(made, 35, 1) == detail::paper);
  // The bar from one end to the other, and the first pixels of "0" below it.
  CHECK(pixel(made, 8, 35 + 8) == sequential_colour(0));
  CHECK(pixel(made, 191, 35 + 8) == sequential_colour(1));
  CHECK(pixel(made, 8, 35 + 28) == detail::ink);
  CHECK(pixel(made, 10, 35 + 30) == detail::paper);
}

TEST_CASE("heat maps: what is too large is shrunk to means") {
  // 5000 columns do not fit, 2500 do: each pixel the mean of 2 x 2.
  std::vector<double> values(5000 * 3);
  values[0] = 4;
  values[2 * 5000] = 2;  // the last row stands alone
  const picture made = draw_heat_maps(planes(values, 1, 3, 5000));
  CHECK(made.width == 2502);
  CHECK(made.height == 4 + detail::legend_height);
  CHECK(pixel(made, 1, 1) == sequential_colour(0.25));
  CHECK(pixel(made, 1, 2) == sequential_colour(0.25));
  CHECK(pixel(made, 2, 1) == sequential_colour(0));
}

TEST_CASE("heat maps: more tiles than pixels are refused") {
  const std::size_t count = 3000 * 3000;
  check_message(
      message_of([&] { draw_heat_maps(planes(std::vector<double>(count), count, 1, 1)); }),
      "9000000 planes of 1 x 1 do not fit");
}

TEST_CASE("photos: the range becomes 0..255, or the means are added and the rest clamped") {
  const plane_stack stack = planes({-10, 0, 10, 10, 0, -10}, 3, 1, 2);
  picture made = draw_photo(stack, {});
  CHECK(made.width == 256);  // magnified 128 times
  CHECK(made.height == 128);
  CHECK(pixel(made, 0, 0) == colour{0, 255, 128});
  CHECK(pixel(made, 128, 0) == colour{128, 255, 0});
  CHECK(pixel(draw_photo(stack, {.bgr = true}), 0, 0) == colour{128, 255, 0});
  made = draw_photo(stack, {.bgr = true, .mean = {5, 250.5, 7}});
  CHECK(pixel(made, 0, 0) == colour{7, 255, 0});
  CHECK(pixel(made, 128, 0) == colour{0, 255, 5});
  CHECK(pixel(draw_photo(planes({3, 3, 3}, 3, 1, 1), {}), 0, 0) == colour{0, 0, 0});
  check_message(message_of([] { draw_photo(planes({1, 2}, 2, 1, 1), {}); }), "2 planes");
  check_message(message_of([&] { draw_photo(stack, {.mean = {1}}); }), "1 means, expected 3");
  const plane_stack wide = planes(std::vector<double>(3 * 4097), 3, 1, 4097);
  check_message(message_of([&] { draw_photo(wide, {}); }), "4097 x 1 pixels");
}
