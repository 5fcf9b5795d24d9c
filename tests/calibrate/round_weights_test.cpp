// SPDX-License-Identifier: MIT
/// @file
/// Rounding with error feedback against brute force, a loop without blocks, and plain rounding.

#include "octavo/calibrate/round_weights.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "support/effort.hpp"
#include "support/random.hpp"

namespace {

using octavo::input_moments;
using octavo::detail::integer_grid;
using octavo::testing::random_source;
using matrix = octavo::emulation::row_major<float>;
using order_of_inputs = std::vector<Eigen::Index>;
using Eigen::Index;

constexpr float damping = 0.01F;

/// Moments of `samples` random inputs, each a mixture of a few sources and its own noise: the less
/// of it, the more one may stand in for another. The constant 1 is the last.
input_moments random_moments(Index taps, Index samples, random_source& rng, double noise = 4) {
  Eigen::MatrixXf seen = Eigen::MatrixXf::Ones(taps + 1, samples);
  const Index sources = std::max<Index>(1, taps / 3);
  Eigen::MatrixXf mixture(taps, sources);
  for (float& v : mixture.reshaped()) v = static_cast<float>(20 * rng.real());
  for (Index s = 0; s < samples; ++s) {
    Eigen::VectorXf source(sources);
    for (float& v : source) v = static_cast<float>(1 + rng.real());
    for (Index k = 0; k < taps; ++k) {
      seen(k, s) = std::round(mixture.row(k).dot(source) + static_cast<float>(noise * rng.real()));
    }
  }
  input_moments moments;
  moments.mean = seen.topRows(taps).cast<double>().rowwise().mean();
  moments.samples_taken = samples;
  const Eigen::MatrixXf second = seen * seen.transpose() / static_cast<float>(samples);
  moments.second = second.triangularView<Eigen::Lower>();
  return moments;
}

/// H in this order with its damping, both triangles.
Eigen::MatrixXd damped(const input_moments& moments, const order_of_inputs& order) {
  const Eigen::MatrixXd full =
      moments.second.selfadjointView<Eigen::Lower>().toDenseMatrix().cast<double>();
  const Index taps = moments.mean.size();
  const double energy = full.diagonal().head(taps).mean();
  const auto n = static_cast<Index>(order.size());
  Eigen::MatrixXd h(n, n);
  for (Index i = 0; i < n; ++i) {
    const Index a = order[static_cast<std::size_t>(i)];
    for (Index j = 0; j < n; ++j) h(i, j) = full(a, order[static_cast<std::size_t>(j)]);
    if (a < taps) h(i, i) += static_cast<double>(damping) * energy;
  }
  return h;
}

/// By energy, the constant last or first.
order_of_inputs full_order(const input_moments& moments, bool constant_first) {
  order_of_inputs order = octavo::detail::by_energy(moments);
  order.insert(constant_first ? order.begin() : order.end(), moments.mean.size());
  return order;
}

matrix random_rows(Index rows, Index columns, double range, random_source& rng) {
  matrix values(rows, columns);
  for (float& v : values.reshaped()) v = static_cast<float>(range * rng.real());
  return values;
}

integer_grid int8_grid(Index, Index) { return {}; }

double error_of(const matrix& w, const matrix& q, const Eigen::MatrixXd& h) {
  const Eigen::VectorXd e = (w - q).row(0).transpose().cast<double>();
  return e.dot(h * e);
}

matrix rounded(const matrix& w) {
  return w.unaryExpr([](float v) { return static_cast<float>(integer_grid{}.nearest(v)); });
}

/// The least error of all choices among the six integers around each weight. The constant 1 is
/// last, has little energy and so goes far: it is what then is best.
double least_error(const matrix& w, const Eigen::MatrixXd& h) {
  constexpr int choices = 6;
  const Index last = w.cols() - 1;
  const auto count = static_cast<int>(std::pow(choices, last));
  double least = INFINITY;
  for (int choice = 0; choice < count; ++choice) {
    matrix q = w;
    int digits = choice;
    for (Index k = 0; k < last; ++k, digits /= choices) {
      q(0, k) = std::floor(w(0, k)) + static_cast<float>(digits % choices - 2);
    }
    const Eigen::VectorXd e = (w - q).row(0).transpose().cast<double>();
    const double wanted = w(0, last) + h.row(last).dot(e) / h(last, last);
    q(0, last) = static_cast<float>(integer_grid{}.nearest(wanted));
    least = std::min(least, error_of(w, q, h));
  }
  return least;
}

/// The same rule in double, one column after the other.
std::vector<double> without_blocks(const matrix& w, const Eigen::MatrixXd& u, Index row) {
  std::vector<double> left(static_cast<std::size_t>(w.cols()));
  for (Index k = 0; k < w.cols(); ++k) left[static_cast<std::size_t>(k)] = w(row, k);
  for (Index k = 0; k < w.cols(); ++k) {
    double& value = left[static_cast<std::size_t>(k)];
    const double fixed = integer_grid{}.nearest(value);
    const double error = (value - fixed) / u(k, k);
    value = fixed;
    for (Index j = k + 1; j < w.cols(); ++j) left[static_cast<std::size_t>(j)] -= error * u(k, j);
  }
  return left;
}

}  // namespace

