// SPDX-License-Identifier: MIT
/// @file
/// A float network beside its int8 form over a set of images, tensor by tensor: where the int8
/// network leaves the float one.
///
///     const auto by_emulation = [&](const octavo::tensor<std::int8_t>& image) {
///       return octavo::emulation::emulate(quantized, image);
///     };
///     const auto seen = octavo::compare::compare_network(model, quantized, images, by_emulation);
///     std::fputs(to_text(seen.to_report()).c_str(), stdout);
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/compare/report.hpp"
#include "octavo/compare/saturation.hpp"
#include "octavo/compare/similarity.hpp"
#include "octavo/compare/tolerance.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/graph/graph.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0::compare {

/// What is kept of one node's tensors.
struct compared_node {
  octavo::op kind = op::input;
  octavo::shape shape = {};
  double threshold = 0;
  double moved_by = 0;          ///< stored, in float and int8, is the real value less this
  bool starts_at_zero = false;  ///< real values below 0 are cut off: a relu that comes next
  similarity_meter meter;  ///< of the dequantized int8 against the float, under the node's name
  saturation_counter saturation = saturation_counter();
};

namespace detail {

/// The real values of a tensor that is stored less `by`.
inline std::vector<float> moved_back(std::span<const float> stored, double by,
                                     bool starts_at_zero) {
  std::vector<float> real(stored.size());
  for (std::size_t i = 0; i < real.size(); ++i) {
    const auto value = static_cast<float>(stored[i] + by);
    real[i] = starts_at_zero ? std::max(value, 0.0F) : value;
  }
  return real;
}

}  // namespace detail

/// A meter for every node of an unfused graph. No tensor is kept.
class network_comparison {
 public:
  /// Of `limits` rtol and atol are used from here on, the minima where a verdict is asked for.
  /// Where tensors are moved, real values are compared, and of those that start at 0 nothing below.
  /// @param moves of `model`; empty: nothing is moved
  /// @throws octavo::error where the model has not one positive finite threshold for each node, and
  ///         moves not for each node.
  explicit network_comparison(const quantized_model& model, const tolerance& limits = {},
                              const tensor_moves& moves = {})
      : limits_(limits) {
    const graph& net = model.graph;
    if (model.thresholds.size() != net.size()) {
      fail("comparison: the model has ", model.thresholds.size(), " thresholds, expected ",
           net.size(), ", one a node");
    }
    const bool moved = !moves.share.empty();
    require(!moved || moves.share.size() == net.size(), "comparison: expected one move a node");
    for (std::size_t i = 0; i < net.size(); ++i) {
      if (!is_threshold(model.thresholds[i])) {
        fail("comparison: ", net[i].name.view(), ": threshold ", model.thresholds[i],
             ", expected a positive finite number");
      }
      const double share = moved ? moves.share[i] : 0;
      nodes_.push_back({.kind = net[i].kind,
                        .shape = net[i].shape,
                        .threshold = model.thresholds[i],
                        .moved_by = product(share, model.thresholds[i]),
                        .starts_at_zero = share == 1,
                        .meter = similarity_meter(std::string(net[i].name.view()), limits),
                        .saturation = saturation_counter(share == 1)});
    }
  }

  std::size_t size() const { return nodes_.size(); }
  const compared_node& operator[](std::size_t index) const { return nodes_[index]; }
  const tolerance& limits() const { return limits_; }

  /// The tensors of node `index` for one more image (or batch), as they are stored. An int8 stands
  /// for q * threshold / 128, rounded to float32: what dequantizing it gives.
  /// @throws octavo::error for another number of elements than the node's shape has, and where a
  /// float is NaN or infinite; nothing is added then.
  void add(std::size_t index, std::span<const float> reference,
           std::span<const std::int8_t> target) {
    if (index >= size()) fail("comparison: there is no node ", index, ", the network has ", size());
    compared_node& seen = nodes_[index];
    const auto expected = static_cast<std::size_t>(seen.shape.elements());
    if (reference.size() != expected || target.size() != expected) {
      fail("comparison: ", seen.meter.name(), ": ", reference.size(), " float and ", target.size(),
           " int8 elements, expected ", expected);
    }
    std::vector<float> values(expected);
    for (std::size_t i = 0; i < expected; ++i) {
      values[i] = static_cast<float>(dequantize(target[i], seen.threshold) + seen.moved_by);
    }
    if (seen.moved_by == 0) {
      seen.meter.add(reference, values);
    } else {
      seen.meter.add(detail::moved_back(reference, seen.moved_by, seen.starts_at_zero), values);
    }
    seen.saturation.add(target);
  }

  /// As if this comparison had also seen, behind its own, the images of `other`. Every measure is
  /// then what one run over all images gives, to the last bit.
  /// @throws octavo::error where it is not of the same network; nothing is merged then.
  void merge(const network_comparison& other) {
    bool same = size() == other.size();
    for (std::size_t i = 0; same && i < size(); ++i) {
      const compared_node& a = nodes_[i];
      const compared_node& b = other.nodes_[i];
      same = a.kind == b.kind && a.shape == b.shape && a.threshold == b.threshold &&
             a.moved_by == b.moved_by && a.meter.name() == b.meter.name();
    }
    require(same && limits_.rtol == other.limits_.rtol && limits_.atol == other.limits_.atol,
            "comparison: only those of one network with the same rtol and atol can be merged");
    for (std::size_t i = 0; i < size(); ++i) {
      nodes_[i].meter.merge(other.nodes_[i].meter);
      nodes_[i].saturation.merge(other.nodes_[i].saturation);
    }
  }

