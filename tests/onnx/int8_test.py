#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Quantized ONNX models made by ONNX's own tool: int8_test.py ONNX_TOOL

Weights and biases must be the file's integers. Every tensor must be, byte for byte, what integer
arithmetic in NumPy gives, and within 1 of what ONNX's own rule (real numbers, ties to even) makes
of the same int8 operands. An add's multipliers have 7 bits, so that it may be further away.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

import numpy_onnx
from quantized_net import QuantizedNet, spec

Window = spec.Window


def every_op(form, per_channel, bias, batch):
    """A small network with a shortcut, branches and two dense layers."""
    net = QuantizedNet(form, per_channel, bias, seed=11)
    x = net.input((batch, 3, 19, 22), 0.0173)
    x = net.conv("conv1", x, 16, Window((3, 3), (2, 2), (1, 0, 1, 2)), relu=True)
    x = net.max_pool("pool1", x, Window((3, 3), (2, 2), (1, 1, 1, 1)), ceil=True)
    y = net.conv("conv2a", x, 16, Window((1, 1)), relu=True)
    y = net.conv("conv2b", y, 16, Window((3, 3), (1, 1), (1, 1, 1, 1)), groups=16)
    y = net.leaky_relu("leaky", y, 0.1)
    y = net.conv("conv2c", y, 24, Window((3, 3), (1, 1), (2, 2, 2, 2), (2, 2)), groups=2)
    z = net.conv("conv2d", x, 24, Window((1, 1)), auto_pad="VALID")
    y = net.add("add", y, z, 1.3 * max(net.scales[y], net.scales[z]))
    y = net.relu("add_relu", y)
    a = net.average("average", y, Window((3, 3), (1, 1), (1, 1, 1, 1)), 0.8 * net.scales[y])
    b = net.average("average_all", y, Window((3, 3), (1, 1), (1, 1, 1, 1)), 0.9 * net.scales[y],
                    include_pad=True)
    x = net.concat("concat", [a, y, b], 1.1 * net.scales[y])
    x = net.average("ceiled", x, Window((2, 2), (2, 2)), net.scales[x], ceil=True)
    size = net.ours[x].shape[2:]
    m = net.average("mean", x, Window(size), 0.7 * net.scales[x], whole=True)
    a = net.dense("gemm", net.flatten("flat", m), 10, "Gemm")
    b = net.dense("matmul", net.flatten("flat_image", x), 10, "MatMul")
    return net, net.finish(net.add("logits", a, b, 2 * max(net.scales[a], net.scales[b])))


