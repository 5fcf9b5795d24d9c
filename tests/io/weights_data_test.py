#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The trained ResNet-50 from the folder that OCTAVO_TEST_DATA names, rewritten as .safetensors and
under Caffe's names as .caffemodel, must be the same float model: weights_data_test.py TOOL"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import google.protobuf  # noqa: F401, weights_writers needs it
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy or no protobuf")
    sys.exit(77)

from weights_writers import Checks, add_blob, caffe_net, write_safetensors

BLOCKS = [3, 4, 6, 3]
# Caffe's batch norm stores mean and variance times a number; a power of two changes no digit.
NORM_SCALE = np.float32(2)


def caffe_layers():
    """(torchvision's convolution, its batch norm, Caffe's label) of every convolution."""
    yield "conv1", "bn1", "_conv1"
    for stage, blocks in enumerate(BLOCKS):
        for block in range(blocks):
            at = f"layer{stage + 1}.{block}."
            label = f"{stage + 2}{'abcdef'[block]}_branch"
            if block == 0:
                yield at + "downsample.0", at + "downsample.1", label + "1"
            for i in range(3):
                yield f"{at}conv{i + 1}", f"{at}bn{i + 1}", label + "2" + "abc"[i]


def write_caffemodel(path, arrays):
    net = caffe_net()(name="ResNet-50")

    def add(name, kind, *blobs):
        layer = net.layer.add(name=name, type=kind)
        for values in blobs:
            add_blob(layer, np.asarray(values, np.float32))

    for conv, norm, label in caffe_layers():
        add("conv1" if label == "_conv1" else "res" + label, "Convolution",
            arrays[conv + ".weight"])
        add("bn" + label, "BatchNorm", arrays[norm + ".running_mean"] * NORM_SCALE,
            arrays[norm + ".running_var"] * NORM_SCALE, [NORM_SCALE])
        add("scale" + label, "Scale", arrays[norm + ".weight"], arrays[norm + ".bias"])
        add(re.sub("^_?", "relu", label), "ReLU")
    add("fc1000", "InnerProduct", arrays["fc.weight"], arrays["fc.bias"])
    path.write_bytes(net.SerializeToString())


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    source = pathlib.Path(os.environ.get("OCTAVO_TEST_DATA") or "absent")
    source = source / "resnet50" / "resnet50_torchvision.npz"
    if not source.exists():
        print("skipped: OCTAVO_TEST_DATA names no folder with resnet50/resnet50_torchvision.npz")
        return 77
    with np.load(source) as file:
        arrays = {name: file[name] for name in file.files}
    checks = Checks()

    def compare(path):
        done = subprocess.run([tool, "compare", source, path], capture_output=True, text=True,
                              timeout=600)
        print(path.name, path.stat().st_size, "bytes:", done.stdout or done.stderr, end="")
        # Weights and a bias for each channel, 53 convolutions and fc.
        checks.check(done.stdout == "25530472 equal parameters\n", path.name)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_safetensors(folder / "r.safetensors",
                          {n: ("F32", a.astype(np.float32)) for n, a in arrays.items()})
        compare(folder / "r.safetensors")
        write_caffemodel(folder / "r.caffemodel", arrays)
        compare(folder / "r.caffemodel")
        # Another weight in the last layer must be noticed.
        arrays["fc.bias"] = arrays["fc.bias"] + np.float32(1)
        write_safetensors(folder / "other",
                          {n: ("F32", a.astype(np.float32)) for n, a in arrays.items()})
        done = subprocess.run([tool, "compare", source, folder / "other"], capture_output=True,
                              text=True, timeout=600)
        checks.check(done.returncode == 1 and "fc1000 differs" in done.stderr, "a changed bias")
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
