// SPDX-License-Identifier: MIT
/// @file
/// What the layers of a network in floating point are made of: filters, and batch normalization
/// that is folded into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/scope.hpp"
#include "octavo/io/mlir/weights.hpp"
#include "octavo/io/mlir/windows.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/quant/fold.hpp"

namespace octavo::inline v0::io::mlir {

using extents = std::vector<std::int64_t>;

/// The extents of an operand's type, which are `count` numbers a graph can have.
inline std::vector<int> extents_of(const op_reader& op, std::size_t place, std::size_t count) {
  const type& written = op.get().operand_types[place];
  bool fits = written.kind == type_kind::tensor && written.element == "f32" &&
              written.extents.size() == count;
  std::vector<int> found;
  for (const std::int64_t extent : written.extents) {
    fits = fits && extent >= 1 && extent <= extent_limit;
    found.push_back(fits ? static_cast<int>(extent) : 0);
  }
  if (!fits) {
    op.fail_at(written.at, "found ", to_string(written), " for ",
               in_quotes(op.get().operands[place].text), ", expected an f32 tensor with ", count,
               count == 1 ? " extent" : " extents", " in 1..", extent_limit);
  }
  return found;
}

/// The operation's result has these extents, as follows from its operands.
inline void expect_result(const op_reader& op, const extents& inferred) {
  const type& written = op.get().result_types[0];
  const type expected = float_tensor(inferred);
  if (written == expected) return;
  op.fail_at(written.at, "found ", to_string(written), " as the result of ", op.name(),
             ", expected ", to_string(expected));
}

/// One number for each channel.
inline std::vector<double> read_channels(const op_reader& op, std::size_t place,
                                         const scope& values, weights_files& files, int channels) {
  const value& from = values.operand(op.get(), place, value_kind::array);
  std::vector<double> numbers = files.read_finite(op, from);
  if (numbers.size() != static_cast<std::size_t>(channels)) {
    const type& written = op.get().operand_types[place];
    op.fail_at(written.at, "found ", to_string(written), " for ",
               in_quotes(op.get().operands[place].text), ", expected ", channels, " numbers");
  }
  return numbers;
}

/// Filter and bias from the operands (input, filter) or (input, filter, bias).
inline float_params read_float_layer(const op_reader& op, const scope& values, weights_files& files,
                                     int channels) {
  op.expect_operands(2, 3);
  float_params params;
  params.weights = files.read_finite(op, values.operand(op.get(), 1, value_kind::array));
  params.bias.resize(static_cast<std::size_t>(channels));
  if (op.get().operands.size() == 3) params.bias = read_channels(op, 2, values, files, channels);
  return params;
}

/// From the operands (input, mean, variance) or (input, mean, variance, scale factor): Caffe's mean
/// and variance are to be divided by its factor, of which 0 stands for "both are 0".
inline std::vector<batch_norm_channel> batch_norm_of(const op_reader& op, const scope& values,
                                                     weights_files& files, int channels) {
  op.expect_operands(3, 4);
  const std::vector<double> mean = read_channels(op, 1, values, files, channels);
  const std::vector<double> variance = read_channels(op, 2, values, files, channels);
  double factor = 1;
  if (op.get().operands.size() == 4) factor = read_channels(op, 3, values, files, 1)[0];
  const auto scaled = [factor](double number) { return factor == 0 ? 0 : number / factor; };
  std::vector<batch_norm_channel> norm(mean.size());
  for (std::size_t c = 0; c < norm.size(); ++c) {
    norm[c].mean = scaled(mean[c]);
    norm[c].variance = scaled(variance[c]);
    if (op.has("variance_epsilon")) norm[c].epsilon = op.real("variance_epsilon");
    if (norm[c].variance >= 0 && norm[c].epsilon >= 0 && norm[c].variance + norm[c].epsilon > 0) {
      continue;
    }
    op.fail("found the variance ", norm[c].variance, " and the epsilon ", norm[c].epsilon,
            " for channel ", c, ", expected neither negative and a positive sum");
  }
  return norm;
}

/// The same that does nothing: where a scale stands alone. 1 / sqrt(1 + 0) is 1.
inline std::vector<batch_norm_channel> no_batch_norm(int channels) {
  return std::vector<batch_norm_channel>(static_cast<std::size_t>(channels),
                                         {.gamma = 1, .epsilon = 0});
}

}  // namespace octavo::inline v0::io::mlir
