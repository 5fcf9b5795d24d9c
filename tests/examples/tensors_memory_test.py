# SPDX-License-Identifier: MIT
"""tensors as a user meets it: tensors_memory_test.py TENSORS. Needs nothing but Python itself.

Neuron memory and its map, comparisons, pictures.
"""

import array
import random
import struct
import sys
import unittest
import zlib

from tensors_case import Case, floats, write_npz

# Rows of the neuron map in the original's debugging notes.
MAP = """data_quant,0x00000000,int8,1,3,224,224
fc1000,0x00024c00,int8,1,1,1,1000
pool1,0x016a2ff0,int8,1,64,56,56
conv1_relu,0x016d3ff0,int8,1,64,112,112
scale_conv1,0x01797ff0,int8,1,64,112,112
"""
PRINTED = """\
[data_quant                          ][  150528] : [ 0x00000000 --> 0x00024c00 ]
[fc1000                              ][    1008] : [ 0x00024c00 --> 0x00024ff0 ]
[pool1                               ][  200704] : [ 0x016a2ff0 --> 0x016d3ff0 ]
[conv1_relu                          ][  802816] : [ 0x016d3ff0 --> 0x01797ff0 ]
[scale_conv1                         ][  802816] : [ 0x01797ff0 --> 0x0185bff0 ]
"""
MEMORY = 25542640


def png_pixels(data):
    """width, height, rows of bytes: of files with one IDAT and no filters, as ours are."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    size = struct.unpack(">I", data[33:37])[0]
    assert data[37:41] == b"IDAT"
    lines = zlib.decompress(data[41:41 + size])
    step = 1 + 3 * width
    return width, height, [lines[i * step + 1:(i + 1) * step] for i in range(height)]


class Memory(Case):
    """The original's debugging notes, on a memory of that size."""

    def setUp(self):
        super().setUp()
        (self.folder / "map.csv").write_text(MAP)
        self.memory = bytearray(MEMORY)
        source = random.Random(1)
        for offset, size in ((0, 150528), (0x24C00, 1000), (0x16A2FF0, 200704),
                             (0x16D3FF0, 802816), (0x1797FF0, 802816)):
            self.memory[offset:offset + size] = source.randbytes(size)
        self.put("out_new.bin", self.memory)

    def test_extract(self):
        for words, begin, size in ((("int8", "0", "150528"), 0, 150528),
                                   (("int8", "24739824", "802816"), 0x1797FF0, 802816),
                                   (("int8", "23937008", "802816"), 0x16D3FF0, 802816),
                                   (("int8", "23736304", "200704"), 0x16A2FF0, 200704),
                                   (("0x01797ff0", "802816"), 0x1797FF0, 802816)):
            self.good("bin_extract", "out_new.bin", "part.bin", *words)
            self.assertEqual(self.bytes_of("part.bin"), self.memory[begin:begin + size])

    def test_map(self):
        self.assertEqual(self.good("map", "map.csv"), PRINTED)
        self.assertEqual(self.good("map", "map.csv", "--memory", "0x185bff0"), PRINTED)
        done = self.call("map", "map.csv", "--memory", MEMORY - 1)
        self.assertEqual((done.returncode, done.stdout), (1, PRINTED))
        self.assertEqual(done.stderr, "tensors: map.csv: 'scale_conv1' ends at 25542640, behind "
                                      "the memory's 25542639 bytes\n")
        (self.folder / "map.csv").write_text(MAP.replace("0x00024c00", "0x00024bf8"))
        done = self.call("map", "map.csv")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 2)
        self.assertIn("no multiple of 16", done.stderr)
        self.assertIn("'fc1000' begins at 150520, inside 'data_quant'", done.stderr)
        self.refused("map.csv: 'fc1000' begins at 150520, which is no multiple", "bin_to_npz",
                     "out_new.bin", "map.csv", "c.npz")
        (self.folder / "map.csv").write_text("a,0,int8,1,1,1\n")
        self.refused("map.csv: line 1: 6 fields", "map", "map.csv")

    def test_to_npz_and_compare(self):
        self.good("bin_to_npz", "out_new.bin", "map.csv", "tpu.npz")
        self.assertEqual(self.good("npz_list", "tpu.npz").split(),
                         sorted(line.split(",")[0] for line in MAP.splitlines()))
        self.good("npz_to_bin", "tpu.npz", "pool1")
        self.assertEqual(self.bytes_of("pool1.bin"), self.memory[0x16A2FF0:0x16A2FF0 + 200704])
        # A dump of tensors is float32, and fc1000 a matrix in it.
        logits = array.array("b", bytes(self.memory[0x24C00:0x24C00 + 1000]))
        write_npz(self.folder / "dump.npz", fc1000=("<f4", (1, 1000), floats(logits)))
        out = self.good("npz_compare", "tpu.npz", "dump.npz", "--common-only")
        self.assertIn("1 tensor: 1 EQUAL, 0 CLOSE, 0 SIMILAR, 0 NOT_SIMILAR; 4 left out", out)

    def test_memory_of_another_size(self):
        # Without the padding of the tensor that ends last it is enough, one byte less is not.
        (self.folder / "map.csv").write_text("fc1000,0x10,int8,1,1,1,1000\n")
        self.put("short", self.memory[:1016])
        self.good("bin_to_npz", "short", "map.csv", "a.npz")
        self.put("short", self.memory[:1015])
        self.refused("short: has 1015 bytes, but 'fc1000' of map.csv ends at 1016", "bin_to_npz",
                     "short", "map.csv", "b.npz")
        # Nor is memory that no tensor ends: 1024 bytes with the padding.
        self.put("long", self.memory[:1025])
        self.refused("long: has 1025 bytes, but the last tensor of map.csv ends at 1024",
                     "bin_to_npz", "long", "map.csv", "b.npz")
        (self.folder / "map.csv").write_text("a,0x3ffffffffffffff0,int8,1,1,1,1000\n")
        self.refused("'a' of map.csv ends at", "bin_to_npz", "short", "map.csv", "b.npz")


