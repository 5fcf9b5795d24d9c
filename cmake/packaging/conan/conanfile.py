# SPDX-License-Identifier: MIT
"""A recipe for Conan 2: `conan create cmake/packaging/conan`.

Untested here: no such tool on the machines of the project.
"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class OctavoRecipe(ConanFile):
    name = "octavo"
    description = "Header-only int8 inference kernels with exact arithmetic"
    license = "MIT"
    topics = ("int8", "inference", "simd", "header-only")
    package_type = "header-library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"engine": [True, False], "emulation": [True, False], "io": [True, False]}
    default_options = {"engine": True, "emulation": False, "io": False}
    no_copy_source = True

    def root(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self.root(), "include", "octavo", "version.hpp"))
        self.version = ".".join(re.findall(r"#define OCTAVO_VERSION_\w+ (\d+)", text))

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*"):
            copy(self, pattern, self.root(), self.export_sources_folder)

    def requirements(self):
        if self.options.engine:
            self.requires("xsimd/8.1.0")
        if self.options.emulation:
            self.requires("eigen/3.4.0")
        if self.options.io:
            self.requires("zlib/1.2.13")
            self.requires("nlohmann_json/3.11.2")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["OCTAVO_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["OCTAVO_BUILD_TESTS"] = False
        toolchain.generate()

    def build(self):
        """Nothing is compiled."""

    def package(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        """The installed octavo-config.cmake is what find_package reads."""
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("share", "cmake", "octavo")]
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
