# SPDX-License-Identifier: MIT
"""Computes every case of the conformance kit with spec.py: conformance_test.py CONFORMANCE.

The kit is read as a stranger reads it, from its page: index.json and the arrays.
"""

import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

import spec
from spec import np

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else None
POLICIES = ("rshift", "rshift_half_away", "multiplier_rshift", "multiplier_q31")
LARGEST_KIT = 2 * 1024 * 1024


def write_kit(folder):
    """Runs the program."""
    subprocess.run([PROGRAM, str(folder)], check=True)
    return folder


def requantize(acc, case):
    """`policy`, `shift` and `multiplier` of a layer; acc is N, C, H, W."""
    return policy_of(case)(acc, *(spec.by_channel(values) for values in parameters(case)))


def policy_of(case):
    """The function of spec.py."""
    return getattr(spec, POLICIES[case["policy"].item()])


def parameters(case):
    """What that function takes behind the accumulators."""
    shift = case["shift"].astype(np.int64)
    return (case["multiplier"].astype(np.int64), shift) if case["policy"] >= 2 else (shift,)


def window_of(case, kernel):
    """The window of a convolution or pool."""
    dilation = tuple(case["dilation"]) if "dilation" in case else (1, 1)
    return spec.Window(tuple(kernel), tuple(case["stride"]), tuple(case["pads"]), dilation)


def layer(sums, case):
    """Bias, relu and requantization."""
    acc = spec.add_bias(sums, case["bias"])
    return requantize(np.maximum(acc, 0) if case["relu"] else acc, case)


def conv2d(case):
    window = window_of(case, case["weights"].shape[2:])
    groups = case["groups"].item()
    return layer(spec.conv2d_real(case["src"], case["weights"], window, groups), case)


def fully_connected(case):
    return layer(spec.fully_connected_real(case["src"], case["weights"]), case)


def scale(case):
    return layer(case["src"].astype(np.int64) * spec.by_channel(case["weights"]), case)


def leaky_relu(case):
    scaled = spec.multiplier_rshift(case["src"], case["multiplier"], case["shift"])
    return np.where(case["src"] < 0, scaled, case["src"])


def max_pool(case):
    return spec.max_pool(case["src"], window_of(case, case["kernel"]), bool(case["ceil"].item()))


def avg_pool(case):
    window, ceil = window_of(case, case["kernel"]), bool(case["ceil"].item())
    divisors = spec.window_divisors(case["src"], window, ceil, bool(case["count_padding"].item()))
    entries = {divisor: i for i, divisor in enumerate(case["divisor"].tolist())}
    which = np.vectorize(entries.__getitem__)(divisors)
    return spec.multiplier_rshift(spec.window_sums(case["src"], window, ceil),
                                  case["multiplier"][which], case["shift"][which])


def add(case):
    total = spec.add(case["src0"], case["src1"], case["multiplier"], case["shift"].astype(np.int64))
    return spec.relu(total) if case["relu"] else total


def concat(case):
    rules = zip(case["multiplier"].tolist(), case["shift"].tolist())
    return np.concatenate([spec.multiplier_rshift(case[f"src{i}"], m, r)
                           for i, (m, r) in enumerate(rules)], axis=1)


def softmax(case):
    """With the C library's exp, as the program has it, and sums from left to right."""
    flat = case["src"].reshape(case["src"].shape[0], -1).astype(int).tolist()
    rows = []
    for logits in flat:
        powers = [math.exp((q - max(logits)) * case["threshold"].item() / 128) for q in logits]
        total = 0.0
        for power in powers:
            total += power
        rows.append([power / total for power in powers])
    return np.array(rows).astype(np.float32).reshape(case["src"].shape)


OPS = {
    "requantize": lambda case: policy_of(case)(case["acc"], *parameters(case)),
    "conv2d": conv2d,
    "fully_connected": fully_connected,
    "scale": scale,
    "relu": lambda case: spec.relu(case["src"]),
    "clip": lambda case: np.clip(case["src"], *case["limits"].astype(np.int8)),
    "leaky_relu": leaky_relu,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "add": add,
    "concat": concat,
    "quantize": lambda case: spec.quantize(case["src"], case["threshold"].item()),
    "dequantize": lambda case: (case["src"].astype(np.float64) * case["threshold"] / 128).astype(
        np.float32),
    "softmax": softmax,
}


OP_NAMES = ("input", "conv2d", "fully_connected", "scale", "relu", "clip", "leaky_relu",
            "max_pool", "avg_pool", "add", "concat")


