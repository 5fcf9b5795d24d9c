# SPDX-License-Identifier: MIT
"""Every C++ file is as clang-format 14 leaves it: format_test.py ROOT. Other versions differ."""

import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("include", "examples", "tests", "bench")
SUFFIXES = (".hpp", ".inl", ".cpp")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True,
                             check=True).stdout if tool else ""
    if "version 14." not in version:
        print("skipped: needs clang-format 14")
        return 77
    files = [str(path) for folder in FOLDERS for path in sorted((root / folder).rglob("*"))
             if path.suffix in SUFFIXES]
    print(f"{len(files)} files")
    return subprocess.run([tool, "--dry-run", "-Werror", *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
