// SPDX-License-Identifier: MIT
/// @file
/// Weights, biases and batch normalizations of float ONNX nodes, in double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/values.hpp"
#include "octavo/io/onnx/windows.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/quant/fold.hpp"

namespace octavo::inline v0::io::onnx {

struct float_conv {
  conv2d_options options = {};
  float_params params = {};
};

struct float_dense {
  int channels = 0;
  float_params params = {};  ///< weights N x K
};

/// A Conv of an input of this shape.
inline float_conv read_float_conv(const model& from, const node& conv, const shape& in) {
  expect_operands(from, conv, 2, 3);
  const constant& weights = constant_operand(from, conv, 1, "the weights");
  float_conv read = {.options = read_conv(conv, weights.dims, in)};
  const int channels = read.options.channels;
  read.params.weights = real_values(weights);
  read.params.bias = has_operand(conv, 2) ? channel_values(from, conv, 2, "the bias", channels)
                                          : std::vector<double>(static_cast<std::size_t>(channels));
  return read;
}

/// How a Gemm or MatMul keeps its constant: N x K or, transposed, K x N.
struct dense_shape {
  int channels = 0;
  int depth = 0;
  bool transposed = false;  ///< K x N
};

/// The constant B of a Gemm or MatMul for an input of `depth` values an image.
inline dense_shape read_dense_shape(const constant& weights, bool n_by_k, std::int64_t depth) {
  if (weights.dims.size() != 2) {
    fail(label(weights), " has the shape ", to_string(weights.dims), ", expected two extents");
  }
  const auto& n = weights.dims[n_by_k ? 0 : 1];
  const auto& k = weights.dims[n_by_k ? 1 : 0];
  if (k != depth) {
    fail(label(weights), " has the shape ", to_string(weights.dims), ", but the input has ", depth,
         " values an image");
  }
  return {checked_extent("an extent of the weights", n, 1),
          checked_extent("an extent of the weights", k, 1), !n_by_k};
}

/// The values of a constant as N x K.
template <class T>
std::vector<T> n_by_k(const dense_shape& dense, std::vector<T> values) {
  if (!dense.transposed) return values;
  return transposed(values, static_cast<std::size_t>(dense.depth),
                    static_cast<std::size_t>(dense.channels));
}

/// A constant that is added to every pixel of a channel: one number, or one for each channel where
/// ONNX's rule of broadcasting puts it there (C x 1 x 1, 1 x C x 1 x 1; N or 1 x N of a flat one).
inline std::vector<double> channel_bias(const constant& from, int channels, bool flat) {
  std::vector<double> values = real_values(from);
  const auto count = static_cast<std::size_t>(channels);
  if (values.size() == 1) return std::vector<double>(count, values[0]);
  extents expected = {1, channels, 1, 1};
  if (flat) expected.resize(2);
  extents found = from.dims;
  found.insert(found.begin(), found.size() < expected.size() ? expected.size() - found.size() : 0,
               1);
  if (found != expected) {
    fail(label(from), " has the shape ", to_string(from.dims), ", expected one number a channel");
  }
  return values;
}

/// alpha * A * B + beta * C, where B and C are constants.
inline float_dense read_gemm(const model& from, const node& gemm, std::int64_t depth) {
  expect_operands(from, gemm, 2, 3);
  const attribute_reader attributes(gemm, {"alpha", "beta", "transA", "transB"});
  attributes.expect("transA", 0);
  const double alpha = attributes.real("alpha", 1);
  const double beta = attributes.real("beta", 1);
  const constant& weights = constant_operand(from, gemm, 1, "the weights");
  const dense_shape dense = read_dense_shape(weights, attributes.integer("transB", 0) != 0, depth);
  float_dense read = {.channels = dense.channels};
  read.params.weights = n_by_k(dense, real_values(weights));
  for (double& w : read.params.weights) w *= alpha;
  read.params.bias.resize(static_cast<std::size_t>(dense.channels));
  if (has_operand(gemm, 2)) {
    const constant& bias = constant_operand(from, gemm, 2, "the bias");
    read.params.bias = channel_bias(bias, dense.channels, true);
    for (double& b : read.params.bias) b *= beta;
  }
  return read;
}

inline float_dense read_matmul(const model& from, const node& matmul, std::int64_t depth) {
  expect_operands(from, matmul, 2, 2);
  const attribute_reader attributes(matmul, {});
  const constant& weights = constant_operand(from, matmul, 1, "the right operand");
  const dense_shape dense = read_dense_shape(weights, false, depth);
  float_dense read = {.channels = dense.channels};
  read.params.weights = n_by_k(dense, real_values(weights));
  read.params.bias.resize(static_cast<std::size_t>(dense.channels));
  return read;
}

/// A BatchNormalization in inference.
inline std::vector<batch_norm_channel> read_batch_norm(const model& from, const node& norm,
                                                       int channels) {
  expect_operands(from, norm, 5, 5);
  const attribute_reader attributes(norm, {"epsilon", "momentum", "spatial", "training_mode"});
  attributes.expect("spatial", 1);
  attributes.expect("training_mode", 0);
  const std::vector<double> gamma = channel_values(from, norm, 1, "scale", channels);
  const std::vector<double> beta = channel_values(from, norm, 2, "B", channels);
  const std::vector<double> mean = channel_values(from, norm, 3, "the mean", channels);
  const std::vector<double> variance = channel_values(from, norm, 4, "the variance", channels);
  const double epsilon = attributes.real("epsilon", 1e-5F);
  std::vector<batch_norm_channel> read(gamma.size());
  for (std::size_t c = 0; c < read.size(); ++c) {
    if (!(variance[c] >= 0 && variance[c] + epsilon > 0)) {
      fail("the variance of channel ", c, " is ", variance[c], " with epsilon ", epsilon,
           ", expected no negative number, the sum positive");
    }
    read[c] = {gamma[c], beta[c], mean[c], variance[c], epsilon};
  }
  return read;
}

}  // namespace octavo::inline v0::io::onnx
