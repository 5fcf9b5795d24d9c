// SPDX-License-Identifier: MIT
/// @file
/// Writes the parameters of a quantized model as the TPU's weight image, and reads them back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/little_endian.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/tpu/weight_layout.hpp"

namespace octavo::inline v0::tpu {

namespace detail {

inline constexpr std::uint8_t padding_byte = 0x80;         ///< -128: stands out in a dump
inline constexpr std::uint8_t record_padding_byte = 0xff;  ///< behind per-channel records

/// Where a weight of OIHW (or N x K) order lies in the stored filter.
///
/// v1 keeps the order. From v2 on, kernels larger than 1x1 are stored O,(kh*kw),I, and a fully
/// connected layer K x N.
class filter_order {
 public:
  filter_order(const graph& net, std::size_t index, weight_layout layout)
      : extents_(weights_shape(net, index)), stored_(order_of(net[index].kind, layout)) {}

  std::int64_t stored_at(std::int64_t i) const {
    const auto& [n, c, h, w] = extents_;
    switch (stored_) {
      case order::as_it_is:
        break;
      case order::channels_last: {
        const std::int64_t pixels = std::int64_t{h} * w;
        const std::int64_t ic = i / pixels % c;
        const std::int64_t oc = i / pixels / c;
        return (oc * pixels + i % pixels) * c + ic;
      }
      case order::transposed:
        return i % c * n + i / c;
    }
    return i;
  }

 private:
  enum class order : std::uint8_t {
    as_it_is,
    channels_last,  ///< OIHW -> O,(kh*kw),I
    transposed,     ///< N x K -> K x N
  };

  static order order_of(op kind, weight_layout layout) {
    if (layout == weight_layout::v1) return order::as_it_is;
    if (kind == op::conv2d) return order::channels_last;
    return kind == op::fully_connected ? order::transposed : order::as_it_is;
  }

  shape extents_;
  order stored_;
};

/// One row of the image and the parameters it holds.
class row_codec {
 public:
  row_codec(const quantized_model& model, const weight_row& row, weight_layout layout)
      : op_node_(model.graph[static_cast<std::size_t>(row.node)]),
        row_(row),
        order_(model.graph, static_cast<std::size_t>(row.node), layout),
        layout_(layout) {}

  void write(const op_params& params, std::span<std::uint8_t> image) const {
    const auto to =
        image.subspan(static_cast<std::size_t>(row_.offset), static_cast<std::size_t>(row_.size));
    switch (row_.part) {
      case weight_part::shift:
        to[0] = params.requantize.shift[0];
        break;
      case weight_part::bias:
        write_bias(params, to);
        break;
      case weight_part::channel_records:
        write_records(params, to);
        break;
      case weight_part::filter:
        for (std::size_t i = 0; i < params.weights.size(); ++i) {
          to[stored_at(i)] = static_cast<std::uint8_t>(params.weights[i]);
        }
    }
  }

  void read(op_params& params, std::span<const std::uint8_t> image) const {
    const auto from =
        image.subspan(static_cast<std::size_t>(row_.offset), static_cast<std::size_t>(row_.size));
    switch (row_.part) {
      case weight_part::shift:
        params.requantize.shift = {from[0]};
        break;
      case weight_part::bias:
        read_bias(params, from);
        break;
      case weight_part::channel_records:
        read_records(params, from);
        break;
      case weight_part::filter:
        params.weights.resize(static_cast<std::size_t>(row_.bytes));
        for (std::size_t i = 0; i < params.weights.size(); ++i) {
          params.weights[i] = static_cast<std::int8_t>(from[stored_at(i)]);
        }
    }
  }

 private:
  std::size_t stored_at(std::size_t i) const {
    return static_cast<std::size_t>(order_.stored_at(static_cast<std::int64_t>(i)));
  }

  std::size_t channels() const { return static_cast<std::size_t>(op_node_.shape.c); }

  [[noreturn]] void refuse(std::size_t oc, std::int32_t bias, std::string_view because) const {
    fail("weight image ", to_string(layout_), ": ", op_node_.name.view(), ": channel ", oc,
         ": bias ", bias, " ", because);
  }

  /// v1 stores a bias in units of the output, b8 = bias / 2^shift; v2 stores 16 bits, all low bytes
  /// and then all high bytes.
  void write_bias(const op_params& params, std::span<std::uint8_t> to) const {
    for (std::size_t oc = 0; oc < channels(); ++oc) {
      const std::int32_t bias = params.bias[oc];
      if (layout_ == weight_layout::v1) {
        const int shift = params.requantize.shift[0];
        const std::int32_t b8 = bias >> shift;
        if (b8 * (std::int64_t{1} << shift) != bias || b8 < -128 || b8 > 127) {
          refuse(oc, bias, "is no 8-bit number of output units; quantize with rshift8");
        }
        to[oc] = static_cast<std::uint8_t>(b8);
      } else {
        if (bias < -32768 || bias > 32767) refuse(oc, bias, "has more than 16 bits");
        to[oc] = static_cast<std::uint8_t>(bias);
        to[channels() + oc] = static_cast<std::uint8_t>(bias >> 8);
      }
    }
  }

