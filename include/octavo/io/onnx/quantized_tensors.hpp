// SPDX-License-Identifier: MIT
/// @file
/// The tensors of a quantized ONNX model while it is imported: integers that are there, and results
/// that wait for the QuantizeLinear behind them, which says on what scale they are to be rounded.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/quantized_layers.hpp"
#include "octavo/io/onnx/quantized_network.hpp"

namespace octavo::inline v0::io::onnx {

/// A tensor of the file.
struct quantized_tensor {
  std::optional<int8_tensor> integers = {};  ///< none where they wait for a scale
  bool real = false;  ///< the file has real numbers here: dequantized ones, or such as wait
  std::function<int8_tensor(double scale)> rounded = {};  ///< the integers of one that waits
  std::shared_ptr<waiting_layer> layer = nullptr;         ///< of one that waits: what it comes from
  int depth = 0;  ///< of one that waits: nodes that wait with it
};

/// All tensors that earlier nodes have written, by their names.
class quantized_tensors {
 public:
  explicit quantized_tensors(const model& from) : from_(from) {}

  const quantized_tensor& at(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail(in_quotes(name), " is a constant, expected a tensor");
    return found->second;
  }

  /// One whose integers are there.
  const int8_tensor& integers(const std::string& name) const {
    const quantized_tensor& found = at(name);
    if (found.integers) return *found.integers;
    fail("reads ", in_quotes(name), ", which no QuantizeLinear and DequantizeLinear have rounded");
  }

  /// The same, of real numbers.
  const int8_tensor& dequantized(const std::string& name) const {
    if (at(name).real) return integers(name);
    fail("reads the int8 tensor ", in_quotes(name), "; expected one behind a DequantizeLinear");
  }

  void set_input(quantized_tensor made) { tensors_[from_.input.name] = std::move(made); }

  /// What waits may have one reader, since it is computed when that asks for it.
  void set(const node& from, quantized_tensor made) {
    const std::string& name = from.outputs[0];
    if (!made.integers && from_.readers_of(name) > 1) {
      fail("writes ", in_quotes(name), ", which several nodes read before a QuantizeLinear");
    }
    require(tensors_.emplace(name, std::move(made)).second, "writes a tensor a second time");
  }

  /// The output of a node on real numbers: rounds(scale) gives its integers.
  template <class Rounds>
  void set_waiting(const node& from, const Rounds& rounds,
                   std::shared_ptr<waiting_layer> layer = nullptr, int depth = 1) {
    if (depth > depth_limit) {
      fail("is one of more than ", depth_limit, " nodes in a row before a QuantizeLinear");
    }
    const auto rounded = [from, rounds](double scale) {
      return with_context(label(from), [&] { return rounds(scale); });
    };
    set(from, {.real = true, .rounded = rounded, .layer = std::move(layer), .depth = depth});
  }

  /// The output of an op that keeps its input's scale and commutes with rounding. `apply` maps
  /// integers to integers.
  template <class Apply>
  void set_kept(const node& from, const Apply& apply) {
    const quantized_tensor& src = at(from.inputs[0]);
    if (src.integers) return set(from, {.integers = apply(*src.integers), .real = src.real});
    const auto rounds = [before = src.rounded, apply](double y) { return apply(before(y)); };
    set_waiting(from, rounds, nullptr, src.depth + 1);
  }

 private:
  static constexpr int depth_limit = 64;  ///< each calls the one before

  const model& from_;
  std::map<std::string, quantized_tensor, std::less<>> tensors_ = {};
};

}  // namespace octavo::inline v0::io::onnx
