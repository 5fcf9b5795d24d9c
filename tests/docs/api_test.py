# SPDX-License-Identifier: MIT
"""The API reference: nothing in it is written wrongly, and each type, function, constant and macro
that a user meets has its sentence: api_test.py DOXYGEN DOXYFILE. (Members of a class need none:
many say what they are.)"""

import pathlib
import re
import subprocess
import sys

# How the library does it.
INNER = re.compile(r"octavo::(io::(cpp|mlir|onnx)|report|simd)\b")
UNDOCUMENTED = re.compile(r": (?:Compound (?P<compound>\S+)|"
                          r"Member .* of (?P<kind>\w+) (?P<place>\S+)) is not documented\.")


def is_allowed(line):
    found = UNDOCUMENTED.search(line)
    if not found:
        return False
    if found["kind"] in ("class", "struct"):
        return True
    return bool(INNER.match(found["compound"] or found["place"]))


def main(doxygen, doxyfile):
    settings = pathlib.Path(doxyfile).read_text()
    settings += "\nWARN_IF_UNDOCUMENTED = YES\nWARN_AS_ERROR = NO\n"
    done = subprocess.run([doxygen, "-"], input=settings, capture_output=True, text=True)
    lines = dict.fromkeys(done.stderr.splitlines())  # each once
    wrong = [line for line in lines if line and not is_allowed(line)]
    for line in wrong:
        print(line)
    return 1 if done.returncode != 0 or wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
