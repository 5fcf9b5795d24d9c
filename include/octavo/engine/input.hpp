// SPDX-License-Identifier: MIT
/// @file
/// The way into an engine: pixels of any type and order become channel-blocked int8.
#pragma once

#include <cstring>
#include <span>
#include <vector>

#include "octavo/core/blocked_copy.hpp"
#include "octavo/core/error.hpp"
#include "octavo/quant/activation.hpp"

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
      : channels_(static_cast<int>(mean.size())), values_(mean.size() * 256) {
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

  int channels() const { return channels_; }

  std::int8_t operator()(int channel, std::uint8_t pixel) const {
    return values_[static_cast<std::size_t>(channel) * 256 + pixel];
  }

 private:
  int channels_;
  std::vector<std::int8_t> values_;
};

namespace detail {

/// dst = convert(channel, value) for every element of `image`, a tensor_view or an nhwc_view;
/// borders and padding channels become 0.
template <class View, class Convert>
void fill_input(blocked_view<std::int8_t> dst, const View& image, const Convert& convert) {
  require(image.shape == dst.layout.shape, "engine: the input's shape is not the graph's");
  std::memset(dst.data, 0, static_cast<std::size_t>(dst.layout.bytes()));
  fill_blocked(dst, [&](int n, int c, int h, int w) { return convert(c, image(n, c, h, w)); });
}

}  // namespace detail
}  // namespace octavo::inline v0
