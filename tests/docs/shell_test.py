# SPDX-License-Identifier: MIT
"""The shell blocks of README.md, COOKBOOK.md and HACKING.md, one after the other in one folder, in
which weights.npz (a ResNet-18 of random numbers) and pictures/ lie: shell_test.py QUANTIZE.

Blocks behind a `not run` comment are left out. Needs NumPy and GNU parallel; ends with 77 without.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

if shutil.which("parallel") is None:
    print("skipped: no GNU parallel here")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples"))
from quantize_case import PROGRAM, make_case  # noqa: E402

from pages import ROOT, blocks_of  # noqa: E402

PAGES = ["README.md", "COOKBOOK.md", "HACKING.md"]
WRITTEN = ["made/resnet18-caffe.octavo", "made.html", "ranges.all", "histograms.all",
           "shared/resnet18-caffe.octavo"]


class Shell(unittest.TestCase):
    def test_blocks(self):
        blocks = [block for page in PAGES for block in blocks_of(ROOT / page)
                  if block.language == "sh" and block.note("not run") is None]
        self.assertGreater(len(blocks), 1)
        environment = dict(os.environ, PATH=f"{PROGRAM.parent}:{os.environ['PATH']}")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_case(folder, pictures=4)
            for block in blocks:
                done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", block.text],
                                      cwd=folder, env=environment, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, f"{block.place}: {done}")
            for path in WRITTEN:
                self.assertTrue((folder / path).is_file(), path)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
