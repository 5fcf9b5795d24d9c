# SPDX-License-Identifier: MIT
"""Checks the oracle itself: ties written by hand, golden totals, tampered dumps.

usage: self_check.py [DATA_DIR] [--seed-map FILE] [--networks]

DATA_DIR (the shared data) adds the input oracle of SPEC 1.1 and, with --networks, the trained
ResNet-50: float against its oracle, int8 top-1 in every scheme. FILE adds the seed's 122 rows.
"""

import argparse
import io
import pathlib
import sys
from fractions import Fraction
from math import floor

import compare_dump
import make_weights
import resnet50
import spec
import weight_image
from spec import np


def plain(value):
    """Arrays, tuples and lists as nested lists, for ==."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


class Checks:
    """Counts checks and prints those that fail."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def equal(self, what, got, expected):
        """One check."""
        if plain(got) == plain(expected):
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}: got {got}, expected {expected}")

    def error(self, what, function, *arguments):
        """One check that something is an error."""
        try:
            function(*arguments)
        except spec.SpecError:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}: no error")


# ---- 1.1 to 1.3 ------------------------------------------------------------------------------


def exact_round_up(value):
    """floor(v + 1/2) in rationals."""
    return floor(Fraction(value) + Fraction(1, 2))


def exact_half_away(value):
    """Nearest, ties away from zero, in rationals."""
    sign = -1 if value < 0 else 1
    return sign * floor(abs(value) + Fraction(1, 2))


def clamp8(value):
    """sat8 of a Python integer."""
    return max(-128, min(127, value))


def check_rounding(checks):
    """SPEC 1 and 1.1."""
    cases = [0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999999999999994,
             -0.49999999999999994, -0.5000000000000001, 0.5000000000000001, -1e-300, 1e-300,
             4503599627370495.5, -4503599627370495.5, 9007199254740993.0, -1e-17, 126.5, 127.5]
    checks.equal("round_up by hand", spec.round_up(cases[:10]), [0, 0, 1, 0, 2, -1, 3, -2, 0, 0])
    checks.equal("round_up exact", spec.round_up(cases), [exact_round_up(v) for v in cases])
    checks.equal("sat8", spec.sat8(np.array([-1e9, -129, -128, 127, 128, 1e9])),
                 [-128, -128, -128, 127, 127, 127])
    checks.equal("quantize ties", spec.quantize(np.array([0.5, -0.5, 1.5, -1.5, 200, -200]), 128),
                 [1, 0, 2, -1, 127, -128])
    for bad in (0.0, -1.0, np.nan, np.inf):
        checks.error(f"threshold {bad}", spec.quantize, np.zeros(1), bad)
    for bad in (np.nan, np.inf, -np.inf):
        checks.error(f"activation {bad}", spec.quantize, np.array([bad]), 1.0)


def check_policies_by_hand(checks):
    """SPEC 1.3: ties."""
    ties = [5, -5, 3, -3, 1, -1]
    checks.equal("rshift ties up", spec.rshift(ties, 1), [3, -2, 2, -1, 1, 0])
    checks.equal("rshift half away", spec.rshift_half_away(ties, 1), [3, -3, 2, -2, 1, -1])
    checks.equal("rshift 0", spec.rshift([-200, -128, 5, 200], 0), [-128, -128, 5, 127])
    checks.equal("rshift 31", spec.rshift([2 ** 31 - 1, -2 ** 31, 2 ** 30, -2 ** 30], 31),
                 [1, -1, 1, 0])
    checks.equal("multiplier ties", spec.multiplier_rshift(ties, 1, 1), [3, -2, 2, -1, 1, 0])
    checks.equal("multiplier wide",
                 spec.multiplier_rshift([-2 ** 31, 2 ** 31 - 1], 2 ** 31 - 1, 62), [-1, 1])
    # 2^30 halves: ties up in the first step (-1.5 -> -1), away from zero in the second.
    checks.equal("q31 first step", spec.multiplier_q31([3, -3, 1, -1], 2 ** 30, 0), [2, -1, 1, 0])
    # 6/2 = 3 then 1.5 -> 2; -6/2 = -3 then -1.5 -> -2; -5/2 -> -2 then -1.
    checks.equal("q31 second step", spec.multiplier_q31([6, -6, 5, -5], 2 ** 30, 1),
                 [2, -2, 2, -1])
    checks.error("rshift 32", spec.rshift, [1], 32)
    checks.error("multiplier 0", spec.multiplier_rshift, [1], 0, 1)
    checks.error("q31 multiplier", spec.multiplier_q31, [1], 2 ** 30 - 1, 1)


