// SPDX-License-Identifier: MIT
/// @file
/// NumPy's layout of arrays, by hand; tensors_numpy_test.py compares with NumPy itself.

#include "tensors/numpy_text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

using octavo::examples::element_text;
using octavo::examples::numpy_text;
using octavo::examples::tuple_text;
using octavo::io::make_npy_array;
using octavo::io::npy_array;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

/// A row of float32.
std::string row(const std::vector<float>& values) {
  return numpy_text(make_npy_array(values, {static_cast<std::int64_t>(values.size())}));
}

std::string wide_row(const std::vector<double>& values) {
  return numpy_text(make_npy_array(values, {static_cast<std::int64_t>(values.size())}));
}

npy_array counted(const std::vector<std::int64_t>& extents) {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) count *= extent;
  std::vector<std::int32_t> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return make_npy_array(values, extents);
}

npy_array halves(const std::vector<std::uint16_t>& bits) {
  npy_array array = make_npy_array(bits, {static_cast<std::int64_t>(bits.size())});
  array.type = octavo::io::element_type::float16;
  return array;
}

}  // namespace

TEST_CASE("numpy: shapes are tuples") {
  CHECK(tuple_text({}) == "()");
  CHECK(tuple_text({3}) == "(3,)");
  CHECK(tuple_text({1, 3, 224, 224}) == "(1, 3, 224, 224)");
}

TEST_CASE("numpy: points stand in one column, zeros at the end are blanks") {
  CHECK(row({1, -0.25F, 10}) == "[ 1.   -0.25 10.  ]");
  CHECK(row({0, -0.F}) == "[ 0. -0.]");
  CHECK(row({0.1F}) == "[0.1]");
  CHECK(row({-1, 2}) == "[-1.  2.]");
}

TEST_CASE("numpy: six digits behind the point, of the exact value, ties to even") {
  CHECK(wide_row({1.0 / 3}) == "[0.333333]");
  CHECK(wide_row({0.0000005}) == "[0.]");  // below the tie in binary
  CHECK(wide_row({0.0000015}) == "[0.000002]");
  CHECK(wide_row({0.00000011, -0.00000011}) == "[ 0. -0.]");
  CHECK(wide_row({0x1p-7, 0x3p-7}) == "[0.007812 0.023438]");  // 0.0078125, 0.0234375
  CHECK(wide_row({0.9999996}) == "[1.]");
  // As float32 0.1 is 0.1, though it is not exactly: what is shown is what reads back.
  CHECK(row({0.1F, 16777216}) == "[       0.1 16777216. ]");
}

TEST_CASE("numpy: from 1e8 on all numbers are scientific, with as many digits as the longest") {
  CHECK(wide_row({99999999}) == "[99999999.]");
  CHECK(wide_row({1e8}) == "[1.e+08]");
  CHECK(wide_row({1e8, -2.5, 0}) == "[ 1.0e+08 -2.5e+00  0.0e+00]");
  CHECK(wide_row({1e8, 1.0 / 3}) == "[1.000000e+08 3.333333e-01]");
  CHECK(wide_row({1e100, 1e-5}) == "[1.e+100 1.e-005]");
}

TEST_CASE("numpy: nan and infinities stand right-justified") {
  CHECK(wide_row({not_a_number, 1}) == "[nan  1.]");
  CHECK(wide_row({not_a_number, inf, -inf}) == "[ nan  inf -inf]");
  CHECK(wide_row({not_a_number, inf}) == "[nan inf]");
  CHECK(wide_row({-inf, 0.25}) == "[-inf 0.25]");
  CHECK(wide_row({inf, 1e9}) == "[   inf 1.e+09]");
}

TEST_CASE("numpy: a number without dimensions has its shortest digits") {
  const auto alone = [](double value) {
    return numpy_text(make_npy_array(std::vector{value}, {}));
  };
  CHECK(alone(1) == "1.0");
  CHECK(alone(-0.0) == "-0.0");
  CHECK(alone(1.0 / 3) == "0.3333333333333333");
  CHECK(alone(1e-4) == "0.0001");
  CHECK(alone(1.5e-5) == "1.5e-05");
  CHECK(alone(1e15) == "1000000000000000.0");
  CHECK(alone(1e16) == "1e+16");
  CHECK(alone(not_a_number) == "nan");
  CHECK(alone(-inf) == "-inf");
  CHECK(element_text(make_npy_array(std::vector{1.0F / 3}, {1}), 0) == "0.33333334");
  CHECK(element_text(make_npy_array(std::vector<std::int8_t>{-128}, {1}), 0) == "-128");
}

