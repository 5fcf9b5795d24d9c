# SPDX-License-Identifier: MIT
"""What the tests of the package share: Octavo installed into a folder that is then moved, and the
projects of this folder, configured and built against it: TEST.py CMAKE COMPILER."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CMAKE, COMPILER = sys.argv[1:3]
HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
ROWS = "1 2 3 6\n6 5 5 10\n10 7 7 14\n23 18 19 28\n"
DEPENDENCIES = ["xsimd", "Eigen3", "Threads", "ZLIB", "nlohmann_json", "Protobuf", "ONNX"]
WITHOUT_DEPENDENCIES = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in DEPENDENCIES]

# What tells CMake and pkg-config where to look, or compilers what to do, comes from here alone.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("CMAKE_", "CXX", "CPPFLAGS", "LDFLAGS", "PKG_CONFIG"))}


def call(*words, cwd=None, **environment):
    """(exit code, output and errors)"""
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=ENVIRONMENT | environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def check(*words, **options):
    code, text = call(*words, **options)
    if code != 0:
        raise AssertionError(f"{' '.join(str(word) for word in words)}\n{text}")
    return text


def configure(source, build, *options):
    return call(CMAKE, "-S", source, "-B", build, f"-DCMAKE_CXX_COMPILER={COMPILER}", *options)


def configure_octavo(build, *options):
    """For its users: nothing is built, nothing is looked for."""
    code, text = configure(SOURCE, build, "-DOCTAVO_BUILD_TESTS=OFF", "-DOCTAVO_BUILD_EXAMPLES=OFF",
                           *WITHOUT_DEPENDENCIES, *options)
    if code != 0:
        raise AssertionError(text)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def configured(self, project, *options):
        """The build folder of one of the projects here."""
        build = self.folder / f"{project}-{self._testMethodName}"
        code, text = configure(HERE / project, build, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                               *options)
        self.assertEqual(code, 0, text)
        return build

    def output(self, build, program):
        check(CMAKE, "--build", build, "--target", program)
        return check(build / program, cwd=build)
