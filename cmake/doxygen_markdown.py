# SPDX-License-Identifier: MIT
"""A page as Doxygen 1.9 takes it: doxygen_markdown.py ROOT PAGE. Its headings get the anchors
that a Git host gives them, unique among all pages; links to them, and to files, follow.
"""

import pathlib
import re
import sys

HEADING = re.compile(r"^(#+) (.+)$")
COMMENT = re.compile(r"^<!-- .*?-->\n", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)#]*)(#[^)]*)?\)")


def anchor(heading):
    """Of a heading, as Git hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def label(root, page, name):
    """Of an anchor in a page, among all pages."""
    return re.sub(r"\W", "-", str(page.relative_to(root).with_suffix(""))) + "-" + name


def follow(root, page, link):
    text, path, name = link[1], link[2], (link[3] or "")[1:]
    if ":" in path:
        return link[0]
    target = (page.parent / path).resolve() if path else page
    if target.suffix != ".md":
        return text
    if name:
        return f"[{text}](#{label(root, target, name)})"
    return f"@ref {page_name(root, target)} \"{text}\""


def page_name(root, page):
    return "page-" + re.sub(r"\W", "-", str(page.relative_to(root).with_suffix("")))


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    page = pathlib.Path(sys.argv[2]).resolve()
    inside = False
    for line in COMMENT.sub("", page.read_text()).split("\n"):
        inside ^= line.startswith("```")
        found = HEADING.match(line)
        if inside:
            print(line)
        elif found and found[1] == "#":
            print(f"{line} {{#{page_name(root, page)}}}")
        elif found:
            print(f"{line} {{#{label(root, page, anchor(found[2]))}}}")
        else:
            print(LINK.sub(lambda link: follow(root, page, link), line))


if __name__ == "__main__":
    main()
