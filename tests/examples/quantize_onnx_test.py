# SPDX-License-Identifier: MIT
"""quantize on a network that no name stands for: quantize_onnx_test.py QUANTIZE"""

import csv
import pathlib
import sys
import tempfile
import unittest

from quantize_case import run, write_bmp

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

CLASSES = 7
SIDE = 56


def small_net(path, extents=(1, 3, SIDE, SIDE)):
    """Three convolutions, one of them depthwise, a residual sum, an average and a Gemm."""
    source = np.random.default_rng(3)
    arrays, nodes = [], []

    def array(name, *shape):
        deviation = np.sqrt(2 / np.prod(shape[1:])) if len(shape) > 1 else 0.1
        values = (source.standard_normal(shape) * deviation).astype(np.float32)
        arrays.append(numpy_helper.from_array(values, name))
        return name

    def node(kind, inputs, name, **attributes):
        nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def conv(x, name, shape, **attributes):
        return node("Conv", [x, array(name + ".w", *shape), array(name + ".b", shape[0])], name,
                    kernel_shape=shape[2:], **attributes)

    x = node("Relu", [conv("image", "stem", (8, 3, 3, 3), strides=[2, 2], pads=[1] * 4)], "relu1")
    y = node("Relu", [conv(x, "depthwise", (8, 1, 3, 3), group=8, pads=[1] * 4)], "relu2")
    y = conv(y, "expand", (8, 8, 1, 1))
    x = node("Relu", [node("Add", [x, y], "sum")], "relu3")
    x = node("Flatten", [node("GlobalAveragePool", [x], "mean")], "flat")
    node("Gemm", [x, array("fc.w", CLASSES, 8), array("fc.b", CLASSES)], "logits", transB=1)
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("image", TensorProto.FLOAT, extents)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, (1, CLASSES))], arrays)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), path)


class Onnx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        (cls.folder / "pictures").mkdir()
        for i in range(CLASSES):
            write_bmp(cls.folder / "pictures" / f"picture {i}.bmp", seed=i, size=80)
        small_net(cls.folder / "small.onnx")
        small_net(cls.folder / "wide.onnx", (1, 3, SIDE, 2 * SIDE))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def works(self, *arguments):
        done = run(*arguments, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def refused(self, status, sentence, *arguments):
        done = run(*arguments, cwd=self.folder)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(sentence, done.stderr + done.stdout)

    MODEL = ("--model", "small.onnx", "--preprocess", "torchvision")
    IMAGES = ("--images", "pictures", "--scheme", "multiplier")

    def test_quantize_and_evaluate(self):
        text = self.works(*self.MODEL, *self.IMAGES, "-o", "made", "--report", "made.html")
        self.assertIn("network:      small, 4 layers with weights, 10 tensors", text)
        self.assertIn("written:      made/small.octavo", text)
        rows = csv.DictReader((self.folder / "made/comparison.csv").read_text().splitlines())
        sqnr = {row["name"]: float(row["sqnr_db"]) for row in rows}
        self.assertGreater(sqnr["logits"], 25)
        self.assertIn("<title>small in int8", (self.folder / "made.html").read_text())
        text = self.works("--evaluate", "pictures", "--int8", "made/small.octavo", *self.MODEL)
        self.assertIn(f"agreement:    top-1  {CLASSES} of {CLASSES}", text)

    def test_in_shards_as_alone(self):
        plain = ("--corrections", "full-range,largest,snap", "--compare-images", 0)
        self.works(*self.MODEL, *self.IMAGES, *plain, "-o", "alone")
        for i in (1, 2):
            self.works(*self.MODEL, "--images", "pictures", "--round", "ranges", "--shard",
                       f"{i}/2", "--part", f"ranges.{i}")
        self.works("--merge", "ranges.1", "ranges.2", "-o", "ranges")
        for i in (1, 2):
            self.works(*self.MODEL, "--images", "pictures", "--round", "histograms", "--ranges",
                       "ranges", "--shard", f"{i}/2", "--part", f"histograms.{i}")
        self.works("--merge", "histograms.1", "histograms.2", "-o", "histograms")
        self.works("--model", "small.onnx", "--histograms", "histograms", "--scheme", "multiplier",
                   "-o", "shared")
        self.assertEqual((self.folder / "alone/small.octavo").read_bytes(),
                         (self.folder / "shared/small.octavo").read_bytes())

    def test_what_does_not_fit(self):
        self.refused(2, "takes no --net", *self.MODEL, *self.IMAGES, "--net", "mobilenet_v2", "-o",
                     "no")
        self.refused(2, "takes no --save-float", *self.MODEL, *self.IMAGES, "--save-float", "x.npz",
                     "-o", "no")
        self.refused(2, "expected caffe, squeezenet or torchvision", "--model", "small.onnx",
                     "--preprocess", "magic", *self.IMAGES, "-o", "no")
        self.refused(1, "small.onnx: is none of the networks that --net knows; say with "
                     "--preprocess", "--model", "small.onnx", *self.IMAGES, "-o", "no")
        self.refused(1, "wide.onnx: its input is 1x3x56x112, expected one square picture",
                     "--model", "wide.onnx", "--preprocess", "torchvision", *self.IMAGES, "-o",
                     "no")
        self.assertFalse((self.folder / "no").exists())
        self.works(*self.MODEL, *self.IMAGES, "--corrections", "none", "-o", "plain")
        self.refused(1, "say with --preprocess", "--evaluate", "pictures", "--int8",
                     "plain/small.octavo")
        self.refused(1, "small.octavo: is another network, expected mobilenet_v2", "--evaluate",
                     "pictures", "--int8", "plain/small.octavo", "--net", "mobilenet_v2")
        self.refused(1, "wide.onnx: is another network than plain/small.octavo", "--evaluate",
                     "pictures", "--int8", "plain/small.octavo", "--model", "wide.onnx",
                     "--preprocess", "torchvision")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