TEST_CASE("by_energy: most first, equal ones in their order, the constant not among them") {
  input_moments moments;
  moments.mean = Eigen::VectorXd::Zero(4);
  moments.second = Eigen::MatrixXf::Zero(5, 5);
  moments.second.diagonal() << 2, 7, 2, 9, 1;
  CHECK(octavo::detail::by_energy(moments) == order_of_inputs{3, 1, 0, 2});
}

TEST_CASE("inverse_factor: upper, and with its inverse R, R R^T is the damped H") {
  random_source rng(21);
  for (const Index taps : {1, 2, 7, 62, 63, 64, 65, 130}) {
    for (const bool constant_first : {false, true}) {
      CAPTURE(taps);
      const input_moments moments = random_moments(taps, 3 * taps + 5, rng);
      const order_of_inputs order = full_order(moments, constant_first);
      const Eigen::MatrixXf u = octavo::detail::inverse_factor(moments, order, damping);
      CHECK(u.isUpperTriangular(0));
      CHECK(u.diagonal().minCoeff() > 0);
      const Eigen::MatrixXd r = u.cast<double>().inverse();
      const Eigen::MatrixXd h = damped(moments, order);
      CHECK((r * r.transpose() - h).norm() < 1e-4 * h.norm());
    }
  }
}

TEST_CASE("inverse_factor: inputs that are always 0, and all of them") {
  input_moments moments;
  moments.mean = Eigen::VectorXd::Zero(3);
  moments.second = Eigen::MatrixXf::Zero(4, 4);
  moments.second(3, 3) = 1;
  const order_of_inputs order = {0, 1, 2, 3};
  CHECK(octavo::detail::inverse_factor(moments, order, damping).isIdentity(0));
  moments.second(1, 1) = 300;  // 100 on average
  const Eigen::MatrixXf u = octavo::detail::inverse_factor(moments, order, damping);
  CHECK(u(0, 0) == doctest::Approx(1));
  CHECK(u(1, 1) == doctest::Approx(1 / std::sqrt(301.0)));
}

TEST_CASE("inverse_factor: a matrix that is singular in float is damped until it is not") {
  // Every image the same: once the inputs are known the constant is as well.
  for (const Index taps : {100, 700}) {
    input_moments moments;
    moments.mean = Eigen::VectorXd::Constant(taps, 100);
    const Eigen::VectorXf v =
        (Eigen::VectorXf(taps + 1) << moments.mean.cast<float>(), 1).finished();
    moments.second = (v * v.transpose()).triangularView<Eigen::Lower>();
    for (const float little : {1e-30F, 1e-9F, damping}) {
      const Eigen::MatrixXf u =
          octavo::detail::inverse_factor(moments, full_order(moments, true), little);
      CHECK(u.allFinite());
      CHECK(u.diagonal().minCoeff() > 0);
    }
  }
}

TEST_CASE("integer_grid: the nearest multiple within the limits, ties up") {
  const integer_grid grid{-8, 4, 4};
  CHECK(grid.nearest(1.9) == 0);
  CHECK(grid.nearest(2) == 4);
  CHECK(grid.nearest(-2) == 0);
  CHECK(grid.nearest(-2.1) == -4);
  CHECK(grid.nearest(1e30) == 4);
  CHECK(grid.nearest(-1e30) == -8);
  CHECK(integer_grid{}.nearest(127.5) == 127);
  CHECK(integer_grid{}.nearest(-128.6) == -128);
}

