#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds what tensors prints against NumPy, byte for byte: tensors_numpy_test.py TENSORS"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

TYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
         "float16", "float32", "float64"]
SHAPES = [(), (0,), (0, 3), (1,), (7,), (100,), (1000,), (1001,), (2, 3), (30, 40), (3, 1),
          (2, 3, 4), (6, 7, 50), (3, 20, 20), (1, 3, 5, 7), (2, 3, 4, 5), (7, 7, 7, 7),
          (8, 8, 1, 17), (1, 2, 1, 2, 1, 3, 1), (2,) * 10, (1,) * 31 + (9,), (1,) * 20 + (40,)]
KINDS = ["bits", "normal", "eighths", "big", "nasty", "powers", "whole"]
NASTY = [0., -0., np.nan, np.inf, -np.inf, 1, -1, 1e-7, -1e-7, 5e-7, 1.5e-6, 2.5e-6, 0.9999995,
         0.9999999, -0.9999999, 99999999, 1e8, 1e-4, 123456.789012, 0.1, 1 / 3, 9.9999999e7, 1e-300,
         5e-324, 1e16, 9999999999999998]

tool = pathlib.Path(sys.argv[1]).resolve()
checks = 0
failures = 0


def check(found, expected, what):
    global checks, failures
    checks += 1
    if found != expected:
        failures += 1
        if failures <= 5:
            print(f"FAILED: {what}:\n{found[:400]!r}\nexpected\n{expected[:400]!r}")


def output(*words):
    done = subprocess.run([tool, *map(str, words)], capture_output=True, text=True, timeout=300)
    return done.stdout if done.returncode == 0 else f"status {done.returncode}: {done.stderr}"


def values(type_name, count, kind, random):
    dtype = np.dtype(type_name)
    if type_name == "bool":
        return random.integers(0, 2, count).astype(bool)
    if kind == "bits":
        return np.frombuffer(random.bytes(count * dtype.itemsize), dtype).copy()
    if dtype.kind in "iu":
        return random.integers(max(-20, np.iinfo(dtype).min), 20, count).astype(dtype)
    normal = random.standard_normal(count)
    made = {"normal": normal * 10.0 ** random.integers(-8, 9),
            "eighths": np.round(normal * 8) / 8,
            "big": normal * 10.0 ** random.integers(5, 12),
            "nasty": random.choice(random.choice(NASTY, random.integers(1, 7)), count),
            "powers": np.ldexp(1.0, random.integers(-30, 40, count)),
            "whole": np.round(normal * 3e7)}[kind]
    return made.astype(dtype)


def picture_text(array):
    """Of (3, H, W) and (1, 3, H, W): what the original prints, here in float64."""
    if array.size == 0 or array.shape[:-2] not in ((3,), (1, 3)):
        return ""
    flat = array.reshape(3, -1).astype(np.float64)
    text = f"max {flat.max(1)}\nmin {flat.min(1)}\n"
    mean = flat.sum(1) / flat.shape[1]
    deviation = np.sqrt(((flat - mean[:, None]) ** 2).sum(1) / flat.shape[1])
    return text + (f"mean {mean}\nabs mean {np.abs(flat).sum(1) / flat.shape[1]}\n"
                   f"std {deviation}\n")


def dump_text(array, count=0, dtype=True):
    np.set_printoptions(threshold=sys.maxsize if count < 0 else 1000)
    text = f"{array!s}\nshape {array.shape}\n"
    if dtype:
        text += f"dtype {array.dtype}\n"
    np.set_printoptions(threshold=1000)
    text += picture_text(array)
    if count > 0:
        flat = array.ravel()
        order = sorted(range(flat.size), key=lambda i: (np.isnan(flat[i]), -flat[i].item()
                                                        if not np.isnan(flat[i]) else 0, i))
        text += f"Show Top-K {count}\n" + "".join(f"({i}, {flat[i]!s})\n" for i in order[:count])
    return text


