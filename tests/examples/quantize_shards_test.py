# SPDX-License-Identifier: MIT
"""A calibration and an evaluation on four "machines" give what one gives, byte for byte:
quantize_shards_test.py QUANTIZE. Needs NumPy and GNU parallel; ends with 77 without."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

if shutil.which("parallel") is None:
    print("skipped: no GNU parallel here")
    sys.exit(77)

from quantize_case import NET, PROGRAM, make_case, run, write_weights


def setUpModule():
    global FOLDER, KEEP, MODEL, RANGES, HISTOGRAMS
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = pathlib.Path(KEEP.name)
    MODEL = tuple(str(word) for word in make_case(FOLDER, pictures=5))
    RANGES = (*MODEL, "--images", "pictures", "--round", "ranges")
    HISTOGRAMS = (*MODEL, "--images", "pictures", "--round", "histograms", "--ranges", "ranges.all")
    in_shards("ranges", *RANGES)
    quantize("--merge", *parts("ranges"), "-o", "ranges.all")
    in_shards("histograms", *HISTOGRAMS)
    quantize("--merge", *parts("histograms"), "-o", "histograms.all")
    quantize(*MODEL, "--histograms", "histograms.all", "--scheme", "rshift16", "-o", "shared")


def tearDownModule():
    KEEP.cleanup()


def parts(name):
    return [f"{name}.{i}" for i in (3, 1, 4, 2)]


def in_shards(name, *arguments):
    """Four shards, two at a time."""
    done = subprocess.run(["parallel", "--will-cite", "-j2", str(PROGRAM), *arguments, "--threads",
                           "1", "--shard", "{}/4", "--part", name + ".{}", ":::", "1", "2", "3",
                           "4"], cwd=FOLDER, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done)


def quantize(*arguments):
    done = run(*arguments, cwd=FOLDER)
    if done.returncode != 0:
        raise AssertionError(done)
    return done.stdout


class Shards(unittest.TestCase):
    def refused(self, sentence, *arguments):
        done = run(*arguments, cwd=FOLDER)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def same(self, a, b):
        self.assertEqual((FOLDER / a).read_bytes(), (FOLDER / b).read_bytes())

    def test_calibration(self):
        quantize(*RANGES, "--part", "ranges.one", "--threads", 2)
        self.same("ranges.one", "ranges.all")
        quantize(*HISTOGRAMS, "--part", "histograms.one")
        self.same("histograms.one", "histograms.all")
        quantize(*MODEL, "--images", "pictures", "--scheme", "rshift16", "-o", "alone",
                 "--corrections", "full-range,largest,snap", "--compare-images", 0)
        for name in (NET + ".octavo", "calibration_table.txt", "head_room.csv"):
            self.same("alone/" + name, "shared/" + name)

    def test_evaluation(self):
        evaluate = ("--evaluate", "pictures", "--int8", "shared/" + NET + ".octavo", "--labels",
                    "labels.txt", *MODEL)
        in_shards("evaluation", *evaluate)
        merged = quantize("--merge", *parts("evaluation"))
        self.assertEqual(merged, quantize(*evaluate))
        quantize(*evaluate, "--part", "evaluation.one")
        self.assertIn(merged, quantize("--merge", *parts("evaluation"), "-o", "evaluation.all"))
        self.same("evaluation.one", "evaluation.all")
        # Without the float network it is another evaluation.
        quantize(*evaluate[:6], "--shard", "1/4", "--part", "other")
        self.refused("is of another set of options than other", "--merge", "other",
                     *(f"evaluation.{i}" for i in (2, 3, 4)))

    def test_parts_that_do_not_belong_together(self):
        self.refused("ranges.1: is shard 1/4, and so is ranges.1", "--merge", "ranges.1",
                     "ranges.2", "ranges.1", "-o", "x")
        self.refused("shard 3/4 is missing", "--merge", "ranges.1", "ranges.2", "ranges.4", "-o",
                     "x")
        self.refused("histograms.1: holds histograms, but ranges.1 holds ranges", "--merge",
                     "ranges.1", "histograms.1", "-o", "x")
        self.refused("needs a file to write", "--merge", *parts("ranges"))
        self.refused("labels.txt: is no partial result", "--merge", "labels.txt", "-o", "x")
        self.refused("shard 6/6 is empty", *RANGES, "--shard", "6/6", "--part", "x")
        self.refused("ranges.1: is shard 1/4 alone, expected all merged", *HISTOGRAMS[:-1],
                     "ranges.1", "--part", "x")
        self.assertFalse((FOLDER / "x").exists())

    def test_parts_of_other_sets_and_networks(self):
        (FOLDER / "fewer").mkdir(exist_ok=True)
        for i in range(4):
            name = f"picture {i}.bmp"
            shutil.copy(FOLDER / "pictures" / name, FOLDER / "fewer" / name)
        fewer = (*MODEL, "--images", "fewer")
        quantize(*fewer, "--round", "ranges", "--shard", "1/4", "--part", "other.1")
        self.refused("ranges.2: is of another set of images than other.1", "--merge", "other.1",
                     "ranges.2", "ranges.3", "ranges.4", "-o", "x")
        self.refused("ranges.all: is of another set of images than fewer", *fewer, "--round",
                     "histograms", "--ranges", "ranges.all", "--part", "x")

        def nudge(arrays):
            arrays["fc1000_1"][0] += 1

        write_weights(FOLDER / "nudged.npz", nudge)
        nudged = ("--model", "nudged.npz", "--net", NET)
        quantize(*nudged, "--images", "pictures", "--round", "ranges", "--shard", "1/4", "--part",
                 "nudged.1")
        self.refused("ranges.2: is of another network than nudged.1", "--merge", "nudged.1",
                     "ranges.2", "ranges.3", "ranges.4", "-o", "x")
        self.refused("histograms.all: is of another network than --model", *nudged,
                     "--histograms", "histograms.all", "--scheme", "rshift16", "-o", "none")

    def test_damaged_parts(self):
        whole = (FOLDER / "ranges.1").read_bytes()
        others = ("ranges.2", "ranges.3", "ranges.4", "-o", "x")
        for size in range(0, len(whole), 41):  # io's own tests cut at every byte
            (FOLDER / "cut").write_bytes(whole[:size])
            self.refused("cut: ", "--merge", "cut", *others)
        for place in (3, 9, 13, 20, 30, len(whole) - 1):
            damaged = bytearray(whole)
            damaged[place] ^= 16
            (FOLDER / "cut").write_bytes(damaged)
            self.refused("cut: ", "--merge", "cut", *others)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
