# SPDX-License-Identifier: MIT
"""What headers pull in, by the compiler's -M: includes_test.py COMPILER HEADERS FLAG...

HEADERS is a file with a line for each component, its name and its headers. A unit of all of them
may read no file but Octavo's, the standard library's, and those that the component's dependencies
read. FLAGs are folders of dependencies.
"""

import pathlib
import platform
import subprocess
import sys
import unittest

COMPILER, HEADERS, *FLAGS = sys.argv[1:]
INCLUDE = pathlib.Path(__file__).resolve().parent.parent.parent / "include"
LINES = [line.split() for line in pathlib.Path(HEADERS).read_text().splitlines()]
COMPONENTS = {component: headers for component, *headers in LINES}

# The standard library, and what compilers and systems say of the CPU. (clang has the other CPUs'
# headers too, and they say #error.)
STANDARD = ["bits/stdc++.h", "sys/auxv.h"]
STANDARD += ["arm_neon.h"] if platform.machine() == "aarch64" else ["immintrin.h", "cpuid.h"]
DEPENDENCIES = {
    "octavo": [],
    "engine": ["xsimd/xsimd.hpp"],
    "emulation": ["Eigen/Core", "Eigen/Cholesky", "unsupported/Eigen/CXX11/ThreadPool"],
    "io": ["zlib.h", "nlohmann/json.hpp"],
    "onnx": ["onnx/onnx_pb.h"],
}


def files_read(names):
    """Real paths of all files that a unit which includes `names` reads."""
    text = "".join(f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in names)
    made = subprocess.run([COMPILER, "-std=c++20", "-M", "-x", "c++", f"-I{INCLUDE}", *FLAGS, "-"],
                          input=text, check=True, capture_output=True, text=True).stdout
    words = made.split(":", 1)[1].replace("\\\n", " ").split()
    return {pathlib.Path(word).resolve() for word in words if word not in ("-", "/dev/null")}


class Includes(unittest.TestCase):
    def check(self, component):
        headers = COMPONENTS[component]
        self.assertTrue(headers)
        own = files_read(headers)
        self.assertLessEqual({INCLUDE / name for name in headers}, own)
        foreign = {path for path in own if INCLUDE not in path.parents}
        strange = foreign - files_read(STANDARD + DEPENDENCIES[component])
        self.assertEqual(sorted(str(path) for path in strange)[:5], [])
        if DEPENDENCIES[component]:
            self.assertTrue(foreign - files_read(STANDARD), f"{component} needs nothing")

    def test_an_older_standard_is_refused_by_its_name(self):
        for header in ("octavo/octavo.hpp", "octavo/quant/activation.hpp"):
            done = subprocess.run([COMPILER, "-std=c++17", "-fsyntax-only", "-x", "c++",
                                   f"-I{INCLUDE}", "-"], input=f"#include <{header}>\n",
                                  capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            first = next(line for line in done.stderr.splitlines() if "error:" in line)
            self.assertIn("Octavo needs C++20: compile with -std=c++20", first)

    def test_components(self):
        self.assertIn("octavo", COMPONENTS)
        for component in COMPONENTS:
            with self.subTest(component):
                self.check(component)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
