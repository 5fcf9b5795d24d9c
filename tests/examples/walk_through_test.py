# SPDX-License-Identifier: MIT
"""The original system's debugging notes, typed one command after the other:
walk_through_test.py RESNET50 INTERPRETER BMNET TENSORS NETWORK..., where networks are the classes
below. Needs NumPy.

The notes run a quantized ResNet-50 in the interpreter and on the device, and take the device's
memory apart. Their text extracts conv1's weights from out_new.bin; those addresses are addresses of
the weight image, hence ResNet-50-model.bin here, as the original's authors wrote an hour later.
With the environment variable OCTAVO_TEST_DATA also their input, and trained weights.
"""

import shlex
import shutil
import sys
import unittest

from walk_through_case import (DATA, EXTRACTED, FIRST_BMNET, INPUT, SECOND_BMNET, WEIGHTS, Folder,
                               needs, np, numbers_in, pinned_rows)


class Walk:
    """The notes from end to end, for a network that `save` makes, and what they do not ask for."""

    layout = "v1"
    variant = "caffe"

    @classmethod
    def save(cls):
        """Synthetic weights and the generated picture, whose numbers are the notes' input."""
        scheme = "rshift8" if cls.layout == "v1" else "rshift16"
        cls.type(f"resnet50 --scheme {scheme} --repeat 1 --no-check --save . "
                 "--dump-float-tensor float.npz")
        cls.type("npz_to_bin float.npz data test_cat_in_fp32.bin")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.save()
        cls.map = cls.read_rows("neuron_map.csv")
        cls.weight_map = cls.read_rows("weight_map.csv")

    @classmethod
    def read_rows(cls, name):
        rows = [line.split(",") for line in (cls.folder / name).read_text().splitlines()]
        return {row[0]: int(row[1], 16) for row in rows}

    def notes(self, text):
        """With this network's addresses for those of Caffe's."""
        if self.variant == "caffe":
            return text
        end = self.map["scale_conv1"] + 64 * 112 * 112
        for address, name in (("24739824", "scale_conv1"), ("23937008", "conv1_relu"),
                              ("23736304", "pool1")):
            text = text.replace(address, str(self.map[name]))
        return text.replace("25542640", str(end))

    def test_walk(self):
        self.walk_input()
        self.walk_first_bmnet()
        self.walk_second_bmnet()
        self.walk_weights()
        self.walk_map()
        self.compare_every_tensor()
        self.run_in_floating_point()

    def walk_input(self):
        printed = self.type_all(INPUT)
        self.tensors = dict(np.load(self.folder / "tensor_all_quant-int8.npz"))
        self.assertEqual(printed[1][1].splitlines(), sorted(self.tensors))
        self.assertEqual(len(self.tensors), 122 + 54 * 3)
        self.assertFalse((self.folder / "data_quant.bin").exists())
        kept = np.frombuffer(self.bytes_of("test_cat_in_quant-int8.bin"), np.float32)
        self.assertTrue(np.array_equal(kept, self.tensors["data_quant"].ravel()))
        self.assertTrue(np.array_equal(self.int8_of("test_cat_in_int8.bin"), kept))
        self.assertEqual(numbers_in(printed[6][1]), numbers_in(printed[2][1]))
        self.assertEqual(len(numbers_in(printed[2][1])), 3 * 6 * 7 + 3)
        out = np.frombuffer(self.bytes_of("out-quant-int8.bin"), np.float32)
        self.assertEqual(out.argmax(), self.tensors["fc1000"].argmax())
        self.assertAlmostEqual(float(out.sum()), 1, places=5)

    def walk_first_bmnet(self):
        self.type_all(self.notes(FIRST_BMNET))
        self.assertEqual(self.int8_of("out_new.bin").tolist(), self.tensors["fc1000"][0].tolist())

    def walk_second_bmnet(self):
        printed = self.type_all(self.notes(SECOND_BMNET))
        for name, tensor in EXTRACTED.items():
            self.assertTrue(np.array_equal(self.int8_of(name), self.tensors[tensor].ravel()), name)
        for (line, ours), (_, reference) in zip(printed[2::3], printed[3::3], strict=True):
            self.assertEqual(numbers_in(ours), numbers_in(reference), line)

    def image_part(self, name, count, element=np.int8):
        return np.frombuffer(self.bytes_of("ResNet-50-model.bin"), element, count,
                             self.weight_map[name])

    def walk_weights(self):
        parameters = {name[len("scale_conv1_quant_int8_"):]: values
                      for name, values in self.tensors.items() if "scale_conv1_quant" in name}
        if self.layout == "v2":
            self.check_second_layout(parameters)
            return
        self.type_all(WEIGHTS)
        self.assertEqual(self.int8_of("out_conv1_2.bin").tolist(), parameters["rshift"].tolist())
        self.assertTrue(np.array_equal(self.int8_of("out_conv1_0.bin"), parameters["0"].ravel()))
        self.assertEqual(self.int8_of("out_conv1_1.bin").tolist(), parameters["1"].tolist())
        # The same by the map, of every layer.
        for name in self.weight_map:
            if name.endswith("_0"):
                found = self.image_part(name, self.tensors[name].size)
                self.assertTrue(np.array_equal(found, self.tensors[name].ravel()), name)

    def check_second_layout(self, parameters):
        """No shift; bias in two planes of bytes; filters O,(kh*kw),I. By the map's addresses."""
        address = self.weight_map
        self.type_all(f"""
bin_extract ResNet-50-model.bin out_conv1_0.bin {address["scale_conv1_quant_int8_0"]:#010x} 9408
bin_extract ResNet-50-model.bin out_conv1_1.bin {address["scale_conv1_quant_int8_1"]:#010x} 128
""")
        self.assertNotIn("scale_conv1_quant_int8_rshift", address)
        filters = self.int8_of("out_conv1_0.bin").reshape(64, 7, 7, 3).transpose(0, 3, 1, 2)
        self.assertTrue(np.array_equal(filters, parameters["0"]))
        low, high = np.frombuffer(self.bytes_of("out_conv1_1.bin"), np.uint8).reshape(2, 64)
        bias = (low | high.astype(np.uint16) << 8).view(np.int16)
        self.assertEqual(bias.tolist(), parameters["1"].tolist())
        fc = self.image_part("fc1000_quant_int8_0", 2048 * 1000).reshape(2048, 1000)
        self.assertTrue(np.array_equal(fc.T, self.tensors["fc1000_quant_int8_0"]))

    def walk_map(self):
        printed = self.type(f"resnet50 --print-map --variant {self.variant}")
        self.assertEqual(self.type("tensors map neuron_map.csv"), printed)
        rows = printed.splitlines()
        self.assertEqual(len(rows), 122)
        if self.variant == "caffe":
            self.assertEqual(rows, list(pinned_rows()))

    def compare_every_tensor(self):
        self.type("bin_to_npz out_new.bin neuron_map.csv tpu.npz")
        printed = self.type("npz_compare tpu.npz tensor_all_quant-int8.npz --common-only")
        self.assertIn("\n122 tensors: 122 EQUAL, 0 CLOSE, 0 SIMILAR, 0 NOT_SIMILAR", printed)
        memory = np.load(self.folder / "tpu.npz")
        self.assertEqual(sorted(memory.files), sorted(self.map))
        for name in memory.files:
            self.assertTrue(np.array_equal(memory[name].ravel(), self.tensors[name].ravel()), name)

    def run_in_floating_point(self):
        self.type("interpreter resnet-50-quant-int8-addr2.mlir --tensor-in test_cat_in_fp32.bin "
                  "--exec float --tensor-out out.bin --dump-all-tensor=all.npz")
        self.assertEqual(self.bytes_of("out.bin"), self.bytes_of("out-quant-int8.bin"))
        self.assertEqual(self.bytes_of("all.npz"), self.bytes_of("tensor_all_quant-int8.npz"))


