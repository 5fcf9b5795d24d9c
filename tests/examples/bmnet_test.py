# SPDX-License-Identifier: MIT
"""bmnet as a user meets it: bmnet_test.py BMNET RESNET50. Needs nothing but Python itself.

Neuron memory after a command buffer has run, against the dump of resnet50, which runs the graph.
"""

import array
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

BMNET, RESNET50 = (pathlib.Path(name).resolve() for name in sys.argv[1:3])
INPUT_SIZE = 3 * 224 * 224
NEURON_SIZE = 25542640


def run(program, *arguments, **environment):
    return subprocess.run([str(program)] + [str(a) for a in arguments], capture_output=True,
                          text=True, env=os.environ | environment)


def read_int8_arrays(path):
    """name -> bytes, of the float32 arrays in a dump of resnet50 (C order, version 1 headers)."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            start = 10 + struct.unpack("<H", data[8:10])[0]
            if b"'<f4'" not in data[:start]:
                continue  # shifts and multipliers
            values = array.array("f", data[start:])
            arrays[name[:-4]] = array.array("b", map(int, values)).tobytes()
    return arrays


def read_map(path):
    """name, address and bytes of every tensor in a neuron map."""
    rows = []
    for line in path.read_text().splitlines():
        name, address, kind, *extents = line.split(",")
        assert kind == "int8"
        size = 1
        for extent in extents:
            size *= int(extent)
        rows.append((name, int(address, 16), size))
    return rows


class Case:
    """A saved network in one scheme, and what its tensors are."""

    def __init__(self, folder, scheme):
        self.folder = folder
        source = random.Random(1)
        floats = array.array("f", (source.uniform(-120, 150) for _ in range(INPUT_SIZE)))
        (folder / "in.bin").write_bytes(floats.tobytes())
        done = run(RESNET50, "--exec", "engine", "--repeat", "1", "--no-check",
                   "--scheme", scheme, "--tensor-in", folder / "in.bin", "--save", folder,
                   "--dump-all-tensor", folder / "all.npz")
        assert done.returncode == 0, done
        self.tensors = read_int8_arrays(folder / "all.npz")
        self.map = read_map(folder / "neuron_map.csv")
        (folder / "in_int8.bin").write_bytes(self.tensors["data_quant"])

    def arguments(self, output, *numbers):
        return (self.folder / "in_int8.bin", self.folder / "ResNet-50-model.bin",
                self.folder / "cmdbuf.bin", self.folder / output, *numbers)

    def memory(self):
        memory = bytearray(NEURON_SIZE)
        for name, address, size in self.map:
            assert len(self.tensors[name]) == size, name
            memory[address:address + size] = self.tensors[name]
        return bytes(memory)


class Bmnet(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def check_run(self, *arguments, **environment):
        done = run(BMNET, *arguments, **environment)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stderr, "")
        self.assertEqual(len(done.stdout.splitlines()), 2)
        return done.stdout

    def check_both_calls(self, case):
        """The original system's two calls."""
        self.assertEqual(len(case.map), 122)
        text = self.check_run(*case.arguments("out.bin", 1000, 150528, NEURON_SIZE, 1))
        self.assertIn("122 ops, 25542640 bytes of neuron memory", text)
        self.assertIn("fused for one result", text)
        self.assertRegex(text, r"\ntime: +[0-9.]+ ms median, [0-9.]+ ms minimum of 1\n$")
        self.assertEqual((self.folder / "out.bin").read_bytes(), case.tensors["fc1000"])
        text = self.check_run(*case.arguments("memory.bin", NEURON_SIZE, 0, NEURON_SIZE, 1))
        self.assertIn("every tensor at its address", text)
        self.assertEqual((self.folder / "memory.bin").read_bytes(), case.memory())

    def test_first_layout(self):
        case = Case(self.folder, "rshift8")
        self.check_both_calls(case)
        self.check_options(case)
        self.check_parts(case)
        self.check_wrong_numbers(case)
        self.check_wrong_files(case)
        self.check_outputs_appear_whole_or_not_at_all(case)

    def test_second_layout(self):
        self.check_both_calls(Case(self.folder, "rshift16"))

    def test_records_per_channel(self):
        self.check_both_calls(Case(self.folder, "multiplier"))

    def check_options(self, case):
        output = self.folder / "again.bin"
        arguments = case.arguments("again.bin", "0x3e8", "0x24c00", "0x185bff0", "0x1")
        for more in (("--isa", "portable"), ("--threads", "2"), ("--repeat", "3")):
            output.unlink(missing_ok=True)
            text = self.check_run(*more, *arguments)
            self.assertEqual(output.read_bytes(), case.tensors["fc1000"])
            self.assertIn("minimum of 3" if "--repeat" in more else "minimum of 1", text)
            self.assertIn("2 threads" if "--threads" in more else "1 thread,", text)
        self.assertIn("engine portable", self.check_run(*arguments, OCTAVO_ISA="portable"))

    def check_parts(self, case):
        """A tensor alone, and parts that begin and end inside of tensors or between them."""
        memory = case.memory()
        pool1 = dict((name, (address, size)) for name, address, size in case.map)["pool1"]
        for address, size in (pool1, (150528 + 990, 100), (NEURON_SIZE - 1, 1), (0, 1)):
            self.check_run(*case.arguments("part.bin", size, address, NEURON_SIZE, 1))
            self.assertEqual((self.folder / "part.bin").read_bytes(),
                             memory[address:address + size])

    def refused(self, sentence, *arguments, status=1):
        before = sorted(entry.name for entry in self.folder.iterdir())
        done = run(BMNET, *arguments)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr)
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(sorted(entry.name for entry in self.folder.iterdir()), before)

    def check_wrong_numbers(self, case):
        def refused(sentence, *numbers, status=1):
            self.refused(sentence, *case.arguments("absent.bin", *numbers), status=status)

        refused("NEURON_SIZE is 25542641, expected 25542640", 1000, 150528, NEURON_SIZE + 1, 1)
        refused("BATCH is 2, expected 1", 1000, 150528, NEURON_SIZE, 2)
        refused("OUTPUT_SIZE is 0, expected 1..25542640", 0, 150528, NEURON_SIZE, 1)
        refused("OUTPUT_SIZE is 25542641", NEURON_SIZE + 1, 0, NEURON_SIZE, 1)
        refused("OUTPUT_OFFSET is 1, expected 0..0", NEURON_SIZE, 1, NEURON_SIZE, 1)
        refused("OUTPUT_OFFSET is 18446744073709551615", 2, 2**64 - 1, NEURON_SIZE, 1)
        for number in ("ten", "", "1k", "0x", "0xg", " 1", 2**64):
            refused("expected a number below 2^64", number, 0, NEURON_SIZE, 1, status=2)
        refused("BATCH is required", 1000, 150528, NEURON_SIZE, status=2)
        refused("BATCH is 0, expected 1", 1000, 150528, NEURON_SIZE, 0)
        self.refused("--repeat", "--repeat", "0", *case.arguments("a", 1, 0, 1, 1), status=2)
        self.refused("--threads: Value 65 not in range", "--threads", "65",
                     *case.arguments("a", 1, 0, 1, 1), status=2)
        self.refused("expected one of portable", "--isa", "mmx", *case.arguments("a", 1, 0, 1, 1),
                     status=2)

    def check_wrong_files(self, case):
        numbers = (1000, 150528, NEURON_SIZE, 1)
        right = case.arguments("absent.bin", *numbers)

        def refused(sentence, which, data):
            wrong = self.folder / "wrong"
            wrong.write_bytes(data)
            arguments = list(right)
            arguments[which] = wrong
            self.refused(sentence, *arguments)

        for which in (0, 1, 2):
            arguments = list(right)
            arguments[which] = self.folder / "nothing"
            self.refused("nothing: there is no such file", *arguments)
        refused("wrong: has 150527 bytes, expected 150528", 0, right[0].read_bytes()[:-1])
        image = right[1].read_bytes()
        refused("wrong: has 25531343 bytes, expected 25531344", 1, image[:-1])
        # conv1's shift lies in the image.
        bad_shift = image[:0x1856ec0] + b"\x20" + image[0x1856ec1:]
        refused("wrong: model: op1: a shift is out of range", 1, bad_shift)
        commands = right[2].read_bytes()
        refused("wrong: has 63 bytes, expected at least the 64", 2, commands[:63])
        refused("wrong: is no command buffer", 2, b"x" + commands[1:])
        refused("wrong: has ", 2, commands[:-1])
        # conv1's dst, 0x1797ff0, is moved by one byte.
        address = 64 + 168 + 16
        self.assertEqual(struct.unpack_from("<Q", commands, address)[0], 0x1797ff0)
        moved = commands[:address] + b"\xf1" + commands[address + 1:]
        refused("wrong: record 1 (conv2d): dst address at offset 248 is 24739825, expected a "
                "multiple of 16", 2, moved)

    def check_outputs_appear_whole_or_not_at_all(self, case):
        (self.folder / "taken").mkdir()
        done = run(BMNET, *case.arguments("taken", 1000, 150528, NEURON_SIZE, 1))
        self.assertEqual(done.returncode, 1)
        self.assertIn("taken: is a directory", done.stderr)
        self.assertEqual([entry for entry in self.folder.iterdir() if ".part" in entry.name], [])

    def test_help(self):
        done = run(BMNET, "--help")
        self.assertEqual(done.returncode, 0)
        for word in ("INPUT", "MODEL", "CMDBUF", "OUTPUT_SIZE", "OUTPUT_OFFSET", "NEURON_SIZE",
                     "BATCH", "--repeat", "--isa", "--threads"):
            self.assertIn(word, done.stdout)
        self.assertEqual(run(BMNET).returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
