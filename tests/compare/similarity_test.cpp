// SPDX-License-Identifier: MIT
/// @file
/// The measures by hand on three elements, and every corner of them.
#include "octavo/compare/similarity.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "helpers.hpp"

using namespace octavo::compare;
using octavo::testing::message_of;
using octavo::testing::random_source;
using octavo::testing::similarity_of;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("twice the reference: the angle is nothing, the length is") {
  // |r| = 3, |t| = 6, r * t = 18; r - t = (-1, -2, -2), of length 3; r + t = (3, 6, 6), of length 9
  const similarity found = similarity_of({1, 2, 2}, {2, 4, 4});
  CHECK(found.elements == 3);
  CHECK(found.unequal == 3);
  CHECK(found.cosine == 1);                // 18 / (3 * 6)
  CHECK(found.euclid == 1 - 2 * 3.0 / 9);  // 1 - 3 / (9 / 2)
  CHECK(found.sqnr == 0);                  // 10 log10(9 / 9)
  CHECK(found.max_error == 2);
  CHECK(found.worst == element_place{0, 1});  // the first of two
}

TEST_CASE("a reflected vector") {
  // |r| = |t| = 5, r * t = 16 - 9; r - t = (0, 6, 0), r + t = (8, 0, 0)
  const similarity found = similarity_of({4, 3, 0}, {4, -3, 0});
  CHECK(found.unequal == 1);
  CHECK(found.cosine == 7.0 / 25);
  CHECK(found.euclid == -0.5);  // 1 - 6 / (8 / 2)
  CHECK(found.sqnr == 10 * std::log10(25.0 / 36));
  CHECK(found.max_error == 6);
  CHECK(found.worst == element_place{0, 1});
}

TEST_CASE("a tenth of noise is 20 dB") {
  const similarity found = similarity_of({10, 0, 0}, {9, 0, 0});
  CHECK(found.sqnr == 20);  // 10 log10(100 / 1)
  CHECK(found.cosine == 1);
  CHECK(found.euclid == 1 - 2.0 / 19);
}

TEST_CASE("reference and target are not the same to sqnr") {
  // noise 9 + 16; signal 9 + 16 + 100 or 100
  CHECK(similarity_of({3, 4, 10}, {0, 0, 10}).sqnr == 10 * std::log10(125.0 / 25));
  CHECK(similarity_of({0, 0, 10}, {3, 4, 10}).sqnr == 10 * std::log10(100.0 / 25));
}

TEST_CASE("an element is close as in NumPy's allclose, the limit included") {
  const tolerance limits = {.rtol = 0.25, .atol = 0.125};
  const std::vector<float> reference = {1, 2, -4};  // may be off by 0.375, 0.625, 1.125
  similarity found = similarity_of(reference, {1.375F, 1.375F, -5.125F}, limits);
  CHECK(found.unequal == 3);
  CHECK(found.not_close == 0);
  CHECK(judge(found, {}) == verdict::close);
  found = similarity_of(reference, {1.375F, 1.25F, -5.25F}, limits);
  CHECK(found.not_close == 2);
  // Relative to the reference: 1 may be 0.625 to 1.375, but 1.375 may be as little as 0.90625.
  CHECK(similarity_of({1}, {1.375F}, limits).all_close());
  CHECK(similarity_of({1.375F}, {0.75F}, limits).not_close == 1);
  CHECK(similarity_of({0.75F}, {1.0625F}, limits).all_close());
}

TEST_CASE("equal tensors, 0 and -0 among them") {
  const similarity found = similarity_of({0.1F, -0.7F, 0.0F}, {0.1F, -0.7F, -0.0F});
  CHECK(found.all_equal());
  CHECK(found.all_close());
  CHECK(found.euclid == 1);
  CHECK(found.sqnr == infinity);
  CHECK(found.max_error == 0);
  CHECK(judge(found, exact_tolerance) == verdict::equal);
}

TEST_CASE("nothing compared with nothing is equal") {
  CHECK(similarity_of({}, {}) == similarity{});
  CHECK(judge(similarity{}, exact_tolerance) == verdict::equal);
}

