#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares Octavo's .npz reader and writer with NumPy: npz_numpy_test.py NPZ_TOOL"""

import io
import itertools
import pathlib
import subprocess
import sys
import tempfile
import zipfile

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

TYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
         "float16", "float32", "float64"]
SHAPES = [(), (0,), (0, 3), (1,), (7,), (2, 3), (3, 1), (2, 3, 4), (2, 3, 4, 5), (1, 1, 1, 1)]

checks = 0
failures = 0


def check(good, what):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print("FAILED:", what)


def run(tool, *arguments):
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def values(type_name, shape, order, random):
    """Random bits, so that every kind of float is among them."""
    dtype = np.dtype(type_name)
    count = int(np.prod(shape, dtype=np.int64))
    if type_name == "bool":
        flat = random.integers(0, 2, count).astype(bool)
    else:
        flat = np.frombuffer(random.bytes(count * dtype.itemsize), dtype)
    return np.array(flat.reshape(shape), order=order)


def compare(expected, path, what):
    with np.load(path) as found:
        check(sorted(found.files) == sorted(expected), what + ": names")
        for name, array in expected.items():
            check(name in found.files and same(found[name], np.ascontiguousarray(array)
                                               .reshape(array.shape)), f"{what}: {name}")


def copies(tool, folder, random):
    for save, order in itertools.product([np.savez, np.savez_compressed], "CF"):
        arrays = {f"{t}/{'x'.join(map(str, s))}": values(t, s, order, random)
                  for t in TYPES for s in SHAPES}
        what = f"{save.__name__} {order}"
        source, target = folder / "in.npz", folder / "out.npz"
        save(source, **arrays)
        for how in ["copy", "copy64"]:
            done = run(tool, how, source, target)
            check(done.returncode == 0, f"{what}: {how}: {done.stderr}")
            if done.returncode == 0:
                compare(arrays, target, f"{what} {how}")
                check(zipfile.ZipFile(target).testzip() is None, what + ": testzip")
        again = folder / "again.npz"
        run(tool, "copy", target, again)
        run(tool, "copy", source, target)
        check(again.exists() and again.read_bytes() == target.read_bytes(),
              what + ": bytes differ between copies")
        listed = run(tool, "list", source).stdout.splitlines()
        check(listed == [" ".join([n, a.dtype.name, *map(str, a.shape)])
                         for n, a in arrays.items()], what + ": list")


def member_bytes(tool, folder, random):
    """What we write is NumPy's .npy byte for byte, and no time stamp varies."""
    arrays = {f"{t}_{len(s)}_{i}": values(t, s, "C", random)
              for t in TYPES for i, s in enumerate(SHAPES)}
    np.savez(folder / "in.npz", **arrays)
    run(tool, "copy", folder / "in.npz", folder / "out.npz")
    out = zipfile.ZipFile(folder / "out.npz")
    check(out.namelist() == sorted(out.namelist()), "sorted names")
    for name, array in arrays.items():
        data = io.BytesIO()
        np.save(data, array)
        check(out.read(name + ".npy") == data.getvalue(), f"bytes of {name}.npy")
        check(out.getinfo(name + ".npy").date_time == (1980, 1, 1, 0, 0, 0), f"date of {name}")