class Check:
    """One network, run; counts what differs."""

    def __init__(self, tool, folder, form, per_channel, bias, batch):
        self.what = f"{form}, {'per channel' if per_channel else 'per tensor'}, bias {bias}"
        self.what += f", batch {batch}"
        self.good = True
        net, model = every_op(form, per_channel, bias, batch)
        if form == "qdq":
            onnx.checker.check_model(model)
        onnx.save(model, folder / "net.onnx")
        image = net.ours["image" if form == "qlinear" else "image_q"]
        np.savez(folder / "in.npz", x=image)
        done = subprocess.run([tool, "int8", folder / "net.onnx", str(batch), folder / "in.npz",
                               folder / "out.npz"], capture_output=True, text=True)
        if done.returncode != 0:
            self.fail(done.stderr)
            return
        got = np.load(folder / "out.npz")
        self.integers(net, got)
        self.tensors(net, got)
        feed = image if form == "qlinear" else image * net.scales["image_q"]
        self.onnx_rule(net, model, feed)

    def fail(self, why):
        print(f"FAILED: {self.what}: {why}")
        self.good = False

    def integers(self, net, got):
        """The file's integers, and the scales as multipliers."""
        for name, (weights, bias, multipliers) in net.layers.items():
            prefix = name + "_quant_int8"
            m, r = np.array(multipliers).T
            for suffix, expected in (("_0", weights), ("_1", bias), ("_multiplier", m),
                                     ("_rshift", r)):
                if not np.array_equal(got[prefix + suffix], expected):
                    self.fail(f"{prefix}{suffix} is not the file's")

    def tensors(self, net, got):
        """Every tensor, == ."""
        for name, expected in net.nodes_give.items():
            if name not in got.files:
                self.fail(f"no tensor {name}")
            elif not np.array_equal(got[name].ravel(), expected.ravel()):
                self.fail(f"{name}: {np.sum(got[name].ravel() != expected.ravel())} bytes differ")
        others = [n for n in got.files if n + "_threshold" in got.files and n not in net.nodes_give]
        if others:
            self.fail(f"ops that nobody expects: {others}")
        for tensor, scale in net.scales.items():
            name = tensor[:-2] if tensor.endswith("_q") else tensor
            if name in net.nodes_give and got[name + "_threshold"][0] != 128 * scale:
                self.fail(f"{name}: threshold {got[name + '_threshold'][0]}, scale {scale}")

    def onnx_rule(self, net, model, feed):
        """ONNX's rule on the same operands: op by op, so that differences do not add up."""
        differ = {True: [0, 0], False: [0, 0]}  # in adds, elsewhere: how many of how many

        def replace(node, value):
            tensor = node.output[0]
            if tensor not in net.ours:
                return value
            ours = net.ours[tensor].reshape(value.shape)
            off = np.abs(ours.astype(int) - value.astype(int))
            if np.any(off > np.asarray(net.slack[tensor]).reshape(
                    value.shape if np.ndim(net.slack[tensor]) else ())):
                self.fail(f"{tensor}: {off.max()} away from ONNX's rule")
            count = differ[np.ndim(net.slack[tensor]) > 0]
            count[0] += np.sum(off > 0)
            count[1] += off.size
            return ours

        numpy_onnx.run(model, {"image": feed}, replace)
        print("%s: %d of %d differ from ONNX's own rounding, and in adds %d of %d"
              % (self.what, *differ[False], *differ[True]))


def spoiled(model):
    """Forms of the model that are not symmetric int8, and cut ones; and what is said of each."""
    def changed(change):
        other = onnx.ModelProto()
        other.CopyFrom(model)
        change(other.graph)
        return other.SerializeToString()

    def zero_point(array):
        def change(graph):
            zero = next(t for t in graph.initializer if t.name == "zero")
            zero.CopyFrom(onnx.numpy_helper.from_array(array, "zero"))
        return change

    def without_zero_point(graph):
        del next(n for n in graph.node if n.op_type == "QuantizeLinear").input[2]

    def weights_of_uint8(graph):
        weights = next(t for t in graph.initializer if t.name == "conv1_w")
        weights.data_type = onnx.TensorProto.UINT8

    for change in (zero_point(np.array(3, np.int8)), zero_point(np.array(128, np.uint8)),
                   without_zero_point, weights_of_uint8):
        yield changed(change), "only symmetric int8 quantization is supported"
    whole = model.SerializeToString()
    for length in np.linspace(0, len(whole) - 1, 60).astype(int):
        yield whole[:length], ""


def refusals(tool, folder):
    """Each spoiled model is refused in one sentence that names its file."""
    expected = []
    for i, (content, why) in enumerate(spoiled(every_op("qdq", False, "int32", 1)[1])):
        path = folder / f"spoiled{i}.onnx"
        path.write_bytes(content)
        expected.append((str(path), why))
    done = subprocess.run([tool, "refuse", "int8", *(path for path, _ in expected)],
                          capture_output=True, text=True)
    lines = done.stdout.splitlines()
    good = done.returncode == 0 and len(lines) == len(expected)
    for line, (path, why) in zip(lines, expected):
        if not line.startswith(path + ": ") or why not in line or line.endswith(": accepted"):
            print(f"FAILED: {path}: {line!r}, expected {why!r}")
            good = False
    return good


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        outcomes = [Check(tool, pathlib.Path(name), form, per_channel, bias, batch).good
                    for form in ("qdq", "qlinear") for per_channel in (False, True)
                    for bias, batch in (("int32", 1), ("none", 2), ("float", 1))
                    if not (form == "qlinear" and bias == "float")]
        outcomes.append(refusals(tool, pathlib.Path(name)))
    print(f"{len(outcomes)} checks, {outcomes.count(False)} failed (onnx {onnx.__version__})")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
