// SPDX-License-Identifier: MIT
/// @file
/// quantize and dequantize of every instruction set against the reference: ties, their neighbours,
/// magnitudes from denormal to the largest, any length, and nothing read or written beyond it.

#include "octavo/reference/quantize.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "support/effort.hpp"
#include "support/guarded.hpp"
#include "support/isa_list.hpp"
#include "support/random.hpp"

namespace octavo::testing {
namespace {

constexpr double thresholds[] = {161.008056641, 1.0, 128.0, 0.3, 1e-30, 3e38, 1e-300, 1e300};

/// Every tie of a threshold and its neighbours, and numbers of all magnitudes.
std::vector<float> interesting_values(double threshold, random_source& rng) {
  constexpr float huge = std::numeric_limits<float>::max();
  std::vector<float> values = {0.0f, -0.0f, huge, -huge, std::numeric_limits<float>::denorm_min()};
  for (double q = -129.5; q <= 129.5; q += 0.5) {
    const double x = q * threshold / 128;
    if (std::abs(x) > huge) continue;
    const auto near = static_cast<float>(x);
    values.push_back(near);
    values.push_back(std::nextafter(near, 0.0f));
    if (std::abs(near) < huge) values.push_back(std::nextafter(near, 2 * near));
  }
  for (int i = 0; i < 500; ++i) {
    values.push_back(std::ldexp(static_cast<float>(rng.real()), rng.integer(-140, 127)));
  }
  return values;
}

/// `count` elements of T whose last, or first, byte touches a forbidden page.
template <class T>
struct guarded_array {
  guarded_array(std::size_t count, guard side)
      : memory(count * sizeof(T), side), data(reinterpret_cast<T*>(memory.bytes().data())) {}

  guarded_bytes memory;
  T* data;
};

void check_both_ways(const simd::kernel_table& kernels, const std::vector<float>& values,
                     double threshold, guard side) {
  const std::size_t size = values.size();
  const auto count = static_cast<std::int64_t>(size);
  const shape flat = {1, 1, 1, static_cast<int>(size)};
  guarded_array<float> real(size, side);
  guarded_array<std::int8_t> quantized(size, side);
  std::memcpy(real.data, values.data(), size * sizeof(float));
  std::vector<std::int8_t> expected(size);
  reference::quantize({values.data(), flat}, threshold, {expected.data(), flat});
  CHECK(kernels.quantize(real.data, count, threshold, quantized.data));
  CHECK(std::memcmp(quantized.data, expected.data(), size) == 0);

  std::vector<float> expected_real(size);
  reference::dequantize({expected.data(), flat}, threshold, {expected_real.data(), flat});
  kernels.dequantize(quantized.data, count, threshold, real.data);
  CHECK(std::memcmp(real.data, expected_real.data(), size * sizeof(float)) == 0);
}

}  // namespace

TEST_CASE("quantize and dequantize: every tie and its neighbours") {
  random_source rng(1);
  for (const double threshold : thresholds) {
    CAPTURE(threshold);
    // Beyond the range of float32, dequantize() would have no float to give.
    if (threshold > 3.4e38) continue;
    const std::vector<float> values = interesting_values(threshold, rng);
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      check_both_ways(k.table, values, threshold, guard::behind);
    }
  }
}

TEST_CASE("quantize: thresholds that only doubles hold") {
  random_source rng(2);
  const std::vector<float> values = interesting_values(1e30, rng);
  const shape flat = {1, 1, 1, static_cast<int>(values.size())};
  for (const double threshold : {1e300, 5e-324, 1e-300}) {
    CAPTURE(threshold);
    std::vector<std::int8_t> expected(values.size());
    std::vector<std::int8_t> got(values.size());
    reference::quantize({values.data(), flat}, threshold, {expected.data(), flat});
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      CHECK(k.table.quantize(values.data(), flat.w, threshold, got.data()));
      CHECK(got == expected);
    }
  }
}

TEST_CASE("quantize and dequantize: 1 to 70 values between forbidden pages") {
  random_source rng(3);
  for (int size = 1; size <= 70; ++size) {
    CAPTURE(size);
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& x : values) x = static_cast<float>(rng.real() * 5);
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      for (const guard side : {guard::before, guard::behind}) {
        check_both_ways(k.table, values, 3.0, side);
      }
    }
  }
}

TEST_CASE("quantize: every value of int8 comes back") {
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    std::int8_t all[256];
    std::int8_t back[256];
    float real[256];
    for (int i = 0; i < 256; ++i) all[i] = static_cast<std::int8_t>(i - 128);
    k.table.dequantize(all, 256, 0.7, real);
    CHECK(k.table.quantize(real, 256, 0.7, back));
    CHECK(std::memcmp(all, back, sizeof all) == 0);
  }
}

TEST_CASE("quantize tells that a value is not finite, wherever it stands") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    for (int size = 1; size <= 40; ++size) {
      std::vector<float> values(static_cast<std::size_t>(size), 1.0f);
      std::vector<std::int8_t> got(values.size());
      for (float& x : values) {
        for (const float bad : {infinity, -infinity, nan, -nan}) {
          x = bad;
          CHECK_FALSE(k.table.quantize(values.data(), size, 1.0, got.data()));
        }
        x = std::numeric_limits<float>::max();
        CHECK(k.table.quantize(values.data(), size, 1.0, got.data()));
        x = 1.0f;
      }
    }
  }
}

}  // namespace octavo::testing
