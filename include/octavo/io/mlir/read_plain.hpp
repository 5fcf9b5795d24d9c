// SPDX-License-Identifier: MIT
/// @file
/// Operations without weights.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "octavo/core/inline_vector.hpp"
#include "octavo/io/mlir/network_context.hpp"
#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/windows.hpp"

namespace octavo::inline v0::io::mlir::detail {

inline void read_relu(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& src = net.tensor(op);
  const double slope = op.has("negative_slope") ? op.real("negative_slope") : 0;
  net.append_weightless(
      op, slope == 0 ? op::relu : op::leaky_relu, src.written.extents, [&](const node_name& name) {
        return slope == 0 ? net.state.builder.relu(name, net.id_of(src))
                          : net.state.builder.leaky_relu(name, net.id_of(src), slope);
      });
}

inline void read_clip(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& src = net.tensor(op);
  const double lo = op.real("min");
  const double hi = op.real("max");
  net.append_weightless(op, op::clip, src.written.extents, [&](const node_name& name) {
    return net.state.builder.clip(name, net.id_of(src), lo, hi);
  });
}

inline void read_pool(network_context& net, const op_reader& op) {
  op.expect_operands(1, 1);
  const value& src = net.image(op);
  const pool_params params = pool_params_of(op, net.shape_of(src));
  const std::string& kind = op.text("pool");
  if (kind != "MAX" && kind != "AVE") {
    op.fail_value(op.required("pool"), "pool", "MAX or AVE");
  }
  net.append_weightless(
      op, kind == "MAX" ? op::max_pool : op::avg_pool, {}, [&](const node_name& name) {
        return kind == "MAX" ? net.state.builder.max_pool(name, net.id_of(src), params)
                             : net.state.builder.avg_pool(name, net.id_of(src), params);
      });
}

inline void read_eltwise(network_context& net, const op_reader& op) {
  op.expect_operands(2, 2);
  const value& a = net.tensor(op, 0);
  const value& b = net.tensor(op, 1);
  if (!(a.written == b.written)) {
    op.fail_at(op.get().operand_types[1].at, "found ", to_string(b.written), ", expected ",
               to_string(a.written), " as the other operand");
  }
  net.append_weightless(op, op::add, a.written.extents, [&](const node_name& name) {
    return net.state.builder.add(name, net.id_of(a), net.id_of(b));
  });
}

inline void read_concat(network_context& net, const op_reader& op) {
  op.expect_operands(1, inline_vector<int, 8>::capacity());
  std::vector<tensor_id> sources;
  for (std::size_t i = 0; i < op.get().operands.size(); ++i) {
    sources.push_back(net.id_of(net.image(op, i)));
  }
  net.append_weightless(op, op::concat, {}, [&](const node_name& name) {
    return net.state.builder.concat(name, sources);
  });
}

}  // namespace octavo::inline v0::io::mlir::detail
