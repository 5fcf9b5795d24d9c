# SPDX-License-Identifier: MIT
"""The original's debugging notes from end to end: tensors_resnet50_test.py TENSORS RESNET50.

resnet50 dumps its tensors; neuron memory is made of them by the map; the notes' commands take it
apart again. Needs nothing but Python itself.
"""

import pathlib
import struct
import subprocess
import sys
import unittest

from tensors_case import Case

RESNET50 = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
CONV1 = ("24739824", "802816")
CONV1_RELU = ("23937008", "802816")
POOL1 = ("0x016a2ff0", "200704")


class Notes(Case):
    def rows(self):
        """name, offset, size of every row of the saved map"""
        for line in (self.folder / "saved" / "neuron_map.csv").read_text().splitlines():
            name, offset, _, *extents = line.split(",")
            size = 1
            for extent in extents:
                size *= int(extent)
            yield name, int(offset, 16), size

    def make_memory(self):
        memory = bytearray(25542640)
        for name, offset, size in self.rows():
            self.good("npz_to_bin", "all.npz", name, "part.bin", "int8")
            data = self.bytes_of("part.bin")
            self.assertEqual(len(data), size, name)
            memory[offset:offset + size] = data
        self.put("out_new.bin", memory)

    def test_notes(self):
        done = subprocess.run([RESNET50, "--repeat", "1", "--no-check", "--dump-all-tensor",
                               "all.npz", "--dump-float-tensor", "float.npz", "--save", "saved"],
                              cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done)
        printed = subprocess.run([RESNET50, "--print-map"], capture_output=True, text=True)
        self.assertEqual(self.good("map", "saved/neuron_map.csv", "--memory", 25542640),
                         printed.stdout)
        self.assertIn("scale_conv1\n", self.good("npz_list", "all.npz"))
        self.make_memory()
        self.check_input()
        self.check_parts()
        self.check_whole()
        self.check_float()

    def check_input(self):
        self.good("npz_to_bin", "all.npz", "data_quant")
        self.good("bin_fp32_to_int8", "data_quant.bin", "in_int8.bin", 1, 3, 224, 224)
        self.good("bin_extract", "out_new.bin", "out_data_quant.bin", "int8", "0", "150528")
        self.assertEqual(self.bytes_of("in_int8.bin"), self.bytes_of("out_data_quant.bin"))
        shown = self.good("npz_dump", "all.npz", "data_quant").replace("dtype float32\n", "")
        self.assertEqual(self.good("bin_dump", "data_quant.bin", "float32", 1, 3, 224, 224), shown)

    def check_parts(self):
        for name, part, extents in (("scale_conv1", CONV1, (1, 64, 112, 112)),
                                    ("conv1_relu", CONV1_RELU, (1, 64, 112, 112)),
                                    ("pool1", POOL1, (1, 64, 56, 56))):
            self.good("bin_extract", "out_new.bin", "out.bin", "int8", *part)
            self.good("npz_to_bin", "all.npz", name, "ref.bin", "int8")
            out = self.good("bin_compare", "out.bin", "ref.bin", "int8", *extents)
            self.assertTrue(out.endswith("EQUAL [PASSED]\n"), out)

    def check_whole(self):
        self.good("bin_to_npz", "out_new.bin", "saved/neuron_map.csv", "tpu.npz")
        out = self.good("npz_compare", "tpu.npz", "all.npz", "--common-only")
        self.assertIn("122 tensors: 122 EQUAL", out)
        # One wrong byte is found.
        memory = bytearray(self.bytes_of("out_new.bin"))
        memory[int(CONV1[0]) + 1000] ^= 0x40
        self.put("wrong.bin", memory)
        self.good("bin_to_npz", "wrong.bin", "saved/neuron_map.csv", "wrong.npz")
        exact = ("--rtol", "0", "--atol", "0", "--min-cosine", "2")
        done = self.call("npz_compare", "wrong.npz", "all.npz", "--common-only", *exact)
        self.assertEqual(done.returncode, 1)
        self.assertIn("121 EQUAL, 0 CLOSE, 0 SIMILAR, 1 NOT_SIMILAR; worst scale_conv1",
                      done.stdout)

    def check_float(self):
        """int8 against float: in execution order, near at the beginning."""
        done = self.call("npz_compare", "tpu.npz", "float.npz", "--common-only",
                         "--model", "saved/resnet50.octavo", "--csv", "table.csv")
        self.assertIn(done.returncode, (0, 1), done)
        lines = self.bytes_of("table.csv").decode().splitlines()
        names = [line.split(",")[0] for line in lines[1:]]
        self.assertEqual(names[0:4], ["data", "scale_conv1", "conv1_relu", "pool1"])
        self.assertEqual(names[-1], "fc1000")
        self.assertEqual(len(names), 122)
        self.assertIn(",SIMILAR,", lines[2])
        self.good("show", "tpu.npz", "pool1", "-o", "pool1.png")
        self.assertEqual(struct.unpack(">II", self.bytes_of("pool1.png")[16:24]), (905, 951))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
