// SPDX-License-Identifier: MIT
/// @file
/// ResNet-50 quantized as examples/resnet50 does it without arguments, and its input.
#pragma once

#include <utility>
#include <vector>

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/reference/quantize.hpp"
#include "preprocess.hpp"
#include "synthetic_model.hpp"
#include "synthetic_picture.hpp"

namespace octavo::bench {

struct quantized_network {
  quantized_model model;
  tensor<std::int8_t> input;
};

/// Batch 1, scheme rshift16, synthetic weights, calibrated on the input itself: values that a
/// trained network could have.
inline quantized_network make_resnet50(networks::resnet_variant variant) {
  const bool caffe = variant == networks::resnet_variant::caffe;
  tensor<float> image;
  image.shape = {1, 3, 224, 224};
  image.values = examples::preprocess(
      examples::synthetic_picture(), caffe ? examples::caffe_preset : examples::torchvision_preset);
  const float_model source =
      examples::synthetic_model(to_graph(networks::resnet50({.variant = variant})));
  const calibration_table table =
      calibrate(source, {1, [&](std::size_t) { return image; }}, {.rule = threshold_rule::kld});
  const std::vector<double> thresholds = propagate_thresholds(source.graph, table, {});
  quantized_network made{quantize(source, thresholds, scheme::rshift16), {}};
  made.input = tensor<std::int8_t>(image.shape);
  reference::quantize(image.view(), thresholds[0], made.input.view());
  return made;
}

/// The same network for `batch` images, all of them `net`'s. Integers do not depend on the batch.
inline quantized_network with_batch(const quantized_network& net, networks::resnet_variant variant,
                                    int batch) {
  quantized_network made = net;
  made.model.graph = to_graph(networks::resnet50({.variant = variant, .batch = batch}));
  made.input.shape.n = batch;
  made.input.values.clear();
  for (int n = 0; n < batch; ++n) {
    made.input.values.insert(made.input.values.end(), net.input.values.begin(),
                             net.input.values.end());
  }
  return made;
}

}  // namespace octavo::bench