  void read_bias(op_params& params, std::span<const std::uint8_t> from) const {
    params.bias.resize(channels());
    for (std::size_t oc = 0; oc < channels(); ++oc) {
      if (layout_ == weight_layout::v1) {
        const std::int64_t unit = std::int64_t{1} << (params.requantize.shift[0] & 31);
        const std::int64_t bias = static_cast<std::int8_t>(from[oc]) * unit;
        if (bias < INT32_MIN || bias > INT32_MAX) {
          refuse(oc, static_cast<std::int8_t>(from[oc]), "times 2^shift has more than 32 bits");
        }
        params.bias[oc] = static_cast<std::int32_t>(bias);
      } else {
        params.bias[oc] = static_cast<std::int16_t>(from[oc] | from[channels() + oc] << 8);
      }
    }
  }

  void write_records(const op_params& params, std::span<std::uint8_t> to) const {
    const requantization& r = params.requantize;
    for (std::size_t oc = 0; oc < channels(); ++oc) {
      const auto record = to.subspan(oc * channel_record_size, channel_record_size);
      const std::size_t entry = r.entry(static_cast<int>(oc));
      store_little(record.data(), params.bias[oc]);
      store_little(record.data() + 4, r.multiplier.empty() ? 1 : r.multiplier[entry]);
      record[8] = r.shift[entry];
    }
  }

  /// The policy is the model's; a layer with one shift must find it in every record.
  void read_records(op_params& params, std::span<const std::uint8_t> from) const {
    requantization& r = params.requantize;
    params.bias.resize(channels());
    for (std::size_t oc = 0; oc < channels(); ++oc) {
      const auto record = from.subspan(oc * channel_record_size, channel_record_size);
      const std::size_t entry = r.entry(static_cast<int>(oc));
      params.bias[oc] = load_little<std::int32_t>(record.data());
      const auto multiplier = load_little<std::int32_t>(record.data() + 4);
      const bool agrees =
          r.multiplier.empty() ? multiplier == 1 : entry == oc || r.multiplier[entry] == multiplier;
      if (!agrees || (entry != oc && r.shift[entry] != record[8])) {
        refuse(oc, params.bias[oc], "has a record that the model's policy cannot hold");
      }
      if (!r.multiplier.empty()) r.multiplier[entry] = multiplier;
      r.shift[entry] = record[8];
    }
  }

  const node& op_node_;
  const weight_row& row_;
  filter_order order_;
  weight_layout layout_;
};

/// Refuses a model whose policies the layout cannot hold.
inline void expect_layout_holds(const quantized_model& model, weight_layout layout,
                                std::string_view what) {
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    if (!has_weights(model.graph[i].kind)) continue;
    const requantization& r = model.params[i].requantize;
    const std::string where = concat_text(what, " ", to_string(layout), ": ", model.graph[i].name);
    if (r.kind == policy::rshift_half_away) fail(where, ": the TPU rounds ties up, not away");
    if (layout == weight_layout::per_channel) continue;
    if (r.kind == policy::rshift && r.entries() == 1) continue;
    fail(where, ": has multipliers or more than one shift; only the per_channel layout holds them");
  }
}

/// The model with the parameters of an image that has all these rows; of a layer's the shift
/// precedes the bias. @throws octavo::error where it holds what validate() refuses.
template <class Rows>
quantized_model read_weight_rows(std::span<const std::uint8_t> image, quantized_model model,
                                 const Rows& rows, weight_layout layout) {
  for (const weight_row& row : rows) {
    row_codec(model, row, layout).read(model.params[static_cast<std::size_t>(row.node)], image);
  }
  validate(model);
  return model;
}

}  // namespace detail

/// The image of the parameters of a model that has passed validate(). @throws octavo::error where
/// the layout cannot hold one: v1 and v2 have room for one shift a layer and no multipliers.
inline std::vector<std::uint8_t> write_weight_image(const quantized_model& model,
                                                    weight_layout layout) {
  detail::expect_layout_holds(model, layout, "weight image");
  const weight_map map = make_weight_map(model.graph, layout);
  std::vector<std::uint8_t> image(static_cast<std::size_t>(map.size), detail::padding_byte);
  for (const weight_row& row : map.rows) {
    if (row.part == weight_part::channel_records) {
      std::fill_n(image.begin() + row.offset, row.size, detail::record_padding_byte);
    }
    detail::row_codec(model, row, layout)
        .write(model.params[static_cast<std::size_t>(row.node)], image);
  }
  return image;
}

/// The model, which has passed validate(), with the weights, biases and (v1, per_channel)
/// requantizations of an image in place of its own; in v2 the shifts stay the model's.
/// @throws octavo::error where the image does not have the size of this graph's, or holds what
/// validate() refuses.
inline quantized_model read_weight_image(std::span<const std::uint8_t> image, quantized_model model,
                                         weight_layout layout) {
  const weight_map map = make_weight_map(model.graph, layout);
  if (static_cast<std::int64_t>(image.size()) != map.size) {
    fail("weight image ", to_string(layout), ": has ", image.size(), " bytes, expected ", map.size);
  }
  return detail::read_weight_rows(image, std::move(model), map.rows, layout);
}

}  // namespace octavo::inline v0::tpu
