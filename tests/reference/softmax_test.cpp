// SPDX-License-Identifier: MIT
/// @file
/// Tests of reference/softmax.hpp.

#include "octavo/reference/softmax.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "reference_test_tools.hpp"

using octavo_test::bytes;
using octavo_test::make_tensor;

namespace {

std::vector<float> softmax(const octavo::tensor<std::int8_t>& logits, double threshold) {
  octavo::tensor<float> dst(logits.shape);
  octavo::reference::softmax(logits.view(), threshold, dst.view());
  return dst.values;
}

octavo::tensor<std::int8_t> row(const bytes& values) {
  return make_tensor({1, static_cast<int>(values.size()), 1, 1}, values);
}

}  // namespace

TEST_CASE("softmax: equal logits share equally, whatever they are") {
  CHECK(softmax(row({7}), 3) == std::vector<float>{1});
  CHECK(softmax(row({5, 5}), 3) == std::vector<float>{0.5F, 0.5F});
  CHECK(softmax(row({-128, -128, -128, -128}), 3) ==
        std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F});
}

TEST_CASE("softmax: exp of the real logits") {
  // With a threshold of 128 ln 2 a step of one doubles: 1 : 2 : 4 up to the rounding of exp.
  const double log_2 = 0.69314718055994530942;
  const auto p = softmax(row({0, 1, 2}), 128 * log_2);
  CHECK(p == std::vector<float>{1.0F / 7, 2.0F / 7, 4.0F / 7});
  // Half the threshold, twice the steps.
  CHECK(softmax(row({0, 2, 4}), 64 * log_2) == p);
}

TEST_CASE("softmax: only differences count, and the largest logit cannot overflow") {
  CHECK(softmax(row({-3, 0, 2}), 10) == softmax(row({122, 125, 127}), 10));
  // A difference of 255 on this threshold is about 2e6: exp of it alone would be infinite.
  const auto p = softmax(row({127, -128}), 1e6);
  CHECK(p == std::vector<float>{1, 0});
}

TEST_CASE("softmax: in double, summed in index order, rounded once") {
  // 32 large terms, then 65504 so small that each vanishes when it is added to their sum. Added
  // first, they count, by 2e-12 of the sum: with this threshold that is enough to round
  // probability 31 to another float32.
  const double threshold = 62.41464;
  bytes logits(65536, 127 - 74);
  for (std::size_t i = 0; i < 32; ++i) logits[i] = static_cast<std::int8_t>(127 - i);
  const auto term = [&](int q) { return std::exp((q - 127) * threshold / 128); };
  double forward = 0;
  for (const int q : logits) forward += term(q);
  double backward = 0;
  for (std::size_t i = logits.size(); i-- > 0;) backward += term(logits[i]);

  const auto p = softmax(row(logits), threshold);
  const auto rounded_once = static_cast<float>(term(96) / forward);
  CHECK(rounded_once != static_cast<float>(term(96) / backward));  // the case tells them apart
  CHECK(p[31] == rounded_once);
  CHECK(p[0] == static_cast<float>(1 / forward));
  CHECK(p[65535] == static_cast<float>(term(53) / forward));
}

TEST_CASE("softmax: probabilities in the order of their logits, with a sum of nearly 1") {
  const auto p = softmax(row({-20, 100, 3, 99, -128}), 12.5);
  CHECK((p[1] > p[3] && p[3] > p[2] && p[2] > p[0] && p[0] > p[4] && p[4] > 0));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  CHECK((sum > 1 - 0x1p-22 && sum < 1 + 0x1p-22));  // five roundings to float32
}

TEST_CASE("softmax: every image by itself, over all channels and pixels") {
  const auto two = make_tensor({2, 1, 1, 2}, {0, 0,      // image 0
                                              0, 127});  // image 1
  const auto p = softmax(two, 1e6);
  CHECK(p == std::vector<float>{0.5F, 0.5F, 0, 1});
  CHECK(softmax(make_tensor({1, 2, 1, 2}, {3, 3, 3, 3}), 1) ==
        std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F});
}