class FirstLayout(Walk, Folder):
    def test_walk(self):
        super().test_walk()
        self.take_wrong_files()
        self.take_wrong_places()

    def refused(self, sentence, line, status=1):
        before = self.contents()
        done = self.call(line)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done)
        self.assertIn(sentence, done.stderr)
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(self.contents(), before)

    def contents(self):
        return {path: path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.is_file()}

    def take_wrong_files(self):
        first = FIRST_BMNET.strip()
        self.refused("test_cat_in_fp32.bin: has 602112 bytes, expected 150528, those of the input "
                     "tensor in int8; of float32 bin_fp32_to_int8 makes it",
                     first.replace("in_int8", "in_fp32"))
        (self.folder / "other.bin").write_bytes(bytes(25558040))
        self.refused("other.bin: has 25558040 bytes, expected 25531344, those of layout v1, which "
                     "the command buffer was made for",
                     first.replace("ResNet-50-model.bin", "other.bin"))
        self.refused("NEURON_SIZE is 26596336, expected 25542640, which cmdbuf.bin is made for",
                     first.replace("25542640", "26596336"))
        self.refused("ResNet-50-model.bin: is no command buffer",
                     first.replace("cmdbuf.bin", "ResNet-50-model.bin"))
        rows = (self.folder / "neuron_map.csv").read_text().splitlines(keepends=True)
        (self.folder / "other.csv").write_text("".join(rows[:-1]))
        self.refused("out_new.bin: has 25542640 bytes, but the last tensor of other.csv ends at "
                     "24739824", "bin_to_npz out_new.bin other.csv other.npz")
        larger = rows[-1].replace("112,112", "112,224")
        (self.folder / "other.csv").write_text("".join(rows[:-1] + [larger]))
        self.refused("out_new.bin: has 25542640 bytes, but 'scale_conv1' of other.csv ends at "
                     "26345456", "bin_to_npz out_new.bin other.csv other.npz")
        (self.folder / "cut.npz").write_bytes(self.bytes_of("tensor_all_quant-int8.npz")[:-1])
        self.refused("cut.npz: no end record", "npz_dump cut.npz data_quant")

    def take_wrong_places(self):
        given = "interpreter resnet-50-quant-int8-addr2.mlir --tensor-in"
        self.refused("test_cat_in_int8.bin: has 150528 bytes, expected 602112 (float32 "
                     "1x3x224x224)", f"{given} test_cat_in_int8.bin")
        # Known before the run, so that of two files none is written.
        self.refused("absent/out.bin: cannot be created: No such file or directory",
                     f"{given} test_cat_in_fp32.bin --tensor-out absent/out.bin "
                     "--dump-all-tensor=new.npz")
        self.refused("absent/new.bin: cannot be created: No such file or directory",
                     FIRST_BMNET.strip().replace("out_new.bin", "absent/new.bin"))


