# SPDX-License-Identifier: MIT
"""The Debian package, made, looked at, unpacked into a folder and used there:
deb_test.py CMAKE COMPILER. Ends with 77 where there is no dpkg-deb."""

import pathlib
import shutil
import sys
import unittest

from package_case import CMAKE, ROWS, WITHOUT_DEPENDENCIES, Case, check, configure_octavo


class Deb(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        configure_octavo(cls.folder / "octavo")
        check(pathlib.Path(CMAKE).with_name("cpack"), "-G", "DEB", cwd=cls.folder / "octavo")
        cls.package, = (cls.folder / "octavo").glob("*.deb")

    def test_name_and_fields(self):
        self.assertEqual(self.package.name, "liboctavo-dev_0.1.0_all.deb")
        lines = check("dpkg-deb", "-f", self.package).splitlines()
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        size = int(fields.pop("Installed-Size"))
        self.assertTrue(1000 < size < 3000, size)
        self.assertEqual(fields, {
            "Package": "liboctavo-dev", "Version": "0.1.0", "Architecture": "all",
            "Section": "libdevel", "Priority": "optional", "Recommends": "libxsimd-dev",
            "Suggests": "libeigen3-dev, zlib1g-dev, nlohmann-json3-dev, libonnx-dev, "
                        "libprotobuf-dev",
            "Maintainer": "The Octavo authors",
            "Description": "Header-only int8 inference kernels with exact arithmetic"})

    def test_content(self):
        lines = check("dpkg-deb", "-c", self.package).splitlines()
        for line in lines:
            mode, owner, *_ = line.split()
            self.assertIn(mode, ("drwxr-xr-x", "-rw-r--r--"), line)
            self.assertEqual(owner, "root/root", line)
        names = {line.split()[-1] for line in lines if not line.endswith("/")}
        others = {name for name in names if not name.startswith("./usr/include/octavo/")}
        self.assertGreater(len(names - others), 200)
        self.assertEqual(others, {f"./usr/share/{name}" for name in (
            "cmake/octavo/octavo-components.cmake", "cmake/octavo/octavo-config.cmake",
            "cmake/octavo/octavo-config-version.cmake", "cmake/octavo/octavo-targets.cmake",
            "doc/liboctavo-dev/copyright", "pkgconfig/octavo.pc", "pkgconfig/octavo-emulation.pc",
            "pkgconfig/octavo-engine.pc", "pkgconfig/octavo-io.pc")})

    def test_use(self):
        check("dpkg-deb", "-x", self.package, self.folder / "root")
        build = self.configured("find_package", *WITHOUT_DEPENDENCIES,
                                f"-DCMAKE_PREFIX_PATH={self.folder / 'root' / 'usr'}")
        self.assertEqual(self.output(build, "reference"), ROWS)


if __name__ == "__main__":
    if not shutil.which("dpkg-deb"):
        print("skipped: needs dpkg-deb")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