TEST_CASE("with a diagonal H, rounding is plain rounding") {
  random_source rng(22);
  for (const Index columns : {1, 64, 100}) {
    Eigen::MatrixXf u = Eigen::MatrixXf::Zero(columns, columns);
    for (float& v : u.diagonal()) v = static_cast<float>(1.5 + rng.real());
    const matrix w = random_rows(5, columns, 140, rng);
    matrix q = w;
    octavo::detail::round_in_order(q, u, int8_grid);
    CHECK(q == rounded(w));
  }
}

TEST_CASE("two weights by hand: the second makes up for the first") {
  // H = (1 1/2; 1/2 1): after an error e of the first, e / 2 of the second is best.
  Eigen::MatrixXf h(2, 2);
  h << 1, 0.5F, 0.5F, 1;
  const Eigen::MatrixXf reversed = h.reverse();
  const Eigen::MatrixXf lower = reversed.llt().matrixL();
  const Eigen::MatrixXf u = octavo::detail::lower_inverse(lower).reverse();
  matrix q(3, 2);
  q << 0.4F, 0.4F, 0.4F, 0.25F, 3, 0.6F;
  octavo::detail::round_in_order(q, u, int8_grid);
  matrix expected(3, 2);
  expected << 0, 1, 0, 0, 3, 1;  // 0.4 + 0.2, 0.25 + 0.2, nothing to make up for
  CHECK(q == expected);
}

TEST_CASE("small problems: hardly ever worse than plain rounding, near the best there is") {
  random_source rng(23);
  constexpr int problems = octavo::testing::effort(400);
  int worse = 0;
  double plain = 0;
  double found = 0;
  double best = 0;
  for (int i = 0; i < problems; ++i) {
    const Index taps = rng.integer(1, 4);
    const input_moments moments = random_moments(taps, 40, rng, 20);
    const order_of_inputs order = full_order(moments, false);
    const Eigen::MatrixXd h = damped(moments, order);
    const matrix w = random_rows(1, taps + 1, 50, rng);
    matrix q = w;
    octavo::detail::round_in_order(q, octavo::detail::inverse_factor(moments, order, damping),
                                   int8_grid);
    CHECK(q == rounded(q));
    const double error = error_of(w, q, h);
    const double of_plain = error_of(w, rounded(w), h);
    worse += error > of_plain * (1 + 1e-6) ? 1 : 0;
    const double least = least_error(w, h);
    // Relative to the scale of each problem, so that none outweighs the others.
    plain += of_plain / h.trace();
    found += error / h.trace();
    best += least / h.trace();
  }
  MESSAGE("plain ", plain, ", in order ", found, ", best ", best, "; worse than plain in ", worse);
  CHECK(worse < problems / 20);
  CHECK(found < 0.7 * plain);
  CHECK(found < 1.1 * best);
  CHECK(found >= best * (1 - 1e-6));
}

TEST_CASE("blocks: the same integers as without") {
  random_source rng(24);
  for (const Index columns : {63, 64, 65, 130}) {
    CAPTURE(columns);
    const input_moments moments = random_moments(columns - 1, 3 * columns, rng);
    const order_of_inputs order = full_order(moments, false);
    const Eigen::MatrixXf u = octavo::detail::inverse_factor(moments, order, damping);
    const matrix w = random_rows(16, columns, 110, rng);
    matrix q = w;
    octavo::detail::round_in_order(q, u, int8_grid);
    CHECK(q == rounded(q));
    CHECK(q != rounded(w));
    // Where a value is as good as a tie, float and double may part, and the rest of the row with
    // them: most rows must be the same.
    int equal = 0;
    for (Index row = 0; row < w.rows(); ++row) {
      const std::vector<double> expected = without_blocks(w, u.cast<double>(), row);
      equal += std::equal(expected.begin(), expected.end(), q.row(row).begin()) ? 1 : 0;
    }
    CAPTURE(equal);
    CHECK(equal >= 15);
  }
}

TEST_CASE("each column and row has its grid") {
  random_source rng(25);
  const input_moments moments = random_moments(70, 200, rng);
  const order_of_inputs order = full_order(moments, true);
  const auto grid_of = [](Index column, Index row) {
    return column == 0 ? integer_grid{-64, 32, 32} : integer_grid{-static_cast<double>(row), 5, 1};
  };
  matrix q = random_rows(4, 71, 60, rng);
  octavo::detail::round_in_order(q, octavo::detail::inverse_factor(moments, order, damping),
                                 grid_of);
  for (Index row = 0; row < q.rows(); ++row) {
    for (Index k = 0; k < q.cols(); ++k) {
      const double v = q(row, k);
      REQUIRE(grid_of(k, row).nearest(v) == v);
    }
  }
}
