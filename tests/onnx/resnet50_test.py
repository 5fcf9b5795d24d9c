#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A trained ResNet-50, written as ONNX, imported and run: resnet50_test.py ONNX_TOOL

Its weights, a photo and PyTorch's logits are in the folder that OCTAVO_TEST_DATA names; without it
the test is skipped.
"""

import os
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

BLOCKS = (3, 4, 6, 3)
NORM = ("weight", "bias", "running_mean", "running_var")


class Exporter:
    """Writes torchvision's network as its exporter does, batch normalizations not folded."""

    def __init__(self, weights):
        self.weights, self.nodes, self.used = weights, [], {}

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name + "_out"], name=name, **attributes))
        return name + "_out"

    def array(self, name):
        self.used[name] = numpy_helper.from_array(self.weights[name], name)
        return name

    def conv(self, x, name, norm, stride=1, relu=True):
        kernel = self.weights[name + ".weight"].shape[2]
        x = self.node("Conv", [x, self.array(name + ".weight")], name, kernel_shape=[kernel] * 2,
                      strides=[stride] * 2, pads=[kernel // 2] * 4)
        parts = [self.array(f"{norm}.{part}") for part in NORM]
        x = self.node("BatchNormalization", [x, *parts], norm, epsilon=1e-5)
        return self.node("Relu", [x], norm + "_relu") if relu else x

    def block(self, x, name, stride):
        y = self.conv(x, name + ".conv1", name + ".bn1")
        y = self.conv(y, name + ".conv2", name + ".bn2", stride)
        y = self.conv(y, name + ".conv3", name + ".bn3", relu=False)
        if name.endswith(".0"):
            x = self.conv(x, name + ".downsample.0", name + ".downsample.1", stride, relu=False)
        return self.node("Relu", [self.node("Add", [y, x], name + ".add")], name + ".relu")

    def network(self):
        x = self.conv("image", "conv1", "bn1", 2)
        x = self.node("MaxPool", [x], "maxpool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        for layer, count in enumerate(BLOCKS, 1):
            for block in range(count):
                x = self.block(x, f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1)
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x], "avgpool")], "flatten")
        x = self.node("Gemm", [x, self.array("fc.weight"), self.array("fc.bias")], "fc", transB=1)
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 224, 224])
        logits = helper.make_tensor_value_info(x, TensorProto.FLOAT, ["batch", 1000])
        graph = helper.make_graph(self.nodes, "resnet50", [image], [logits], self.used.values())
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])


def main():
    data = pathlib.Path(os.environ.get("OCTAVO_TEST_DATA") or "nowhere") / "resnet50"
    if not (data / "resnet50_torchvision.npz").exists():
        print("skipped: OCTAVO_TEST_DATA names no folder with resnet50/resnet50_torchvision.npz")
        return 77
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    oracle = np.load(data / "chelsea_fp32.npz")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        onnx.save(Exporter(np.load(data / "resnet50_torchvision.npz")).network(),
                  folder / "net.onnx")
        np.savez(folder / "in.npz", x=oracle["data"])
        done = subprocess.run([tool, "float", folder / "net.onnx", "1", folder / "in.npz",
                               folder / "out.npz"], capture_output=True, text=True)
        if done.returncode != 0:
            print("FAILED:", done.stderr)
            return 1
        got = np.load(folder / "out.npz")
        good = True
        for ours, theirs in (("maxpool", "pool1"), ("layer1.0.relu", "res2a_relu"),
                             ("layer4.2.relu", "res5c_relu"), ("avgpool", "pool5"),
                             ("fc", "fc1000")):
            a, b = got[ours].ravel(), oracle[theirs].ravel()
            error = np.abs(a - b).max() / np.abs(b).max()
            print(f"{ours}: largest difference from PyTorch {error:.1e} of the largest value")
            good &= a.size == b.size and error <= 1e-4
        best = np.argsort(-got["fc"].ravel())[:3].tolist()
        print("classes", best)
    return 0 if good and best == [285, 282, 281] else 1


if __name__ == "__main__":
    sys.exit(main())