TEST_CASE("zero tensors") {
  const similarity both = similarity_of({0, 0}, {0, 0});
  CHECK(both.cosine == 1);
  CHECK(both.euclid == 1);
  CHECK(both.sqnr == infinity);
  const similarity no_target = similarity_of({3, 4}, {0, 0});
  CHECK(no_target.cosine == 0);
  CHECK(no_target.euclid == -1);  // 1 - 5 / (5 / 2)
  CHECK(no_target.sqnr == 0);     // the noise is the signal
  const similarity no_reference = similarity_of({0, 0}, {3, 4});
  CHECK(no_reference.cosine == 0);
  CHECK(no_reference.euclid == -1);
  CHECK(no_reference.sqnr == -infinity);
}

TEST_CASE("the opposite tensor") {
  const similarity found = similarity_of({3, -4}, {-3, 4});
  CHECK(found.cosine == -1);
  CHECK(found.euclid == -infinity);
  CHECK(found.sqnr == 10 * std::log10(25.0 / 100));
  CHECK(judge(found, {}) == verdict::not_similar);
}

TEST_CASE("the ends of float32 are inside double") {
  const float largest = std::numeric_limits<float>::max();
  const float least = std::numeric_limits<float>::denorm_min();
  constexpr float large = 0x1p125F;
  CHECK(similarity_of({3 * large, 4 * large}, {3 * large, 0}).cosine == 0.6);  // 9 / (5 * 3)
  CHECK(similarity_of({largest}, {-largest}).max_error == 2.0 * double{largest});
  CHECK(similarity_of({least, 0}, {0, least}).cosine == 0);
  CHECK(similarity_of({3 * least, 4 * least}, {3 * least, 0}).cosine == 0.6);
}

TEST_CASE("every limit on its own, which a tensor may just reach") {
  const similarity found = similarity_of({4, 3, 0}, {4, -3, 0});
  const tolerance reached = {
      .min_cosine = found.cosine, .min_euclid = found.euclid, .min_sqnr = found.sqnr};
  CHECK(judge(found, reached) == verdict::similar);
  tolerance above = reached;
  above.min_cosine = std::nextafter(found.cosine, 1);
  CHECK(judge(found, above) == verdict::not_similar);
  above = reached;
  above.min_euclid = std::nextafter(found.euclid, 1);
  CHECK(judge(found, above) == verdict::not_similar);
  above = reached;
  above.min_sqnr = std::nextafter(found.sqnr, 1);
  CHECK(judge(found, above) == verdict::not_similar);
}

TEST_CASE("with exact_tolerance nothing passes that is not equal") {
  const similarity found = similarity_of({1, 1}, {1, std::nextafter(1.0F, 2.0F)}, exact_tolerance);
  CHECK(judge(found, exact_tolerance) == verdict::not_similar);
  CHECK(judge(found, {}) == verdict::similar);
}

TEST_CASE("verdicts and their words") {
  CHECK(to_string(verdict::equal) == "EQUAL");
  CHECK(to_string(verdict::close) == "CLOSE");
  CHECK(to_string(verdict::similar) == "SIMILAR");
  CHECK(to_string(verdict::not_similar) == "NOT_SIMILAR");
  CHECK(to_string(verdict::not_match) == "NOT_MATCH");
  CHECK(passes(verdict::similar));
  CHECK(!passes(verdict::not_similar));
  CHECK(!passes(verdict::not_match));
}

TEST_CASE("the original's floors, by how a network was quantized") {
  using octavo::scheme;
  static_assert(regression_tolerance(scheme::rshift16).min_cosine == 0.92);
  static_assert(regression_tolerance(scheme::rshift8).min_euclid == 0.59);
  static_assert(regression_tolerance(scheme::rshift_channel).min_euclid == 0.70);
  static_assert(regression_tolerance(scheme::multiplier_q31).min_cosine == 0.96);
  static_assert(regression_tolerance(scheme::multiplier8).min_euclid == 0.73);
  static_assert(regression_tolerance(scheme::mixed).min_cosine == 0.92);
}

