# SPDX-License-Identifier: MIT
"""Octavo as its users come to it: find_package in an installed and moved tree, add_subdirectory,
FetchContent, pkg-config; and what it says where there is not what they ask for:
package_test.py CMAKE COMPILER. Ends with 77 where there is no pkg-config."""

import json
import shutil
import sys
import unittest

from package_case import (CMAKE, COMPILER, HERE, ROWS, SOURCE, WITHOUT_DEPENDENCIES, Case, check,
                          configure, configure_octavo)

FILES = "23 18 19 28 "


class Package(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        configure_octavo(cls.folder / "octavo")
        check(CMAKE, "--install", cls.folder / "octavo", "--prefix", cls.folder / "first")
        cls.tree = cls.folder / "a folder" / "moved"
        cls.tree.parent.mkdir()
        (cls.folder / "first").rename(cls.tree)
        cls.prefix = f"-DCMAKE_PREFIX_PATH={cls.tree}"

    def ask(self, question, *options, languages="NONE"):
        build = self.folder / f"ask-{self._testMethodName}"
        shutil.rmtree(build, ignore_errors=True)
        code, text = configure(HERE / "ask", build, self.prefix, f"-DLANGUAGES={languages}",
                               "-DQUESTION=" + question.replace(" ", ";"), *options)
        return code, " ".join(text.split())

    def refused(self, question, *options):
        code, text = self.ask(question, *options)
        self.assertNotEqual(code, 0, text)
        return text

    def test_tree(self):
        names = {path.relative_to(self.tree / "include").as_posix()
                 for path in (self.tree / "include").rglob("*") if path.is_file()}
        self.assertEqual(names, {path.relative_to(SOURCE / "include").as_posix()
                                 for path in (SOURCE / "include").rglob("*") if path.is_file()})
        for path in (self.tree / "share").rglob("*"):
            if path.is_file():
                self.assertNotIn(str(SOURCE), path.read_text(), path)
                self.assertNotIn(str(self.folder), path.read_text(), path)

    def test_find_package(self):
        build = self.configured("find_package", self.prefix, *WITHOUT_DEPENDENCIES)
        self.assertEqual(self.output(build, "reference"), ROWS)

    def test_no_flags_of_ours(self):
        build = self.configured("find_package", self.prefix, "-DCOMPONENTS=engine;emulation;io")
        for unit in json.loads((build / "compile_commands.json").read_text()):
            words = unit["command"].replace(str(self.tree), "TREE").split()
            flags = [word for word in words[1:-4] if word.startswith("-")]
            asked = {"-DOCTAVO_SEPARATE_KERNELS"} if "/separate" in unit["command"] else set()
            self.assertLessEqual(set(flags), asked | {"-isystem", "-std=gnu++20", "-std=c++20"},
                                 unit)

    def test_find_package_with_components(self):
        build = self.configured("find_package", self.prefix, "-DCOMPONENTS=engine;emulation;io")
        self.assertEqual(self.output(build, "kernels"), ROWS)
        self.assertEqual(self.output(build, "files"), FILES)

    def test_separate_kernels(self):
        """The program's own object has none of them."""
        build = self.configured("find_package", self.prefix, "-DCOMPONENTS=engine")
        self.assertEqual(self.output(build, "separate"), ROWS)
        for target, there in {"separate": False, "separate_kernels": True}.items():
            objects = list(build.glob(f"CMakeFiles/{target}.dir/**/*.o"))
            self.assertEqual(len(objects), 1, target)
            self.assertEqual("make_kernel_table" in check("nm", "-C", objects[0]), there, target)

    def test_add_subdirectory(self):
        build = self.configured("add_subdirectory", f"-DOCTAVO_SOURCE={SOURCE}",
                                *WITHOUT_DEPENDENCIES)
        self.assertEqual(self.output(build, "reference"), ROWS)

    def test_add_subdirectory_with_components(self):
        build = self.configured("add_subdirectory", f"-DOCTAVO_SOURCE={SOURCE}",
                                "-DCOMPONENTS=engine;emulation;io")
        self.assertEqual(self.output(build, "files"), FILES)
        check(CMAKE, "--install", build, "--prefix", self.folder / "nothing")
        self.assertFalse((self.folder / "nothing").exists(), "OCTAVO_INSTALL is off")

    def test_fetch_content(self):
        build = self.configured("fetch_content", f"-DOCTAVO_SOURCE={SOURCE}",
                                "-DFETCHCONTENT_FULLY_DISCONNECTED=ON", *WITHOUT_DEPENDENCIES)
        self.assertEqual(self.output(build, "reference"), ROWS)

    def test_library_that_is_installed(self):
        """Octavo is installed with it, or was there before; the library's user finds it."""
        for octavo, installed in ((f"-DOCTAVO_SOURCE={SOURCE}", ""), (self.prefix, self.tree)):
            with self.subTest(octavo):
                prefix = self.folder / "prefix"
                shutil.rmtree(prefix, ignore_errors=True)
                build = self.configured("library", octavo)
                check(CMAKE, "--build", build)
                check(CMAKE, "--install", build, "--prefix", prefix)
                user = self.configured("library_user", f"-DCMAKE_PREFIX_PATH={prefix};{installed}")
                self.assertEqual(self.output(user, "choice"), "portable\n")
                shutil.rmtree(build)
                shutil.rmtree(user)

    def test_subproject_says_what_is_missing(self):
        for components, sentence in {
                "engine": "octavo: component engine needs xsimd, not found",
                "engin": "there is no component engin, only engine emulation io onnx"}.items():
            code, text = configure(HERE / "add_subdirectory", self.folder / f"missing-{components}",
                                   f"-DOCTAVO_SOURCE={SOURCE}", f"-DCOMPONENTS={components}",
                                   *WITHOUT_DEPENDENCIES)
            self.assertNotEqual(code, 0, text)
            self.assertIn(sentence, " ".join(text.split()))

    def pkg_config(self, *words):
        return check("pkg-config", *words, PKG_CONFIG_PATH=str(self.tree / "share/pkgconfig"),
                     cwd=self.folder)

    def compile(self, program, packages, *more):
        flags = self.pkg_config("--cflags", "--libs", *packages).replace("\\ ", "\0").split()
        flags = [flag.replace("\0", " ") for flag in flags]
        check(COMPILER, "-std=c++20", HERE / f"program/{program}.cpp", *flags, *more,
              cwd=self.folder)

    def compiled(self, program, packages):
        """Its output, compiled by hand."""
        self.compile(program, packages, "-o", program)
        return check(self.folder / program, cwd=self.folder)

    def test_pkg_config(self):
        version = self.pkg_config("--modversion", "octavo").strip()
        self.assertIn(f"\n## {version} ", (SOURCE / "CHANGELOG.md").read_text())
        port = json.loads((SOURCE / "cmake/packaging/vcpkg/vcpkg.json").read_text())
        self.assertEqual(version, port["version"])
        self.assertEqual(self.compiled("reference", ["octavo"]), ROWS)

    def test_pkg_config_of_components(self):
        self.assertEqual(self.compiled("files", ["octavo-io"]), FILES)
        self.assertEqual(self.compiled("threads", ["octavo-emulation"]), "1 2 ")
        # The flags are for the headers; code for all kernels takes seconds more.
        self.compile("kernels", ["octavo-engine"], "-fsyntax-only")

    def test_versions(self):
        for version in ("0.1", "0.1.0"):
            code, text = self.ask(f"{version} CONFIG REQUIRED OPTIONAL_COMPONENTS engine")
            self.assertEqual(code, 0, text)
        for version in ("0.2", "1.0", "0.1.1", "0.0"):
            text = self.refused(f"{version} CONFIG REQUIRED")
            self.assertIn(f'compatible with requested version "{version}"', text)

    def test_unknown_component(self):
        text = self.refused("CONFIG REQUIRED COMPONENTS engin")
        self.assertIn("there is no component engin, only engine emulation io onnx", text)

    def test_component_without_its_dependency(self):
        text = self.refused("CONFIG REQUIRED COMPONENTS engine", *WITHOUT_DEPENDENCIES)
        self.assertIn("component engine needs xsimd, not found", text)
        text = self.refused("CONFIG REQUIRED COMPONENTS io", "-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON")
        self.assertIn("component io needs ZLIB::ZLIB, not found", text)

    def test_components_that_are_not_required(self):
        code, text = self.ask("CONFIG REQUIRED OPTIONAL_COMPONENTS engine io",
                              *WITHOUT_DEPENDENCIES)
        self.assertEqual(code, 0, text)
        self.assertIn("-- octavo 0.1.0: octavo::octavo --", text)

    def test_no_component_asked_for(self):
        """With a language: FindThreads wants one."""
        code, text = self.ask("CONFIG REQUIRED", "-DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON",
                              "-DCMAKE_DISABLE_FIND_PACKAGE_ONNX=ON", languages="CXX")
        self.assertEqual(code, 0, text)
        self.assertIn(": octavo::engine;octavo::io;octavo::octavo ", text)
        self.assertNotIn("Warning", text)


if __name__ == "__main__":
    if not shutil.which("pkg-config"):
        print("skipped: needs pkg-config")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
