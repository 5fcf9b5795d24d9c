# SPDX-License-Identifier: MIT
"""What the Markdown pages mention is there: docs_test.py ROOT.

Links and their #anchors, paths of files and folders, names of the library in backquotes; shell
blocks are Bash, and the options in them are options of their programs.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "docs"))
from pages import ROOT, all_pages, blocks_of, prose_of  # noqa: E402

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]*)\)")
CODE = re.compile(r"`([^`]+)`")
FOLDER = re.compile(r"`([\w./-]+/)`")
FILE = re.compile(r"(?<![\w./<>*-])[\w-][\w.-]*(?:/[\w.-]+)+\.(?:hpp|inl|cpp|py|cmake|sh|md)\b")
NAME = re.compile(r"octavo::([\w:]+)(?:\(.*)?|((?:\w+::)*\w+)\(.*\)")
NAME_IN_FILE = re.compile(r"`([\w:]+)(?:\([^`]*\))?`\s+\(`([\w./-]+)`\)")
# CONTRIBUTING.md's op that is not there yet.
EXAMPLE = "clamp"
# Where a path may begin, beside the page's own folder.
STARTS = ["", "include", "include/octavo", "tests", "tests/docs"]
OPTION = re.compile(r"--[a-z][\w-]*")
PROGRAMS = {"quantize", "resnet50", "bmnet", "interpreter", "embed"}


def anchors_of(page):
    """The anchors of a page's headings, as Git hosts make them."""
    found = set()
    for _, line in prose_of(page):
        if heading := re.match(r"#+ (.+)", line):
            text = re.sub(r"[`*]", "", heading[1]).lower()
            found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def words_of(*folders):
    words = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*")):
        if path.suffix in (".hpp", ".inl", ".cpp", ".py"):
            words.update(re.findall(r"\w+", path.read_text()))
    return words


def options_of(program):
    """Every option that the sources of a program name."""
    text = "".join(path.read_text() for path in (ROOT / "examples" / program).glob("*.cpp"))
    return set(OPTION.findall(text)) | {"--help"}


def commands_of(block):
    """The words of each command of a shell block."""
    text = block.text.replace("\\\n", " ")
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


class Pages(unittest.TestCase):
    def test_links(self):
        count = 0
        for page in all_pages():
            for number, line in prose_of(page):
                for link in LINK.findall(line):
                    where = f"{page}:{number}: {link}"
                    path, _, anchor = link.partition("#")
                    if ":" in path:
                        continue
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists(), where)
                    if anchor:
                        self.assertIn(anchor, anchors_of(target), where)
                    count += 1
        self.assertGreater(count, 40)

    def test_paths(self):
        count = 0
        for page in all_pages():
            for number, line in prose_of(page):
                for path in FOLDER.findall(line) + FILE.findall(LINK.sub("", line)):
                    starts = [page.parent] + [ROOT / start for start in STARTS]
                    there = any((start / path).exists() for start in starts)
                    known = there or EXAMPLE in path or self.is_made(page, path)
                    self.assertTrue(known, f"{page}:{number}: {path}")
                    count += 1
        self.assertGreater(count, 100)

    @staticmethod
    def is_made(page, code):
        """Whether a shell block of the page has it: a folder or file of the reader's own."""
        return any(block.language in ("", "sh") and code.rstrip("/") in block.text
                   for block in blocks_of(page))

    def test_names(self):
        library = words_of("include")
        anywhere = words_of("include", "examples", "tests", "bench")
        count = 0
        for page in all_pages():
            for number, line in prose_of(page):
                for code in CODE.findall(line):
                    found = NAME.fullmatch(code)
                    if not found:
                        continue
                    for name in (found[1] or found[2]).strip(":").split("::"):
                        self.assertIn(name, library if found[1] else anywhere,
                                      f"{page}:{number}: {code}")
                    count += 1
        self.assertGreater(count, 40)

    def test_names_with_a_file_behind_them_stand_in_it(self):
        count = 0
        for page in all_pages():
            for name, path in NAME_IN_FILE.findall("\n".join(line for _, line in prose_of(page))):
                if (ROOT / path).is_file():
                    words = re.findall(r"\w+", (ROOT / path).read_text())
                    self.assertIn(name.split("::")[-1], words, f"{page}: {path}")
                    count += 1
        self.assertGreater(count, 15)

    def test_shell_blocks_are_bash(self):
        count = 0
        for page in all_pages():
            for block in [b for b in blocks_of(page) if b.language == "sh"]:
                done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True,
                                      text=True)
                self.assertEqual(done.returncode, 0, f"{block.place}: {done.stderr}")
                count += 1
        self.assertGreater(count, 4)

    def test_shell_blocks_use_options_that_exist(self):
        count = 0
        for page in all_pages():
            for block in [b for b in blocks_of(page) if b.language == "sh"]:
                for words in commands_of(block):
                    program = next((w for w in words if w in PROGRAMS), None)
                    if program is None:
                        continue
                    of_program = words[words.index(program):]
                    unknown = {w for w in of_program if OPTION.fullmatch(w)} - options_of(program)
                    self.assertEqual(unknown, set(), block.place)
                    count += 1
        self.assertGreater(count, 4)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
