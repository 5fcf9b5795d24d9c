#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our texts through the real mlir-opt, of every release that is here, and back.

mlir_opt_test.py MLIR_TOOL: models of every scheme and of random graphs are written, printed again
by mlir-opt in its own form, in the generic form, and with locations, and read back as equal models.
Ends with 77 where there is no mlir-opt.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

FORMS = ([], ["--mlir-print-op-generic"], ["--mlir-print-debuginfo"],
         ["--mlir-print-debuginfo", "--mlir-print-op-generic"])


def programs():
    """mlir-opt as Debian names it, of whatever releases there are."""
    names = ["mlir-opt"] + [f"mlir-opt-{release}" for release in range(14, 30)]
    return [path for path in map(shutil.which, names) if path]


def check(tool, program, form, text, model):
    """Whether the text, printed again in this form, is still the model."""
    printed = text.with_name("printed.mlir")
    with open(printed, "wb") as out:
        subprocess.run([program, "--allow-unregistered-dialect", *form, text], stdout=out,
                       check=True)
    done = subprocess.run([tool, "compare", printed, model], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{program} {' '.join(form)} {text.name}: {done.stdout}{done.stderr}")
    return done.returncode == 0


def main():
    tool = sys.argv[1]
    found = programs()
    if not found:
        print("skipped: there is no mlir-opt (Debian: mlir-14-tools, mlir-16-tools, mlir-19-tools)")
        return 77
    checks = failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([tool, "write", folder], check=True)
        for text in sorted(folder.glob("*.mlir")):
            for program in found:
                for form in FORMS:
                    checks += 1
                    failures += not check(tool, program, form, text, text.with_suffix(".octavo"))
    if checks < 15 * len(FORMS):
        print(f"only {checks} checks, expected more")
        return 1
    print(f"{checks} texts printed by {', '.join(found)}: {failures} are another model")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
