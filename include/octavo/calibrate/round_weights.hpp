// SPDX-License-Identifier: MIT
/// @file
/// Rounding that minds the output: the weights of a layer one after the other, each one's rounding
/// error handed on to those that are still free, in the proportion in which the layer's real inputs
/// let them make up for it.
///
/// The quadratic problem is old (Babai's nearest plane; in neural networks "optimal brain surgeon",
/// Hassibi and Stork 1993); that the order may be the same for all outputs, so that one
/// factorization does for a layer, is from Frantar et al., "GPTQ", 2022.
///
/// For one output let w be its real weights and bias in accumulator units, q the integers in their
/// place, H = E[v v^T] (input_moments). The mean squared error of the accumulator is
/// (w - q)^T H (w - q). With H = R R^T, R upper triangular, it is |R^T (w - q)|^2: entry k of that
/// vector holds only the errors 0 .. k, so that integers can be fixed from 0 on. After q_k is
/// fixed, the least of the rest is reached where w_j, j > k, is lowered by (w_k - q_k) U_kj / U_kk,
/// with U = R^-1.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "octavo/calibrate/input_moments.hpp"
#include "octavo/core/real.hpp"
#include "octavo/emulation/im2col.hpp"

namespace octavo::inline v0 {

namespace detail {

/// The order in which integers are fixed: the inputs with the most energy first, since little can
/// make up for them later.
inline std::vector<Eigen::Index> by_energy(const input_moments& moments) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(moments.mean.size()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::pair(-moments.second(a, a), a) < std::pair(-moments.second(b, b), b);
  });
  return order;
}

/// The inverse of the lower triangle of `l`, 0 above. Column block by column block, each from its
/// diagonal on: a third of the work of a general solve.
inline Eigen::MatrixXf lower_inverse(const Eigen::MatrixXf& l) {
  constexpr Eigen::Index block = 64;
  const Eigen::Index n = l.rows();
  Eigen::MatrixXf inverse = Eigen::MatrixXf::Zero(n, n);
  for (Eigen::Index first = 0; first < n; first += block) {
    const Eigen::Index count = std::min(block, n - first);
    auto columns = inverse.block(first, first, n - first, count);
    columns.topRows(count).setIdentity();
    l.bottomRightCorner(n - first, n - first).triangularView<Eigen::Lower>().solveInPlace(columns);
  }
  return inverse;
}

/// H in the reverse of this order, `damping` times the mean energy of an input added to those of
/// the inputs. Only the lower triangle is filled.
inline Eigen::MatrixXf damped_moments(const input_moments& moments,
                                      const std::vector<Eigen::Index>& order, float damping) {
  const auto n = static_cast<Eigen::Index>(order.size());
  const Eigen::Index taps = moments.mean.size();
  const float energy = moments.second.diagonal().head(taps).mean();
  Eigen::MatrixXf h(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index a = order[static_cast<std::size_t>(n - 1 - i)];
    for (Eigen::Index j = 0; j <= i; ++j) {
      const Eigen::Index b = order[static_cast<std::size_t>(n - 1 - j)];
      h(i, j) = moments.second(std::max(a, b), std::min(a, b));
    }
    // An input that is always 0 has no energy of its own; 1 keeps the matrix regular.
    if (a < taps) h(i, i) += damping * energy + (energy == 0 ? 1.0F : 0.0F);
  }
  return h;
}

/// U of the file's comment for H in this order, damped: the set is small and must not be trusted to
/// the last digit. Where float cannot tell the matrix from a singular one (few images, all much
/// alike), the damping is doubled until it can.
/// @param damping > 0
inline Eigen::MatrixXf inverse_factor(const input_moments& moments,
                                      const std::vector<Eigen::Index>& order, float damping) {
  for (;; damping *= 2) {
    // Reversed, R is a lower triangle: the factor that Eigen computes.
    Eigen::MatrixXf h = damped_moments(moments, order, damping);
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixXf>> factor(h);
    if (factor.info() == Eigen::Success) return lower_inverse(h).reverse().eval();
  }
}

/// What an integer may be: the multiples of `step` from `low` to `high`.
struct integer_grid {
  double low = -128;
  double high = 127;
  double step = 1;

  double nearest(double value) const {
    return std::clamp(product(round_up(value / step), step), low, high);
  }
};

/// Fixes the columns of `values` (a row for each output, columns in the order of `u`) one after the
/// other. On return every column holds what `grid_of(column, row)` allows.
template <class GridOf>
void round_in_order(emulation::row_major<float>& values, const Eigen::MatrixXf& u,
                    const GridOf& grid_of) {
  constexpr Eigen::Index block = 64;
  const Eigen::Index n = values.cols();
  for (Eigen::Index first = 0; first < n; first += block) {
    const Eigen::Index count = std::min(block, n - first);
    emulation::row_major<float> errors(values.rows(), count);
    for (Eigen::Index k = first; k < first + count; ++k) {
      for (Eigen::Index row = 0; row < values.rows(); ++row) {
        const auto fixed = static_cast<float>(grid_of(k, row).nearest(values(row, k)));
        const float error = (values(row, k) - fixed) / u(k, k);
        values(row, k) = fixed;
        errors(row, k - first) = error;
        for (Eigen::Index j = k + 1; j < first + count; ++j) values(row, j) -= error * u(k, j);
      }
    }
    const Eigen::Index rest = n - first - count;
    if (rest == 0) continue;
    values.rightCols(rest).noalias() -= errors * u.block(first, first + count, count, rest);
  }
}

}  // namespace detail

}  // namespace octavo::inline v0
