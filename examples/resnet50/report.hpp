// SPDX-License-Identifier: MIT
/// @file
/// What resnet50 prints of a run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "network.hpp"
#include "octavo/graph/arena.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/reference/softmax.hpp"
#include "octavo/tpu/weight_layout.hpp"
#include "text_lines.hpp"

namespace octavo::examples {

/// One name a line; an empty list where there is no file.
inline std::vector<std::string> read_labels(const std::filesystem::path& path) {
  return path.empty() ? std::vector<std::string>{} : read_lines(path);
}

inline std::vector<float> softmax_of(const quantized_model& model,
                                     const tensor<std::int8_t>& logits) {
  const auto output = static_cast<std::size_t>(model.graph.outputs[0]);
  tensor<float> probabilities(logits.shape);
  reference::softmax(logits.view(), model.thresholds[output], probabilities.view());
  return probabilities.values;
}

/// The five most probable classes; of equal ones the first.
inline std::vector<std::size_t> top5_of(const std::vector<float>& probabilities) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t shown = std::min<std::size_t>(5, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
      [&](std::size_t a, std::size_t b) {
        return probabilities[a] != probabilities[b] ? probabilities[a] > probabilities[b] : a < b;
      });
  order.resize(shown);
  return order;
}

inline void print_top5(const std::vector<float>& probabilities,
                       const std::vector<std::string>& labels) {
  for (const std::size_t c : top5_of(probabilities)) {
    std::printf("  %4zu  %.4f  %s\n", c, static_cast<double>(probabilities[c]),
                c < labels.size() ? labels[c].c_str() : "");
  }
}

inline const char* strides_of(const options& wanted) {
  const bool caffe = wanted.variant == networks::resnet_variant::caffe;
  return caffe ? "Caffe's strides" : "torchvision's strides";
}

/// Where the weights come from.
inline std::string source_of(const options& wanted) {
  if (!wanted.model.empty()) return wanted.model.string();
  return wanted.weights.empty() ? "synthetic (its classes mean nothing)" : wanted.weights.string();
}

inline void print_network(const options& wanted, const quantized_model& model) {
  std::printf("network:      ResNet-50, %s, %.3f G multiply-adds\n", strides_of(wanted),
              static_cast<double>(multiply_adds(model.graph)) * 1e-9);
  std::printf("weights:      %s\n", source_of(wanted).c_str());
  std::printf("scheme:       %s\n", std::string(to_string(model.scheme)).c_str());
}

/// Memory in bytes: the TPU's, where nothing is reused, and an arena's, where tensors share.
inline void print_memory(const graph& net) {
  const graph tpu_fused = fuse(net, fusion::relu);
  const graph fused = fuse(net);
  std::printf("neuron map:   %zu tensors, %lld bytes; relu fused: %zu, %lld\n", net.size(),
              static_cast<long long>(tpu::make_neuron_map(net).size), tpu_fused.size(),
              static_cast<long long>(tpu::make_neuron_map(tpu_fused).size));
  std::printf("arena:        %lld bytes for %zu fused ops\n",
              static_cast<long long>(plan_arena(fused).size), fused.size());
}

}  // namespace octavo::examples
