// SPDX-License-Identifier: MIT
/// @file
/// The quantizer with a calibration set at hand: other integers of the same form, chosen so that
/// each layer's output comes out right on real inputs. Nothing changes at run time.
///
/// Layer by layer in execution order, all images at once: what a layer reads in int8 is known, with
/// the errors of all layers before it. Its weights are rounded with error feedback
/// (round_weights.hpp), and its bias takes up what the rounding of the weights shifts the mean of
/// each output by: sum((W - Wq) * E[x]). (To make up for the shift of the inputs as well, as
/// "Data-free quantization" does, was worse by far: most of it is the saturation of few large
/// values, and a constant spreads it over all others.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/calibrate/correct_layer.hpp"
#include "octavo/calibrate/correction_options.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"

namespace octavo::inline v0 {

namespace detail {

/// The tensors of all images, node by node, each as long as somebody reads it.
class set_of_tensors {
 public:
  set_of_tensors(const quantized_model& model, std::span<const tensor<std::int8_t>> images)
      : model_(model),
        images_(images),
        last_reader_(emulation::detail::last_readers(model.graph)),
        tensors_(model.graph.size()) {}

  /// The first tensor that a node reads, of each image.
  std::span<const tensor<std::int8_t>> source_of(std::size_t index) const {
    return tensors_[static_cast<std::size_t>(model_.graph[index].src[0])];
  }

  /// Executes a node, behind those it reads, with the integers that the model has now.
  void execute(std::size_t index) {
    const node& op_node = model_.graph[index];
    for (std::size_t image = 0; image < images_.size(); ++image) {
      if (op_node.kind == op::input) {
        tensors_[index].push_back(images_[image]);
        continue;
      }
      activations operands(model_.graph.size());
      for (const int src : op_node.src) {
        operands[static_cast<std::size_t>(src)] = tensors_[static_cast<std::size_t>(src)][image];
      }
      tensors_[index].push_back(emulation::detail::run_node(model_, op_node, operands));
    }
    for (const int src : op_node.src) {
      const auto read = static_cast<std::size_t>(src);
      if (last_reader_[read] == index) tensors_[read] = {};
    }
  }

 private:
  const quantized_model& model_;
  std::span<const tensor<std::int8_t>> images_;
  std::vector<std::size_t> last_reader_;
  std::vector<std::vector<tensor<std::int8_t>>> tensors_;  ///< [node][image]
};

/// What correct() asks of its arguments beside a valid model.
inline void check_correction(const float_model& source, const quantized_model& start,
                             std::span<const tensor<std::int8_t>> images,
                             const correction_options& options) {
  const graph& net = start.graph;
  require(options.damping > 0 && is_finite(options.damping), "correct: the damping must be > 0");
  validate(start);
  require(source.graph == net && source.params.size() == net.size(),
          "correct: the float network is not the quantized one's");
  for (std::size_t i = 0; i < net.size(); ++i) {
    check_float_params(source, i, concat_text("correct: ", net[i].name));
  }
  const shape& input = net[sole_input(net)].shape;
  require(input.n == 1, "correct: the graph's input has more than one image");
  for (const tensor<std::int8_t>& image : images) {
    require_shape(image.shape, input, "correct: an image");
  }
}

}  // namespace detail

/// Corrects the convolutions and fully connected layers of `start`, which quantize() made of
/// `source`; thresholds, shifts and multipliers stay.
/// @param schemes of each node, as quantize() was told
/// @param images the calibration set as the network's int8 input; each tensor of all images is kept
///               until its last reader has run
/// @throws octavo::error where there are no images or their shape is not the graph's, and where
///         `start` is no valid model or not one of `source`
inline quantized_model correct(const float_model& source, quantized_model start,
                               std::span<const scheme> schemes,
                               std::span<const tensor<std::int8_t>> images,
                               const correction_options& options = {}) {
  const graph& net = start.graph;
  require(!images.empty(), "correct: the set has no images");
  require(schemes.size() == net.size(), "correct: expected one scheme for each node");
  detail::check_correction(source, start, images, options);

  emulation::detail::pin_block_sizes();
  const detail::layer_corrector corrector(source, start, options);
  detail::set_of_tensors tensors(start, images);
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (net[i].kind == op::conv2d || net[i].kind == op::fully_connected) {
      corrector.run(i, tensors.source_of(i), schemes[i]);
    }
    tensors.execute(i);
    if (options.progress) options.progress(i + 1, net.size());
  }
  validate(start);
  return start;
}

}  // namespace octavo::inline v0
