# SPDX-License-Identifier: MIT
"""tensors as a user meets it: tensors_test.py TENSORS. Needs nothing but Python itself.

The command line, .npz files and raw ones; with the environment variable OCTAVO_TEST_DATA also the
original system's input.
"""

import array
import os
import pathlib
import struct
import subprocess
import sys
import unittest

from tensors_case import PROGRAM, Case, floats, write_npz

NAMES = ["npz_list", "npz_dump", "npz_to_bin", "npz_compare", "bin_dump", "bin_extract",
         "bin_fp32_to_int8", "bin_to_npz", "bin_compare"]


class CommandLine(Case):
    def test_tools_of_the_original_have_names_of_their_own(self):
        help_text = self.good("--help")
        for name in NAMES + ["map", "show"]:
            self.assertIn("  " + name + " ", help_text)
        for name in NAMES:
            link = PROGRAM.parent / name
            self.assertEqual(os.readlink(link), PROGRAM.name)
            alone = self.call("--help", program=link)
            self.assertEqual(alone.returncode, 0)
            self.assertEqual(alone.stdout, self.good(name, "--help"))
        self.assertIn("absent", self.call("absent", program=PROGRAM.parent / "npz_list").stderr)

    def test_wrong_usage(self):
        self.put("a", bytes(8))
        self.refused("A subcommand is required", status=2)
        self.refused("'npz_lost': expected one of npz_list, npz_dump, ", "npz_lost", "a",
                     status=2)
        self.refused("FILE is required", "npz_list", status=2)
        self.refused("", "npz_list", "a", "b", status=2)
        self.refused("'x', expected an integer", "npz_dump", "a", "b", "x", status=2)
        self.refused("'int9', expected int8, uint8", "bin_dump", "a", "int9", 1, 1, 1, 8, status=2)
        self.refused("4 required but received 3", "bin_dump", "a", "int8", 1, 1, 8, status=2)
        self.refused("all zero", "bin_dump", "a", "int8", 0, 0, 0, 0, status=2)
        self.refused("a zero behind", "bin_dump", "a", "int8", 1, 0, 1, 8, status=2)
        self.refused("'-8'", "bin_dump", "a", "int8", 1, 1, 1, -8, status=2)
        self.refused("'8x', expected an integer, decimal or with 0x", "bin_extract", "a", "b", "0",
                     "8x", status=2)
        self.refused("'int9'", "bin_extract", "a", "b", "int9", "0", "8", status=2)
        self.refused("'-1'", "bin_extract", "a", "b", "-1", "8", status=2)
        self.refused("'0', expected", "bin_extract", "a", "b", "0", "0", status=2)
        self.refused("", "bin_extract", "a", "b", "8", status=2)
        for threshold in ("0", "-1", "nan", "inf", "1,5"):
            self.refused("THRESHOLD", "bin_fp32_to_int8", "a", "b", 1, 1, 1, 2, threshold,
                         status=2)
        self.refused("slash", "npz_to_bin", "a", "x/y", status=2)
        self.refused("'int9'", "npz_to_bin", "a", "x", "out", "int9", status=2)
        self.refused("TYPE N C H W", "show", "a", "int8", "1", "-o", "x", status=2)
        self.refused("--out is required", "show", "a", "x", status=2)
        self.refused("expected three numbers", "show", "a", "x", "-o", "y", "--mean", "1,2",
                     status=2)
        self.refused("excludes", "show", "a", "x", "-o", "y", "--bgr", "--heat", status=2)
        self.refused("'1.5', expected", "bin_compare", "a", "a", "int8", 1, 1, 1, 8, 0, 1.5,
                     status=2)

    def test_output_that_cannot_be_written_is_an_error(self):
        self.put("a", bytes(8))
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "bin_dump", self.folder / "a", "int8", "1", "1", "1",
                                   "8"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written", done.stderr)

    def test_outputs_appear_whole_or_not_at_all(self):
        self.put("a", floats([1, 2]))
        write_npz(self.folder / "n", x=("<f4", (2,), floats([1, 2])))
        (self.folder / "map").write_text("x,0,int8,1,1,1,8\n")
        (self.folder / "taken").mkdir()
        self.refused("taken: is a directory", "bin_extract", "a", "taken", "0", "8")
        self.refused("taken: is a directory", "bin_fp32_to_int8", "a", "taken", 1, 1, 1, 2)
        self.refused("taken: is a directory", "npz_to_bin", "n", "x", "taken")
        self.refused("taken: is a directory", "bin_to_npz", "a", "map", "taken")
        self.refused("taken: is a directory", "show", "n", "x", "-o", "taken")
        self.refused("absent/x", "bin_extract", "a", "absent/x", "0", "8")


