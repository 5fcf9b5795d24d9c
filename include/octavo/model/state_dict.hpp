// SPDX-License-Identifier: MIT
/// @file
/// Named float arrays, wherever they come from, and what a network asks of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/extents.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/fold_into.hpp"
#include "octavo/quant/fold.hpp"

namespace octavo::inline v0 {

/// An array of a model file, in C order. Every float32 is a double, so nothing is rounded here.
struct named_array {
  std::vector<std::int64_t> shape = {};
  std::vector<double> values = {};
};

/// A file of named arrays, read one array at a time, so that a reader need not hold the whole file.
struct state_dict {
  std::string file = {};  ///< for messages
  std::function<bool(const std::string&)> contains = {};
  std::function<named_array(const std::string&)> read = {};  ///< called for names it contains
};

/// The names under which a file keeps one convolution or fully connected layer. A name that a
/// format does not have is empty.
struct layer_names {
  std::string weights = {};
  std::string bias = {};  ///< may be absent from the file
  std::string gamma = {};
  std::string beta = {};
  std::string mean = {};
  std::string variance = {};
  std::string norm_scale = {};  ///< Caffe: mean and variance are to be divided by this number
  double epsilon = 1e-5;
};

/// Maps the name of a graph's op to the names in a file.
using naming = std::function<layer_names(const node&)>;

namespace detail {

/// Reads the arrays of one layer and reports what is wrong with them by file and array name.
class layer_reader {
 public:
  layer_reader(const state_dict& source, const layer_names& names)
      : source_(source), names_(names) {}

  /// Weights of exactly these extents; leading or trailing ones of 1 may be there or not (Caffe
  /// writes a fully connected layer as 1 x 1 x N x K).
  std::vector<double> weights(const std::vector<std::int64_t>& wanted) const {
    named_array found = required(names_.weights);
    if (without_outer_ones(found.shape) != without_outer_ones(wanted)) {
      fail(source_.file, ": ", names_.weights, " has the shape ", shape_text(found.shape),
           ", expected ", shape_text(wanted));
    }
    return std::move(found.values);
  }

  /// The bias, or zeros where the file has none.
  std::vector<double> bias(std::int64_t channels) const {
    if (!has(names_.bias)) return std::vector<double>(static_cast<std::size_t>(channels));
    return channel_values(names_.bias, channels);
  }

  /// The batch normalization behind the layer, one for each channel; none where the file has no
  /// part of it and the layer has a bias: then it was folded before.
  std::vector<batch_norm_channel> batch_norm(std::int64_t channels) const {
    if (names_.gamma.empty()) return {};
    const bool folded = !has(names_.gamma) && !has(names_.beta) && !has(names_.mean) &&
                        !has(names_.variance) && !has(names_.norm_scale) && has(names_.bias);
    if (folded) return {};
    const std::vector<double> gamma = channel_values(names_.gamma, channels);
    const std::vector<double> beta = channel_values(names_.beta, channels);
    const std::vector<double> mean = channel_values(names_.mean, channels);
    const std::vector<double> variance = channel_values(names_.variance, channels);
    const double divisor = norm_divisor();
    std::vector<batch_norm_channel> norm(gamma.size());
    for (std::size_t c = 0; c < norm.size(); ++c) {
      norm[c] = {gamma[c], beta[c], scaled(mean[c], divisor), scaled(variance[c], divisor),
                 names_.epsilon};
      if (norm[c].variance >= 0) continue;
      fail(source_.file, ": ", names_.variance, ": channel ", c, " is ", variance[c],
           ", expected a variance that is not negative");
    }
    return norm;
  }

 private:
  bool has(const std::string& name) const { return !name.empty() && source_.contains(name); }

  named_array required(const std::string& name) const {
    if (!has(name)) fail(source_.file, ": has no array '", name, "'");
    named_array found = source_.read(name);
    std::uint64_t count = 1;
    for (const std::int64_t extent : found.shape) count *= static_cast<std::uint64_t>(extent);
    if (count != found.values.size()) {
      fail(source_.file, ": ", name, " has ", found.values.size(), " elements, expected ", count,
           " for its shape ", shape_text(found.shape));
    }
    for (std::size_t i = 0; i < found.values.size(); ++i) {
      if (is_finite(found.values[i])) continue;
      fail(source_.file, ": ", name, ": element ", i, " is ", found.values[i],
           ", expected a finite number");
    }
    return found;
  }

  std::vector<double> channel_values(const std::string& name, std::int64_t channels) const {
    named_array found = required(name);
    if (static_cast<std::int64_t>(found.values.size()) != channels) {
      fail(source_.file, ": ", name, " has ", found.values.size(), " elements, expected ",
           channels);
    }
    return std::move(found.values);
  }

  /// Caffe's batch norm blob 2; 1 elsewhere. 0 stands for "mean and variance are 0".
  double norm_divisor() const {
    return names_.norm_scale.empty() ? 1 : channel_values(names_.norm_scale, 1)[0];
  }

  static double scaled(double value, double divisor) { return divisor == 0 ? 0 : value / divisor; }

  const state_dict& source_;
  const layer_names& names_;
};

/// The extents that files have: of a fully connected layer N x K, of a scale C.
inline std::vector<std::int64_t> weights_extents(const graph& net, std::size_t index) {
  const auto [n, c, h, w] = weights_shape(net, index);
  if (net[index].kind == op::fully_connected) return {n, c};
  if (net[index].kind == op::scale) return {c};
  return {n, c, h, w};
}

inline float_params read_layer(const state_dict& source, const layer_names& names, const graph& net,
                               std::size_t index) {
  const layer_reader reader(source, names);
  const int channels = net[index].shape.c;
  float_params folded{.weights = reader.weights(weights_extents(net, index)),
                      .bias = reader.bias(channels)};
  const std::vector<batch_norm_channel> norm = reader.batch_norm(channels);
  fold_into(folded, norm);
  return folded;
}

}  // namespace detail

/// The float network of `net`, which has passed check(), with the parameters of `source`, batch
/// normalization folded.
/// @throws octavo::error naming the file, the array, and what was expected of it.
inline float_model load_float_model(const graph& net, const state_dict& source,
                                    const naming& names) {
  float_model model{.graph = net, .params = std::vector<float_params>(net.size())};
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!has_weights(net[i].kind)) continue;
    model.params[i] = detail::read_layer(source, names(net[i]), net, i);
  }
  return model;
}

}  // namespace octavo::inline v0