def exact_policies(acc, m, m31, r):
    """The values of the four policies in rationals."""
    high = exact_round_up(Fraction(acc * m31, 2 ** 31))
    return (clamp8(exact_round_up(Fraction(acc, 2 ** (r % 32)))),
            clamp8(exact_half_away(Fraction(acc, 2 ** (r % 32)))),
            clamp8(exact_round_up(Fraction(acc * m, 2 ** r))),
            clamp8(exact_half_away(Fraction(high, 2 ** (r % 32)))))


def check_policies_random(checks, count=4000):
    """SPEC 1.3 against rationals, near the interesting shifts."""
    random = np.random.RandomState(7)
    wrong = 0
    for _ in range(count):
        r = int(random.randint(0, 63))
        acc = int(random.randint(-2 ** 31, 2 ** 31)) >> int(random.randint(0, 31))
        m = max(1, int(random.randint(1, 2 ** 31)) >> int(random.randint(0, 31)))
        m31 = int(random.randint(2 ** 30, 2 ** 31))
        got = (spec.rshift(acc, r % 32), spec.rshift_half_away(acc, r % 32),
               spec.multiplier_rshift(acc, m, r), spec.multiplier_q31(acc, m31, r % 32))
        wrong += tuple(int(value) for value in got) != exact_policies(acc, m, m31, r)
    checks.equal("policies against rationals", wrong, 0)


# ---- 1.4: operators --------------------------------------------------------------------------


def naive_conv(x, weights, window, groups):
    """Loops over every output and every product of one image."""
    oc, group_ic, kh, kw = weights.shape
    size = [window.output_size(axis, x.shape[1 + axis]) for axis in (0, 1)]
    out = np.zeros([oc] + size, dtype=np.int64)
    for o, y, z, i, ky, kx in np.ndindex(oc, *size, group_ic, kh, kw):
        row = y * window.stride[0] - window.pads[0] + ky * window.dilation[0]
        col = z * window.stride[1] - window.pads[1] + kx * window.dilation[1]
        if 0 <= row < x.shape[1] and 0 <= col < x.shape[2]:
            channel = o // (oc // groups) * group_ic + i
            out[o, y, z] += int(x[channel, row, col]) * int(weights[o, i, ky, kx])
    return out


