# SPDX-License-Identifier: MIT
"""quantize on a trained ResNet-50 and eight photos, from the folder that the environment variable
OCTAVO_TEST_DATA names: quantize_data_test.py QUANTIZE. Ends with 77 without them."""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

DATA = pathlib.Path(os.environ.get("OCTAVO_TEST_DATA", ""))
WEIGHTS = DATA / "resnet50" / "resnet50_torchvision.npz"
if not os.environ.get("OCTAVO_TEST_DATA") or not WEIGHTS.exists():
    print("skipped: OCTAVO_TEST_DATA names no folder with resnet50/resnet50_torchvision.npz in it")
    sys.exit(77)

from quantize_case import PROGRAM, run

PHOTOS = {"bird.bmp": 19, "cat_720p.jpg": 285, "chelsea.png": 285, "coffee.png": 967,
          "dragonfly.bmp": 319, "hot_dog.jpg": 934, "owl.jpg": 24, "parrot.jpg": 88}
NET = "resnet50-torchvision"
MODEL = ("--model", WEIGHTS, "--net", NET)


class TrainedNetwork(unittest.TestCase):
    def works(self, *arguments):
        done = run(*arguments)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def test_eight_photos(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            made = self.works(*MODEL, "--images", DATA / "photos", "--scheme", "multiplier",
                              "--compare-images", 2, "-o", folder)
            # The original's floors for its best scheme.
            self.assertIn("first below:  none", made)
            self.assertRegex(made, r"full range:   [4-6]\d tensors are stored less their threshold")
            rows = list(csv.DictReader((folder / "comparison.csv").read_text().splitlines()))
            self.assertEqual(len(rows), 122)
            self.assertGreater(min(float(row["cosine"]) for row in rows), 0.96)
            (folder / "labels.txt").write_text(
                "".join(f"{photo} {label}\n" for photo, label in PHOTOS.items()))
            text = self.works("--evaluate", DATA / "photos", "--labels", folder / "labels.txt",
                              "--int8", folder / (NET + ".octavo"), *MODEL)
            for line in ("int8:         top-1  8 of 8", "float:        top-1  8 of 8",
                         "agreement:    top-1  8 of 8",
                         "difference:   +0.00 points of top-1 (standard error 0.00)"):
                self.assertIn(line, text)
            # What was made runs in every other way too, its relus in clips or not.
            done = subprocess.run([PROGRAM.with_name("resnet50"), "--model",
                                   folder / (NET + ".octavo"), "--image",
                                   DATA / "photos" / "owl.jpg", "--repeat", "1", "--check"],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done)
            self.assertIn("all 122 tensors equal", done.stdout)
            self.assertRegex(done.stdout, r"top 5:\n +24 ")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
