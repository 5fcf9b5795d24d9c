# SPDX-License-Identifier: MIT
"""examples/quickstart.cpp with the single header and nothing else of Octavo's:
single_header_test.py COMPILER QUICKSTART FLAG..., where QUICKSTART is the program of the usual
build and FLAGs are xsimd's folders."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

COMPILER, QUICKSTART, *FLAGS = sys.argv[1:]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "cmake" / "single_header.py"
OWN = re.compile(r"^#include <octavo/.*>\n", re.MULTILINE)


class SingleHeader(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def generate(self, *headers):
        subprocess.run([sys.executable, "-B", SCRIPT, self.folder / "octavo_single.hpp", *headers],
                       check=True)
        return (self.folder / "octavo_single.hpp").read_text()

    def compile(self, text, *flags):
        (self.folder / "user.cpp").write_text(text)
        return subprocess.run([COMPILER, "-std=c++20", "-Wall", "-Wextra", *flags, "user.cpp"],
                              cwd=self.folder, capture_output=True, text=True)

    def test_quickstart(self):
        text = self.generate()
        self.assertIn("Octavo 0.", text.splitlines()[1])
        self.assertNotIn('#include "', text)
        program, count = OWN.subn("", (ROOT / "examples" / "quickstart.cpp").read_text())
        self.assertGreater(count, 0)
        done = self.compile('#include "octavo_single.hpp"\n' + program, *FLAGS, "-o", "user")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(subprocess.check_output(self.folder / "user"),
                         subprocess.check_output(QUICKSTART))

    def test_the_core_alone(self):
        """No xsimd, and every byte follows from the tree."""
        text = self.generate("reference/conv2d.hpp")
        self.assertNotIn("xsimd", text)
        self.assertEqual(text, self.generate("reference/conv2d.hpp"))
        done = self.compile('#include "octavo_single.hpp"\n', "-fsyntax-only")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_two_versions_are_told_apart(self):
        self.generate("reference/conv2d.hpp")
        done = self.compile('#include "octavo_single.hpp"\n#include <octavo/core/shape.hpp>\n',
                            "-fsyntax-only", f"-I{ROOT / 'include'}")
        self.assertNotEqual(done.returncode, 0)
        first = next(line for line in done.stderr.splitlines() if "error:" in line)
        self.assertIn("Octavo twice in one translation unit", first)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