class Compare(Case):
    def setUp(self):
        super().setUp()
        a = [1, 2, 3, 4]
        write_npz(self.folder / "ref.npz", a=("<f4", (4,), floats(a)),
                  b=("<f4", (1, 2, 2), floats(a)), c=("|i1", (1,), b"\1"))

    def verdict(self, status, word, target, *more):
        write_npz(self.folder / "t.npz", a=target)
        done = self.call("npz_compare", "t.npz", "ref.npz", "--common-only", *more)
        self.assertEqual(done.returncode, status, done)
        row = next(line for line in done.stdout.splitlines() if line.startswith("a "))
        self.assertIn(" " + word, row)

    def test_verdicts(self):
        near = ("<f4", (4,), floats([1, 2, 3, 4.001]))
        far = ("<f4", (4,), floats([1, 2, 3, 4.2]))
        wrong = ("<f4", (4,), floats([4, 3, 2, 1]))
        self.verdict(0, "EQUAL", ("<f8", (1, 4), array.array("d", [1, 2, 3, 4]).tobytes()))
        self.verdict(0, "CLOSE", near)
        self.verdict(0, "SIMILAR", near, "--rtol", "1e-5")
        self.verdict(0, "CLOSE", far, "--atol", "0.5")
        self.verdict(0, "SIMILAR", far)
        self.verdict(1, "NOT_SIMILAR", far, "--min-cosine", "0.9999")
        self.verdict(1, "NOT_SIMILAR", far, "--min-euclid", "0.99")
        self.verdict(1, "NOT_SIMILAR", far, "--min-sqnr", "60")
        self.verdict(1, "NOT_SIMILAR", wrong)
        self.verdict(0, "SIMILAR", wrong, "--min-cosine", "0", "--min-euclid", "-1")
        self.verdict(1, "NOT_MATCH", ("<f4", (2, 2), floats([1, 2, 3, 4])))

    def test_names(self):
        write_npz(self.folder / "t.npz", a=("<f4", (4,), floats([1, 2, 3, 4])),
                  b=("<f4", (1, 2, 2), floats([9, 9, 9, -9])))
        done = self.call("npz_compare", "t.npz", "ref.npz", "--csv", "out.csv")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the target does not have it", done.stdout)
        lines = self.bytes_of("out.csv").decode().splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], ["name", "a", "b", "c"])
        out = self.good("npz_compare", "--excepts", "b,c", "t.npz", "ref.npz")
        self.assertIn("1 tensor: 1 EQUAL", out)
        self.refused("'x' is excluded, but neither", "npz_compare", "t.npz", "ref.npz",
                     "--excepts", "b,x")

    def test_what_cannot_be_compared(self):
        write_npz(self.folder / "t.npz", a=("<f4", (4,), floats([1, 2, 3, float("nan")])))
        self.refused("NaN at element 3 of the target", "npz_compare", "t.npz", "ref.npz",
                     "--common-only")
        self.refused("absent", "npz_compare", "absent", "ref.npz")
        self.refused("absent", "npz_compare", "ref.npz", "absent")
        self.refused("absent", "npz_compare", "ref.npz", "ref.npz", "--model", "absent")
        self.refused("ref.npz", "npz_compare", "ref.npz", "ref.npz", "--model", "ref.npz")

    def test_bin(self):
        self.put("a", bytes([1, 2, 3, 100]))
        self.put("b", bytes([1, 2, 3, 101]))
        out = self.good("bin_compare", "a", "a", "int8", 1, 1, 2, 2)
        self.assertTrue(out.endswith("[a] [a] EQUAL [PASSED]\n"), out)
        out = self.good("bin_compare", "a", "b", "int8", 1, 1, 2, 2, 2)
        self.assertTrue(out.startswith("a\nShow Top-K 2\n(3, 100)\n(2, 3)\n"
                                       "b\nShow Top-K 2\n(3, 101)\n(2, 3)\n"), out)
        self.assertTrue(out.endswith("1 of 4 differ, most at 3: 100 and 101\n"
                                     "[a] [b] SIMILAR [PASSED]\n"), out)
        # A relative tolerance, or how many digits have to agree.
        for tolerance in ("0.02", "1"):
            out = self.good("bin_compare", "a", "b", "int8", 1, 1, 2, 2, 0, tolerance)
            self.assertIn("[a] [b] CLOSE [PASSED]", out)
        self.assertIn("SIMILAR", self.good("bin_compare", "a", "b", "int8", 1, 1, 2, 2, 0, "2"))
        done = self.call("bin_compare", "a", "b", "int8", 1, 1, 2, 2, "--min-cosine", "2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("[a] [b] NOT_SIMILAR [FAILED]", done.stdout)
        self.refused("a: has 4 bytes, expected 5", "bin_compare", "a", "b", "int8", 1, 1, 1, 5)


class Show(Case):
    def pixels(self, *words):
        self.good("show", *words, "-o", "out.png")
        return png_pixels(self.bytes_of("out.png"))

    def test_photo(self):
        self.put("a", floats([-10] * 16 + [0] * 16 + [10] * 16))
        words = ("a", "float32", 1, 3, 4, 4)
        width, height, rows = self.pixels(*words)
        self.assertEqual((width, height), (256, 256))
        self.assertEqual(rows[0][:3], bytes([0, 128, 255]))
        self.assertEqual(self.pixels(*words, "--bgr")[2][0][:3], bytes([255, 128, 0]))
        mean = ("--bgr", "--mean", "104.01,116.67,122.68")
        self.assertEqual(self.pixels(*words, *mean)[2][255][-3:], bytes([133, 117, 94]))
        self.assertEqual(self.pixels(*words, "--mean", "-1,0,300")[2][0][:3], bytes([0, 0, 255]))
        self.assertEqual(self.pixels(*words, "--heat")[:2], (200, 131 + 46))

    def test_heat_maps(self):
        write_npz(self.folder / "a.npz", x=("|i1", (1, 5, 2, 2), bytes(range(20))),
                  y=("<f4", (2,), floats([0, float("inf")])), z=("<f4", (0,), b""))
        width, height, rows = self.pixels("a.npz", "x")
        self.assertEqual((width, height), (200, 67 + 46))
        self.assertEqual(rows[0][:3], rows[66][:3])
        self.refused("a.npz: array 'y': element 1 is inf", "show", "a.npz", "y", "-o", "o.png")
        self.refused("a.npz: array 'z': has no elements", "show", "a.npz", "z", "-o", "o.png")
        self.refused("a.npz: has no array 'w'", "show", "a.npz", "w", "-o", "o.png")
        self.refused("5 planes are no photo", "show", "a.npz", "x", "-o", "o.png", "--bgr")
        self.put("b", bytes(8))
        self.refused("b: has 8 bytes, expected 9", "show", "b", "int8", 1, 1, 3, 3, "-o", "o.png")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