  /// The first node in execution order that does not pass, or -1: what is wrong begins there.
  int first_below(const tolerance& limits) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (!passes(judge(nodes_[i].meter.value(), limits))) return static_cast<int>(i);
    }
    return -1;
  }
  int first_below() const { return first_below(limits_); }

  /// A row for each node, in execution order.
  /// @throws octavo::error naming a node of which nothing was seen: that is no verdict.
  report to_report(const tolerance& limits) const {
    report all;
    for (const compared_node& seen : nodes_) {
      if (seen.meter.images() == 0) {
        fail("comparison: ", seen.meter.name(), ": no image was compared");
      }
      const similarity found = seen.meter.value();
      all.rows.push_back({.name = seen.meter.name(),
                          .op = std::string(to_string(seen.kind)),
                          .threshold = seen.threshold,
                          .found = found,
                          .saturation = seen.saturation,
                          .result = judge(found, limits)});
    }
    return all;
  }
  report to_report() const { return to_report(limits_); }

 private:
  tolerance limits_;
  std::vector<compared_node> nodes_;
};

/// What compare_network() can be told.
struct network_comparison_options {
  tolerance limits = {};
  tensor_moves moves = {};  ///< of both networks; empty: nothing is moved
  /// Called after each image: `done` of `count`.
  std::function<void(std::size_t done, std::size_t count)> progress = {};
};

namespace detail {

inline void check_same_graph(const graph& reference, const graph& target) {
  for (std::size_t i = 0; i < reference.size() && i < target.size(); ++i) {
    if (reference[i] == target[i]) continue;
    fail("comparison: node ", i, " is ", reference[i].name.view(),
         " in the float network and not the same node (", target[i].name.view(),
         ") in the int8 one");
  }
  if (reference.size() == target.size()) return;
  fail("comparison: the float network has ", reference.size(), " nodes, the int8 one ",
       target.size());
}

/// The image as the int8 network takes it.
inline tensor<std::int8_t> quantize_image(const tensor<float>& image, const shape& expected,
                                          double threshold) {
  const auto elements = static_cast<std::size_t>(expected.elements());
  require_shape(image.shape, expected, "comparison: the image");
  require(image.values.size() == elements, "comparison: the image has not its shape's elements");
  tensor<std::int8_t> quantized(expected);
  for (std::size_t i = 0; i < elements; ++i) {
    if (!is_finite(image.values[i])) {
      fail("comparison: element ", i, " is NaN or infinite, expected finite values");
    }
    quantized.values[i] = quantize(image.values[i], threshold);
  }
  return quantized;
}

/// Refuses what is not one tensor for each node of the unfused graph.
inline void check_activations(const activations& tensors, const graph& net) {
  if (tensors.size() != net.size()) {
    fail("comparison: the executor gave ", tensors.size(), " tensors, expected ", net.size(),
         ", one for each node of the unfused graph");
  }
  for (std::size_t i = 0; i < net.size(); ++i) {
    const auto elements = static_cast<std::size_t>(net[i].shape.elements());
    if (tensors[i].shape == net[i].shape && tensors[i].values.size() == elements) continue;
    fail("comparison: the executor's tensor of ", net[i].name.view(),
         " has another shape than the node");
  }
}

}  // namespace detail

/// Runs both networks over all images, in order, each image once. `execute` is any executor of
/// `quantized`: it takes the quantized image and gives the activations of the unfused graph. Of
/// one image at a time all int8 tensors are in memory, and of the float network those that are
/// still read.
/// @throws octavo::error for an empty set, for networks of different graphs, and with the image's
/// number where it, a tensor or what the executor gave is wrong.
template <std::invocable<const tensor<std::int8_t>&> Execute>
network_comparison compare_network(const emulation::float_network& network,
                                   const quantized_model& quantized, const image_source& images,
                                   const Execute& execute,
                                   const network_comparison_options& options = {}) {
  octavo::detail::expect_images(images, "comparison");
  detail::check_same_graph(network.graph(), quantized.graph);
  network_comparison seen(quantized, options.limits, options.moves);
  const std::size_t input = sole_input(quantized.graph);
  for (std::size_t i = 0; i < images.count; ++i) {
    with_context(concat_text("image ", i), [&] {
      const tensor<float> image = images.load(i);
      const activations tensors = execute(
          detail::quantize_image(image, quantized.graph[input].shape, quantized.thresholds[input]));
      detail::check_activations(tensors, quantized.graph);
      network.run(image, [&](std::size_t index, const tensor<float>& written) {
        seen.add(index, written.values, tensors[index].values);
      });
    });
    if (options.progress) options.progress(i + 1, images.count);
  }
  return seen;
}

/// The same for a float model that nothing else runs.
template <std::invocable<const tensor<std::int8_t>&> Execute>
network_comparison compare_network(const float_model& model, const quantized_model& quantized,
                                   const image_source& images, const Execute& execute,
                                   const network_comparison_options& options = {}) {
  return compare_network(emulation::float_network(model), quantized, images, execute, options);
}

}  // namespace octavo::inline v0::compare
