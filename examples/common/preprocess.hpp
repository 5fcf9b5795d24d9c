// SPDX-License-Identifier: MIT
/// @file
/// From a photograph to the input of an ImageNet network.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image_buffer.hpp"
#include "octavo/core/error.hpp"
#include "resize.hpp"

namespace octavo::examples {

/// Resizes so that the shorter side becomes `size`, the longer one keeping the proportion, to the
/// nearest pixel, halves up; an image whose shorter side is `size` is returned as it is. The rule
/// for the longer side matters, one pixel more or less changes every column: torchvision truncates
/// it.
inline image resize_shorter_side(const image& source, int size) {
  check_image(source, "resize_shorter_side");
  const std::int64_t shorter = std::min(source.width, source.height);
  const std::int64_t longer = std::max(source.width, source.height);
  if (size <= 0) fail("resize_shorter_side: the size is ", size, ", but must be positive");
  if (size == shorter) return source;
  const std::int64_t scaled = (2 * size * longer + shorter) / (2 * shorter);
  check_extent(static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(scaled),
               "resize_shorter_side: the result");
  const int other = static_cast<int>(scaled);
  return source.width <= source.height ? resize(source, size, other) : resize(source, other, size);
}

namespace detail {
/// Half of `excess`, halves rounded to even as Python's round does.
constexpr int crop_offset(int excess) {
  const int half = excess / 2;
  return excess % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}
}  // namespace detail

/// The middle width x height pixels, by the rounding of torchvision's CenterCrop. An image that is
/// smaller is an error (torchvision would pad it with black).
inline image centre_crop(const image& source, int width, int height) {
  check_image(source, "centre_crop");
  if (width <= 0 || height <= 0 || width > source.width || height > source.height) {
    fail("centre_crop: ", width, " x ", height, " pixels cannot be cut from an image of ",
         source.width, " x ", source.height);
  }
  const int left = detail::crop_offset(source.width - width);
  const int top = detail::crop_offset(source.height - height);
  image result = make_image(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height),
                            "centre_crop");
  for (int y = 0; y < height; ++y) {
    std::copy_n(row_of(source, top + y) + static_cast<std::size_t>(left) * 3,
                static_cast<std::size_t>(width) * 3, row_of(result, y));
  }
  return result;
}

enum class channel_order { rgb, bgr };

/// What a network was trained on: (byte / divisor - mean) / std, for each channel in `order`.
struct preprocessing {
  channel_order order = channel_order::rgb;
  std::array<float, 3> mean{};
  std::array<float, 3> std{1.0F, 1.0F, 1.0F};
  float divisor = 1.0F;  ///< a divisor, not a factor: byte * (1.0F / 255) is another number
};

/// Networks of torchvision and most of those in ONNX.
inline constexpr preprocessing torchvision_preset{
    channel_order::rgb, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}, 255.0F};

/// Caffe's ResNets as the original system fed them.
inline constexpr preprocessing caffe_preset{
    channel_order::bgr, {104.01F, 116.67F, 122.68F}, {1.0F, 1.0F, 1.0F}, 1.0F};

/// The authors' SqueezeNet.
inline constexpr preprocessing squeezenet_preset{
    channel_order::bgr, {104.0F, 117.0F, 123.0F}, {1.0F, 1.0F, 1.0F}, 1.0F};

/// Where in the photograph the network looks: the middle crop x crop pixels once the shorter side
/// is `shorter_side`.
struct framing {
  int shorter_side = 256;
  int crop = 224;
};

/// The image as float32 [3][height][width], computed in float32 as torchvision's ToTensor and
/// Normalize do it, with the same bits.
inline std::vector<float> to_planes(const image& source, const preprocessing& how) {
  check_image(source, "to_planes");
  const std::size_t pixels = source.rgb.size() / 3;
  std::vector<float> planes(3 * pixels);
  for (std::size_t plane = 0; plane < 3; ++plane) {
    std::array<float, 256> value{};
    for (std::size_t byte = 0; byte < value.size(); ++byte) {
      value[byte] = (static_cast<float>(byte) / how.divisor - how.mean[plane]) / how.std[plane];
    }
    const std::size_t channel = how.order == channel_order::rgb ? plane : 2 - plane;
    for (std::size_t i = 0; i < pixels; ++i) {
      planes[plane * pixels + i] = value[source.rgb[3 * i + channel]];
    }
  }
  return planes;
}

/// The input of a network, float32 [1][3][crop][crop].
inline std::vector<float> preprocess(const image& source, const preprocessing& how,
                                     const framing& where = {}) {
  const image scaled = resize_shorter_side(source, where.shorter_side);
  return to_planes(centre_crop(scaled, where.crop, where.crop), how);
}

}  // namespace octavo::examples