def check_convolution(checks):
    """SPEC 1.2 and 1.4: stride, dilation, groups, four different pads."""
    random = np.random.RandomState(3)
    for groups, dilation in ((1, (1, 1)), (2, (2, 1)), (4, (1, 2))):
        x = random.randint(-128, 128, (1, 4, 9, 8)).astype(np.int8)
        w = random.randint(-128, 128, (8, 4 // groups, 3, 2)).astype(np.int8)
        window = spec.Window((3, 2), (2, 1), (1, 0, 2, 3), dilation)
        checks.equal(f"convolution, {groups} groups", spec.conv2d_real(x, w, window, groups)[0],
                     naive_conv(x[0], w, window, groups))
    x = np.full((1, 2, 1, 1), -128, dtype=np.int8)
    checks.equal("fully connected", spec.fully_connected_real(x, np.array([[1, 2], [-128, -128]])),
                 [[[[-384]], [[32768]]]])


def check_pools(checks):
    """SPEC 1.4: valid pixels, ceil, the dropped window, divisors."""
    x = np.arange(-8, 8, dtype=np.int8).reshape(1, 1, 4, 4)
    window = spec.Window((3, 3), (2, 2))
    checks.equal("max pool ceil", spec.max_pool(x, window, True)[0, 0], [[2, 3], [6, 7]])
    checks.equal("max pool floor", spec.max_pool(x, window)[0, 0], [[2]])
    padded = spec.Window((3, 3), (2, 2), (1, 1, 1, 1))
    checks.equal("max pool pads", spec.max_pool(x - 8, padded)[0, 0], [[-11, -9], [-3, -1]])
    dropped = spec.Window((2, 2), (2, 2), (1, 1, 1, 1))
    checks.equal("window kept", dropped.output_size(0, 4, True), 3)
    checks.equal("window dropped", dropped.output_size(0, 3, True), 2)
    checks.equal("beyond without pads", spec.Window((1, 1), (3, 3)).output_size(0, 3, True), 1)
    checks.equal("Caffe pool1", window.output_size(0, 112, True), 56)
    checks.equal("torchvision pool1", padded.output_size(0, 112), 56)
    checks.equal("divisors with padding", spec.window_divisors(x, padded, True, True),
                 [[9, 9, 6], [9, 9, 6], [6, 6, 4]])
    checks.equal("divisors without", spec.window_divisors(x, padded, True, False),
                 [[4, 6, 2], [6, 9, 3], [2, 3, 1]])


def check_average_and_add(checks):
    """SPEC 1.4 and 1.6 on small numbers."""
    checks.equal("pool5 parameters", spec.choose_avg_pool(1.0, 1.0, 49), (167, 13))
    checks.equal("divisor 1", spec.choose_avg_pool(1.0, 1.0, 1), (128, 7))
    checks.error("average pool 256", spec.choose_avg_pool, 256.0, 1.0, 1)
    x = np.array([1, 2, -1, -4], dtype=np.int8).reshape(1, 1, 2, 2)
    checks.equal("average tie up", spec.avg_pool(x, spec.Window((2, 2)), 1.0, 1.0), [[[[0]]]])
    checks.equal("add parameters", spec.choose_add("add", [1.0, 0.5], 2.0), ([64, 32], 7))
    checks.equal("add equal", spec.choose_add("add", [1.0, 1.0], 1.0), ([64, 64], 6))
    checks.error("add ratio", spec.choose_add, "add", [128.0, 1.0], 1.0)
    x0 = np.array([127, -128, 1, -1], dtype=np.int8)
    x1 = np.array([127, -128, 0, 0], dtype=np.int8)
    checks.equal("add", spec.add(x0, x1, [64, 64], 7), [127, -128, 1, 0])
    checks.equal("add saturates", spec.add(x0, x1, [64, 64], 6), [127, -128, 1, -1])


# ---- 1.5, 1.6 --------------------------------------------------------------------------------


def check_folding(checks):
    """SPEC 1.5."""
    norm = spec.BatchNorm(*(np.array([v]) for v in (3.0, 0.5, 2.0, 4.0)), eps=0.0)
    w, b = spec.fold("fold", np.full((1, 1, 1, 1), 2.0, np.float32), np.array([6.0]), norm)
    checks.equal("folded", [w.item(), b.item()], [3.0, 6.5])
    mean, var = spec.caffe_statistics(np.array([2.0]), np.array([8.0]), 4.0)
    checks.equal("Caffe's factor", [mean[0], var[0]], [0.5, 2.0])
    mean, var = spec.caffe_statistics(np.array([2.0]), np.array([8.0]), 0.0)
    checks.equal("Caffe's factor 0", [mean[0], var[0]], [0.0, 0.0])
    norm = spec.BatchNorm(*(np.array([v]) for v in (1.0, 0.0, 0.0, -1.0)))
    checks.error("negative variance", spec.fold, "fold", w, None, norm)


def choose(scheme, weights, bias, t_x=1.0, t_y=1.0):
    """A fully connected layer with these rows."""
    return spec.choose_layer("layer", scheme, np.asarray(weights, dtype=np.float64),
                             np.asarray(bias, dtype=np.float64), t_x, t_y)


def numbers(params):
    """(Wq, stored bias, bias, rshift, multiplier) as lists."""
    multiplier = [] if params.multiplier is None else params.multiplier.tolist()
    return (params.weights.tolist(), params.stored_bias.tolist(), params.bias.tolist(),
            params.rshift.tolist(), multiplier)


def check_rshift_schemes(checks):
    """SPEC 1.6, worked by hand."""
    w, b = [[1.0, -0.25], [0.25, 0.0], [0.0, 0.0]], [0.5, -0.01, 2.0]
    wq = [[64, -16], [16, 0], [0, 0]]
    bq = [4096, -82, 16384]
    for scheme in ("rshift16", "rshift32"):
        checks.equal(scheme, numbers(choose(scheme, w, b)), (wq, bq, bq, [6], []))
    checks.equal("rshift8", numbers(choose("rshift8", w, b)),
                 (wq, [64, -1, 127], [4096, -64, 8128], [6], []))
    bq = [4096, -328, 256]
    checks.equal("rshift-channel", numbers(choose("rshift-channel", w, b)),
                 ([[64, -16], [64, 0], [0, 0]], bq, bq, [6, 8, 0], []))
    lowered = numbers(choose("rshift16", [[1.0]], [4.0]))
    checks.equal("16-bit bias lowers r", lowered, ([[32]], [16384], [16384], [5], []))
    edge = numbers(choose("rshift16", [[1.0]], [-4.0]))
    checks.equal("-32768 does not fit", edge, ([[32]], [-16384], [-16384], [5], []))
    checks.equal("a = 64 exactly", choose("rshift32", [[64.0]], [0.0]).rshift, [0])
    checks.equal("127.6 saturates", choose("rshift32", [[127.6]], [0.0]).weights, [[127]])
    checks.equal("tiny weights", choose("rshift32", [[1e-30]], [0.0]).rshift, [31])
    checks.equal("all dead", choose("rshift32", [[0.0]], [1.0]).rshift, [0])
    checks.error("a >= 128", choose, "rshift32", [[128.0]], [0.0])
    checks.error("bias below r = 0", choose, "rshift16", [[64.0]], [1e6])
    deep = choose("rshift8", [[2.0 ** -25]], [1.0])
    # 127 * 2^r + 16384 + 2^(r-1) < 2^31 first holds at r = 24.
    checks.equal("b8 lowers r", (deep.rshift[0], deep.stored_bias[0], deep.weights[0, 0]),
                 (24, 127, 1))


def check_multiplier_schemes(checks):
    """SPEC 1.6, worked by hand."""
    w, b = [[0.5, -0.25], [0.0, 0.0]], [0.5, 1.5]
    # s = 0.5 / 127 = 0.5079... * 2^-7; 64 / s = 16256; the dead channel keeps s = 1 or 1/2.
    m31 = exact_round_up(Fraction(0.5 / 127) * 2 ** 38)
    m8 = floor(Fraction(0.5 / 127) * 2 ** 15)
    wq, bq = [[127, -63], [0, 0]], [16256, 192]
    expected = {"multiplier": (bq, [38, 30], [m31, 2 ** 30]),
                "multiplier8": (bq, [15, 7], [m8, 128]),
                "multiplier-q31": ([16256, 384], [7, 0], [m31, 2 ** 30])}
    for scheme, (bias, r, m) in expected.items():
        checks.equal(scheme, numbers(choose(scheme, w, b)), (wq, bias, bias, r, m))
    raised = choose("multiplier", [[2.0 ** -20]], [1.0])
    # Bq = 128 * 127 * 2^20 / 2^j breaks the bound of 2^31 for j = 0..2.
    checks.equal("bias raises u", (raised.bias[0], raised.weights[0, 0]), (16256 << 17, 16))
    checks.error("s >= 1", choose, "multiplier-q31", [[127.0]], [0.0])
    checks.error("dead bias", choose, "multiplier", [[0.0]], [1e8])
    tiny = choose("multiplier-q31", [[1e-12], [1.0]], [0.0, 0.0])
    checks.equal("r > 31 is dead", (tiny.weights[0, 0], tiny.multiplier[0], tiny.rshift[0]),
                 (0, 2 ** 30, 0))


def check_scales(checks):
    """SPEC 1.6: m and r at the edges."""
    below_one = np.nextafter(1.0, 0.0)
    s = np.array([1.0, 0.5, 0.75, below_one, below_one / 2, 2.0 ** -31, 2.0 ** -40])
    m, r = spec.choose_m31("s", s)
    checks.equal("m31", m, [2 ** 30] * 2 + [3 << 29] + [2 ** 30] * 3 + [2 ** 22])
    checks.equal("r31", r, [30, 31, 31, 30, 31, 61, 62])
    m, r = spec.choose_m8("s", np.array([1.0, 0.75, below_one, 2.0 ** -62, 2.0 ** -70]))
    checks.equal("m8", (m, r), ([128, 192, 255, 1, 1], [7, 8, 8, 62, 62]))
    m, r = spec.choose_q31("s", np.array([0.5, 0.25, below_one / 2, 2.0 ** -32]))
    checks.equal("q31", (m, r), ([2 ** 30] * 4, [0, 1, 0, 31]))
    checks.error("negative r", spec.choose_m31, "s", np.array([2.0 ** 31]))
    checks.error("q31 rounds to 1", spec.choose_q31, "s", np.array([below_one]))


def check_tables(checks):
    """SPEC 1.6 and 3: reading and propagating thresholds."""
    table = spec.read_table(["# comment", "", "data 2.5 0", "scale_conv1\t3 # why", "pool5 9"])
    checks.equal("table", sorted(table.items()), [("data", 2.5), ("pool5", 9.0),
                                                 ("scale_conv1", 3.0)])
    checks.error("twice", spec.read_table, ["a 1", "a 2"])
    checks.error("no number", spec.read_table, ["a"])
    checks.error("zero", spec.read_table, ["a 0"])
    nodes = [resnet50.Node("data_quant", "input", (), ()),
             resnet50.Node("scale_conv1", "conv", ("data_quant",), ()),
             resnet50.Node("conv1_relu", "relu", ("scale_conv1",), ()),
             resnet50.Node("pool5", "avg_pool", ("conv1_relu",), ())]
    checks.equal("thresholds", list(spec.propagate_thresholds(nodes, table).values()),
                 [2.5, 3.0, 3.0, 3.0])
    del table["scale_conv1"]
    checks.error("missing", spec.propagate_thresholds, nodes, table)


# ---- 2: maps ---------------------------------------------------------------------------------


def check_maps(checks):
    """SPEC 2.1 and 4: totals."""
    shapes = resnet50.standard_weight_shapes()
    golden = {"caffe": (25542640, 16460784, 3857973248),
              "torchvision": (26596336, 16987632, 4089184256)}
    for variant, (total, fused_total, macs) in golden.items():
        nodes = resnet50.build(variant, shapes)
        fused = resnet50.fuse_relu(nodes)
        checks.equal(f"{variant} rows", (len(nodes), len(fused)), (122, 73))
        totals = [resnet50.map_total(resnet50.neuron_map(some)) for some in (nodes, fused)]
        checks.equal(f"{variant} totals", totals, (total, fused_total))
        checks.equal(f"{variant} multiply-adds", resnet50.multiply_adds(nodes, shapes), macs)
    rows = {name: (size, offset) for name, size, offset
            in resnet50.neuron_map(resnet50.build("caffe", shapes))}
    named = {"data_quant": (150528, 0), "fc1000": (1008, 0x24c00), "pool5": (2048, 0x24ff0),
             "scale5a_branch1": (100352, 0x14b7f0), "res2a": (802816, 0x1392ff0),
             "pool1": (200704, 0x16a2ff0), "conv1_relu": (802816, 0x16d3ff0),
             "scale_conv1": (802816, 0x1797ff0)}
    for name, row in named.items():
        checks.equal(f"map {name}", rows[name], row)


def check_seed_map(checks, path):
    """SPEC 2.1: the seed's 122 rows, byte for byte."""
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line for line in lines if line.startswith("[") and "-->" in line]
    nodes = resnet50.build("caffe", resnet50.standard_weight_shapes())
    got = [resnet50.map_line(row) for row in resnet50.neuron_map(nodes)]
    checks.equal("seed's map, rows", len(expected), 122)
    checks.equal("seed's map, bytes", "\n".join(got), "\n".join(expected))


def zero_dump(weight_shapes, per_channel):
    """A dump of a network whose parameters are all 0."""
    dump = {}
    for layer, shape in weight_shapes.items():
        prefix = resnet50.scale_name(layer) + "_quant_int8"
        dump[prefix + "_0"] = np.zeros(shape, np.float32)
        dump[prefix + "_1"] = np.zeros(shape[0], np.float32)
        dump[prefix + "_rshift"] = np.zeros(shape[0] if per_channel else 1, np.int32)
    return dump


def check_images(checks):
    """SPEC 2.2 to 2.4: totals and named offsets."""
    shapes = resnet50.standard_weight_shapes()
    golden = {"v1": 25531344, "v2": 25558040, "per_channel": 25750960}
    named = {"v1": {"fc1000_quant_int8_rshift": 0x0, "fc1000_quant_int8_1": 0x10,
                    "fc1000_quant_int8_0": 0x400,
                    "scale5c_branch2c_quant_int8_rshift": 0x1f4400,
                    "scale5c_branch2c_quant_int8_1": 0x1f4410,
                    "scale5c_branch2c_quant_int8_0": 0x1f4c10,
                    "scale_conv1_quant_int8_rshift": 0x1856ec0,
                    "scale_conv1_quant_int8_1": 0x1856ed0,
                    "scale_conv1_quant_int8_0": 0x1856f10},
             "v2": {"scale_conv1_quant_int8_0": 0x185d758, "scale_conv1_quant_int8_1": 0x185d6d8,
                    "fc1000_quant_int8_0": 2008},
             "per_channel": {"fc1000_per_channel": 0, "fc1000_quant_int8_0": 9008}}
    nodes = resnet50.build("caffe", shapes)
    for layout, total in golden.items():
        checks.equal(f"{layout} total", weight_image.image_total(shapes, layout), total)
        dump = zero_dump(shapes, layout == "per_channel")
        offsets, end = {}, 0
        for name, offset, data in weight_image.image_entries(nodes, dump, layout):
            offsets[name], end = offset, offset + len(data)
        checks.equal(f"{layout} end", end, total)
        for name, offset in named[layout].items():
            checks.equal(f"{layout} {name}", offsets[name], offset)


def check_image_bytes(checks):
    """SPEC 2.2 to 2.4: the bytes of small tensors, by hand."""
    w = np.arange(8, dtype=np.int8).reshape(1, 2, 2, 2)
    tail = b"\x80" * 8
    checks.equal("v1 filter", weight_image.filter_v1(w) == bytes(range(8)) + tail, True)
    checks.equal("v2 filter", weight_image.filter_v2(w) == bytes([0, 4, 1, 5, 2, 6, 3, 7]) + tail,
                 True)
    fc = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int8)
    checks.equal("v2 fc", weight_image.filter_v2(fc)[:6] == bytes([1, 4, 2, 5, 3, 6]), True)
    planes = weight_image.bias_planes([1, -2, 0x1234])
    checks.equal("v2 bias", planes == bytes.fromhex("01fe34" "00ff12") + b"\x80" * 13, True)
    checks.equal("v2 bias of 1000", len(weight_image.bias_planes(np.zeros(1000))), 2008)
    record = weight_image.channel_records(np.array([-2]), np.array([2 ** 31 - 1]), np.array([62]))
    checks.equal("record", record == bytes.fromhex("feffffff" "ffffff7f" "3e") + b"\xff" * 7, True)


