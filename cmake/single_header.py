#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes one header of Octavo: single_header.py OUTPUT [HEADER...], e.g.

    cmake/single_header.py octavo_single.hpp

Everything that octavo.hpp, kernels.hpp and engine.hpp (or the headers named, below include/octavo)
include, each header once, behind those that it includes. Headers that need no more than the
standard library give one that needs no more; kernels and engine need xsimd.

A piece (.inl) is pasted wherever it is included: every instruction set compiles it anew. A header
that another one includes inside #if stands before that one: headers guard themselves.
"""

import pathlib
import re
import sys

INCLUDE = pathlib.Path(__file__).resolve().parent.parent / "include" / "octavo"
HEADERS = ["octavo.hpp", "kernels.hpp", "engine.hpp"]

OWN = re.compile(r'^\s*#include "octavo/([^"]+)"')
SYSTEM = re.compile(r"^#include (<[^>]+>)")
CONDITION = re.compile(r"^\s*#\s*(if|endif)")
NOT_PASTED = ("// SPDX-License-Identifier:", "#pragma once")

TITLE = """// SPDX-License-Identifier: MIT
// Octavo {version} in one header, made by cmake/single_header.py: {names}.
// Change the headers that it was made of, not this one. The licence:
//
{licence}
#pragma once
"""


def version():
    text = (INCLUDE / "version.hpp").read_text()
    return ".".join(re.findall(r"#define OCTAVO_VERSION_\w+ (\d+)", text))


class Amalgamation:
    def __init__(self):
        self.lines = []
        self.headers = set()  # those that stand in it, or whose turn it is
        self.system = set()  # included outside of any #if

    def add_header(self, name):
        """Behind those that it includes."""
        if name in self.headers:
            return
        self.headers.add(name)
        text = (INCLUDE / name).read_text()
        for own in re.findall(r'^\s*#include "octavo/([^"]+\.hpp)"', text, re.MULTILINE):
            self.add_header(own)
        self.lines += ["", f"// ---- octavo/{name}"]
        self.paste(text)

    def paste(self, text):
        depth = 0
        for line in text.splitlines():
            if condition := CONDITION.match(line):
                depth += 1 if condition[1] == "if" else -1
            if own := OWN.match(line):
                if own[1].endswith(".inl"):
                    self.lines.append(f"// ---- octavo/{own[1]}")
                    self.paste((INCLUDE / own[1]).read_text())
            elif not line.startswith(NOT_PASTED) and not self.is_repeated(line, depth):
                self.lines.append(line)

    def is_repeated(self, line, depth):
        system = SYSTEM.match(line)
        if not system or depth > 0:
            return False
        repeated = system[1] in self.system
        self.system.add(system[1])
        return repeated


def single_header(headers):
    licence = (INCLUDE.parent.parent / "LICENSE").read_text().splitlines()
    title = TITLE.format(version=version(), names=", ".join(headers),
                         licence="\n".join(f"// {line}".rstrip() for line in licence))
    made = Amalgamation()
    made.lines = title.splitlines()
    for name in headers:
        made.add_header(name)
    text = "\n".join(made.lines) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    pathlib.Path(sys.argv[1]).write_text(single_header(sys.argv[2:] or HEADERS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
