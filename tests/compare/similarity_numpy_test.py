#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares compare/similarity.hpp with NumPy: similarity_numpy_test.py SIMILARITY_TOOL

Sums of one tensor are double, left to right, which is what NumPy's cumsum does: every measure is
the same to the last bit.
"""

import math
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

RTOL, ATOL, MIN_COSINE, MIN_EUCLID = 1e-3, 1e-8, 0.99, 0.90

checks = 0
failures = 0


def check(good, what):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print("FAILED:", what)


def total(terms):
    return float(np.cumsum(terms)[-1]) if terms.size else 0.0


def measures(r, t):
    """elements, unequal, not close, where the worst is, cosine, euclid, sqnr, largest error."""
    r, t = r.astype(np.float64).ravel(), t.astype(np.float64).ravel()
    error = np.abs(r - t)
    rr, tt, rt = total(r * r), total(t * t), total(r * t)
    dd, ss = total((r - t) * (r - t)), total((r + t) * (r + t))
    if rr > 0 and tt > 0:
        cosine = min(max(rt / (math.sqrt(rr) * math.sqrt(tt)), -1.0), 1.0)
    else:
        cosine = 1.0 if rr == tt else 0.0
    if dd == 0:
        euclid, sqnr = 1.0, math.inf
    else:
        euclid = 1 - 2 * math.sqrt(dd) / math.sqrt(ss) if ss > 0 else -math.inf
        sqnr = 10 * math.log10(rr / dd) if rr > 0 else -math.inf
    not_close = int(np.sum(error > ATOL + RTOL * np.abs(r)))
    worst = int(np.argmax(error)) if r.size else 0
    return [r.size, int(np.sum(r != t)), not_close, worst, cosine, euclid, sqnr,
            float(error.max()) if r.size else 0.0]


def verdict(found):
    if found[1] == 0:
        return "EQUAL"
    if found[2] == 0:
        return "CLOSE"
    return "SIMILAR" if found[4] >= MIN_COSINE and found[5] >= MIN_EUCLID else "NOT_SIMILAR"


def run(tool, folder, reference, target, *more):
    np.savez(folder / "reference.npz", **reference)
    np.savez(folder / "target.npz", **target)
    done = subprocess.run([tool, folder / "reference.npz", folder / "target.npz", *more],
                          capture_output=True, text=True, timeout=300)
    check(done.returncode == 0, done.stderr)
    return {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}


def compare(lines, name, r, t, extra=()):
    expected = measures(r, t)
    got = lines[name]
    check(got[0] == verdict(expected), f"{name}: {got[0]}, expected {verdict(expected)}")
    numbers = [float(v) for v in got[1:]]
    check(numbers == [*expected, *extra], f"{name}: {numbers}, expected {[*expected, *extra]}")


def pairs(random):
    """Noise of every size on tensors of every size, and what has no angle."""
    made = {}
    for shape in [(1,), (7,), (2, 3, 4, 5), (1, 64, 28, 28)]:
        for noise in [0, 1e-5, 1e-2, 0.1, 1, 100]:
            r = random.standard_normal(shape).astype(np.float32)
            t = (r + noise * random.standard_normal(shape)).astype(np.float32)
            made[f"n{'x'.join(map(str, shape))}_{noise}"] = (r, t)
    some = random.standard_normal(9)
    zero = np.zeros(9)
    made.update({"opposite": (some, -some), "zero": (zero, zero), "no_target": (some, zero),
                 "no_reference": (zero, some), "empty": (zero[:0], zero[:0]),
                 "scalar": (np.float32(1), np.float32(2)),
                 "wide": (10.0 ** random.integers(-30, 30, 99),
                          10.0 ** random.integers(-30, 30, 99)),
                 "integers": (random.integers(-2**31, 2**31, 99), random.integers(-9, 9, 99))})
    return made


def dequantized(tool, folder, random):
    reference, target, lines, expected = {}, {}, [], {}
    for i, threshold in enumerate([0.1, 1, 161.008056641, 1e-3]):
        name = f"t{i}"
        q = np.clip(np.round(random.standard_normal(500) * 60), -128, 127).astype(np.int8)
        t = (q.astype(np.float64) * threshold / 128).astype(np.float32)
        r = (t + threshold / 256 * random.uniform(-1, 1, 500)).astype(np.float32)
        reference[name], target[name] = r, q.astype(np.float32) if i % 2 else q
        lines.append(f"{name} {threshold}\n")
        expected[name] = (r, t, q)
    (folder / "table").write_text("".join(lines))
    got = run(tool, folder, reference, target, folder / "table")
    for name, (r, t, q) in expected.items():
        compare(got, name, r, t, (np.mean(q == -128), np.mean(q == 127), len(np.unique(q))))


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    seed = 20240611
    print("seed", seed)
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = pairs(random)
        lines = run(tool, folder, {n: r for n, (r, _) in made.items()},
                    {n: t for n, (_, t) in made.items()})
        check(list(lines) == list(made), "names")
        for pair, (r, t) in made.items():
            compare(lines, pair, r, t)
        dequantized(tool, folder, random)
    print(f"{checks} checks, {failures} failed (NumPy {np.__version__})")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
