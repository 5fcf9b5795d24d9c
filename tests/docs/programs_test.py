# SPDX-License-Identifier: MIT
"""The C++ blocks of README.md, COOKBOOK.md and HACKING.md are compiled and run, and print what the
pages say: programs_test.py COMPILER FLAG...

All that is not compiled alone is one translation unit, since most of the time goes into headers;
the programs run in the pages' order in one folder, so that one reads what an earlier one wrote.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

from pages import ROOT, blocks_of

COMPILER, FLAGS = sys.argv[1], sys.argv[2:]
PAGES = ["README.md", "COOKBOOK.md", "HACKING.md"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
INCLUDE = re.compile(r"^#include .*$", re.MULTILINE)
ALONE = ("flags", "calls", "must not compile")


def whole_program(block):
    """A fragment with what it needs around it, a program as it is."""
    needs = block.note("needs")
    if needs is None:
        return block.text
    includes = "\n".join(INCLUDE.findall(needs))
    return f"{includes}\n\nint main() {{\n{INCLUDE.sub('', needs).strip()}\n{block.text}}}\n"


def as_function(program, number):
    """A program for a translation unit of many: its includes, and its main() under another name."""
    includes = INCLUDE.findall(program)
    body = INCLUDE.sub("", program).strip()
    assert body.count("int main() {") == 1 and body.endswith("\n}"), body
    body = body.replace("int main() {", "int run() {")[:-1] + "return 0;\n}"
    return includes, f"namespace program{number} {{\n{body}\n}}\n"


def one_unit(blocks):
    """A program that runs block argv[1]."""
    includes, functions = ["#include <cstdlib>"], []
    for number, block in enumerate(blocks):
        lines, function = as_function(whole_program(block), number)
        includes += lines
        functions.append(f"#line {block.line + 1} \"{block.place}\"\n{function}")
    names = ", ".join(f"program{number}::run" for number in range(len(blocks)))
    main = f"int main(int, char** argv) {{\n  int (*const all[])() = {{{names}}};\n" \
           "  return all[std::atoi(argv[1])]();\n}\n"
    return "\n".join(list(dict.fromkeys(includes)) + functions + [main])


def command(*more):
    return [COMPILER, "-std=c++20", *WARNINGS, f"-I{ROOT / 'include'}", f"-I{ROOT / 'tests'}",
            *FLAGS, *more]


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.keep.cleanup)
        cls.blocks = [block for page in PAGES for block in blocks_of(ROOT / page)
                      if block.language == "cpp"]

    def compile(self, source, *flags):
        path = os.path.join(self.keep.name, "program.cpp")
        with open(path, "w", encoding="ascii") as file:
            file.write(source)
        return subprocess.run(command(path, *flags), capture_output=True, text=True)

    def expect_output(self, block, *words):
        done = subprocess.run(words, cwd=self.keep.name, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{block.place}: {done}")
        if block.output is not None:
            printed = done.stdout + done.stderr
            self.assertEqual(printed, block.output.text, block.place)

    # The first by its name: it writes files that programs compiled alone include.
    def test_0_one_after_the_other(self):
        together = [b for b in self.blocks if not any(b.note(word) is not None for word in ALONE)]
        self.assertGreater(len(together), 5)
        program = os.path.join(self.keep.name, "program")
        done = self.compile(one_unit(together), "-o", program, "-lz", "-pthread")
        self.assertEqual(done.returncode, 0, done.stderr)
        for number, block in enumerate(together):
            with self.subTest(block=block.place):
                self.expect_output(block, program, str(number))

    def test_alone(self):
        alone = [b for b in self.blocks if b.note("flags") is not None]
        self.assertGreater(len(alone), 0)
        for block in alone:
            program = os.path.join(self.keep.name, "alone")
            done = self.compile(whole_program(block), *block.note("flags").split(), "-o", program)
            self.assertEqual(done.returncode, 0, f"{block.place}: {done.stderr}")
            with self.subTest(block=block.place):
                self.expect_output(block, program)

    def test_calls_nothing_else(self):
        for block in [b for b in self.blocks if b.note("calls") is not None]:
            made = os.path.join(self.keep.name, "alone.o")
            flags = block.note("flags").split()
            done = self.compile(whole_program(block), *flags, "-c", "-o", made)
            self.assertEqual(done.returncode, 0, f"{block.place}: {done.stderr}")
            text = subprocess.run(["nm", "-u", made], check=True, capture_output=True,
                                  text=True).stdout
            called = set(text.split()) - {"U", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}
            self.assertEqual(called - set(block.note("calls").split()), set(),
                             block.place)

    def test_mistakes(self):
        mistakes = [b for b in self.blocks if b.note("must not compile") is not None]
        self.assertGreater(len(mistakes), 0)
        for block in mistakes:
            done = self.compile(block.text, "-fsyntax-only", "-include", "octavo/graph/builder.hpp")
            self.assertNotEqual(done.returncode, 0, block.place)
            sentences = re.findall(r'"([^"]+)"', block.output.text)
            self.assertGreater(len(sentences), 0, block.place)
            for sentence in sentences:
                self.assertIn(sentence, done.stderr, block.place)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
