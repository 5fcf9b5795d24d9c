// SPDX-License-Identifier: MIT
/// @file
/// What resnet50 prints of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "network.hpp"
#include "octavo/graph/arena.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/reference/softmax.hpp"
#include "octavo/tpu/weight_layout.hpp"
#include "text_lines.hpp"
#include "top5.hpp"

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
inline void print_memory(const quantized_model& model) {
  const graph& net = model.graph;
  const graph tpu_fused = fuse(model, fusion::relu);
  const graph fused = fuse(model);
  std::printf("neuron map:   %zu tensors, %lld bytes; relu fused: %zu, %lld\n", net.size(),
              static_cast<long long>(tpu::make_neuron_map(net).size), tpu_fused.size(),
              static_cast<long long>(tpu::make_neuron_map(tpu_fused).size));
  std::printf("arena:        %lld bytes for %zu fused ops\n",
              static_cast<long long>(plan_arena(fused).size), fused.size());
}

}  // namespace octavo::examples