# ---- whole networks --------------------------------------------------------------------------


def max_table(nodes, weights, data):
    """SPEC 1.7 `max`: the largest absolute value of each tensor of one image."""
    return {node.name: float(np.abs(value).max())
            for node, value in resnet50.run_float(nodes, weights, data)}


def oracle_dump(nodes, weights, table, data, scheme):
    """What SPEC 3 says a dump holds, from the oracle itself."""
    thresholds = spec.propagate_thresholds(nodes, table)
    dump = {}

    def params_of(node):
        params = resnet50.quantize_layer(node, weights, thresholds, scheme)
        prefix = node.name + "_quant_int8"
        dump[prefix + "_0"] = params.weights.astype(np.float32)
        dump[prefix + "_1"] = params.stored_bias.astype(np.int32)
        dump[prefix + "_rshift"] = params.rshift.astype(np.int32)
        if params.multiplier is not None:
            dump[prefix + "_multiplier"] = params.multiplier.astype(np.int32)
        return params

    int8_data = spec.quantize(data, thresholds["data_quant"])
    for node, value in resnet50.run_int8(nodes, int8_data, thresholds, params_of):
        dump[node.name] = value.astype(np.float32)
    return dump


def check_small_network(checks, variant, style):
    """Every scheme: the oracle's dump compares equal, a changed one does not."""
    weights = make_weights.make_weights(style=style)
    data = np.random.RandomState(5).uniform(-2, 2, (2, 3, 40, 33))
    nodes = resnet50.build(variant, resnet50.weight_shapes_of(weights), data.shape)
    table = max_table(nodes, weights, data)
    for scheme in spec.SCHEMES:
        what = f"{variant} {style} {scheme}"
        dump = oracle_dump(nodes, weights, table, data, scheme)
        checks.equal(f"{what} alive", int(np.abs(dump["fc1000"]).max()) > 10, True)
        checks.equal(what, compare(weights, dump, table, scheme, variant),
                     f"{len(dump)} passed, 0 failed")
        dump["res3a"].flat[7] += 1
        dump["scale4a_branch1_quant_int8_rshift"][0] += 1
        del dump["res5c"]
        checks.equal(f"{what} changed", compare(weights, dump, table, scheme, variant),
                     f"{len(dump) - 2} passed, 3 failed")


