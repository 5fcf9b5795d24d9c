# SPDX-License-Identifier: MIT
"""interpreter as a user meets it: interpreter_test.py INTERPRETER RESNET50. Needs nothing but
Python itself.
"""

import array
import math
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

PROGRAM, RESNET50 = [pathlib.Path(name).resolve() for name in sys.argv[1:3]]

FLOAT_NET = """module {
  func.func @tpu_func(%arg0: tensor<1x2x1x2xf32>) -> tensor<1x3xf32> {
    %0 = "tpu.load_file"() {filename = "w.npz"} : () -> memref<2147483648xf32>
    %1 = "tpu.input"(%arg0) {name = "data"} : (tensor<1x2x1x2xf32>) -> tensor<1x2x1x2xf32>
    %2 = "tpu.load_weight"(%0) {name = "gamma"} : (memref<2147483648xf32>) -> tensor<2xf32>
    %3 = "tpu.scale"(%1, %2) {name = "s"} : (tensor<1x2x1x2xf32>, tensor<2xf32>) ->
        tensor<1x2x1x2xf32>
    %4 = "tpu.relu"(%3) {name = "r"} : (tensor<1x2x1x2xf32>) -> tensor<1x2x1x2xf32>
    %5 = "tpu.reshape"(%4) {name = "fc_reshape"} : (tensor<1x2x1x2xf32>) -> tensor<1x4xf32>
    %6 = "tpu.load_weight"(%0) {name = "fc_0"} : (memref<2147483648xf32>) -> tensor<3x4xf32>
    %7 = "tpu.load_weight"(%0) {name = "fc_1"} : (memref<2147483648xf32>) -> tensor<3xf32>
    %8 = "tpu.fully_connected"(%5, %6, %7) {name = "fc"} :
        (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
    %9 = "tpu.softmax"(%8) {name = "prob"} : (tensor<1x3xf32>) -> tensor<1x3xf32>
    return %9 : tensor<1x3xf32>
  }
}
"""


def run(*arguments, program=PROGRAM):
    return subprocess.run([str(program)] + [str(a) for a in arguments], capture_output=True,
                          text=True)


def floats(values):
    return array.array("f", values)


def write_npz(path, arrays):
    """name -> (shape, values), as numpy.savez writes float32."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (shape, values) in arrays.items():
            text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
            text += " " * (-(len(text) + 11) % 64) + "\n"
            archive.writestr(name + ".npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) +
                             text.encode() + floats(values).tobytes())


def read_npz(path):
    """name -> values, of files that we write: float32 in version 1."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            start = 10 + struct.unpack("<H", data[8:10])[0]
            arrays[name[:-4]] = list(array.array("f", data[start:]))
    return arrays


