# SPDX-License-Identifier: MIT
"""What the tests of the Markdown pages share: the pages, their fenced blocks and what a comment in
front of a block says about it.

    <!-- needs: lines of C++ -->     in front of a fragment: its #include lines and the lines that
                                     come first in its main(); without, a block is a program
    <!-- flags: -fno-exceptions -->  compiled alone, with these
    <!-- calls: puts printf -->      compiled alone; its object file needs no other function
    <!-- must not compile -->        the sentences in double quotes of the ```text block below are
                                     in the compiler's message
    <!-- not run: why -->            a ```sh block that no test executes
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENT = re.compile(r"^<!-- (needs|flags|calls|must not compile|not run)(?::|(?= -->))")


class Block:
    """A fenced block: its language, text and page; `output` is the ```text block behind it."""

    def __init__(self, page, line, language, notes):
        self.page, self.line, self.language, self.notes = page, line, language, notes
        self.lines = []
        self.output = None

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def note(self, word):
        return self.notes.get(word)


def all_pages():
    pages = sorted(page for page in ROOT.rglob("*.md")
                   if not {"build", ".git"} & set(page.relative_to(ROOT).parts))
    assert len(pages) > 8, pages
    return pages


def read_comment(lines, at, notes):
    """Adds what a comment that begins at lines[at] says; returns the first line behind it."""
    word = COMMENT.match(lines[at])[1]
    end = next(i for i in range(at, len(lines)) if lines[i].endswith("-->"))
    text = "\n".join(lines[at:end + 1]).removeprefix("<!-- " + word).removesuffix("-->")
    notes[word] = text.removeprefix(":").strip()
    return end + 1


def blocks_of(page):
    """The fenced blocks of a page, the ```text behind a program as its output."""
    lines = page.read_text().split("\n")
    found, notes, fence, at = [], {}, None, 0
    while at < len(lines):
        line = lines[at]
        if fence is not None:
            if line == "```":
                fence = None
            else:
                fence.lines.append(line)
        elif COMMENT.match(line):
            at = read_comment(lines, at, notes)
            continue
        elif line.startswith("```"):
            fence = Block(page, at + 1, line[3:], notes)
            notes = {}
            if fence.language == "text" and found and not between(lines, found[-1], at):
                found[-1].output = fence
            found.append(fence)
        elif line:
            notes = {}
        at += 1
    assert fence is None, f"{page}: a block has no end"
    return found


def between(lines, block, at):
    """The text between the end of a block and line `at`."""
    return "".join(lines[block.line + len(block.lines) + 1:at]).strip()


def prose_of(page):
    """(line number, line) of what is not in a fenced block."""
    inside = False
    for number, line in enumerate(page.read_text().split("\n"), 1):
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            yield number, line
