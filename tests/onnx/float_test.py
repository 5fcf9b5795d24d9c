#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Float ONNX models made by ONNX's own tool, imported and run in float32, beside NumPy in float64.

float_test.py ONNX_TOOL: one network with every op that the importer knows, with the opsets in which
they are written differently, every type of weights, and one or two images.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

import numpy_onnx

TYPES = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE,
         "float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}
CLASSES = 10


class Network:
    """Collects nodes and initializers."""

    def __init__(self, seed, opset, weights, raw):
        self.random = np.random.default_rng(seed)
        self.opset, self.weights, self.raw = opset, weights, raw
        self.nodes, self.constants = [], []

    def constant(self, values, name, kind=None):
        values = np.asarray(values)
        kind = kind or self.weights
        if kind == "int64":
            made = helper.make_tensor(name, TensorProto.INT64, values.shape, values.ravel())
        elif self.raw and kind == "bfloat16":
            bits = (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
            made = helper.make_tensor(name, TYPES[kind], values.shape, bits.tobytes(), raw=True)
        elif self.raw:
            made = numpy_helper.from_array(values.astype(kind), name)
        else:
            made = helper.make_tensor(name, TYPES[kind], values.shape, values.ravel())
        self.constants.append(made)
        return name

    def numbers(self, name, *shape, low=-64, high=64):
        """Multiples of 1/64, so that every type holds them."""
        return self.constant(self.random.integers(low, high, shape) / 64.0, name)

    def node(self, kind, inputs, name=None, outputs=(), **attributes):
        name = name or f"{kind.lower()}{len(self.nodes)}"
        made = helper.make_node(kind, inputs, [name + "_out", *outputs], name=name, **attributes)
        self.nodes.append(made)
        return made.output[0]

    def conv(self, x, ic, oc, kernel, bias=False, group=1, **attributes):
        name = f"conv{len(self.nodes)}"
        inputs = [x, self.numbers(name + "_w", oc, ic // group, kernel, kernel)]
        if bias:
            inputs.append(self.numbers(name + "_b", oc))
        return self.node("Conv", inputs, name, group=group, **attributes)

    def norm(self, x, channels):
        name = f"norm{len(self.nodes)}"
        parts = [self.numbers(name + "_" + part, channels) for part in ("gamma", "beta", "mean")]
        variance = self.numbers(name + "_var", channels, low=32, high=96)
        return self.node("BatchNormalization", [x, *parts, variance], name, epsilon=2e-5)

    def clip(self, x, lo, hi):
        """The limits are attributes before opset 11."""
        if self.opset < 11:
            limits = {"min": lo, "max": hi}
            return self.node("Clip", [x], **{k: v for k, v in limits.items() if v is not None})
        name = f"clip{len(self.nodes)}"
        inputs = ["" if v is None else self.constant(v, name + part, "float32")
                  for v, part in ((lo, "_lo"), (hi, "_hi"))]
        return self.node("Clip", [x, *inputs], name)

    def with_axes(self, kind, x, axes, since, **attributes):
        """Axes are an attribute before opset `since`."""
        if self.opset < since:
            return self.node(kind, [x], axes=axes, **attributes)
        name = f"{kind.lower()}{len(self.nodes)}"
        return self.node(kind, [x, self.constant(axes, name + "_axes", "int64")], name,
                         **attributes)

    def value_node(self, values, name):
        made = helper.make_node("Constant", [], [name],
                                value=numpy_helper.from_array(np.asarray(values)))
        self.nodes.append(made)
        return name


def trunk(net, x):
    """Convolutions with every kind of padding, batch norms, activations, a shortcut."""
    x = net.node("Relu", [net.norm(net.conv(x, 3, 8, 3, strides=[2, 2], pads=[1, 0, 1, 2]), 8)])
    x = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    y = net.clip(net.norm(net.conv(x, 8, 8, 1), 8), 0.0, None)
    y = net.conv(y, 8, 8, 3, bias=True, group=8, dilations=[2, 2], auto_pad="SAME_UPPER")
    y = net.node("Add", [net.numbers("pixel_bias", 8, 1, 1), y])
    y = net.node("LeakyRelu", [net.node("Identity", [y])], alpha=0.125)
    y = net.conv(y, 8, 16, 3, group=2, strides=[2, 2], auto_pad="SAME_LOWER", kernel_shape=[3, 3])
    shortcut = net.norm(net.conv(x, 8, 16, 1, strides=[2, 2], auto_pad="VALID"), 16)
    x = net.node("Add", [y, shortcut])
    return net.clip(net.norm(x, 16), -2.0, 6.0)  # a batch norm behind an add stands alone


def branches(net, x):
    """Pools of every kind, joined."""
    a = net.node("AveragePool", [x], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    b = net.node("AveragePool", [x], kernel_shape=[2, 3], auto_pad="SAME_UPPER")
    c = net.node("MaxPool", [x], kernel_shape=[3, 2], auto_pad="SAME_LOWER")
    x = net.node("Concat", [a, b, c, x], axis=1)
    return net.node("Dropout", [x])


def heads(net, x):
    """A Gemm and a MatMul with an Add, of everything and of means."""
    means = net.node("GlobalAveragePool", [x])
    means = net.node("Flatten", [means]) if net.opset < 13 else net.with_axes(
        "Squeeze", means, [2, 3], 13)
    weights = net.numbers("gemm_w", CLASSES, 64)
    a = net.node("Gemm", [means, weights, net.numbers("gemm_b", 1, CLASSES)], transB=1, alpha=0.5,
                 beta=2.0)
    b = net.with_axes("ReduceMean", x, [-2, -1], 18, keepdims=0)
    b = net.node("MatMul", [b, net.numbers("matmul_w", 64, CLASSES)])
    b = net.node("Add", [b, net.value_node(np.arange(CLASSES, dtype=np.float32), "matmul_b")])
    c = net.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    c = net.node("Reshape", [c, net.value_node(np.array([0, -1]), "new_shape")])
    shared = net.node("Identity", [net.numbers("gemm2_w", 64 * 4, CLASSES, low=-8, high=8)])
    bias = [net.numbers("gemm2_b", CLASSES)] if net.opset < 11 else []
    c = net.node("Gemm", [c, shared, *bias])
    return net.node("Add", [net.node("Add", [a, b]), c])


def make(opset, weights, raw):
    net = Network(7, opset, weights, raw)
    logits = heads(net, branches(net, trunk(net, "image")))
    net.node("Softmax", [logits], "prob", axis=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 21, 26])
    prob = helper.make_tensor_value_info("prob_out", TensorProto.FLOAT, ["batch", CLASSES])
    graph = helper.make_graph(net.nodes, "every_op", [image], [prob], net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    if weights == "float32" and opset < 18:
        onnx.checker.check_model(model)
    return model, logits


def compare(name, got, expected):
    """Two sums of float32 and float64: equal but for what float32 rounds."""
    error = np.abs(got - expected).max() / np.abs(expected).max()
    cosine = (got * expected).sum() / np.sqrt((got ** 2).sum() * (expected ** 2).sum())
    if not (error <= 1e-4 and cosine > 0.999999):
        print(f"FAILED: {name}: largest error {error:.2e} of the largest value, cosine {cosine}")
        return False
    return True


def check(tool, folder, opset, weights, raw, batch, results):
    """Runs one form of the network; every tensor that both have is compared."""
    what = f"opset {opset}, {weights} {'raw' if raw else 'typed'}, batch {batch}"
    model, logits = make(opset, weights, raw)
    onnx.save(model, folder / "net.onnx")
    x = np.random.default_rng(batch).normal(size=(batch, 3, 21, 26)).astype(np.float32)
    np.savez(folder / "in.npz", x=x)
    done = subprocess.run([tool, "float", folder / "net.onnx", str(batch), folder / "in.npz",
                           folder / "out.npz"], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"FAILED: {what}: {done.stderr}")
        return False
    got = np.load(folder / "out.npz")
    expected = numpy_onnx.run(model, {"image": x})
    written = {node.name: node.output[0] for node in model.graph.node}
    # A layer into which something behind it was folded is not what its own node gives.
    folded = {node.input[i] for node in model.graph.node for i in range(len(node.input))
              if node.op_type == "BatchNormalization" or
              (node.op_type == "Add" and any("_b" in name for name in node.input))}
    names = [n for n in got.files if n in written and written[n] not in folded]
    good = len(names) == 18
    if not good:
        print(f"FAILED: {what}: other tensors than expected: {names}")
    for name in names:
        value = expected[written[name]]
        good &= compare(f"{what}: {name}", got[name].reshape(value.shape), value)
    last = got[model.graph.node[-2].name].reshape(batch, CLASSES)
    good &= compare(what + ": logits", last, expected[logits])
    results.setdefault((opset, batch), set()).add(last.tobytes())
    return good


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    results = {}
    with tempfile.TemporaryDirectory() as name:
        outcomes = [check(tool, pathlib.Path(name), opset, weights, raw, batch, results)
                    for opset, batch in ((10, 1), (10, 2), (12, 1), (13, 2), (17, 1), (18, 1))
                    for weights in TYPES for raw in (True, False)]
    same = all(len(forms) == 1 for forms in results.values())
    if not same:
        print("FAILED: the type in which weights are stored changes the result")
    print(f"{len(outcomes)} networks, {outcomes.count(False)} failed (onnx {onnx.__version__})")
    return 0 if same and all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
