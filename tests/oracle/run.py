# SPDX-License-Identifier: MIT
"""Holds Octavo against the independent implementation of the specification in spec.py.

run.py DUMP_TOOL: random ResNet-50s of width 8, both variants, both naming styles, every scheme:
every tensor, every parameter and the weight image, byte by byte.
run.py RESNET50 WEIGHTS.npz IMAGE: the same at full size, on trained weights.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SCHEMES = ("rshift8", "rshift16", "rshift32", "rshift-channel", "multiplier", "multiplier8",
           "multiplier-q31")
VARIANTS = ("caffe", "torchvision")
LAYOUTS = {"rshift8": "v1", "rshift16": "v2"}


def call(*command):
    """Runs a command; where it fails, prints what it said and returns False."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode == 77:
        print(done.stdout + done.stderr + "skipped")
        sys.exit(77)
    if done.returncode != 0:
        print("FAILED:", *command)
        print((done.stdout + done.stderr)[-2000:])
    return done.returncode == 0


def script(name, *arguments):
    return call(sys.executable, HERE / name, *arguments)


def compare(weights, dump, table, image, weight_map, scheme, variant):
    """Both comparisons of one run; both are made, whatever the first one finds."""
    tensors = script("compare_dump.py", weights, dump, table, scheme, variant)
    layout = LAYOUTS.get(scheme, "per_channel")
    return script("weight_image.py", dump, image, weight_map, layout, variant) and tensors


def reduced(tool, folder):
    """Yields the outcome of each reduced network."""
    for style in VARIANTS:
        weights = folder / (style + ".npz")
        if not script("make_weights.py", weights, "--width", 8, "--classes", 10, "--style", style):
            yield False
            continue
        for variant in VARIANTS:
            for scheme in SCHEMES:
                yield (call(tool, weights, variant, 8, 10, 64, scheme, folder) and
                       compare(weights, folder / "dump.npz", folder / "table.txt",
                               folder / "image.bin", folder / "weight_map.csv", scheme, variant))


def full(program, weights, picture, folder):
    """Yields the outcome of each scheme at full size."""
    dump = folder / "dump.npz"
    for variant in VARIANTS:
        for scheme in SCHEMES:
            yield (call(program, "--weights", weights, "--variant", variant, "--image", picture,
                        "--scheme", scheme, "--exec", "float", "--dump-all-tensor", dump,
                        "--save", folder) and
                   compare(weights, dump, folder / "calibration_table.txt",
                           folder / "ResNet-50-model.bin", folder / "weight_map.csv", scheme,
                           variant))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if len(sys.argv) == 2:
            outcomes = list(reduced(sys.argv[1], folder))
        elif len(sys.argv) == 4:
            outcomes = list(full(*sys.argv[1:], folder))
        else:
            sys.exit(__doc__)
    failed = outcomes.count(False)
    print("%d passed, %d failed" % (len(outcomes) - failed, failed))
    sys.exit(1 if failed or not outcomes else 0)


if __name__ == "__main__":
    main()