class Npz(Case):
    def setUp(self):
        super().setUp()
        write_npz(self.folder / "a.npz", data=("<f4", (2, 2), floats([1, -0.5, 0.25, 7])),
                  map=("|i1", (3,), b"\x80\x00\x7f"), prob=("<f8", (), struct.pack("<d", 0.1)))

    def test_list(self):
        self.assertEqual(self.good("npz_list", "a.npz"), "data\nmap\nprob\n")
        self.assertEqual(self.good("npz_dump", "a.npz"), "data\nmap\nprob\n")

    def test_dump(self):
        self.assertEqual(self.good("npz_dump", "a.npz", "data"),
                         "[[ 1.   -0.5 ]\n [ 0.25  7.  ]]\nshape (2, 2)\ndtype float32\n")
        self.assertEqual(self.good("npz_dump", "a.npz", "map", 2),
                         "[-128    0  127]\nshape (3,)\ndtype int8\n"
                         "Show Top-K 2\n(2, 127)\n(1, 0)\n")
        self.assertEqual(self.good("npz_dump", "a.npz", "prob", -1),
                         "0.1\nshape ()\ndtype float64\n")

    def test_all_numbers(self):
        write_npz(self.folder / "b.npz", x=("|u1", (1001,), bytes(1001)))
        self.assertIn("...", self.good("npz_dump", "b.npz", "x"))
        self.assertNotIn("...", self.good("npz_dump", "b.npz", "x", "-1"))
        self.assertNotIn("...", self.good("npz_dump", "b.npz", "x", "-5"))

    def test_wrong_files(self):
        self.put("text", b"this is no zip file, but long enough to be one")
        self.refused("absent: there is no such file", "npz_list", "absent")
        self.refused("text", "npz_list", "text")
        self.refused("has no array 'pool', it has: data, map, prob", "npz_dump", "a.npz", "pool")
        many = {f"conv{i}": ("|i1", (1,), b"\1") for i in range(20)}
        write_npz(self.folder / "b.npz", **many)
        self.refused("has no array 'conv', the nearest are: conv0, conv1, conv2, conv3, conv4",
                     "npz_dump", "b.npz", "conv")
        data = (self.folder / "a.npz").read_bytes()
        self.put("cut", data[:-30])
        self.refused("cut", "npz_dump", "cut", "data")

    def test_to_bin(self):
        self.assertEqual(self.good("npz_to_bin", "a.npz", "data"),
                         "data.bin: float32 (2, 2), 16 bytes\n")
        self.assertEqual(self.bytes_of("data.bin"), floats([1, -0.5, 0.25, 7]))
        self.good("npz_to_bin", "a.npz", "map", "out")
        self.assertEqual(self.bytes_of("out"), b"\x80\x00\x7f")
        self.good("npz_to_bin", "a.npz", "map", "out", "float32")
        self.assertEqual(self.bytes_of("out"), floats([-128, 0, 127]))
        self.good("npz_to_bin", "a.npz", "map", "int32")
        self.assertEqual(self.bytes_of("map.bin"), struct.pack("<3i", -128, 0, 127))
        self.good("npz_to_bin", "a.npz", "data", "out", "bf16")
        self.assertEqual(self.bytes_of("out"), struct.pack("<4H", 0x3F80, 0xBF00, 0x3E80, 0x40E0))
        self.refused("a.npz: array 'data': element 1 of type float32 is no int8", "npz_to_bin",
                     "a.npz", "data", "int8")
        self.refused("element 0 of type int8 is no uint8", "npz_to_bin", "a.npz", "map", "uint8")


