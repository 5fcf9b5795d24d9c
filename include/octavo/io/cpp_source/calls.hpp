// SPDX-License-Identifier: MIT
/// @file
/// The calls of reference ops that one node of a fused graph is.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "octavo/io/cpp_source/constants.hpp"
#include "octavo/io/cpp_source/expressions.hpp"
#include "octavo/io/cpp_source/line_filler.hpp"
#include "octavo/io/cpp_source/names.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::io::cpp {

/// The calls of one node as lines of C++, in which every tensor has the name of the op of the
/// unfused graph that writes it. Mirrors what interpreter.hpp calls.
class node_calls {
 public:
  node_calls(const quantized_model& model, const graph& net, const node& of)
      : model_(model),
        net_(net),
        node_(of),
        params_(model.params[static_cast<std::size_t>(of.from.params)]),
        name_(name_of(model.graph, of.from.params)),
        dst_(name_of(model.graph, of.from.tensor)) {}

  std::string run() const {
    switch (node_.kind) {
      case op::input:
        return {};
      case op::conv2d:
        return conv2d();
      case op::fully_connected:
        return call({src(0), filter(), relu(), requantize()});
      case op::scale:
        return call({src(0), channel_scale(), relu(), requantize()});
      case op::relu:
        return call({src(0)});
      case op::clip:
        return call({src(0), to_expression(params_.clip)});
      case op::leaky_relu:
        return call({src(0), to_expression(params_.multipliers[0])});
      case op::max_pool:
        return call({src(0), to_expression(pool())});
      case op::avg_pool:
        return call({src(0), to_expression(pool()), name_ + "_divisors"});
      case op::add:
        return add(src(0), src(1));
      case op::concat:
        return concat();
    }
    return {};
  }

 private:
  std::string src(std::size_t place) const {
    const node& read = net_[static_cast<std::size_t>(node_.src[place])];
    return name_of(model_.graph, read.from.tensor);
  }
  std::string relu() const { return concat_text("/*relu=*/", node_.relu ? "true" : "false"); }
  pool_params pool() const { return {node_.window, node_.rounding, node_.count_padding}; }

  /// octavo::reference::OP(arguments, dst), in one line or with a line for each argument.
  std::string call(const std::vector<std::string>& arguments) const {
    return call(node_.kind, arguments);
  }
  std::string call(op kind, std::vector<std::string> arguments) const {
    arguments.push_back(dst_);
    const std::string function = concat_text("  octavo::reference::", to_string(kind), "(");
    std::string all;
    for (const std::string& each : arguments) append_item(all, each);
    std::string line = concat_text(function, all, ");\n");
    if (line.size() <= line_length + 1) return line;
    std::string text = function + "\n";
    for (const std::string& each : arguments) {
      append_lines(text, "      ", each + (&each == &arguments.back() ? ");" : ","), "          ");
    }
    return text;
  }

  std::string bias() const { return has_bias(params_) ? name_ + "_bias" : "{}"; }
  std::string filter() const {
    const shape extents = weights_shape(model_.graph, static_cast<std::size_t>(node_.from.params));
    return concat_text("octavo::filter<", bias_type(params_.bias), ">{{", name_, "_weights, ",
                       to_expression(extents), "}, ", bias(), "}");
  }
  std::string channel_scale() const {
    return concat_text("octavo::channel_scale<", bias_type(params_.bias), ">{", name_, "_weights, ",
                       bias(), "}");
  }
  std::string requantize() const {
    const requantization& rule = params_.requantize;
    const std::string type = concat_text("octavo::", to_name(rule.kind));
    if (rule.entries() == 1) return type + entry_expression(rule, 0);
    return concat_text("octavo::per_channel<", type, ">{", name_, "_requantize}");
  }

  /// The convolution's result is an int8 before it is added, in place: fused or not, it saturates
  /// there, and a relu comes after the sum.
  std::string conv2d() const {
    const bool adds = node_.residual_operand >= 0;
    const conv_params conv = {node_.window, node_.groups, node_.relu && !adds};
    std::string made = call({src(0), filter(), to_expression(conv), requantize()});
    if (!adds) return made;
    return made + (node_.residual_operand == 0 ? add(src(1), dst_) : add(dst_, src(1)));
  }

  std::string add(const std::string& a, const std::string& b) const {
    const add_params& params = model_.params[static_cast<std::size_t>(node_.from.add)].add;
    return call(op::add, {a, b, to_expression(params), relu()});
  }

  std::string concat() const {
    std::string calls;
    int channel = 0;
    for (std::size_t i = 0; i < node_.src.size(); ++i) {
      calls += call({src(i), to_expression(params_.multipliers[i]),
                     concat_text("/*first_channel=*/", channel)});
      channel += net_[static_cast<std::size_t>(node_.src[i])].shape.c;
    }
    return calls;
  }

  const quantized_model& model_;
  const graph& net_;
  const node& node_;
  const op_params& params_;
  std::string name_;  ///< of the op whose parameters it has
  std::string dst_;
};

}  // namespace octavo::inline v0::io::cpp