def compare(weights, dump, table, scheme, variant):
    """Last line of compare_dump."""
    out = io.StringIO()
    compare_dump.compare(weights, dump, table, scheme, variant).report(out)
    return out.getvalue().splitlines()[-1]


def check_image_round_trip(checks):
    """A built image compares equal, a changed byte or row does not."""
    weights = make_weights.make_weights()
    shapes = resnet50.weight_shapes_of(weights)
    nodes = resnet50.build("caffe", shapes, (1, 3, 32, 32))
    data = np.random.RandomState(5).uniform(-2, 2, (1, 3, 32, 32))
    table = max_table(nodes, weights, data)
    pairs = (("rshift8", "v1"), ("rshift16", "v2"), ("rshift32", "per_channel"),
             ("rshift-channel", "per_channel"), ("multiplier", "per_channel"))
    for scheme, layout in pairs:
        dump = oracle_dump(nodes, weights, table, data, scheme)
        entries = list(weight_image.image_entries(nodes, dump, layout))
        image = bytearray(b"".join(data for _, _, data in entries))
        rows = [(name, offset) for name, offset, _ in entries]
        checks.equal(f"image total {layout}", len(image), weight_image.image_total(shapes, layout))
        checks.equal(f"image {scheme}",
                     weight_image.check_image(nodes, dump, layout, bytes(image), rows)[1], [])
        image[1000] ^= 1
        rows[5] = (rows[5][0], rows[5][1] + 16)
        problems = weight_image.check_image(nodes, dump, layout, bytes(image), rows)[1]
        checks.equal(f"changed image {scheme}", len(problems), 2)


