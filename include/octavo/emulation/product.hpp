// SPDX-License-Identifier: MIT
/// @file
/// Convolution and fully connected layers of int8 as products of float matrices, each output
/// channel in the smallest precision that keeps its sum exact.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "octavo/emulation/im2col.hpp"
#include "octavo/emulation/requantize.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0::emulation {

/// Whether bias + sum(src * weights) is exact in float32 for every int8 src, in whatever order it
/// is summed: 128 * sum|weights| + |bias| <= 2^24 bounds every partial sum, and float32 holds all
/// integers up to there. Beyond it float64 does, as the accumulator fits int32.
inline bool fits_float32(std::span<const std::int8_t> weights, std::int32_t bias) {
  std::int64_t largest = std::abs(std::int64_t{bias});
  for (const int weight : weights) largest += 128 * std::abs(weight);
  return largest <= std::int64_t{1} << 24;
}

namespace detail {

/// The output channels of one group that are summed in one precision.
template <class Scalar>
struct channel_rows {
  std::vector<Eigen::Index> channels = {};  ///< of the whole layer
  row_major<Scalar> weights = {};
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> bias = {};
};

/// The rows `channels` of the layer's weights and bias in Scalar.
template <class Scalar>
channel_rows<Scalar> gather_rows(const op_params& params,
                                 const std::vector<Eigen::Index>& channels) {
  using weight_map = Eigen::Map<const row_major<std::int8_t>>;
  using bias_map = Eigen::Map<const Eigen::Matrix<std::int32_t, Eigen::Dynamic, 1>>;
  const auto all = static_cast<Eigen::Index>(params.bias.size());
  const auto taps = static_cast<Eigen::Index>(params.weights.size()) / all;
  channel_rows<Scalar> rows;
  rows.weights =
      weight_map(params.weights.data(), all, taps)(channels, Eigen::all).template cast<Scalar>();
  rows.bias = bias_map(params.bias.data(), all)(channels).template cast<Scalar>();
  rows.channels = channels;
  return rows;
}

/// One group's weights, split by precision.
struct split_rows {
  channel_rows<float> single = {};
  channel_rows<double> wide = {};
};

/// Splits the output channels [first, first + count).
inline split_rows split_by_precision(const op_params& params, int first, int count) {
  const std::size_t taps = params.weights.size() / params.bias.size();
  std::vector<Eigen::Index> single;
  std::vector<Eigen::Index> wide;
  for (int channel = first; channel < first + count; ++channel) {
    const auto oc = static_cast<std::size_t>(channel);
    const std::span row(params.weights.data() + oc * taps, taps);
    (fits_float32(row, params.bias[oc]) ? single : wide).push_back(channel);
  }
  return {gather_rows<float>(params, single), gather_rows<double>(params, wide)};
}

/// Sums and requantizes the channels of `rows` for one image. `dst` is the image's first element.
/// `make_columns(Scalar{})` gives the column matrix, and is called only where there are channels.
template <class Scalar, class MakeColumns>
void write_rows(const channel_rows<Scalar>& rows, const requantization& r, bool relu,
                const MakeColumns& make_columns, std::int8_t* dst) {
  if (rows.channels.empty()) return;
  const row_major<Scalar> columns = make_columns(Scalar{});
  row_major<Scalar> acc(rows.weights.rows(), columns.cols());
  acc.noalias() = rows.weights * columns;
  acc.colwise() += rows.bias;
  for (Eigen::Index i = 0; i < acc.rows(); ++i) {
    const Eigen::Index oc = rows.channels[static_cast<std::size_t>(i)];
    const channel_rule rule = rule_of(r, static_cast<std::size_t>(oc), relu);
    std::int8_t* out = dst + oc * columns.cols();
    for (const Scalar sum : acc.row(i)) *out++ = requantize(static_cast<std::int32_t>(sum), rule);
  }
}

template <class MakeColumns>
void write_channels(const split_rows& rows, const requantization& r, bool relu,
                    const MakeColumns& make_columns, std::int8_t* dst) {
  write_rows(rows.single, r, relu, make_columns, dst);
  write_rows(rows.wide, r, relu, make_columns, dst);
}

}  // namespace detail

/// Accumulates, adds the bias, requantizes; clamps at 0 with `relu`.
inline tensor<std::int8_t> conv2d(const node& conv, const op_params& params,
                                  tensor_view<const std::int8_t> src, bool relu) {
  tensor<std::int8_t> dst(conv.shape);
  const int ic = src.shape.c / conv.groups;
  const int oc = conv.shape.c / conv.groups;
  for (int group = 0; group < conv.groups; ++group) {
    const auto rows = detail::split_by_precision(params, group * oc, oc);
    for (int n = 0; n < src.shape.n; ++n) {
      const image_group<std::int8_t> part = {src, n, group * ic, ic};
      const auto make_columns = [&]<class Scalar>(Scalar) {
        return im2col<Scalar>(part, conv.window, conv.shape);
      };
      std::int8_t* image = dst.values.data() + n * conv.shape.elements_per_image();
      detail::write_channels(rows, params.requantize, relu, make_columns, image);
    }
  }
  return dst;
}

/// The same for a window that covers the whole image: one column, the image itself.
inline tensor<std::int8_t> fully_connected(const node& fc, const op_params& params,
                                           tensor_view<const std::int8_t> src, bool relu) {
  tensor<std::int8_t> dst(fc.shape);
  const auto rows = detail::split_by_precision(params, 0, fc.shape.c);
  const std::int64_t taps = src.shape.elements_per_image();
  for (int n = 0; n < src.shape.n; ++n) {
    const auto make_columns = [&]<class Scalar>(Scalar) -> row_major<Scalar> {
      return Eigen::Map<const row_major<std::int8_t>>(src.data + n * taps, taps, 1).cast<Scalar>();
    };
    std::int8_t* image = dst.values.data() + n * fc.shape.elements_per_image();
    detail::write_channels(rows, params.requantize, relu, make_columns, image);
  }
  return dst;
}

}  // namespace octavo::inline v0::emulation
