// SPDX-License-Identifier: MIT
/// @file
/// The QLinear ops, written out as what they mean: DequantizeLinear on each operand, the op on real
/// numbers, QuantizeLinear on the result. So that only one form of a quantized model is imported.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/names.hpp"
#include "octavo/io/onnx/structure.hpp"
#include "octavo/io/onnx/values.hpp"

namespace octavo::inline v0::io::onnx {

namespace detail {

/// Where a QLinear op keeps its operands. Behind each operand come its scale and its zero point.
struct qlinear_form {
  std::string_view meaning;  ///< the op on real numbers
  std::size_t operands = 1;  ///< dequantized ones from input `first` on; 0 for all there are
  std::size_t first = 0;
  std::size_t result_scale = 3;   ///< the input that is the result's scale; its zero point follows
  std::size_t bias = 0;           ///< the input that is an int32 bias; 0 for none
  std::int64_t weights_axis = 0;  ///< of the second operand's scales
};

inline const std::map<std::string_view, qlinear_form>& qlinear_forms() {
  static const std::map<std::string_view, qlinear_form> all = {
      {"QLinearConv", {"Conv", 2, 0, 6, 8, 0}},
      {"QLinearMatMul", {"MatMul", 2, 0, 6, 0, 1}},
      {"com.microsoft.QGemm", {"Gemm", 2, 0, 7, 6, 1}},
      {"com.microsoft.QLinearAdd", {"Add", 2, 0, 6}},
      {"com.microsoft.QLinearAveragePool", {"AveragePool", 1, 0, 3}},
      {"com.microsoft.QLinearConcat", {"Concat", 0, 2, 0}},
      {"com.microsoft.QLinearGlobalAveragePool", {"GlobalAveragePool", 1, 0, 3}},
      {"com.microsoft.QLinearLeakyRelu", {"LeakyRelu", 1, 0, 3}},
  };
  return all;
}

/// Writes the QLinear ops of one model out.
class qlinear_expansion {
 public:
  explicit qlinear_expansion(model from) : made_(std::move(from)) {}

  model run() {
    std::vector<node> before = std::move(made_.nodes);
    made_.nodes.clear();
    for (node& each : before) {
      const auto form = qlinear_forms().find(each.type);
      if (form == qlinear_forms().end()) {
        made_.nodes.push_back(std::move(each));
      } else {
        with_context(label(each), [&] { expand(each, form->second); });
      }
    }
    return std::move(made_);
  }

 private:
  static std::size_t operands_of(const node& from, const qlinear_form& form) {
    const std::size_t found = from.inputs.size();
    if (form.operands > 0) {
      const std::size_t most = std::max(form.result_scale + 2, form.bias + 1);
      if (found > form.result_scale && found <= most) return form.operands;
      fail("the number of inputs is ", found, ", expected ", form.result_scale + 1, "..", most);
    }
    if (found >= 5 && (found - 2) % 3 == 0) return (found - 2) / 3;
    fail("the number of inputs is ", found, ", expected two, and three for each operand");
  }

  void expand(const node& from, const qlinear_form& form) {
    const std::size_t operands = operands_of(from, form);
    node inner = part_of(from, form.meaning);
    inner.attributes = from.attributes;
    const std::int64_t axis = weights_axis(from, form);
    for (std::size_t i = 0; i < operands; ++i) {
      const std::size_t at = form.first + 3 * i;
      inner.inputs.push_back(dequantized(from, at, i == 1 ? axis : 0));
    }
    if (form.bias > 0 && has_operand(from, form.bias)) inner.inputs.push_back(bias(from, form));
    drop_channels_last(inner);
    node rounds = part_of(from, "QuantizeLinear");
    rounds.inputs = {inner.outputs[0], from.inputs[form.result_scale],
                     operand_or_none(from, form.result_scale + 1)};
    rounds.outputs = from.outputs;
    made_.nodes.push_back(std::move(inner));
    made_.nodes.push_back(std::move(rounds));
  }

  /// An attribute that these ops have and those on real numbers have not.
  static void drop_channels_last(node& inner) {
    const auto found = inner.attributes.find("channels_last");
    if (found == inner.attributes.end()) return;
    require(found->second == attribute(std::int64_t{0}),
            "has channels last; only first is supported");
    inner.attributes.erase(found);
  }

  /// A Gemm keeps its weights N x K where transB says so.
  static std::int64_t weights_axis(const node& from, const qlinear_form& form) {
    if (form.meaning != "Gemm") return form.weights_axis;
    return attribute_reader(from, {"alpha", "transA", "transB"}).integer("transB", 0) != 0 ? 0 : 1;
  }

  static std::string operand_or_none(const node& from, std::size_t place) {
    return has_operand(from, place) ? from.inputs[place] : std::string();
  }

  /// A node of this type that messages call by the op it is a part of; it writes a new tensor.
  node part_of(const node& from, std::string_view type) {
    const std::string& own = own_name(from);
    node part{.name = own, .type = std::string(type), .written_as = from.type};
    // Hardly a name of the file's own; if it is one, it is refused as written twice.
    part.outputs = {concat_text("\n", count_++, "\n", own)};
    made_.readers[part.outputs[0]] = 1;
    return part;
  }

  std::string dequantized(const node& from, std::size_t at, std::int64_t axis) {
    node part = part_of(from, "DequantizeLinear");
    part.inputs = {from.inputs[at], from.inputs[at + 1], operand_or_none(from, at + 2)};
    part.attributes["axis"] = axis;
    made_.nodes.push_back(part);
    return part.outputs[0];
  }

  /// The bias counts in units of both operands' scales.
  std::string bias(const node& from, const qlinear_form& form) {
    const double x = sole_real(constant_operand(made_, from, 1, "the input's scale"));
    std::vector<double> scales =
        real_values(constant_operand(made_, from, 4, "the weights' scale"));
    for (double& scale : scales) scale = x * scale;
    const auto count = static_cast<std::int64_t>(scales.size());
    node part = part_of(from, "DequantizeLinear");
    const std::string name = part.outputs[0] + "scale";
    const shared_constant made = make_constant(data_type::float64, scales, {count});
    require(made_.constants.emplace(name, made).second, "writes a tensor a second time");
    part.inputs = {from.inputs[form.bias], name};
    part.attributes["axis"] = std::int64_t{0};
    made_.nodes.push_back(part);
    return part.outputs[0];
  }

  model made_;
  int count_ = 0;
};

}  // namespace detail

/// The model without QLinear ops.
inline model expand_qlinear(const model& from) { return detail::qlinear_expansion(from).run(); }

}  // namespace octavo::inline v0::io::onnx