class CommandLine(unittest.TestCase):
    def refused(self, sentence, *arguments, status=1):
        done = run(*arguments)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stdout, "")
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--dump-all-tensor", done.stdout)

    def test_wrong_usage(self):
        self.refused("required", status=2)
        self.refused("--tensor-in is required", "a.mlir", status=2)
        self.refused("--bogus", "a.mlir", "--tensor-in", "b", "--bogus", status=2)
        self.refused("expected int8 or float", "a.mlir", "--tensor-in", "b", "--exec", "gpu",
                     status=2)

    def test_wrong_files(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            net = folder / "net.mlir"
            given = (net, "--tensor-in", folder / "in")
            self.refused("net.mlir: there is no such file", *given)
            net.write_text("this is no MLIR")
            self.refused("net.mlir:1:1: found 'this', expected an operation", *given)
            for other in (b"PK\x03\x04an npz", b"\x08\x07\x12\x04onnx"):
                net.write_bytes(other)
                self.refused("net.mlir: is no Octavo model and no text in MLIR, expected one of "
                             "them", *given)
            net.write_text(FLOAT_NET)
            self.refused("net.mlir:3:10: ", *given)
            net.write_text(FLOAT_NET.replace("w.npz", "../w.npz"))
            self.refused("net.mlir:3:40: found '../w.npz' for 'filename', expected a file in the "
                         "folder of the .mlir", *given)


class FloatNetwork(unittest.TestCase):
    """Small enough to be worked out here."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.net = self.folder / "net.mlir"
        self.net.write_text(FLOAT_NET)
        write_npz(self.folder / "w.npz", {"gamma": ([2], [2, -1]),
                                          "fc_0": ([3, 4], [1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0.5]),
                                          "fc_1": ([3], [0, -1, 0.25])})
        (self.folder / "in").write_bytes(floats([0.5, -1, -3, 2]).tobytes())
        self.given = (self.net, "--tensor-in", self.folder / "in")

    def test_run(self):
        out, dump = self.folder / "out", self.folder / "dump.npz"
        done = run(*self.given, "--tensor-out", out, f"--dump-all-tensor={dump}")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        # scale: 1, -2, 3, -2; relu: 1, 0, 3, 0; fc: 1, 3 - 1, 0.25
        exponentials = [math.exp(x - 2) for x in (1, 2, 0.25)]
        expected = floats([e / sum(exponentials) for e in exponentials])
        self.assertEqual(list(array.array("f", out.read_bytes())), list(expected))
        arrays = read_npz(dump)
        self.assertEqual(arrays["data"], [0.5, -1, -3, 2])
        self.assertEqual(arrays["s"], [1, -2, 3, -2])
        self.assertEqual(arrays["r"], [1, 0, 3, 0])
        self.assertEqual(arrays["fc"], [1, 2, 0.25])
        self.assertEqual(arrays["s_0"], [2, -1])
        self.assertEqual(arrays["fc_1"], [0, -1, 0.25])
        self.assertEqual(sorted(arrays), ["data", "fc", "fc_0", "fc_1", "r", "s", "s_0", "s_1"])
        self.assertEqual(run(*self.given, "--exec", "float").returncode, 0)

    def test_summary(self):
        done = run(*self.given)
        self.assertEqual(done.returncode, 0, done)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "'prob': 1x3x1x1, the largest:")
        self.assertEqual([int(line.split()[0]) for line in lines[1:]], [1, 0, 2])

    def test_refusals(self):
        done = run(*self.given, "--exec", "int8")
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected a quantized one for --exec int8", done.stderr)
        (self.folder / "in").write_bytes(b"123")
        done = run(*self.given)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in: has 3 bytes, expected 16 (float32 1x2x1x2)", done.stderr)
        (self.folder / "in").write_bytes(floats([0.5, -1, math.nan, 2]).tobytes())
        done = run(*self.given)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in: element 2 is nan, expected a finite number", done.stderr)

    def test_outputs_appear_whole_or_not_at_all(self):
        (self.folder / "taken").mkdir()
        before = sorted(self.folder.iterdir())
        done = run(*self.given, "--tensor-out", self.folder / "taken")
        self.assertEqual(done.returncode, 1)
        self.assertIn("taken", done.stderr)
        self.assertEqual(sorted(self.folder.iterdir()), before)


class ResNet50(unittest.TestCase):
    """What resnet50 saves gives the bytes that resnet50 gives."""

    def check(self, *network):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            source = random.Random(1)
            (folder / "in").write_bytes(
                floats(source.uniform(-120, 150) for _ in range(3 * 224 * 224)).tobytes())
            given = ("--tensor-in", folder / "in")
            done = run("--exec", "float", "--no-check", *network, *given, "--save",
                       folder / "saved", "--tensor-out", folder / "out", "--dump-all-tensor",
                       folder / "dump.npz", program=RESNET50)
            self.assertEqual(done.returncode, 0, done)
            expected = (folder / "out").read_bytes(), (folder / "dump.npz").read_bytes()
            self.assertEqual(len(expected[0]), 4000)
            text = folder / "saved" / "resnet-50-quant-int8-addr2.mlir"
            for executor in ("int8", "float"):
                done = run(text, *given, "--exec", executor, "--tensor-out", folder / "out2",
                           f"--dump-all-tensor={folder / 'dump2.npz'}")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual((folder / "out2").read_bytes(), expected[0])
                self.assertEqual((folder / "dump2.npz").read_bytes(), expected[1])
            # The fused engine, which leaves no tensors to dump.
            done = run(text, *given, "--tensor-out", folder / "out3")
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual((folder / "out3").read_bytes(), expected[0])
            self.check_addresses(text.read_text(), folder / "saved")
            # The model's own file, which knows of no softmax.
            done = run(folder / "saved" / "resnet50.octavo", *given, "--tensor-out",
                       folder / "logits", f"--dump-all-tensor={folder / 'dump4.npz'}")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual((folder / "dump4.npz").read_bytes(), expected[1])
            logits = array.array("f", (folder / "logits").read_bytes())
            self.assertEqual(len(logits), 1000)
            likeliest = array.array("f", expected[0])
            self.assertEqual(logits.index(max(logits)), likeliest.index(max(likeliest)))

    def check_addresses(self, text, saved):
        """Every row of both maps stands in the text, the bias for a per-channel record."""
        for line in (saved / "neuron_map.csv").read_text().splitlines():
            name, offset = line.split(",")[:2]
            row = [each for each in text.splitlines() if f'{{name = "{name}", th' in each]
            self.assertEqual(len(row), 1, name)
            self.assertIn(f"offset = {int(offset, 16)} : i64", row[0])
        for line in (saved / "weight_map.csv").read_text().splitlines():
            name, offset = line.split(",")
            name = name.replace("_per_channel", "_quant_int8_1")
            self.assertIn(f'{{name = "{name}", offset = {int(offset, 16)} : i64}}', text)

    def test_rshift16(self):
        self.check()

    def test_rshift8(self):
        self.check("--scheme", "rshift8")

    def test_multiplier(self):
        self.check("--scheme", "multiplier", "--variant", "torchvision")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
