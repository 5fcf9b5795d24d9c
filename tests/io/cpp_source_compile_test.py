# SPDX-License-Identifier: MIT
"""Models as C++ source, compiled and run: cpp_source_compile_test.py TOOL COMPILER [NETWORK].

All headers that TOOL writes go into one translation unit without exceptions and type information,
as for a small target. It compiles without warnings, needs no function but those that compilers call
for copies, has no memory of its own, and gives the bytes that interpret() gives. With NETWORK that
one instead of small ones, and what it takes is printed.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

TOOL, COMPILER, NETWORK = (sys.argv[1:] + [None])[:3]
TESTS = pathlib.Path(__file__).resolve().parents[1]
# Not position-independent, as firmware is not: g++ has constants with addresses in .data otherwise.
TARGET = ["-std=c++20", "-Os", "-DNDEBUG", "-fno-exceptions", "-fno-rtti", "-fno-pie",
          "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror",
          f"-I{TESTS.parent / 'include'}"]
COPIES = {"memcpy", "memmove", "memset", "memcmp"}
# A check of the stack that compilers may be set up to add.
COMPILERS_OWN = {"__stack_chk_fail"}

RUN = """
void run_NAME(const std::int8_t* image, std::int8_t* memory, std::int8_t* results) {
  const std::span<std::int8_t, NAME::arena_bytes> arena(memory, NAME::arena_bytes);
  const octavo::tensor_view<std::int8_t> in = NAME::input(arena);
  std::copy_n(image, in.shape.elements(), in.data);
  NAME::run(arena);
  for (std::size_t i = 0; i < NAME::output_count; ++i) {
    const octavo::tensor_view<const std::int8_t> out = NAME::output(arena, i);
    results = std::copy_n(out.data, out.shape.elements(), results);
  }
}
"""

# The same at compile time.
CONSTANT = """
constexpr bool tiny_is_right() {
  constexpr std::int8_t image[] = {IMAGE};
  constexpr std::int8_t results[] = {RESULTS};
  std::int8_t arena[tiny::arena_bytes] = {};
  std::copy(std::begin(image), std::end(image), tiny::input(arena).data);
  tiny::run(arena);
  return std::equal(std::begin(results), std::end(results), tiny::output(arena).data);
}
static_assert(tiny_is_right());
"""

TABLE = """#include <cstddef>
#include <cstdint>

struct compiled_net {
  const char* name;
  std::size_t input_bytes, arena_bytes;
  void (*run)(const std::int8_t* image, std::int8_t* memory, std::int8_t* results);
};
"""


def signed(path):
    """The bytes of a file as numbers for C++."""
    return ", ".join(str(byte - 256 if byte > 127 else byte) for byte in path.read_bytes())


def number_of(text, name):
    """The constant of this name in a header."""
    return re.search(rf"^inline constexpr std::size_t {name} = (\d+);$", text, re.MULTILINE)[1]


class Compiled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        keep = tempfile.TemporaryDirectory()
        cls.addClassCleanup(keep.cleanup)
        cls.folder = pathlib.Path(keep.name)
        mode = ["large", cls.folder, NETWORK] if NETWORK else ["small", cls.folder]
        subprocess.run([TOOL, *mode], check=True)
        cls.names = sorted(path.stem for path in cls.folder.glob("*.hpp"))
        unit = ["#include <algorithm>\n#include <iterator>\n"]
        unit += [f"#include \"{name}.hpp\"\n" for name in cls.names]
        unit += [RUN.replace("NAME", name) for name in cls.names]
        if not NETWORK:
            unit.append(CONSTANT.replace("IMAGE", signed(cls.folder / "tiny.image"))
                        .replace("RESULTS", signed(cls.folder / "tiny.outputs")))
        (cls.folder / "nets.cpp").write_text("".join(unit))
        cls.write_table()
        begin = time.monotonic()
        cls.compile("nets.cpp", *TARGET, "-c", "-o", "nets.o")
        cls.seconds = time.monotonic() - begin

    @classmethod
    def write_table(cls):
        rows, runs = [], []
        for name in cls.names:
            size = (cls.folder / f"{name}.image").stat().st_size
            arena = number_of((cls.folder / f"{name}.hpp").read_text(), "arena_bytes")
            rows.append(f"    {{\"{name}\", {size}, {arena}, run_{name}}},\n")
            runs.append(f"void run_{name}(const std::int8_t*, std::int8_t*, std::int8_t*);\n")
        text = f"{TABLE}\n{''.join(runs)}\nconst compiled_net compiled_nets[] = {{\n"
        (cls.folder / "compiled_nets.hpp").write_text(f"{text}{''.join(rows)}}};\n")

    @classmethod
    def compile(cls, *words):
        done = subprocess.run([COMPILER, *words], cwd=cls.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def words_of(self, *command):
        """The words of each line that a tool prints of the object file."""
        done = subprocess.run([*command, "nets.o"], cwd=self.folder, check=True,
                              capture_output=True, text=True)
        return [line.split() for line in done.stdout.splitlines()]

    def test_gives_the_bytes_of_the_interpreter(self):
        runner = TESTS / "io" / "cpp_source_runner.cpp"
        self.compile("-std=c++20", "-O1", "-no-pie", "-I.", runner, "nets.o", "-o", "runner")
        done = subprocess.run([self.folder / "runner", self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stdout, f"{len(self.names)} networks, 0 wrong\n")

    def test_calls_nothing(self):
        called = {words[-1] for words in self.words_of("nm", "-u")} - COMPILERS_OWN
        self.assertEqual(called - COPIES, set())

    def test_has_no_memory_of_its_own(self):
        sizes = {words[0]: int(words[1]) for words in self.words_of("size", "-A")
                 if len(words) == 3 and words[0].startswith(".")}
        self.assertTrue(any(name.startswith(".rodata") for name in sizes), sizes)
        writable = {name: size for name, size in sizes.items() if size > 0 and
                    re.match(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)", name)}
        self.assertEqual(writable, {})

    def test_lines_are_short_ascii(self):
        for name in self.names:
            text = (self.folder / f"{name}.hpp").read_text(encoding="ascii")
            self.assertLessEqual(max(map(len, text.split("\n"))), 100, name)

    @unittest.skipUnless(NETWORK, "of one network")
    def test_what_it_takes(self):
        for name in self.names:
            size = (self.folder / f"{name}.hpp").stat().st_size
            print(f"{NETWORK}: {size} bytes of source, {self.seconds:.1f} s to compile, "
                  f"{(self.folder / 'nets.o').stat().st_size} bytes of object file")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
