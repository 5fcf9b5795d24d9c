// SPDX-License-Identifier: MIT
/// @file
/// Operations with weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/io/mlir/layers.hpp"
#include "octavo/io/mlir/network_context.hpp"
#include "octavo/io/mlir/op_reader.hpp"
#include "octavo/io/mlir/windows.hpp"
#include "octavo/model/fold_into.hpp"

namespace octavo::inline v0::io::mlir::detail {

inline void read_conv2d(network_context& net, const op_reader& op) {
  op.expect_operands(2, 5);
  const value& src = net.image(op);
  const shape in = net.shape_of(src);
  const std::vector<int> filter = extents_of(op, 1, 4);
  conv2d_options options{.channels = filter[0]};
  options.window = read_window(op, in, filter[2], filter[3], true);
  if (op.has("group") && op.has("groups")) {
    op.fail("found both 'group' and 'groups', expected one of them");
  }
  const std::string_view groups = op.has("groups") ? "groups" : "group";
  options.groups = op.integer_or(groups, from_one, 1);
  if (std::int64_t{filter[1]} * options.groups != in.c) {
    op.fail_at(op.get().operand_types[1].at, "found a filter of ", filter[1],
               " input channels in each of ", options.groups, " groups, expected ", in.c,
               " in all");
  }
  node_state& made = net.append(op, op::conv2d, {}, [&](const node_name& name) {
    return net.state.builder.conv2d(name, net.id_of(src), options);
  });
  net.set_layer(op, made, options.channels);
}

inline void read_fully_connected(network_context& net, const op_reader& op) {
  op.expect_operands(2, 5);
  const value& src = net.tensor(op);
  const std::vector<int> in = extents_of(op, 0, 2);
  const std::vector<int> filter = extents_of(op, 1, 2);
  if (filter[1] != in[1]) {
    op.fail_at(op.get().operand_types[1].at, "found a filter of ", filter[1], " inputs, expected ",
               in[1]);
  }
  const extents result = {in[0], filter[0]};
  node_state& made = net.append(op, op::fully_connected, result, [&](const node_name& name) {
    return net.state.builder.fully_connected(name, net.id_of(src), filter[0]);
  });
  net.set_layer(op, made, filter[0]);
}

/// N x C x H x W, or N x C where every channel is one number.
inline int channels_of(const network_context& net, const op_reader& op, const value& of) {
  const shape& s = net.shape_of(of);
  if (of.written.extents.size() != 4 && (s.h != 1 || s.w != 1)) {
    op.fail_at(op.get().operand_types[0].at, "found ", to_string(of.written), " for ", op.name(),
               ", expected four extents");
  }
  return s.c;
}

inline node_state& append_scale(network_context& net, const op_reader& op, const value& src) {
  return net.append(op, op::scale, src.written.extents, [&](const node_name& name) {
    return net.state.builder.scale(name, net.id_of(src));
  });
}

/// Folded into the layer before, which takes this operation's name; a scale of its own where others
/// read that layer too, or there is none.
inline void normalize(network_context& net, const op_reader& op, const value& src,
                      const std::vector<batch_norm_channel>& norm) {
  if (!src.alone || net.state.nodes[src.index].real.bias.empty()) {
    node_state& made = append_scale(net, op, src);
    made.real = {std::vector<double>(norm.size(), 1), std::vector<double>(norm.size())};
    return octavo::detail::fold_into(made.real, norm);
  }
  node_state& layer = net.state.nodes[src.index];
  layer.name = net.state.new_name(op);
  layer.where = op.where();
  octavo::detail::fold_into(layer.real, norm);
  expect_result(op, src.written.extents);
  net.define_alias(op, src);
}

/// A scale behind a batch normalization that nothing else reads is that one's gamma and beta.
inline void scale_float(network_context& net, const op_reader& op, const value& src, int channels) {
  const auto waiting = net.waiting.find(op.get().operands[0].text);
  std::vector<batch_norm_channel> norm =
      waiting == net.waiting.end() ? no_batch_norm(channels) : std::move(waiting->second);
  const float_params own = read_float_layer(op, net.values, net.files, channels);
  if (own.weights.size() != norm.size()) {
    op.fail_at(op.get().operand_types[1].at, "found ", own.weights.size(),
               " numbers for tpu.scale, expected ", norm.size());
  }
  for (std::size_t c = 0; c < norm.size(); ++c) {
    norm[c].gamma = own.weights[c];
    norm[c].beta = own.bias[c];
  }
  normalize(net, op, src, norm);
}

inline void read_scale(network_context& net, const op_reader& op) {
  op.expect_operands(2, 5);
  const value& src = net.tensor(op);
  const int channels = channels_of(net, op, src);
  if (!net.is_int8) return scale_float(net, op, src, channels);
  node_state& made = append_scale(net, op, src);
  net.set_layer(op, made, channels);
}

inline void read_batch_norm(network_context& net, const op_reader& op) {
  if (net.is_int8) {
    op.fail("found tpu.batch_norm behind tpu.quantization, expected it folded into a layer");
  }
  op.expect_operands(3, 4);
  const value& src = net.tensor(op);
  std::vector<batch_norm_channel> norm =
      batch_norm_of(op, net.values, net.files, channels_of(net, op, src));
  const operation* reader = net.values.sole_reader(op.get().results[0]);
  if (reader == nullptr || reader->name != "tpu.scale") return normalize(net, op, src, norm);
  net.state.new_name(op);
  expect_result(op, src.written.extents);
  net.waiting.emplace(op.get().results[0].text, std::move(norm));
  net.define_alias(op, src);
}

}  // namespace octavo::inline v0::io::mlir::detail
