# SPDX-License-Identifier: MIT
"""embed as a user calls it: embed_test.py EMBED CPP_SOURCE_TOOL. What its headers do is
io/cpp_source_compile_test.py's; here they are those that the library gives."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
TOOL = pathlib.Path(sys.argv[2]).resolve()


class Embed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        keep = tempfile.TemporaryDirectory()
        cls.addClassCleanup(keep.cleanup)
        cls.folder = pathlib.Path(keep.name)
        subprocess.run([TOOL, "small", cls.folder], check=True)

    def call(self, *words):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True)

    def expect_refusal(self, status, sentence, *words):
        done = self.call(*words)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr)
        self.assertFalse((self.folder / "out.hpp").exists(), done)

    def test_writes_what_the_library_gives(self):
        for name in ("tiny", "every_op", "hostile"):
            made = f"made_{name}.hpp"
            done = self.call(f"{name}.octavo", made, "--namespace", name)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertEqual((self.folder / made).read_bytes(),
                             (self.folder / f"{name}.hpp").read_bytes())

    def test_says_what_it_wrote(self):
        done = self.call("tiny.octavo", "tiny_again.hpp")
        # conv: 2 channels of 2 x 2 x 2 taps at 2 x 2 places; fc: 3 sums of 8. Alive at once: the
        # image, 18 bytes in 20, and the convolution's 8.
        size = (self.folder / "tiny_again.hpp").stat().st_size
        self.assertEqual(done.stdout,
                         "network:      4 ops, 40 weights, 88 multiply-adds, scheme mixed\n"
                         "arena:        28 bytes\n"
                         f"written:      tiny_again.hpp ({size} bytes), namespace network\n")

    def test_wrong_usage(self):
        self.expect_refusal(2, "MODEL is required")
        self.expect_refusal(2, "OUT is required", "tiny.octavo")
        self.expect_refusal(2, "--namespace: namespace 'a-b', expected a letter, then",
                            "tiny.octavo", "out.hpp", "--namespace", "a-b")

    def test_wrong_files(self):
        self.expect_refusal(1, "embed: missing.octavo: there is no such file", "missing.octavo",
                            "out.hpp")
        self.expect_refusal(1, "embed: tiny.image: ", "tiny.image", "out.hpp")
        damaged = bytearray((self.folder / "tiny.octavo").read_bytes())
        damaged[-9] ^= 1
        (self.folder / "damaged.octavo").write_bytes(damaged)
        self.expect_refusal(1, "embed: damaged.octavo: ", "damaged.octavo", "out.hpp")

    def test_a_header_that_was_there_stays_where_the_new_one_fails(self):
        (self.folder / "old.hpp").write_text("old")
        self.assertEqual(self.call("missing.octavo", "old.hpp").returncode, 1)
        self.assertEqual((self.folder / "old.hpp").read_text(), "old")
        self.assertEqual(self.call("tiny.octavo", "no/such/folder.hpp").returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