class SecondLayout(Walk, Folder):
    layout = "v2"


@needs("cat/test_cat_in_fp32.bin")
class TheirInput(Walk, Folder):
    @classmethod
    def save(cls):
        shutil.copy(DATA / "cat" / "test_cat_in_fp32.bin", cls.folder)
        table = shlex.quote(str(DATA / "cat" / "bmnet_resnet50_calibration_table.1x10"))
        cls.type("resnet50 --scheme rshift8 --repeat 1 --no-check --save . "
                 f"--tensor-in test_cat_in_fp32.bin --calibration-table {table}")

    def walk_input(self):
        super().walk_input()
        expected = (DATA / "cat" / "test_cat_in_int8.bin").read_bytes()
        self.assertEqual(self.bytes_of("test_cat_in_int8.bin"), expected)


@needs("resnet50/resnet50_torchvision.npz")
class Torchvision(Walk, Folder):
    layout = "v2"
    variant = "torchvision"

    @classmethod
    def save(cls):
        weights = shlex.quote(str(DATA / "resnet50" / "resnet50_torchvision.npz"))
        cls.type(f"resnet50 --weights {weights} --variant torchvision --repeat 1 --save . "
                 "--dump-float-tensor float.npz")
        cls.type("npz_to_bin float.npz data test_cat_in_fp32.bin")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])
