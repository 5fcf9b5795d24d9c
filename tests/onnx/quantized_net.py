# SPDX-License-Identifier: MIT
"""Builds a quantized ONNX network in QDQ form or of QLinear ops and computes, op by op, what Octavo
must give: in integers, by SPECIFICATION 1.4 as the oracle has it."""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
import spec  # noqa: E402

MICROSOFT = "com.microsoft"


def multiplier_of(s):
    """s as m / 2^r with m in [2^30, 2^31), rounded to nearest, ties up."""
    fraction, exponent = np.frexp(np.float64(s))
    m, r = int(spec.round_up(fraction * 2.0 ** 31)), 31 - int(exponent)
    return (2 ** 30, r - 1) if m == 2 ** 31 else (m, r)


def requantized(acc, scales):
    """multiplier_rshift by one scale for all, or one for each channel."""
    m, r = np.array([multiplier_of(s) for s in scales], dtype=np.int64).T
    return spec.multiplier_rshift(acc, spec.by_channel(m), spec.by_channel(r))


class QuantizedNet:
    """`ours`: every int8 tensor of the file. `nodes_give`: what each of our ops writes."""

    def __init__(self, form, per_channel, bias, seed):
        self.form, self.per_channel, self.bias = form, per_channel, bias
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants, self.count = [], [], 0
        self.ours, self.scales, self.nodes_give, self.layers = {}, {}, {}, {}
        self.slack = {}  # of an int8 tensor: how far ONNX's rule may be away
        self.zero = self.constant(np.zeros((), np.int8), "zero")

    # ---- parts ----

    def constant(self, values, name):
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def scale_constant(self, scale):
        self.count += 1
        return self.constant(np.asarray(scale, np.float32), f"scale{self.count}")

    def add_node(self, kind, inputs, output, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name, **attributes))
        return output

    def dequantized(self, x):
        self.count += 1
        return self.add_node("DequantizeLinear", self.triple(x), f"real{self.count}",
                             f"dq{self.count}")

    def triple(self, x):
        return [x, self.scale_constant(self.scales[x]), self.zero]

    def written(self, name, tensor, values, scale, slack=1):
        """Notes an int8 tensor of the file, written last by our op `name`."""
        self.ours[tensor], self.scales[tensor] = values, np.float64(np.float32(scale))
        self.nodes_give[name], self.slack[tensor] = values, slack
        return tensor

    def rounded(self, name, real, values, scale, slack=1):
        """A QuantizeLinear."""
        tensor = name + "_q"
        self.add_node("QuantizeLinear", [real, self.scale_constant(scale), self.zero], tensor,
                      tensor + "l")
        return self.written(name, tensor, values, scale, slack)

    def input(self, shape, scale):
        values = self.random.integers(-128, 128, shape).astype(np.int8)
        kind = TensorProto.INT8 if self.form == "qlinear" else TensorProto.FLOAT
        self.graph_input = helper.make_tensor_value_info("image", kind, ["batch", *shape[1:]])
        if self.form == "qlinear":
            return self.written("image", "image", values, scale)
        return self.rounded("image", "image", values, scale)

    # ---- layers ----

    def layer(self, name, x, weights, acc_of, has_bias=True):
        """Weights' scales, the bias, the accumulator and a scale that uses the range."""
        channels = weights.shape[0]
        w = self.random.uniform(0.001, 0.01, channels if self.per_channel else 1).astype(np.float32)
        units = self.scales[x] * w.astype(np.float64)
        bias = self.random.integers(-3000, 3000, channels).astype(np.int32)
        real_bias = None
        if self.bias == "float" and self.form == "qdq":
            real_bias = (bias + self.random.uniform(-0.5, 0.5, channels)) * units
            real_bias = real_bias.astype(np.float32)
            bias = spec.round_up(real_bias.astype(np.float64) / units).astype(np.int32)
        elif self.bias == "none" or not has_bias:
            bias = np.zeros(channels, np.int32)
        acc = spec.add_bias(acc_of(weights), bias)
        y = np.float32(np.abs(acc * spec.by_channel(units)).max() / 140)  # some saturate
        self.layers[name] = (weights, bias, [multiplier_of(u / np.float64(y)) for u in units])
        return w, units, bias, real_bias, y, requantized(acc, units / np.float64(y))

    def operand_weights(self, name, weights, scales, axis):
        """The int8 initializer and its scale, or its DequantizeLinear."""
        self.constant(weights, name + "_w")
        scale = self.scale_constant(scales if self.per_channel else scales[0])
        if self.form == "qlinear":
            return [name + "_w", scale, self.zero]
        zero = self.constant(np.zeros(len(scales) if self.per_channel else (), np.int8),
                             name + "_wz")
        return [self.add_node("DequantizeLinear", [name + "_w", scale, zero], name + "_wr",
                              name + "_wdq", axis=axis)]

    def operand_bias(self, name, bias, real_bias, units):
        if self.bias == "none":
            return []
        if real_bias is not None:
            return [self.constant(real_bias, name + "_b")]
        self.constant(bias, name + "_b")
        if self.form == "qlinear":
            return [name + "_b"]
        scale = self.scale_constant(units if self.per_channel else units[0])
        return [self.add_node("DequantizeLinear", [name + "_b", scale], name + "_br", name + "_bdq",
                              axis=0)]

    def conv(self, name, x, oc, window, groups=1, relu=False, **attributes):
        values = self.ours[x]
        weights = self.random.integers(-128, 128, (oc, values.shape[1] // groups, *window.kernel))
        weights = weights.astype(np.int8)
        w, units, bias, real_bias, y, ours = self.layer(
            name, x, weights, lambda k: spec.conv2d_real(values, k, window, groups))
        attributes = {"group": groups, "strides": window.stride, "dilations": window.dilation,
                      **(attributes or {"pads": window.pads})}
        operands = self.operand_weights(name, weights, w, 0)
        bias = self.operand_bias(name, bias, real_bias, units)
        return self.finish_layer(name, x, "Conv", operands, bias, y, ours, relu, attributes)

    def dense(self, name, x, channels, kind):
        """kind: Gemm, whose weights are N x K, or MatMul, whose weights are K x N."""
        depth = int(np.prod(self.ours[x].shape[1:]))
        weights = self.random.integers(-128, 128, (channels, depth)).astype(np.int8)
        gemm = kind == "Gemm"
        has_bias = gemm or self.form == "qdq"  # a QLinearMatMul has none
        w, units, bias, real_bias, y, ours = self.layer(
            name, x, weights, lambda k: spec.fully_connected_real(self.ours[x], k), has_bias)
        operands = self.operand_weights(name, weights if gemm else weights.T, w, 0 if gemm else 1)
        bias = self.operand_bias(name, bias, real_bias, units) if has_bias else []
        return self.finish_layer(name, x, kind, operands, bias, y, ours[:, :, 0, 0], False,
                                 {"transB": 1} if gemm else {})

    def finish_layer(self, name, x, kind, operands, bias, y, ours, relu, attributes):
        if self.form == "qlinear":
            result = [self.scale_constant(y), self.zero]
            tensor = name + "_q"
            if kind == "Gemm":
                self.add_node("QGemm", [*self.triple(x), *operands, *(bias or [""]), *result],
                              tensor, name, domain=MICROSOFT, **attributes)
            else:
                self.add_node("QLinear" + kind, [*self.triple(x), *operands, *result, *bias],
                              tensor, name, **attributes)
            self.written(name, tensor, ours, y)
            return self.relu(name + "_relu", tensor) if relu else tensor
        real = [self.dequantized(x), *operands]
        if kind == "MatMul" and bias:
            product = self.add_node(kind, real, name + "_product", name)
            out = self.add_node("Add", [product, *bias], name + "_y", name + "_add")
        else:
            out = self.add_node(kind, [*real, *bias], name + "_y", name, **attributes)
        if not relu:
            return self.rounded(name, out, ours, y)
        self.nodes_give[name] = ours
        out = self.add_node("Relu", [out], name + "_r", name + "_relu")
        return self.rounded(name + "_relu", out, spec.relu(ours), y)

    # ---- what has no weights ----

    def simple(self, name, kind, inputs, ours, scale, slack=1, result_first=False, **attributes):
        """An op on real numbers and a QuantizeLinear, or its QLinear form."""
        if self.form == "qdq":
            real = [self.dequantized(x) for x in inputs]
            out = self.add_node(kind, real, name + "_y", name, **attributes)
            return self.rounded(name, out, ours, scale, slack)
        result = [self.scale_constant(scale), self.zero]
        operands = [part for x in inputs for part in self.triple(x)]
        self.add_node("QLinear" + kind, result + operands if result_first else operands + result,
                      name + "_q", name, domain=MICROSOFT, **attributes)
        return self.written(name, name + "_q", ours, scale, slack)

    def add(self, name, a, b, scale):
        t = [self.scales[x] * 128 for x in (a, b)]
        y = np.float64(np.float32(scale)) * 128
        r = next(r for r in range(32) if max(t) / y * 2.0 ** r >= 64)
        m = [int(np.floor(ti / y * 2.0 ** r)) for ti in t]
        ours = spec.add(self.ours[a], self.ours[b], m, r)
        # Each multiplier is rounded down, by less than 1.
        slack = 1 + (np.abs(self.ours[a].astype(int)) + np.abs(self.ours[b].astype(int))) / 2 ** r
        return self.simple(name, "Add", [a, b], ours, scale, slack)

    def average(self, name, x, window, scale, include_pad=False, ceil=False, whole=False):
        sums = spec.window_sums(self.ours[x], window, ceil)
        divisors = spec.window_divisors(self.ours[x], window, ceil, include_pad)
        y = np.float64(np.float32(scale))
        ours = np.zeros(sums.shape, np.int8)
        for divisor in np.unique(divisors):
            m, r = multiplier_of(self.scales[x] / (y * divisor))
            ours = np.where(divisors == divisor,
                            spec.multiplier_rshift(sums, np.int64(m), np.int64(r)), ours)
        if whole:
            return self.simple(name, "GlobalAveragePool", [x], ours, scale)
        return self.simple(name, "AveragePool", [x], ours, scale, kernel_shape=window.kernel,
                           strides=window.stride, pads=window.pads, ceil_mode=int(ceil),
                           count_include_pad=int(include_pad))

    def concat(self, name, inputs, scale):
        y = np.float64(np.float32(scale))
        ours = np.concatenate([requantized(self.ours[x], [self.scales[x] / y]) for x in inputs], 1)
        return self.simple(name, "Concat", inputs, ours, scale, result_first=True, axis=1)

    def leaky_relu(self, name, x, slope):
        values = self.ours[x]
        m, r = multiplier_of(np.float64(np.float32(slope)))
        slope_of = spec.multiplier_rshift(values, np.int64(m), np.int64(r))
        ours = np.where(values < 0, slope_of, values)
        return self.simple(name, "LeakyRelu", [x], ours, self.scales[x], alpha=slope)

    def direct(self, name, kind, x, ours, **attributes):
        """An op that ONNX has on int8 too, on its input's scale."""
        if self.form == "qlinear":
            self.add_node(kind, [x], name + "_q", name, **attributes)
            return self.written(name, name + "_q", ours, self.scales[x])
        out = self.add_node(kind, [self.dequantized(x)], name + "_y", name, **attributes)
        return self.rounded(name, out, ours, self.scales[x])

    def relu(self, name, x):
        return self.direct(name, "Relu", x, spec.relu(self.ours[x]))

    def max_pool(self, name, x, window, ceil=False):
        return self.direct(name, "MaxPool", x, spec.max_pool(self.ours[x], window, ceil),
                           kernel_shape=window.kernel, strides=window.stride, pads=window.pads,
                           ceil_mode=int(ceil))

    def flatten(self, name, x):
        values = self.ours[x]
        tensor = self.add_node("Flatten", [x], name + "_q", name)
        self.ours[tensor] = values.reshape(len(values), -1)
        self.scales[tensor], self.slack[tensor] = self.scales[x], 0
        return tensor

    def finish(self, x):
        """Dequantizes, and leaves a Softmax behind it."""
        out = self.add_node("Softmax", [self.dequantized(x)], "prob", "softmax", axis=1)
        prob = helper.make_tensor_value_info(out, TensorProto.FLOAT,
                                             ["batch", *self.ours[x].shape[1:]])
        graph = helper.make_graph(self.nodes, "quantized", [self.graph_input], [prob],
                                  self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14),
                                                       helper.make_opsetid(MICROSOFT, 1)])
