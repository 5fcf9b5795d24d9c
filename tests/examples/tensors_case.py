# SPDX-License-Identifier: MIT
"""What the tests of tensors share: the program as a user calls it, in a folder of its own."""

import array
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None


def floats(values):
    return array.array("f", values).tobytes()


def write_npz(path, **arrays):
    """name = (descr, shape, bytes)"""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (descr, shape, data) in arrays.items():
            header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
            header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
            archive.writestr(name + ".npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
                             + header + data)


class Case(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def call(self, *words, program=None):
        return subprocess.run([str(program or PROGRAM)] + [str(w) for w in words],
                              capture_output=True, text=True, cwd=self.folder)

    def good(self, *words):
        done = self.call(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout

    def refused(self, sentence, *words, status=1):
        before = sorted(self.folder.iterdir())
        done = self.call(*words)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr)
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def put(self, name, data):
        (self.folder / name).write_bytes(data)

    def bytes_of(self, name):
        return (self.folder / name).read_bytes()