TEST_CASE("images add up, and the worst element says which image it is in") {
  similarity_meter meter("x");
  meter.add(std::vector<float>{4}, std::vector<float>{4});
  meter.add(std::vector<float>{0, 3}, std::vector<float>{0, -3});
  meter.add(std::vector<float>{0, 0}, std::vector<float>{0, 0});
  const similarity found = meter.value();
  CHECK(meter.images() == 3);
  CHECK(found.elements == 5);
  CHECK(found.cosine == 7.0 / 25);  // (4, 0, 3, 0, 0) and (4, 0, -3, 0, 0)
  CHECK(found.euclid == -0.5);
  CHECK(found.worst == element_place{1, 1});
}

TEST_CASE("merged meters give what one gives, to the last bit") {
  random_source rng(7);
  const auto image = [&] {
    std::vector<float> values(31);
    for (float& value : values)
      value = static_cast<float>(std::ldexp(rng.real(), rng.integer(-9, 9)));
    return values;
  };
  similarity_meter whole("x");
  similarity_meter shards[3] = {similarity_meter("x"), similarity_meter("x"),
                                similarity_meter("x")};
  for (int i = 0; i < 12; ++i) {
    const std::vector<float> reference = image();
    const std::vector<float> target = image();
    whole.add(reference, target);
    shards[i / 4].add(reference, target);
  }
  similarity_meter forward = shards[0];
  forward.merge(shards[1]);
  forward.merge(shards[2]);
  CHECK(forward.value() == whole.value());
  CHECK(forward.images() == 12);
  similarity_meter backward = shards[2];
  backward.merge(shards[1]);
  backward.merge(shards[0]);
  similarity expected = whole.value();
  const std::int64_t worst = expected.worst.image;  // counted in another order by now
  expected.worst.image = (2 - worst / 4) * 4 + worst % 4;
  CHECK(backward.value() == expected);
}

TEST_CASE("what cannot be compared is an error that says where, and adds nothing") {
  similarity_meter meter("conv1");
  const std::vector<float> good = {1, 2, 3};
  meter.add(good, good);
  const similarity before = meter.value();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(message_of([&] {
          meter.add(good, std::vector<float>{1, 2});
        }) == "comparison: tensor 'conv1': the reference has 3 elements, the target 2");
  CHECK(message_of([&] {
          meter.add(good, std::vector<float>{9, nan, 3});
        }) == "comparison: tensor 'conv1': NaN at element 1 of the target, expected finite values");
  CHECK(message_of([&] {
          meter.add(std::vector<float>{9, 2, -inf}, good);
        }) ==
        "comparison: tensor 'conv1': an infinity at element 2 of the reference, expected "
        "finite values");
  CHECK(message_of([&] { meter.add(std::vector<double>{1e39}, std::vector<double>{1}); }) ==
        "comparison: tensor 'conv1': a value beyond float32's range at element 0 of the "
        "reference, expected finite values");
  CHECK(meter.value() == before);
  CHECK(meter.images() == 1);
}

TEST_CASE("meters that do not belong together, limits that are none") {
  similarity_meter meter("a");
  const std::string expected =
      "only meters of one tensor with the same rtol and atol can be merged";
  CHECK(message_of([&] { meter.merge(similarity_meter("b")); }) ==
        "comparison: 'a' and 'b': " + expected);
  CHECK(message_of([&] { meter.merge(similarity_meter("a", {.rtol = 0})); }) ==
        "comparison: 'a' and 'a': " + expected);
  CHECK(message_of([&] { meter.merge(similarity_meter("a", {.min_cosine = 0})); }) == "no error");
  for (const double bad : {-1.0, infinity, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(message_of([&] { similarity_meter("a", {.rtol = bad}); }) ==
          "comparison: rtol and atol must be finite and not negative");
    CHECK(message_of([&] { similarity_meter("a", {.atol = bad}); }) ==
          "comparison: rtol and atol must be finite and not negative");
  }
}
