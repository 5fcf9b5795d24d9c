#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares Octavo's .safetensors reader with NumPy: safetensors_numpy_test.py WEIGHTS_TOOL"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

from weights_writers import DTYPES, Checks, write_safetensors

SHAPES = [(), (0,), (2, 0, 3), (1,), (7,), (2, 3, 1, 4)]


def make_tensors(random):
    """name -> (dtype, array): random bits, so that every kind of float is among them."""
    tensors = {}
    for dtype, code in DTYPES.items():
        for shape in SHAPES:
            size = int(np.prod(shape)) * np.dtype(code).itemsize
            values = np.frombuffer(random.bytes(size), code).reshape(shape)
            if dtype == "I64":
                values = values >> 11  # what a double holds
            tensors[f"{dtype}/{'x'.join(map(str, shape))}"] = (dtype, values)
    # 16 bits have 65536 values: all of them.
    bits = np.arange(65536, dtype=np.uint16)
    tensors["all F16"] = ("F16", bits.view(np.float16))
    tensors["all BF16"] = ("BF16", bits)
    tensors["name \u00e4 \"\\\n"] = ("F32", np.ones((1, 2), np.float32))
    return tensors


def as_float64(dtype, values):
    if dtype == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float64)


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    seed = 20240608
    print("seed", seed)
    random = np.random.default_rng(seed)
    np.seterr(all="ignore")
    checks = Checks()
    tensors = make_tensors(random)
    with tempfile.TemporaryDirectory() as name:
        source, target = pathlib.Path(name) / "in", pathlib.Path(name) / "out.npz"
        names = list(tensors)
        for padding, metadata in [(0, {}), (5, {"format": "np", "\u00e4": "{}"})]:
            order = [names[i] for i in random.permutation(len(names))]
            write_safetensors(source, {n: tensors[n] for n in order}, padding, **metadata)
            done = subprocess.run([tool, "copy", source, target, *names], capture_output=True,
                                  text=True, timeout=300)
            checks.check(done.returncode == 0, done.stderr)
            if done.returncode != 0:
                continue
            with np.load(target) as found:
                for n, (dtype, values) in tensors.items():
                    checks.same_values(found[n], as_float64(dtype, values), n)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
