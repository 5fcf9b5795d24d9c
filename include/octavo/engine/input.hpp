// SPDX-License-Identifier: MIT
/// @file
/// The way into an engine: pixels of any type and order become channel-blocked int8.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "octavo/core/blocked_copy.hpp"
#include "octavo/core/error.hpp"
#include "octavo/quant/activation.hpp"
#include "octavo/simd/kernels.hpp"

namespace octavo::inline v0 {

/// What becomes of a pixel of 8 bits: quantize((pixel - mean) * scale), computed once for each of
/// its 256 values and each channel.
class pixel_table {
 public:
  /// @param mean one for each channel, in units of a pixel
  /// @param scale one for each channel: 1 / standard deviation, in units of the network's input
  /// @param threshold of the network's input
  /// @throws octavo::error where a number is not finite or the threshold not positive.
  pixel_table(std::span<const double> mean, std::span<const double> scale, double threshold)
      : channels_(static_cast<int>(mean.size())),
        threshold_(threshold),
        values_(mean.size() * 256) {
    require(mean.size() == scale.size(), "pixel_table: needs one mean and one scale a channel");
    require(is_threshold(threshold), "pixel_table: the threshold must be positive and finite");
    for (std::size_t c = 0; c < mean.size(); ++c) {
      require(is_finite(mean[c]) && is_finite(scale[c]),
              "pixel_table: mean and scale must be finite");
      for (int pixel = 0; pixel < 256; ++pixel) {
        require(is_finite((pixel - mean[c]) * scale[c]), "pixel_table: a product is not finite");
        values_[c * 256 + static_cast<std::size_t>(pixel)] =
            quantize((pixel - mean[c]) * scale[c], threshold);
      }
    }
  }

  /// As many as there were means.
  int channels() const { return channels_; }
  /// The input's: q stands for q * threshold / 128.
  double threshold() const { return threshold_; }

  /// What a pixel of channel c becomes. c is not checked.
  std::int8_t operator()(int c, std::uint8_t pixel) const { return channel(c)[pixel]; }

  /// The 256 values of a channel.
  const std::int8_t* channel(int c) const {
    return values_.data() + static_cast<std::size_t>(c) * 256;
  }

 private:
  int channels_;
  double threshold_;
  std::vector<std::int8_t> values_;
};

namespace detail {

inline constexpr int pixels_at_once = 256;

/// `count` pixels of one channel from (n, c, h, w) on: where they lie, or where they were gathered.
template <class T>
const T* pixels_of(const tensor_view<const T>& image, int n, int c, int h, int w, int, T*) {
  return &image(n, c, h, w);
}

template <class T>
const T* pixels_of(const nhwc_view<const T>& image, int n, int c, int h, int w, int count,
                   T* gathered) {
  const T* from = &image(n, c, h, w);
  for (int i = 0; i < count; ++i, from += image.shape.c) gathered[i] = *from;
  return gathered;
}

/// out[3 * i + k] = channel[k][i], the bits of `zero` flipped: four pixels are three words.
inline void interleave3(const std::int8_t (&channel)[4][pixels_at_once], int count,
                        std::int8_t zero, std::int8_t* out) noexcept {
  int i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    const std::uint32_t flip = static_cast<std::uint8_t>(zero) * 0x01010101u;
    for (; i + 4 <= count; i += 4) {
      std::uint32_t r, g, b;
      std::memcpy(&r, channel[0] + i, 4);
      std::memcpy(&g, channel[1] + i, 4);
      std::memcpy(&b, channel[2] + i, 4);
      const auto put = [&](int k, std::uint32_t word) {
        word ^= flip;
        std::memcpy(out + 3 * i + 4 * k, &word, 4);
      };
      put(0, (r & 0xff) | (g & 0xff) << 8 | (b & 0xff) << 16 | (r & 0xff00) << 16);
      put(1, (g >> 8 & 0xff) | (b & 0xff00) | (r & 0xff0000) | (g & 0xff0000) << 8);
      put(2, (b >> 16 & 0xff) | r >> 24 << 8 | g >> 24 << 16 | (b & 0xff000000));
    }
  }
  for (; i < count; ++i) {
    for (int k = 0; k < 3; ++k) out[3 * i + k] = static_cast<std::int8_t>(channel[k][i] ^ zero);
  }
}

/// Writes `count` pixels of up to 4 channels, which begin at `out` in a tensor of layout `at`.
inline void interleave(const std::int8_t (&channel)[4][pixels_at_once], int channels, int count,
                       const blocked_layout& at, std::int8_t* out) noexcept {
  if (channels == 3 && at.block == 3) return interleave3(channel, count, at.zero(), out);
  for (int k = 0; k < channels; ++k) {
    for (int i = 0; i < count; ++i) {
      out[std::int64_t{i} * at.block + k] = static_cast<std::int8_t>(channel[k][i] ^ at.zero());
    }
  }
}

/// Fills rows [begin, end) of images x height from first_image on: convert(c, src, count, dst)
/// makes int8 of `count` pixels of channel c and returns whether it could. Borders and padding
/// channels stay.
template <class T, template <class> class View, class Convert>
bool fill_rows(blocked_view<std::int8_t> dst, const View<const T>& image, const Convert& convert,
               int first_image, simd::work_range rows) {
  const blocked_layout& at = dst.layout;
  const shape& extents = at.shape;
  T gathered[pixels_at_once];
  std::int8_t converted[4][pixels_at_once];
  bool could = true;
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const auto n = static_cast<int>(row / extents.h);
    const auto h = static_cast<int>(row % extents.h);
    for (int w = 0; w < extents.w; w += pixels_at_once) {
      const int count = std::min(pixels_at_once, extents.w - w);
      for (int first = 0; first < extents.c; first += 4) {  // no block ends between them
        const int channels = std::min(4, extents.c - first);
        for (int k = 0; k < channels; ++k) {
          const T* const src = pixels_of(image, first_image + n, first + k, h, w, count, gathered);
          could = convert(first + k, src, count, converted[k]) && could;
        }
        interleave(converted, channels, count, at, dst.data + at.offset(n, first, h, w));
      }
    }
  }
  return could;
}

}  // namespace detail
}  // namespace octavo::inline v0