TEST_CASE("numpy: half precision") {
  CHECK(numpy_text(halves({0x3C00, 0x2E66, 0xC000})) == "[ 1.   0.1 -2. ]");
  CHECK(element_text(halves({0x2555}), 0) == "0.02083");
  CHECK(element_text(halves({0x0001}), 0) == "6e-08");
  // In front of the point digits are the exact value's, alone they are the shortest.
  CHECK(numpy_text(halves({0x713B})) == "[10712.]");
  CHECK(element_text(halves({0x713B}), 0) == "10710.0");
  // 2^-6 is 0.015625: 0.01562 would be its lower neighbour's.
  CHECK(element_text(halves({0x2400}), 0) == "0.01563");
}

TEST_CASE("numpy: integers are as wide as the longest, bool has a width of its own") {
  CHECK(numpy_text(make_npy_array(std::vector<std::int8_t>{-128, 0, 5}, {3})) ==
        "[-128    0    5]");
  CHECK(numpy_text(make_npy_array(std::vector<std::uint64_t>{18446744073709551615U}, {1})) ==
        "[18446744073709551615]");
  npy_array truth = make_npy_array(std::vector<std::uint8_t>{1, 0}, {2});
  truth.type = octavo::io::element_type::boolean;
  CHECK(numpy_text(truth) == "[ True False]");
  truth.data.resize(1);
  truth.shape = {};
  CHECK(numpy_text(truth) == "True");
}

TEST_CASE("numpy: no elements, whatever the shape") {
  CHECK(numpy_text(counted({0})) == "[]");
  CHECK(numpy_text(counted({0, 3})) == "[]");
  CHECK(numpy_text(counted({3, 0, 2})) == "[]");
}

TEST_CASE("numpy: one empty line between matrices, two between what holds them") {
  CHECK(numpy_text(counted({2, 3})) == "[[0 1 2]\n [3 4 5]]");
  CHECK(numpy_text(counted({2, 1, 2})) == "[[[0 1]]\n\n [[2 3]]]");
  CHECK(numpy_text(counted({2, 1, 1, 1})) == "[[[[0]]]\n\n\n [[[1]]]]");
}

TEST_CASE("numpy: a line is full at column 75, less the brackets that are still to be closed") {
  // 1 + 36 * 2 = 73 columns and the bracket are 74; the 37th number would need 76.
  const std::string digits =
      "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";
  const npy_array zeros = make_npy_array(std::vector<std::int8_t>(38), {38});
  CHECK(digits.size() == 73);
  CHECK(numpy_text(zeros) == "[" + digits + "\n 0]");
  npy_array nested = zeros;
  nested.shape = {1, 38};
  CHECK(numpy_text(nested) == "[[" + digits.substr(0, 71) + "\n  0 0]]");
}

TEST_CASE("numpy: blanks before a break are dropped, those before the bracket are not") {
  std::vector<float> values(19, 1);
  values[0] = 0.25F;
  CHECK(row(values) ==
        "[0.25 1.   1.   1.   1.   1.   1.   1.   1.   1.   1.   1.   1.   1.\n"
        " 1.   1.   1.   1.   1.  ]");
}

TEST_CASE("numpy: more than 1000 elements are summarized, by three at each end") {
  CHECK(numpy_text(counted({1000})).find("...") == std::string::npos);
  CHECK(numpy_text(counted({1001})) == "[   0    1    2 ...  998  999 1000]");
  CHECK(numpy_text(counted({1001}), /*all=*/true).find("...") == std::string::npos);
  CHECK(numpy_text(counted({6, 200})) ==
        "[[   0    1    2 ...  197  198  199]\n"
        " [ 200  201  202 ...  397  398  399]\n"
        " [ 400  401  402 ...  597  598  599]\n"
        " [ 600  601  602 ...  797  798  799]\n"
        " [ 800  801  802 ...  997  998  999]\n"
        " [1000 1001 1002 ... 1197 1198 1199]]");
  CHECK(numpy_text(counted({500, 1, 3})) ==
        "[[[   0    1    2]]\n\n [[   3    4    5]]\n\n [[   6    7    8]]\n\n ...\n\n"
        " [[1491 1492 1493]]\n\n [[1494 1495 1496]]\n\n [[1497 1498 1499]]]");
}

TEST_CASE("numpy: what is left out decides neither width nor form") {
  std::vector<float> values(2000, 1);
  values[1000] = 1e9F;
  CHECK(row(values) == "[1. 1. 1. ... 1. 1. 1.]");
  values[1999] = 1e9F;
  CHECK(row(values) == "[1.e+00 1.e+00 1.e+00 ... 1.e+00 1.e+00 1.e+09]");
}
