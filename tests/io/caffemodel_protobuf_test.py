#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares Octavo's .caffemodel reader with Google's protobuf: caffemodel_protobuf_test.py
WEIGHTS_TOOL"""

import itertools
import pathlib
import subprocess
import sys
import tempfile

try:
    import google.protobuf
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy or no protobuf")
    sys.exit(77)

from weights_writers import Checks, add_blob, caffe_net

SHAPES = [(1,), (7,), (300, 2), (2, 3, 1, 4), (1, 1, 5, 6)]


def write_net(path, random, packed, old_layers, old_shape):
    """Returns the arrays in the file by the names they have for Octavo."""
    net = caffe_net(packed)(name="net", input=["data"], force_backward=True)
    expected = {}
    for at, dtype in itertools.product(range(3), ["float32", "float64"]):
        name = f"layer{at}_{dtype}"
        layers = net.layers if old_layers else net.layer
        layer = layers.add(name=name, bottom=["a", "b"], top=["c"])
        layer.type = 14 if old_layers else "InnerProduct"
        for number, shape in enumerate(SHAPES[at:at + 3]):
            size = int(np.prod(shape)) * np.dtype(dtype).itemsize
            values = np.frombuffer(random.bytes(size), dtype).reshape(shape)
            add_blob(layer, values, old_shape)
            layer.blobs[number].diff.append(1)
            if old_shape:
                values = values.reshape((1,) * (4 - values.ndim) + values.shape)
            expected[f"{name}_{number}"] = values.astype(np.float64)
        layers.add(name=name + "_relu")
    path.write_bytes(net.SerializeToString())
    return expected


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    seed = 20240609
    print("seed", seed, "protobuf", google.protobuf.__version__)
    random = np.random.default_rng(seed)
    np.seterr(all="ignore")
    checks = Checks()
    sizes = set()
    with tempfile.TemporaryDirectory() as name:
        source, target = pathlib.Path(name) / "in", pathlib.Path(name) / "out.npz"
        for kind in itertools.product([True, False], [True, False], [True, False]):
            what = "packed %s, old layers %s, old shape %s" % kind
            expected = write_net(source, random, *kind)
            sizes.add(source.stat().st_size)
            done = subprocess.run([tool, "copy", source, target, *expected], capture_output=True,
                                  text=True, timeout=300)
            checks.check(done.returncode == 0, f"{what}: {done.stderr}")
            if done.returncode != 0:
                continue
            with np.load(target) as found:
                for blob, values in expected.items():
                    checks.same_values(found[blob], values, f"{what}: {blob}")
    checks.check(len(sizes) == 8, "eight files that differ in size")
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
