# SPDX-License-Identifier: MIT
"""ONNX's ops in NumPy, from the text of ONNX's operator specification: real numbers in float64."""

import numpy as np
from onnx import helper, numpy_helper


def attributes_of(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def pads_of(a, size, kernel, stride, dilation):
    """(top, left, bottom, right) of pads or auto_pad."""
    rule = a.get("auto_pad", b"NOTSET").decode()
    if rule == "NOTSET":
        return list(a.get("pads", [0, 0, 0, 0]))
    if rule == "VALID":
        return [0, 0, 0, 0]
    before, after = [], []
    for axis in (0, 1):
        count = -(-size[axis] // stride[axis])
        needed = (count - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - size[axis]
        less, more = max(needed, 0) // 2, max(needed, 0) - max(needed, 0) // 2
        before.append(less if rule == "SAME_UPPER" else more)
        after.append(more if rule == "SAME_UPPER" else less)
    return before + after


def windows(x, a, kernel, fill, count_ceil=False):
    """Every window of x: N, C, OH, OW, kh, kw, what lies outside as `fill`."""
    stride = list(a.get("strides", [1, 1]))
    dilation = list(a.get("dilations", [1, 1]))
    pads = pads_of(a, x.shape[2:], kernel, stride, dilation)
    out, reach = [], []
    for axis in (0, 1):
        span = dilation[axis] * (kernel[axis] - 1) + 1
        padded = x.shape[2 + axis] + pads[axis] + pads[axis + 2]
        count = (padded - span) // stride[axis] + 1
        if count_ceil and (padded - span) % stride[axis]:
            count += count * stride[axis] < x.shape[2 + axis] + pads[axis]
        out.append(count)
        reach.append(max(0, (count - 1) * stride[axis] + span - padded))
    wide = np.pad(x, [(0, 0), (0, 0), (pads[0], pads[2] + reach[0]),
                      (pads[1], pads[3] + reach[1])], constant_values=fill)
    got = np.empty(x.shape[:2] + tuple(out) + tuple(kernel), wide.dtype)
    for oh in range(out[0]):
        for ow in range(out[1]):
            top, left = oh * stride[0], ow * stride[1]
            got[:, :, oh, ow] = wide[:, :, top:top + dilation[0] * kernel[0]:dilation[0],
                                     left:left + dilation[1] * kernel[1]:dilation[1]]
    return got


def conv(a, x, w, b=None):
    groups = a.get("group", 1)
    got = windows(x, a, w.shape[2:], 0.0)
    ic, oc = x.shape[1] // groups, w.shape[0] // groups
    y = np.concatenate([np.einsum("nchwij,ocij->nohw", got[:, g * ic:(g + 1) * ic],
                                  w[g * oc:(g + 1) * oc]) for g in range(groups)], axis=1)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def max_pool(a, x):
    lowest = -128 if x.dtype == np.int8 else -np.inf
    return windows(x, a, a["kernel_shape"], lowest, a.get("ceil_mode", 0)).max(axis=(4, 5))


def average_pool(a, x):
    kernel, ceil = a["kernel_shape"], a.get("ceil_mode", 0)
    counts = np.ones_like(x)
    if a.get("count_include_pad", 0):  # padding counts, what ceil_mode adds does not
        top, left, bottom, right = pads_of(a, x.shape[2:], kernel, a.get("strides", [1, 1]), [1, 1])
        counts = np.pad(counts, [(0, 0), (0, 0), (top, bottom), (left, right)], constant_values=1)
        counts = windows(counts, {"strides": a.get("strides", [1, 1])}, kernel, 0.0, ceil)
        shape = windows(x, a, kernel, 0.0, ceil).shape
        counts = counts[:, :, :shape[2], :shape[3]]
    else:
        counts = windows(counts, a, kernel, 0.0, ceil)
    return windows(x, a, kernel, 0.0, ceil).sum(axis=(4, 5)) / counts.sum(axis=(4, 5))


def batch_norm(a, x, gamma, beta, mean, var):
    by_channel = (1, -1) + (1,) * (x.ndim - 2)
    scale = gamma / np.sqrt(var + a.get("epsilon", np.float32(1e-5)))
    return (x - mean.reshape(by_channel)) * scale.reshape(by_channel) + beta.reshape(by_channel)


def gemm(a, x, w, c=0.0):
    w = w.T if a.get("transB", 0) else w
    return a.get("alpha", 1.0) * (x @ w) + a.get("beta", 1.0) * c


def reshape(a, x, shape):
    return x.reshape([x.shape[i] if s == 0 else s for i, s in enumerate(shape)])


def softmax(a, x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def clip(a, x, lo=None, hi=None):
    return np.clip(x, a.get("min", lo), a.get("max", hi))


def along(values, axis, rank):
    """Scales along an axis, shaped for broadcasting."""
    return values.reshape([-1 if i == axis else 1 for i in range(rank)]) if values.ndim else values


def dequantize_linear(a, x, scale, zero=None):
    return x.astype(np.float64) * along(scale, a.get("axis", 1), x.ndim)


def quantize_linear(a, x, scale, zero):
    """np.rint rounds ties to even, as ONNX asks."""
    return np.clip(np.rint(x / scale), -128, 127).astype(np.int8)


def qlinear(op, operands, first=0, weights_axis=0):
    """A QLinear op by its meaning. Behind its operands: the result's scale, zero point, a bias."""
    def run(a, *inputs):
        scaled = [dequantize_linear({"axis": weights_axis if i == 1 else 0},
                                    *inputs[first + 3 * i:first + 3 * i + 3])
                  for i in range(operands or (len(inputs) - 2) // 3)]
        rest = inputs[3 * operands:] if operands else inputs[:2]
        if len(rest) > 2:  # bias
            scaled.append(rest[2] * (inputs[1] * inputs[4]))
        return quantize_linear({}, op(a, *scaled), rest[0], rest[1])
    return run


def qgemm(a, x, xs, xz, w, ws, wz, c, ys, yz):
    """Its bias is an int32 in units of both scales."""
    real = dequantize_linear({"axis": 0 if a.get("transB", 0) else 1}, w, ws)
    y = x * xs @ (real.T if a.get("transB", 0) else real)
    return quantize_linear({}, y if c is None else y + c * (xs * ws), ys, yz)


OPS = {
    "Add": lambda a, x, y: x + y,
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Clip": clip,
    "Concat": lambda a, *x: np.concatenate(x, axis=a["axis"]),
    "Constant": lambda a: real(numpy_helper.to_array(a["value"])),
    "Conv": conv,
    "DequantizeLinear": dequantize_linear,
    "Dropout": lambda a, x, *ratio: x,
    "Flatten": lambda a, x: x.reshape(x.shape[0], -1),
    "Gemm": gemm,
    "GlobalAveragePool": lambda a, x: x.mean(axis=(2, 3), keepdims=True),
    "Identity": lambda a, x: x,
    "LeakyRelu": lambda a, x: np.where(x < 0, a.get("alpha", np.float32(0.01)) * x, x),
    "MatMul": lambda a, x, w: x @ w,
    "MaxPool": max_pool,
    "QuantizeLinear": quantize_linear,
    "ReduceMean": lambda a, x, axes=None: x.mean(
        axis=tuple(int(i) for i in a.get("axes", axes)), keepdims=bool(a.get("keepdims", 1))),
    "Relu": lambda a, x: np.maximum(x, 0),
    "Reshape": reshape,
    "Softmax": softmax,
    "Squeeze": lambda a, x, axes=None: np.squeeze(
        x, axis=tuple(int(i) for i in a.get("axes", axes))),
    "QLinearConv": qlinear(conv, 2),
    "QLinearMatMul": qlinear(lambda a, x, w: x @ w, 2, weights_axis=1),
    "QLinearAdd": qlinear(lambda a, x, y: x + y, 2),
    "QLinearConcat": qlinear(lambda a, *x: np.concatenate(x, axis=a["axis"]), 0, first=2),
    "QLinearAveragePool": qlinear(average_pool, 1),
    "QLinearGlobalAveragePool": qlinear(lambda a, x: x.mean(axis=(2, 3), keepdims=True), 1),
    "QGemm": qgemm,
    "QLinearLeakyRelu": qlinear(lambda a, x: np.where(x < 0, a["alpha"] * x, x), 1),
}


def real(array):
    """Integers stay what they are, all other numbers are float64."""
    return array if np.issubdtype(array.dtype, np.integer) else array.astype(np.float64)


def run(model, inputs, replace=lambda node, value: value):
    """Every tensor of the model; replace(node, value) says what stands for a node's result."""
    tensors = {t.name: real(numpy_helper.to_array(t)) for t in model.graph.initializer}
    tensors.update({name: real(value) for name, value in inputs.items()})
    tensors[""] = None
    for node in model.graph.node:
        operands = [tensors[name] for name in node.input]
        value = OPS[node.op_type](attributes_of(node), *operands)
        tensors[node.output[0]] = replace(node, value)
    return tensors