class Bin(Case):
    def test_dump(self):
        self.put("a", bytes([0, 1, 255, 128]))
        self.assertEqual(self.good("bin_dump", "a", "int8", 0, 0, 2, 2),
                         "[[   0    1]\n [  -1 -128]]\nshape (2, 2)\n")
        self.assertEqual(self.good("bin_dump", "a", "uint8", 0, 0, 0, 4, 1),
                         "[  0   1 255 128]\nshape (4,)\nShow Top-K 1\n(2, 255)\n")
        self.assertEqual(self.good("bin_dump", "a", "int16", 1, 1, 1, 2, -1),
                         "[[[[   256 -32513]]]]\nshape (1, 1, 1, 2)\n")
        self.refused("a: has 4 bytes, expected 6 for int8 (1, 2, 3, 1)", "bin_dump", "a", "int8",
                     1, 2, 3, 1)
        self.refused("more than 2^63 - 1", "bin_dump", "a", "int8", *[2147483647] * 4)

    def test_extract(self):
        self.put("a", bytes(range(64)))
        self.good("bin_extract", "a", "b", "int8", "16", "3")
        self.assertEqual(self.bytes_of("b"), bytes([16, 17, 18]))
        self.good("bin_extract", "a", "b", "0x10", "0x3")  # no type: int8
        self.assertEqual(self.bytes_of("b"), bytes([16, 17, 18]))
        self.good("bin_extract", "a", "b", "float32", "60", "1")
        self.assertEqual(self.bytes_of("b"), bytes([60, 61, 62, 63]))
        self.good("bin_extract", "a", "b", "010", "1")
        self.assertEqual(self.bytes_of("b"), bytes([10]))
        most = 2 ** 63 - 1
        for words in (("int8", 64, 1), ("int8", 65, 1), ("int8", 0, 65), ("float32", 61, 1),
                      ("float32", 0, 17), ("float32", 0, 2 ** 62), ("int16", 2, most),
                      ("int8", most, most), ("int8", most, 1)):
            self.refused("a: has 64 bytes, expected", "bin_extract", "a", "c", *words)

    def test_fp32_to_int8(self):
        self.put("a", floats([0.5, -0.5, 1.5, -1.5, 126.4, 126.5, 300, -300]))
        self.good("bin_fp32_to_int8", "a", "b", 1, 2, 2, 2)
        self.assertEqual(struct.unpack("8b", self.bytes_of("b")),
                         (1, 0, 2, -1, 126, 127, 127, -128))  # ties go up
        self.good("bin_fp32_to_int8", "a", "b", 0, 0, 0, 8, 256)
        self.assertEqual(struct.unpack("8b", self.bytes_of("b")),
                         (0, 0, 1, -1, 63, 63, 127, -128))
        self.refused("a: has 32 bytes, expected 36", "bin_fp32_to_int8", "a", "c", 1, 1, 1, 9)
        for value in ("nan", "inf", "-inf"):
            self.put("a", floats([0, float(value)]))
            self.refused(f"a: element 1 at offset 4 is {value}", "bin_fp32_to_int8", "a", "c",
                         1, 1, 1, 2)


class Data(Case):
    def test_original_input(self):
        data = os.environ.get("OCTAVO_TEST_DATA")
        cat = pathlib.Path(data or "") / "cat"
        if not data or not (cat / "test_cat_in_fp32.bin").exists():
            self.skipTest("OCTAVO_TEST_DATA names no folder with cat/test_cat_in_fp32.bin in it")
        self.good("bin_fp32_to_int8", cat / "test_cat_in_fp32.bin", "int8.bin", 1, 3, 224, 224,
                  "161.008056641")
        expected = (cat / "test_cat_in_int8.bin").read_bytes()
        self.assertEqual(len(expected), 150528)
        self.assertEqual(self.bytes_of("int8.bin"), expected)
        # The notes' way: the quantized input as float32, rounded alone.
        quantized = array.array("b", expected)
        write_npz(self.folder / "all.npz", data_quant=("<f4", (1, 3, 224, 224), floats(quantized)))
        self.good("npz_to_bin", "all.npz", "data_quant")
        self.good("bin_fp32_to_int8", "data_quant.bin", "again.bin", 1, 3, 224, 224)
        self.assertEqual(self.bytes_of("again.bin"), expected)
        out = self.good("bin_dump", cat / "test_cat_out_fp32.bin", "float32", 0, 0, 0, 1000, 1)
        self.assertIn("Show Top-K 1\n(282, 0.2344", out)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