def check_input_oracle(checks, data_dir):
    """SPEC 1.1: 150528 of 150528 bytes."""
    cat = data_dir / "cat"
    x = np.fromfile(cat / "test_cat_in_fp32.bin", dtype="<f4")
    q = np.fromfile(cat / "test_cat_in_int8.bin", dtype=np.int8)
    checks.equal("input oracle, bytes", int((spec.quantize(x, 161.008056641) == q).sum()), 150528)


def check_trained_network(checks, data_dir):
    """Float against PyTorch's oracle, int8 top-1 in every scheme."""
    with np.load(data_dir / "resnet50" / "resnet50_torchvision.npz") as file:
        weights = dict(file)
    with np.load(data_dir / "resnet50" / "chelsea_fp32.npz") as file:
        oracle = dict(file)
    nodes = resnet50.build("torchvision", resnet50.weight_shapes_of(weights))
    table = {}
    for node, value in resnet50.run_float(nodes, weights, oracle["data"]):
        table[node.name] = float(np.abs(value).max())
        if node.name in oracle:
            error = np.abs(value.ravel() - oracle[node.name].ravel()).max()
            checks.equal(f"float {node.name}", error < 1e-4, True)
    for scheme in spec.SCHEMES:
        top = int(oracle_dump(nodes, weights, table, oracle["data"], scheme)["fc1000"].argmax())
        print(f"{scheme}: top-1 {top}")
        checks.equal(f"top-1 {scheme}", top, 285)


def run(options):
    """All checks."""
    checks = Checks()
    for check in (check_rounding, check_policies_by_hand, check_policies_random,
                  check_convolution, check_pools, check_average_and_add, check_folding,
                  check_rshift_schemes, check_multiplier_schemes, check_scales, check_tables,
                  check_maps, check_images, check_image_bytes, check_image_round_trip):
        check(checks)
    for variant in resnet50.VARIANTS:
        for style in ("caffe", "torchvision"):
            check_small_network(checks, variant, style)
    if options.seed_map:
        check_seed_map(checks, options.seed_map)
    if options.data_dir:
        check_input_oracle(checks, options.data_dir)
    if options.data_dir and options.networks:
        check_trained_network(checks, options.data_dir)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description="checks the oracle itself")
    parser.add_argument("data_dir", nargs="?", type=pathlib.Path)
    parser.add_argument("--seed-map", type=pathlib.Path)
    parser.add_argument("--networks", action="store_true")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