def conversions(tool, folder, random):
    """float16 has 65536 values: all of them. Integers that fit stay what they are."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    arrays = {"half": halves, "i1": np.arange(-128, 128, dtype=np.int8),
              "i8": np.array([-2**24, 2**24, 2**40, -2**63]), "u8": np.array([2**63], np.uint64),
              "b": np.array([True, False]), "f4": values("float32", (999,), "C", random)}
    np.savez(folder / "in.npz", **arrays)
    for type_name in ["float32", "float64"]:
        done = run(tool, type_name, folder / "in.npz", folder / "out.npz")
        check(done.returncode == 0, f"{type_name}: {done.stderr}")
        with np.load(folder / "out.npz") as found:
            for name, array in arrays.items():
                expected = array.astype(type_name)
                check(found[name].dtype == expected.dtype
                      and np.array_equal(found[name], expected, equal_nan=True)
                      and np.array_equal(np.signbit(found[name]), np.signbit(expected)),
                      f"{name} as {type_name}")
    doubles = random.standard_normal(9999) * 10.0 ** random.integers(-50, 38, 9999)
    np.savez(folder / "in.npz", d=doubles)
    run(tool, "float32", folder / "in.npz", folder / "out.npz")
    check(same(np.load(folder / "out.npz")["d"], doubles.astype("float32")), "float64 to float32")
    for name, bad in {"big": np.array([2**24 + 1]), "huge": np.array([1e39])}.items():
        np.savez(folder / "in.npz", **{name: bad})
        done = run(tool, "float32", folder / "in.npz", folder / "out.npz")
        check(done.returncode == 1 and name in done.stderr, f"{name} was not refused")


class Pipe(io.RawIOBase):
    """An output that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def close(self):
        self.file.close()
        super().close()


def containers(tool, folder, random):
    array = values("float32", (5, 6), "C", random)
    data = io.BytesIO()
    np.save(data, array)
    source, target = folder / "in.npz", folder / "out.npz"
    kinds = itertools.product([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], [False, True],
                              [False, True], [b"", b"a comment"], [b"", b"#!/bin/sh\n"])
    for method, force, piped, comment, prefix in kinds:
        sink = Pipe(source) if piped else str(source)
        with zipfile.ZipFile(sink, "w", method) as out:
            out.comment = comment
            for name in ["b", "a/\u00e4"]:
                with out.open(name + ".npy", "w", force_zip64=force) as member:
                    member.write(data.getvalue())
        if piped:
            sink.close()
        source.write_bytes(prefix + source.read_bytes())
        done = run(tool, "copy", source, target)
        what = f"method {method} zip64 {force} piped {piped} {comment} {prefix}"
        check(done.returncode == 0, f"{what}: {done.stderr}")
        if done.returncode == 0:
            compare({"b": array, "a/\u00e4": array}, target, what)


def versions(tool, folder, random):
    """All .npy versions and both byte orders."""
    array = values("int32", (3, 4), "C", random)
    for version, order in itertools.product([(1, 0), (2, 0), (3, 0)], "<>"):
        data = io.BytesIO()
        np.lib.format.write_array(data, array.astype(array.dtype.newbyteorder(order)), version)
        with zipfile.ZipFile(folder / "in.npz", "w") as out:
            out.writestr("x.npy", data.getvalue())
        done = run(tool, "copy", folder / "in.npz", folder / "out.npz")
        check(done.returncode == 0, f"version {version} {order}: {done.stderr}")
        if done.returncode == 0:
            compare({"x": array}, folder / "out.npz", f"version {version} {order}")


def refusals(tool, folder):
    bad = {"text": np.array(["a"]), "bytes": np.array([b"a"]), "complex": np.array([1j]),
           "date": np.array(["2020-01-01"], "M8[D]"), "object": np.array([None]),
           "structured": np.zeros(2, [("a", "<i4"), ("b", "<f4")]),
           "long": np.zeros(1, np.longdouble)}
    for name, array in bad.items():
        np.savez(folder / "in.npz", **{name: array})
        done = run(tool, "copy", folder / "in.npz", folder / "refused.npz")
        check(done.returncode == 1 and f"{name}.npy" in done.stderr, f"{name} was not refused")
        check(not (folder / "refused.npz").exists(), f"{name} left a file")


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    seed = 20240607
    print("seed", seed)
    random = np.random.default_rng(seed)
    np.seterr(all="ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        copies(tool, folder, random)
        member_bytes(tool, folder, random)
        conversions(tool, folder, random)
        containers(tool, folder, random)
        versions(tool, folder, random)
        refusals(tool, folder)
        left = [p.name for p in folder.iterdir() if ".part" in p.name]
        check(not left, f"temporary files left: {left}")
    print(f"{checks} checks, {failures} failed (NumPy {np.__version__})")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
