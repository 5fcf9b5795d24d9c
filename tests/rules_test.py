# SPDX-License-Identifier: MIT
"""The rules of CONTRIBUTING.md that a program can check: rules_test.py ROOT.

Includes point one way, intrinsics stand only in simd/isa/, lines are short and ASCII, and every
header says what it is.
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
HEADERS = ROOT / "include" / "octavo"

# From a folder (or a header that stands alone) to what it may include beside itself; version.hpp,
# everybody.
MAY_INCLUDE = {
    "core": "",
    "version.hpp": "",
    "quant": "core",
    "reference": "core quant",
    "graph": "core",
    "simd": "core quant",
    "model": "core quant graph",
    "networks": "core graph model",
    "interpreter.hpp": "core quant graph model reference",
    "emulation": "core quant graph model",
    "calibrate": "core quant graph model emulation",
    "compare": "core quant graph model emulation calibrate",
    "tpu": "core quant graph model networks",
    "report": "core quant graph model calibrate tpu",
    "io": "core quant graph model calibrate tpu",
    "engine": "core quant graph model simd interpreter.hpp",
    "engine.hpp": "core quant graph model simd engine",
    "tpu_executor.hpp": "core quant graph model tpu simd engine engine.hpp",
    "eigen_threads.hpp": "simd",
    "kernels": "core quant graph simd",
    "kernels.hpp": "core quant model reference simd kernels",
    "kernels_source.hpp": "simd",
    "octavo.hpp": "core quant graph model networks reference tpu interpreter.hpp",
}

SOURCES = [path for folder in ("include", "examples", "tests", "bench", "cmake")
           for path in sorted((ROOT / folder).rglob("*"))
           if path.suffix in (".hpp", ".inl", ".cpp", ".py", ".cmake", ".sh", ".txt")]
INTRINSIC = re.compile(r"immintrin|arm_neon|\b_mm\d*_|\bv[a-z]+q?_[su](8|16|32|64)\b|xsimd::batch")


def part_of(path):
    """core, quant ... or engine.hpp: the part of the library that a header belongs to."""
    return path.relative_to(HEADERS).parts[0]


class Rules(unittest.TestCase):
    def test_includes_point_one_way(self):
        for path in sorted(HEADERS.rglob("*")):
            if path.suffix not in (".hpp", ".inl"):
                continue
            part = part_of(path)
            self.assertIn(part, MAY_INCLUDE, path)
            allowed = MAY_INCLUDE[part].split() + [part, "version.hpp"]
            for name in re.findall(r'#include "octavo/([^"]+)"', path.read_text()):
                self.assertTrue((HEADERS / name).exists(), f"{path}: {name}")
                self.assertIn(name.split("/")[0], allowed, f"{path} includes {name}")

    def test_the_table_has_no_circle(self):
        done = set()
        while len(done) < len(MAY_INCLUDE):
            ready = {part for part, needs in MAY_INCLUDE.items()
                     if part not in done and set(needs.split()) <= done}
            self.assertTrue(ready, sorted(set(MAY_INCLUDE) - done))
            done |= ready

    def test_every_header_includes_the_version(self):
        """Itself or by another one: there is no circle."""
        version = re.search(r"MAJOR (\d+)", (HEADERS / "version.hpp").read_text())[1]
        for path in sorted(HEADERS.rglob("*")):
            if path.suffix not in (".hpp", ".inl") or path.name == "version.hpp":
                continue
            text = path.read_text()
            if path.suffix == ".hpp":
                self.assertTrue('#include "octavo/' in text, f"{path}: no version.hpp")
            for number in re.findall(r"\binline v(\d+)\b", text):
                self.assertEqual(number, version, f"{path}: not OCTAVO_VERSION_MAJOR")

    def test_intrinsics_stand_in_one_place(self):
        isa = HEADERS / "simd" / "isa"
        self.assertTrue(any(INTRINSIC.search(path.read_text()) for path in isa.iterdir()))
        for path in sorted(HEADERS.rglob("*")):
            if path.is_file() and isa not in path.parents:
                found = INTRINSIC.search(path.read_text())
                self.assertIsNone(found, f"{path}: {found}")

    def test_json_stands_in_the_header_that_reads_it(self):
        found = [path.name for path in sorted(HEADERS.rglob("*.hpp"))
                 if "#include <nlohmann/" in path.read_text()]
        self.assertEqual(found, ["safetensors_header.hpp"])

    def test_lines_are_short_and_ascii(self):
        self.assertGreater(len(SOURCES), 200)
        for path in SOURCES:
            text = path.read_bytes()
            self.assertTrue(text.isascii(), path)
            for number, line in enumerate(text.decode().split("\n"), 1):
                self.assertLessEqual(len(line), 100, f"{path}:{number}")
                self.assertEqual(line.rstrip(), line, f"{path}:{number}: blanks at the end")

    def test_headers_say_what_they_are(self):
        for path in sorted(HEADERS.rglob("*.hpp")):
            text = path.read_text()
            self.assertTrue(text.startswith("// SPDX-License-Identifier: MIT\n"), path)
            self.assertIn("#pragma once\n", text, path)
            if path.name != "version.hpp":
                self.assertIn("/// @file\n", text, path)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
