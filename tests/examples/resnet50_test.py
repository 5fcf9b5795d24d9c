# SPDX-License-Identifier: MIT
"""resnet50 as a user meets it: resnet50_test.py RESNET50. Needs nothing but Python itself.

With the environment variable OCTAVO_TEST_DATA also the original system's input and table.
"""

import array
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile
import zlib

PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
INPUT_BYTES = 3 * 224 * 224 * 4


def run(*arguments, **environment):
    return subprocess.run([str(PROGRAM)] + [str(a) for a in arguments], capture_output=True,
                          text=True, env=os.environ | environment)


def read_npz(path):
    """name -> (type, bytes), of files that resnet50 writes (C order, version 1 headers)."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            start = 10 + struct.unpack("<H", data[8:10])[0]
            header = data[10:start].decode("latin1")
            kind = header.split("'descr': '")[1].split("'")[0]
            arrays[name[:-4]] = (kind, data[start:])
    return arrays


def write_floats(path, seed=1):
    source = random.Random(seed)
    values = array.array("f", (source.uniform(-120, 150) for _ in range(INPUT_BYTES // 4)))
    path.write_bytes(values.tobytes())


class CommandLine(unittest.TestCase):
    def refused(self, sentence, *arguments, status=1):
        done = run(*arguments)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stdout.count("top 5"), 0)
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--dump-all-tensor", done.stdout)

    def test_wrong_usage(self):
        self.refused("--bogus", "--bogus", status=2)
        self.refused("expected one of rshift8, rshift16", "--scheme", "int4", status=2)
        self.refused("expected caffe or torchvision", "--variant", "v3", status=2)
        self.refused("expected engine, int or float", "--exec", "gpu", status=2)
        self.refused("expected one of portable, avx2", "--isa", "mmx", status=2)
        for threads in ("0", "65"):
            self.refused(f"--threads: Value {threads} not in range", "--threads", threads, status=2)
        self.refused("excludes", "--model", "a", "--weights", "b", status=2)
        self.refused("excludes", "--model", "a", "--scheme", "rshift8", status=2)
        self.refused("excludes", "--model", "a", "--variant", "caffe", status=2)
        self.refused("excludes", "--tensor-in", "a", "--image", "b", status=2)
        self.refused("excludes", "--check", "--no-check", status=2)
        self.refused("--repeat", "--repeat", "0", status=2)

    def test_wrong_files(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "text").write_text("this is no model")
            self.refused("absent", "--weights", folder / "absent")
            self.refused("absent", "--image", folder / "absent")
            self.refused("absent", "--calibrate", folder / "absent")
            self.refused("no picture", "--calibrate", folder)
            self.refused("text: is no .npz, no .safetensors and no .caffemodel", "--weights",
                         folder / "text")
            self.refused("text", "--image", folder / "text")
            self.refused("text", "--model", folder / "text")
            self.refused("text: has 16 bytes, expected 602112", "--tensor-in", folder / "text")
            self.refused("text", "--calibration-table", folder / "text")
            (folder / "table").write_text("data 150\nscale_conv1 16\n")
            self.refused("no threshold", "--calibration-table", folder / "table")

    def test_map(self):
        lines = run("--print-map").stdout.splitlines()
        self.assertEqual(len(lines), 122)
        self.assertEqual(lines[0], "[data_quant                          ][  150528] : "
                                   "[ 0x00000000 --> 0x00024c00 ]")
        self.assertEqual(lines[-1], "[scale_conv1                         ][  802816] : "
                                    "[ 0x01797ff0 --> 0x0185bff0 ]")
        lines = run("--print-map", "--variant", "torchvision").stdout.splitlines()
        self.assertTrue(lines[-1].endswith("--> 0x0195d3f0 ]"))


class Runs(unittest.TestCase):
    """Full-size runs by the float emulation, which is the quick one."""

    def check_run(self, *arguments):
        executor = () if "--exec" in arguments else ("--exec", "float")
        done = run("--no-check", *executor, *arguments)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def test_save_and_load(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_floats(folder / "in.bin")
            common = ("--tensor-in", folder / "in.bin", "--scheme", "rshift8")
            model = folder / "saved"
            self.check_run_saves(folder, model, common)
            # Loaded again, from the model file and from the table: the same bytes.
            self.check_same(folder, "--model", model / "resnet50.octavo",
                            "--tensor-in", folder / "in.bin")
            self.check_same(folder, "--calibration-table", model / "calibration_table.txt", *common)
            self.check_engine(folder, "--model", model / "resnet50.octavo",
                              "--tensor-in", folder / "in.bin")
            self.check_damaged(folder, model / "resnet50.octavo")

    def check_run_saves(self, folder, model, common):
        first = self.run_out(folder, "first", "--save", model, *common)
        self.assertEqual(len(first[0]), 4000)
        total = sum(array.array("f", first[0]))
        self.assertAlmostEqual(total, 1, places=5)
        self.assertEqual(len(first[1]), 122 + 54 * 3)
        self.assertEqual((model / "ResNet-50-model.bin").stat().st_size, 25531344)
        self.assertEqual(len((model / "neuron_map.csv").read_text().splitlines()), 122)
        self.assertEqual(len((model / "weight_map.csv").read_text().splitlines()), 54 * 3)
        self.assertEqual(len((model / "calibration_table.txt").read_text().splitlines()), 122)
        self.assertEqual(first[1]["scale_conv1_quant_int8_1"][0], "<i4")
        self.first = first

    def run_out(self, folder, name, *arguments):
        out, dump = folder / (name + ".bin"), folder / (name + ".npz")
        self.check_run("--tensor-out", out, "--dump-all-tensor", dump, *arguments)
        return out.read_bytes(), read_npz(dump)

    def check_same(self, folder, *arguments):
        again = self.run_out(folder, "again", *arguments)
        self.assertEqual(again[0], self.first[0])
        self.assertEqual(again[1], self.first[1])

    def check_engine(self, folder, *arguments):
        """Every tensor that the engine dumps is the emulation's, whatever it runs on."""
        for more in ((), ("--isa", "portable"), ("--threads", "2")):
            self.check_same(folder, "--exec", "engine", "--repeat", "1", *more, *arguments)

    def check_damaged(self, folder, model):
        data = bytearray(model.read_bytes())
        for position in (3, 9, 20, 1000, len(data) // 2, len(data) - 1):
            damaged = bytearray(data)
            damaged[position] ^= 4
            (folder / "damaged").write_bytes(damaged)
            done = run("--model", folder / "damaged")
            self.assertEqual(done.returncode, 1, position)
            self.assertIn("damaged: ", done.stderr)
        for size in (0, 1, 23, 24, 500, len(data) - 1):
            (folder / "damaged").write_bytes(data[:size])
            self.assertEqual(run("--model", folder / "damaged").returncode, 1, size)
        # A lie under a right checksum is found by the checks behind it.
        body = bytearray(data[24:])
        body[0] = 200
        header = data[:12] + struct.pack("<I", zlib.crc32(body)) + data[16:24]
        (folder / "damaged").write_bytes(header + body)
        self.assertIn("scheme is 200", run("--model", folder / "damaged").stderr)

    def test_outputs_appear_whole_or_not_at_all(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "taken").mkdir()
            done = run("--exec", "float", "--tensor-out", folder / "taken")
            self.assertEqual(done.returncode, 1)
            self.assertIn("taken", done.stderr)
            self.assertEqual([entry.name for entry in folder.iterdir()], ["taken"])

    def test_repeat(self):
        done = self.check_run("--repeat", "2")
        self.assertIn("minimum of 2 (float emulation", done)
        self.assertNotIn("check: ", done)

    def test_engine_says_what_it_does(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self.check_run("--save", folder)
            model = ("--model", folder / "resnet50.octavo", "--repeat", "2")
            done = run(*model, "--describe", OCTAVO_ISA="portable")
            self.assertIn("minimum of 2 (engine portable, 1 thread)", done.stdout)
            self.assertRegex(done.stdout, r"speed: +[0-9.]+ GMAC/s, [0-9]+ % of the peak")
            self.assertRegex(done.stdout, r"res5c_branch2b_relu +conv2d +conv2d u8")
            self.check_memory(folder)
            wrong = run(*model, OCTAVO_ISA="mmx")
            self.assertEqual(wrong.returncode, 1)
            self.assertIn("OCTAVO_ISA: isa 'mmx', expected one of", wrong.stderr)
            lines = run(*model, OCTAVO_VERBOSE="1").stderr.splitlines()
            # Two fused runs of 57 layers, and the header.
            self.assertEqual(len(lines), 2 * 57 + 1)
            self.assertTrue(all(line.startswith("octavo,") for line in lines))
            self.assertEqual(len({line.count(",") for line in lines}), 1)
            # A dump is of all tensors: the unfused engine runs its 122 layers too.
            dumps = ("--dump-all-tensor", folder / "dump.npz")
            lines = run(*model, *dumps, OCTAVO_VERBOSE="1").stderr.splitlines()
            self.assertEqual(len(lines), 2 * 57 + 122 + 2)

    def check_memory(self, folder):
        """Of a saved model: at most 10 MiB beside the packed weights."""
        arguments = [PROGRAM, "--model", folder / "resnet50.octavo", "--repeat", "3", "--describe"]
        with open(folder / "out", "wb") as out:
            process = subprocess.Popen(arguments, stdout=out)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        text = (folder / "out").read_text()
        packed = int(re.search(r"packed weights ([0-9]+) bytes", text)[1])
        self.assertGreater(packed, 20 << 20)
        self.assertLessEqual(usage.ru_maxrss * 1024, packed + (10 << 20))

    def test_original_input(self):
        data = os.environ.get("OCTAVO_TEST_DATA")
        cat = pathlib.Path(data or "") / "cat"
        if not data or not (cat / "test_cat_in_fp32.bin").exists():
            self.skipTest("OCTAVO_TEST_DATA names no folder with cat/test_cat_in_fp32.bin in it")
        with tempfile.TemporaryDirectory() as name:
            dump = pathlib.Path(name) / "dump.npz"
            self.check_run("--tensor-in", cat / "test_cat_in_fp32.bin", "--calibration-table",
                           cat / "bmnet_resnet50_calibration_table.1x10",
                           "--dump-all-tensor", dump)
            kind, values = read_npz(dump)["data_quant"]
            self.assertEqual(kind, "<f4")
            expected = array.array("b", (cat / "test_cat_in_int8.bin").read_bytes())
            self.assertEqual(list(array.array("f", values)), list(expected))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
