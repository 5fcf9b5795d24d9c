# SPDX-License-Identifier: MIT
"""What walk_through_test.py types, and the folder in which it does."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

PATH = os.pathsep.join([str(pathlib.Path(name).resolve().parent) for name in sys.argv[1:5]] +
                       [os.environ["PATH"]])
DATA = pathlib.Path(os.environ.get("OCTAVO_TEST_DATA") or "nowhere")
PINNED_MAP = pathlib.Path(__file__).resolve().parents[2] / "include/octavo/tpu/resnet50_map.hpp"

INPUT = """
interpreter resnet-50-quant-int8-addr2.mlir --tensor-in test_cat_in_fp32.bin \
    --tensor-out out-quant-int8.bin --dump-all-tensor=tensor_all_quant-int8.npz
npz_list tensor_all_quant-int8.npz
npz_dump tensor_all_quant-int8.npz data_quant
npz_to_bin tensor_all_quant-int8.npz data_quant
mv data_quant.bin test_cat_in_quant-int8.bin
bin_fp32_to_int8 test_cat_in_quant-int8.bin test_cat_in_int8.bin 1 3 224 224
bin_dump test_cat_in_int8.bin int8 1 3 224 224
"""
FIRST_BMNET = """
bmnet test_cat_in_int8.bin ResNet-50-model.bin cmdbuf.bin out_new.bin 1000 150528 25542640 1
"""
SECOND_BMNET = """
bmnet test_cat_in_int8.bin ResNet-50-model.bin cmdbuf.bin out_new.bin 25542640 0 25542640 1
bin_extract out_new.bin out_data_quant.bin int8 0 150528
bin_dump out_data_quant.bin int8 1 3 224 224
npz_dump tensor_all_quant-int8.npz data_quant
bin_extract out_new.bin out_conv1.bin int8 24739824 802816
bin_dump out_conv1.bin int8 1 64 112 112
npz_dump tensor_all_quant-int8.npz scale_conv1
bin_extract out_new.bin out_conv1_relu.bin int8 23937008 802816
bin_dump out_conv1_relu.bin int8 1 64 112 112
npz_dump tensor_all_quant-int8.npz conv1_relu
bin_extract out_new.bin out_pool1.bin int8 23736304 200704
bin_dump out_pool1.bin int8 1 64 56 56
npz_dump tensor_all_quant-int8.npz pool1
"""
WEIGHTS = """
bin_extract ResNet-50-model.bin out_conv1_0.bin 0x01856f10 9408
bin_extract ResNet-50-model.bin out_conv1_1.bin 0x01856ed0 64
bin_extract ResNet-50-model.bin out_conv1_2.bin 0x01856ec0 1
"""
EXTRACTED = {"out_data_quant.bin": "data_quant", "out_conv1.bin": "scale_conv1",
             "out_conv1_relu.bin": "conv1_relu", "out_pool1.bin": "pool1"}


def numbers_in(text):
    """The numbers of a printed array: int8 of a raw file and float32 of a dump look alike."""
    return re.findall(r"-?\d+|\.\.\.", text.split("shape")[0])


class Folder(unittest.TestCase):
    """A temporary folder, in which commands are typed."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)

    @classmethod
    def call(cls, line):
        environment = os.environ | {"PATH": PATH}
        return subprocess.run(shlex.split(line), capture_output=True, text=True, cwd=cls.folder,
                              env=environment)

    @classmethod
    def type(cls, line):
        """What a command prints that has to go well."""
        done = cls.call(line)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def type_all(self, text):
        """The commands of a text, with what each prints."""
        return [(line, self.type(line)) for line in text.strip().splitlines()]

    def bytes_of(self, name):
        return (self.folder / name).read_bytes()

    def int8_of(self, name):
        return np.frombuffer(self.bytes_of(name), np.int8)


def pinned_rows():
    """The notes' list, of the header in which it is pinned."""
    for name, size, begin in re.findall(r'\{"(\w+)", (\d+), (0x\w+)\}', PINNED_MAP.read_text()):
        end = int(begin, 16) + int(size)
        yield f"[{name:<36}][{size:>8}] : [ {begin} --> {end:#010x} ]"


def needs(name):
    """Skips a test where the file is not there."""
    return unittest.skipUnless((DATA / name).exists(),
                               f"OCTAVO_TEST_DATA names no folder with {name} in it")