def arrays_of_every_kind(folder, random):
    arrays = {}
    for type_name in TYPES:
        for shape in SHAPES:
            for kind in KINDS if type_name.startswith("float") else KINDS[:2]:
                count = int(np.prod(shape, dtype=np.int64))
                if picture_text(np.ones(shape)) and type_name.startswith("float"):
                    kind = "eighths"  # sums that are exact, whatever their order
                array = values(type_name, count, kind, random).reshape(shape)
                arrays[f"{type_name} {kind} {shape}"] = array
    path = folder / "arrays.npz"
    np.savez(path, **arrays)
    for name, array in arrays.items():
        check(output("npz_dump", path, name), dump_text(array), name)
        check(output("npz_dump", path, name, -1), dump_text(array, -1), name + " all")
        check(output("npz_dump", path, name, 4), dump_text(array, 4), name + " top")


def every_half(folder):
    """All 65536, in arrays; every 101st on its own."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    arrays = {f"h{i}": halves[i:i + 500] for i in range(0, 65536, 500)}
    arrays |= {f"s{i}": halves[i] for i in range(0, 65536, 101)}
    np.savez(folder / "halves.npz", **arrays)
    for name, array in arrays.items():
        check(output("npz_dump", folder / "halves.npz", name), dump_text(np.asarray(array)), name)


def every_power_of_two(folder):
    """Their neighbours below are nearer than those above: the hardest to round."""
    powers = np.ldexp(np.float32(1), np.arange(-149, 128)).astype(np.float32)
    arrays = {"all": powers, "small": powers[powers < 1e8]}
    for digits in range(7):
        longest = np.float32("1." + "1" * digits + "e12")
        arrays[f"d{digits}"] = np.append(powers, longest)
        for i in range(0, 277, 3):
            arrays[f"d{digits} {i}"] = np.array([powers[i], longest])
    np.savez(folder / "powers.npz", **arrays)
    for name, array in arrays.items():
        check(output("npz_dump", folder / "powers.npz", name), dump_text(array), name)


def numbers_alone(folder, random):
    arrays = {}
    for i in range(300):
        for dtype in (np.float32, np.float64):
            name = f"{np.dtype(dtype).name} {i}"
            arrays[name] = np.array(dtype(10.0 ** random.uniform(-8, 18)))
            arrays[name + " bits"] = np.frombuffer(random.bytes(8), dtype)[0]
    np.savez(folder / "alone.npz", **arrays)
    for name, array in arrays.items():
        check(output("npz_dump", folder / "alone.npz", name), dump_text(np.asarray(array)), name)


def raw_files(folder, random):
    path = folder / "raw.bin"
    for type_name in ("int8", "uint8", "int16", "int32", "float32", "bf16"):
        dtype = np.dtype("uint16" if type_name == "bf16" else type_name)
        for shape in ((2, 4, 5, 6), (0, 4, 5, 6), (0, 0, 40, 50), (0, 0, 0, 9), (1, 1, 1, 1)):
            extents = tuple(extent for extent in shape if extent)
            bits = np.frombuffer(random.bytes(int(np.prod(extents)) * dtype.itemsize), dtype)
            path.write_bytes(bits.tobytes())
            array = bits.reshape(extents)
            if type_name == "bf16":
                array = (array.astype(np.uint32) << 16).view(np.float32)
            for count in (0, 3, -1):
                check(output("bin_dump", path, type_name, *shape, count),
                      dump_text(array, count, dtype=False), f"{type_name} {shape} {count}")


def main():
    np.set_printoptions(precision=6, suppress=True)
    random = np.random.default_rng(20191011)
    with tempfile.TemporaryDirectory() as name, np.errstate(all="ignore"):
        folder = pathlib.Path(name)
        arrays_of_every_kind(folder, random)
        every_half(folder)
        every_power_of_two(folder)
        numbers_alone(folder, random)
        raw_files(folder, random)
    print(f"{checks} checks, {failures} failed (NumPy {np.__version__})")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