class ModelFile:
    """A .octavo file by the text of SPECIFICATION.md 3.1."""

    def __init__(self, data):
        magic, version, checksum, size = struct.unpack_from("<8sIIQ", data)
        self.left = memoryview(data)[24:]
        assert (magic, version, size) == (b"OCTAVOQM", 1, len(self.left))
        assert checksum == zlib.crc32(self.left)
        self.scheme = self.take("B")
        self.nodes = [self.node() for _ in range(self.take("I"))]
        self.outputs = self.numbers("i4").tolist()
        assert not self.left

    def take(self, fields):
        """The next fields: a number, or a list of them."""
        found = struct.unpack_from("<" + fields, self.left)
        self.left = self.left[struct.calcsize("<" + fields):]
        return found[0] if len(found) == 1 else list(found)

    def numbers(self, kind, columns=1):
        """A list of numbers, or of rows of them."""
        shape = (self.take("I"), columns)
        made = np.frombuffer(self.left, "<" + kind, shape[0] * columns).reshape(shape)
        self.left = self.left[made.nbytes:]
        return made[:, 0] if columns == 1 else made

    def node(self):
        """One node, under the names of the kit's arrays where it has them."""
        made = {"op": OP_NAMES[self.take("B")]}
        made["name"] = bytes(self.take("B" * length)).decode() if (length := self.take("B")) else ""
        made["shape"] = self.take("4i")
        made["reads"] = self.numbers("i4").tolist()
        for field, types in (("kernel", "2i"), ("stride", "2i"), ("dilation", "2i"),
                             ("pads", "4i"), ("groups", "i"), ("ceil", "B"),
                             ("count_padding", "B"), ("real", "3d"), ("threshold", "d")):
            made[field] = self.take(types)
        for field, kind in (("weights", "i1"), ("bias", "i4"), ("policy", None),
                            ("multipliers", "i4"), ("shifts", "u1")):
            made[field] = self.numbers(kind) if kind else self.take("B")
        made["add"] = self.take("3i")
        made["divisors"] = self.numbers("i4", 3)
        made["rules"] = self.numbers("i4", 2)
        made["limits"] = self.take("2b")
        return made

    @staticmethod
    def arrays(node):
        """What the kit has of a node."""
        made = {name: node[name] for name in ("kernel", "stride", "dilation", "pads", "groups",
                                              "ceil", "count_padding", "limits", "weights", "bias",
                                              "policy")}
        made["relu"] = 0
        if node["op"] in ("conv2d", "fully_connected", "scale"):
            return made | {"multiplier": node["multipliers"], "shift": node["shifts"]}
        if node["op"] == "add":
            return made | {"multiplier": node["add"][:2], "shift": node["add"][2]}
        if node["op"] == "avg_pool":
            divisor, multiplier, shift = node["divisors"].T
            return made | {"divisor": divisor, "multiplier": multiplier, "shift": shift}
        return made | {"multiplier": node["rules"][:, 0], "shift": node["rules"][:, 1]}


def load(path):
    """All arrays of a .npz."""
    with np.load(path) as arrays:
        return dict(arrays)


