# SPDX-License-Identifier: MIT
"""Compares a dump of all tensors with the specification, exactly (SPEC 1 and 3).

usage: compare_dump.py WEIGHTS.npz DUMP.npz TABLE.txt SCHEME VARIANT

Quantizes WEIGHTS with the thresholds of TABLE, runs the network on the dump's data_quant and
compares every tensor and every weight array of the dump with `==`. Exit status 0 only if all
are equal, 2 for a usage error, 77 without numpy.
"""

import sys

import spec
from spec import np
import resnet50


class Comparison:
    """Counts equal and unequal arrays; keeps the report of the first unequal one."""

    def __init__(self, dump):
        self.dump = dump
        self.seen = set()
        self.passed = 0
        self.failures = []
        self.first = ""
        self.notes = []

    def check(self, name, expected, dtypes=("float32",)):
        """Compares one array of the dump, flat; a missing one fails."""
        self.seen.add(name)
        problem = self.problem(name, np.asarray(expected), dtypes)
        if not problem:
            self.passed += 1
            return
        self.failures.append(name)
        self.first = self.first or f"{name}: {problem}"

    def check_present(self, name, expected):
        """Compares an array that a dump may leave out."""
        if name in self.dump:
            self.check(name, expected, ("int32",))

    def problem(self, name, expected, dtypes):
        """What is wrong with an array, or ''."""
        if name not in self.dump:
            return "missing from the dump"
        got = np.asarray(self.dump[name])
        if got.dtype.name not in dtypes:
            return f"type {got.dtype.name}, expected {' or '.join(dtypes)}"
        if got.size != expected.size:
            return f"shape {got.shape}, expected {expected.shape}"
        if got.shape != expected.shape:
            self.notes.append(f"{name}: shape {got.shape}, expected {expected.shape}")
        return difference(expected.ravel(), got.ravel())

    def extra(self):
        """Keys of the dump that nothing was compared with."""
        return sorted(set(self.dump) - self.seen)

    def report(self, out=sys.stdout):
        """Prints everything; true if all arrays were equal."""
        for note in self.notes[:5]:
            print("info:", note, file=out)
        if self.extra():
            print(f"info: {len(self.extra())} extra keys:", *self.extra()[:10], file=out)
        if self.failures:
            print("first:", self.first, file=out)
            print("failed:", *self.failures[:20], file=out)
        print(f"{self.passed} passed, {len(self.failures)} failed", file=out)
        return not self.failures


def difference(expected, got):
    """Count and first place of unequal values of two flat arrays, or ''."""
    wrong = np.flatnonzero(~(got == expected))
    if wrong.size:
        at = wrong[0]
        return (f"{wrong.size} of {got.size} differ, first at {at}: "
                f"expected {expected[at]}, got {got[at]}")
    negative_zeros = np.flatnonzero((got == 0) & np.signbit(got))
    if negative_zeros.size:
        return f"negative zero at {negative_zeros[0]}"
    return ""


def check_params(comparison, name, params):
    """SPEC 3: the weight arrays of one layer."""
    prefix = name + "_quant_int8"
    comparison.check(prefix + "_0", params.weights)
    comparison.check(prefix + "_1", params.stored_bias, ("float32", "int32"))
    comparison.check(prefix + "_rshift", params.rshift, ("int32",))
    if params.multiplier is not None:
        comparison.check(prefix + "_multiplier", params.multiplier, ("int32",))


def check_other_params(comparison, node, thresholds):
    """Parameters of additions and average pools, where a dump has them."""
    prefix = node.name + "_quant_int8"
    if node.kind == "add":
        m, r = resnet50.add_params(node, thresholds)
    elif node.kind == "avg_pool":
        divisor = int(np.prod(node.window.kernel))
        m, r = spec.choose_avg_pool(thresholds[node.inputs[0]], thresholds[node.name], divisor)
    else:
        return
    comparison.check_present(prefix + "_rshift", [r])
    comparison.check_present(prefix + "_multiplier", np.atleast_1d(m))


def int8_input(dump):
    """The dump's data_quant as int8."""
    if "data_quant" not in dump:
        raise spec.SpecError("the dump has no data_quant")
    data = np.asarray(dump["data_quant"])
    as_int8 = spec.sat8(np.nan_to_num(data))
    if data.ndim != 4 or not np.array_equal(as_int8, data):
        raise spec.SpecError("data_quant does not hold int8 values in N,C,H,W")
    return as_int8


def compare(weights, dump, table, scheme, variant):
    """Runs the network and returns the Comparison; weights and dump map names to arrays."""
    data = int8_input(dump)
    nodes = resnet50.build(variant, resnet50.weight_shapes_of(weights), data.shape)
    thresholds = spec.propagate_thresholds(nodes, table)
    comparison = Comparison(dump)

    def params_of(node):
        params = resnet50.quantize_layer(node, weights, thresholds, scheme)
        check_params(comparison, node.name, params)
        return params

    for node, value in resnet50.run_int8(nodes, data, thresholds, params_of):
        check_other_params(comparison, node, thresholds)
        comparison.check(node.name, value)
    return comparison


def main(arguments):
    """Command line."""
    if len(arguments) != 5:
        print(__doc__)
        return 2
    weights_path, dump_path, table_path, scheme, variant = arguments
    if scheme not in spec.SCHEMES or variant not in resnet50.VARIANTS:
        print("schemes:", *spec.SCHEMES, "\nvariants:", *resnet50.VARIANTS)
        return 2
    with open(table_path, encoding="ascii") as lines:
        table = spec.read_table(lines)
    with np.load(weights_path) as weights, np.load(dump_path) as dump:
        return 0 if compare(weights, dump, table, scheme, variant).report() else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except spec.SpecError as error:
        print("error:", error)
        print("0 passed, 1 failed")
        sys.exit(1)
