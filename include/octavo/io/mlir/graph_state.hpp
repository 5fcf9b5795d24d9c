// SPDX-License-Identifier: MIT
/// @file
/// The network that is being read: a graph, and what each of its nodes has beside its shape.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/io/mlir/integers.hpp"
#include "octavo/io/mlir/network.hpp"
#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/model/validate.hpp"

namespace octavo::inline v0::io::mlir {

/// Of one node, in the order of the graph.
struct node_state {
  std::string name = {};                   ///< the last op's that was folded into it
  std::string where = {};                  ///< file, line and column
  double threshold = 0;                    ///< quantized networks
  std::optional<op_params> integers = {};  ///< none: by the rules of the quantizer
  float_params real = {};                  ///< networks in floating point
};

class graph_state {
 public:
  octavo::graph_builder<std::vector<node>> builder = {};
  std::vector<node_state> nodes = {};

  /// The attribute `name`, which no operation before has.
  std::string new_name(const op_reader& op) {
    const std::string& name = op.text("name");
    if (!names_.insert(name).second) {
      op.fail_at(op.required("name").at, "found the name ", in_quotes(name),
                 " a second time, expected a new one");
    }
    return name;
  }

  /// The scheme of the network, or of one of its layers. Layers may differ: the network is mixed
  /// then. What is said of the network holds for every layer.
  void add_network_scheme(const op_reader& op, scheme kind) {
    if (network_scheme_ && *network_scheme_ != kind) {
      op.fail_value(op.required("scheme"), "scheme", to_string(*network_scheme_));
    }
    network_scheme_ = kind;
  }
  void add_layer_scheme(const op_reader& op, scheme kind) {
    if (network_scheme_ && *network_scheme_ != scheme::mixed && *network_scheme_ != kind) {
      op.fail("found the scheme ", to_string(kind), ", expected ", to_string(*network_scheme_),
              " as tpu.quantization says");
    }
    layer_scheme_ = layer_scheme_.value_or(kind) == kind ? kind : scheme::mixed;
  }

  /// `where` the outputs stand.
  quantized_model finish_quantized(const std::vector<tensor_id>& outputs,
                                   const std::string& where) {
    quantized_model made{.graph = finish_graph(outputs, where)};
    made.scheme = network_scheme_.value_or(layer_scheme_.value_or(scheme::rshift16));
    for (const node_state& each : nodes) made.thresholds.push_back(each.threshold);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      made.params.push_back(nodes[i].integers ? std::move(*nodes[i].integers) : chosen(made, i));
    }
    with_context(where, [&] { validate(made); });
    return made;
  }

  float_model finish_float(const std::vector<tensor_id>& outputs, const std::string& where) {
    float_model made{.graph = finish_graph(outputs, where)};
    for (node_state& each : nodes) made.params.push_back(std::move(each.real));
    return made;
  }

 private:
  octavo::graph finish_graph(const std::vector<tensor_id>& outputs, const std::string& where) {
    octavo::graph made = with_context(where, [&] { return builder.finish(outputs); });
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      // The builder has seen the names from before anything was folded.
      with_context(nodes[i].where, [&] {
        made.nodes[i].name = node_name(nodes[i].name);
        octavo::detail::check_node(made[i], made.view().first(i));
      });
    }
    return made;
  }

  op_params chosen(const quantized_model& of, std::size_t i) const {
    return with_context(nodes[i].where, [&] {
      return octavo::detail::quantize_weightless(of.graph, of.graph[i], of.thresholds,
                                                 of.thresholds[i]);
    });
  }

  std::set<std::string> names_ = {};
  std::optional<scheme> network_scheme_ = {};
  std::optional<scheme> layer_scheme_ = {};
};

}  // namespace octavo::inline v0::io::mlir
