// SPDX-License-Identifier: MIT
/// @file
/// Random small graphs: odd channels, windows with four different pads, strides, dilation, groups,
/// branches that join again, and tensors that several nodes read.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "support/random.hpp"

namespace octavo::testing {

using builder = graph_builder<std::vector<node>>;

/// One axis of a window: kernel, stride, dilation and two pads that fit `in` pixels.
struct random_axis {
  int kernel, stride, dilation, before, after;
};

inline random_axis random_conv_axis(int in, random_source& rng) {
  constexpr int kernels[] = {1, 1, 2, 3, 3, 5, 7};
  random_axis axis{};
  axis.kernel = rng.pick(kernels);
  axis.stride = rng.integer(1, 3);
  axis.dilation = rng.integer(1, 3);
  axis.before = rng.integer(0, 3);
  axis.after = rng.integer(0, 3);
  while (axis.dilation * (axis.kernel - 1) + 1 > in + axis.before + axis.after) {
    (axis.dilation > 1 ? axis.dilation : axis.kernel) -= 1;
  }
  return axis;
}

/// No dilation, and pads smaller than the kernel.
inline random_axis random_pool_axis(int in, random_source& rng) {
  random_axis axis{};
  axis.kernel = rng.integer(1, 4);
  axis.stride = rng.integer(1, 3);
  axis.dilation = 1;
  axis.before = rng.integer(0, axis.kernel - 1);
  axis.after = rng.integer(0, axis.kernel - 1);
  while (axis.kernel > in + axis.before + axis.after) {
    axis.kernel -= 1;
    axis.before = std::min(axis.before, axis.kernel - 1);
    axis.after = std::min(axis.after, axis.kernel - 1);
  }
  return axis;
}

inline window make_window(const random_axis& h, const random_axis& w) {
  return {h.kernel,
          w.kernel,
          h.stride,
          w.stride,
          h.dilation,
          w.dilation,
          {h.before, w.before, h.after, w.after}};
}

inline window random_conv_window(const shape& in, random_source& rng) {
  const random_axis h = random_conv_axis(in.h, rng);
  return make_window(h, random_conv_axis(in.w, rng));
}

inline pool_params random_pool(const shape& in, random_source& rng) {
  const random_axis h = random_pool_axis(in.h, rng);
  pool_params options;
  options.window = make_window(h, random_pool_axis(in.w, rng));
  options.rounding = rng.one_in(2) ? size_rounding::ceil : size_rounding::floor;
  options.count_padding = rng.one_in(2);
  return options;
}

/// Any number of groups that divides the input channels; all of them is a depthwise convolution.
inline int random_groups(int channels, random_source& rng) {
  if (rng.one_in(2)) return 1;
  if (rng.one_in(3)) return channels;
  int groups = rng.integer(1, channels);
  while (channels % groups != 0) --groups;
  return groups;
}

inline conv2d_options random_conv(const shape& in, random_source& rng) {
  const int groups = random_groups(in.c, rng);
  const int most = groups > 2 ? 2 : rng.one_in(8) ? 50 : 7;
  return {.channels = groups * rng.integer(1, most),
          .window = random_conv_window(in, rng),
          .groups = groups};
}

inline shape random_shape(random_source& rng) {
  constexpr int channels[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 31, 64};
  const int c = rng.pick(channels);
  const int longest = c > 20 ? 6 : 14;
  return {rng.integer(1, 3), c, rng.integer(1, longest), rng.integer(1, longest)};
}

namespace detail {

inline node_name join(std::string_view a, std::string_view b) {
  node_name text(a);
  text.append(b);
  return text;
}

/// A relu, a clip, or one of them behind the other: what may be fused into the op that writes x.
inline tensor_id append_limits(builder& net, node_name name, tensor_id x, random_source& rng) {
  const int which = rng.integer(0, 5);
  if (which == 0 || which == 1) x = net.clip(join(name, "_clip"), x, -1, 6);
  if (which != 0) x = net.relu(join(name, "_relu"), x);
  return which == 2 ? net.clip(join(name, "_clip"), x, -1, 6) : x;
}

/// A convolution of x that keeps its shape, then their sum in either order, sometimes with relus
/// and clips before or after it: what fusion takes apart and puts together.
inline tensor_id append_residual(builder& net, node_name name, tensor_id x, random_source& rng) {
  const int channels = net.shape_of(x).c;
  const window same = rng.one_in(2) ? square(1) : square(3, 1, 1);
  const int groups = rng.one_in(3) ? channels : 1;
  tensor_id branch =
      net.conv2d(join(name, "_conv"), x, {.channels = channels, .window = same, .groups = groups});
  if (rng.one_in(3)) branch = append_limits(net, join(name, "_conv"), branch, rng);
  if (rng.one_in(3)) x = net.conv2d(join(name, "_shortcut"), x, {.channels = channels});
  const tensor_id sum = rng.one_in(2) ? net.add(name, x, branch) : net.add(name, branch, x);
  return rng.one_in(2) ? append_limits(net, name, sum, rng) : sum;
}

inline tensor_id append_concat(builder& net, node_name name, tensor_id x, random_source& rng) {
  const tensor_id a = net.conv2d(join(name, "_a"), x, {.channels = rng.integer(1, 5)});
  return rng.one_in(2) ? net.concat(name, {a, x}) : net.concat(name, {x, a, x});
}

}  // namespace detail

/// Appends a random op of this kind (an add brings its branch with it) that reads x.
inline tensor_id append_random(builder& net, op kind, node_name name, tensor_id x,
                               random_source& rng) {
  const shape in = net.shape_of(x);
  switch (kind) {
    case op::conv2d:
      return net.conv2d(name, x, random_conv(in, rng));
    case op::fully_connected:
      return net.fully_connected(name, x, rng.integer(1, 20));
    case op::scale:
      return net.scale(name, x);
    case op::relu:
      return net.relu(name, x);
    case op::clip:
      return net.clip(name, x, -1, 6);
    case op::leaky_relu:
      return net.leaky_relu(name, x, 0.25);
    case op::max_pool:
      return net.max_pool(name, x, random_pool(in, rng));
    case op::avg_pool:
      return net.avg_pool(name, x, random_pool(in, rng));
    case op::add:
      return detail::append_residual(net, name, x, rng);
    case op::concat:
      return detail::append_concat(net, name, x, rng);
    case op::input:
      break;
  }
  return x;
}

/// One op of this kind behind an input, sometimes with a relu behind it.
inline graph random_op_graph(op kind, random_source& rng) {
  builder net;
  tensor_id x = net.input("data", random_shape(rng));
  x = append_random(net, kind, to_string(kind), x, rng);
  if (rng.one_in(3)) x = net.relu("last_relu", x);
  return net.finish(x);
}

/// `steps` random ops, each behind the last one or, now and then, behind any earlier tensor.
/// Tensors that nobody reads are outputs; sometimes one inside the graph is an output as well.
inline graph random_graph(int steps, random_source& rng) {
  builder net;
  std::vector<tensor_id> live = {net.input("data", random_shape(rng))};
  for (int step = 0; step < steps; ++step) {
    const auto any = static_cast<std::size_t>(rng.integer(0, static_cast<int>(live.size()) - 1));
    const tensor_id src = rng.one_in(5) ? live[any] : live.back();
    const op limits = rng.one_in(2) ? op::relu : op::clip;
    const op kind = rng.one_in(3) ? limits : static_cast<op>(rng.integer(1, op_count - 1));
    live.push_back(
        append_random(net, kind, detail::join(std::to_string(step), to_string(kind)), src, rng));
  }
  graph made = net.finish(live.back());
  const auto inside = rng.integer(0, static_cast<int>(made.size()) - 1);
  for (int i = 0; i + 1 < static_cast<int>(made.size()); ++i) {
    const auto reads = [&](const node& reader) {
      return std::find(reader.src.begin(), reader.src.end(), i) != reader.src.end();
    };
    const bool is_read = std::any_of(made.nodes.begin(), made.nodes.end(), reads);
    if ((!is_read || i == inside) && !made.is_output(i)) made.outputs.push_back(i);
  }
  return made;
}

}  // namespace octavo::testing