class Kit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = write_kit(pathlib.Path(cls.temporary.name) / "kit")
        cls.index = json.loads((cls.folder / "index.json").read_text(encoding="ascii"))

    def check_equal(self, got, expected, name):
        """Type, shape and every byte."""
        self.assertEqual(got.dtype, expected.dtype, name)
        self.assertEqual(got.shape, expected.shape, name)
        self.assertEqual(got.tobytes(), expected.tobytes(), name)

    def test_every_case_is_what_the_specification_says(self):
        for case in self.index["cases"]:
            arrays = load(self.folder / case["file"])
            self.check_equal(OPS[case["op"]](arrays), arrays["dst"], case["file"])

    def test_every_op_and_policy_is_there(self):
        self.assertEqual({case["op"] for case in self.index["cases"]}, set(OPS))
        for op in ("requantize", "conv2d"):
            used = {load(self.folder / case["file"])["policy"].item()
                    for case in self.index["cases"] if case["op"] == op}
            self.assertEqual(used, set(range(len(POLICIES))), op)

    def test_requantization_meets_every_end(self):
        for case in self.index["cases"]:
            if case["op"] != "requantize":
                continue
            arrays = load(self.folder / case["file"])
            self.assertEqual((arrays["acc"].min(), arrays["acc"].max()), (-2**31, 2**31 - 1))
            largest = 62 if case["file"] == "requantize_multiplier_rshift.npz" else 31
            self.assertEqual((arrays["shift"].min(), arrays["shift"].max()), (0, largest))
            self.assertEqual((arrays["dst"].min(), arrays["dst"].max()), (-128, 127))
            if "multiplier" in arrays:
                self.assertEqual(arrays["multiplier"].max(), 2**31 - 1)

    def test_ties_tell_the_roundings_apart(self):
        arrays = load(self.folder / "requantize_rshift.npz")
        half_away = spec.rshift_half_away(arrays["acc"], arrays["shift"].astype(np.int64))
        self.assertGreater(np.count_nonzero(half_away != arrays["dst"]), 50)
        arrays = load(self.folder / "requantize_multiplier_q31.npz")
        m, r = arrays["multiplier"].astype(np.int64), arrays["shift"].astype(np.int64)
        once = spec.multiplier_rshift(arrays["acc"], m, r + 31)
        self.assertGreater(np.count_nonzero(once != arrays["dst"]), 50)

    def test_real_numbers_tell_shortcuts_apart(self):
        """Each is found out by some case: 1/2 added before floor, 128 / t first, exp of q alone."""
        missed = dict.fromkeys(("half added", "128 / t first", "exp overflows"), 0)
        for case in self.index["cases"]:
            arrays = load(self.folder / case["file"])
            if case["op"] == "softmax":
                largest = arrays["src"].max() * arrays["threshold"].item() / 128
                missed["exp overflows"] += largest > 710
            if case["op"] != "quantize":
                continue
            src, threshold = arrays["src"].astype(np.float64), arrays["threshold"].item()
            for name, real in (("half added", src * 128 / threshold),
                               ("128 / t first", src * (128 / threshold))):
                rounded = (np.floor(real + 0.5) if name == "half added" else
                           np.floor(real) + (real - np.floor(real) >= 0.5))
                missed[name] += np.count_nonzero(np.clip(rounded, -128, 127) != arrays["dst"])
        self.assertNotIn(0, missed.values(), missed)

    def test_a_ceil_pool_keeps_a_window_that_starts_in_its_padding(self):
        kept = 0
        for case in self.index["cases"]:
            if case["op"] != "max_pool":
                continue
            arrays = load(self.folder / case["file"])
            rows = arrays["dst"].shape[2]
            kept += (rows - 1) * arrays["stride"][0] >= arrays["src"].shape[2]
        self.assertGreater(kept, 0)

    def test_the_network_step_by_step(self):
        tensors = load(self.folder / "network_tensors.npz")
        made = {"data": tensors["data"]}
        for step in self.index["network"]:
            case = load(self.folder / step["file"])
            names = (["src"] if "src" in case
                     else [f"src{i}" for i in range(len(step["reads"]))])
            for name, read in zip(names, step["reads"], strict=True):
                self.check_equal(case[name], made[read], step["file"])
                case[name] = made[read]
            made[step["tensor"]] = OPS[step["op"]](case)
            self.assertIn((step["file"], step["op"]), [(each["file"], each["op"])
                                                       for each in self.index["cases"]])
        self.assertEqual(set(made), set(tensors))
        for name, tensor in tensors.items():
            self.check_equal(made[name], tensor, name)
            self.assertGreater(np.unique(tensor).size, 4, f"{name} is dead")

    def test_the_model_file_is_what_the_specification_says(self):
        model = ModelFile((self.folder / "network.octavo").read_bytes())
        tensors = load(self.folder / "network_tensors.npz")
        names = [node["name"] for node in model.nodes]
        self.assertEqual((model.scheme, model.outputs), (4, [len(names) - 1]))
        self.assertEqual(names, ["data"] + [step["tensor"] for step in self.index["network"]])
        for node, step in zip(model.nodes[1:], self.index["network"], strict=True):
            self.assertEqual(node["op"], step["op"])
            self.assertEqual([names[index] for index in node["reads"]], step["reads"])
            self.assertEqual(tuple(node["shape"]), tensors[node["name"]].shape)
            stored = ModelFile.arrays(node)
            for name, array in load(self.folder / step["file"]).items():
                if name != "dst" and not name.startswith("src"):
                    self.assertEqual(np.ravel(stored[name]).tolist(), array.ravel().tolist(),
                                     f"{step['file']}: {name}")

    def test_two_runs_give_the_same_bytes_and_nothing_is_left_out(self):
        other = write_kit(pathlib.Path(self.temporary.name) / "other")
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        self.assertEqual(files, {path.name: path.read_bytes() for path in other.iterdir()})
        cases = [case["file"] for case in self.index["cases"]]
        self.assertEqual(len(cases), len(set(cases)))
        self.assertEqual(set(files), set(cases) | {
            "index.json", "README.md", "network.octavo", "network.mlir", "network_weights.npz",
            "network_tensors.npz"})
        self.assertLess(sum(map(len, files.values())), LARGEST_KIT)

    def test_the_page_names_every_array(self):
        page = (self.folder / "README.md").read_text(encoding="ascii")
        self.assertIn(f"{len(self.index['cases'])} cases", page)
        for case in self.index["cases"]:
            for name in load(self.folder / case["file"]):
                known = name if not name[-1].isdigit() else "src1"
                self.assertIn(f"`{known}`", page, case["file"])

    def test_a_folder_that_is_there_is_refused(self):
        done = subprocess.run([PROGRAM, str(self.folder)], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is there already", done.stderr)

    def test_wrong_usage(self):
        for arguments in ([], ["--folder"], ["one", "two"]):
            done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr.startswith("conformance: "), done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
