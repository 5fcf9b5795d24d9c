# SPDX-License-Identifier: MIT
"""Builds the weight images of SPEC 2.2, 2.3 and 2.4 from a dump and compares them byte by byte.

usage: weight_image.py DUMP.npz IMAGE.bin WEIGHT_MAP.csv v1|v2|per_channel VARIANT

Rows of the map: `<op>_quant_int8_rshift` (v1 only), `<op>_quant_int8_1` (bias; v1 and v2) or
`<op>_per_channel` (records), `<op>_quant_int8_0` (filter). Exit status as compare_dump.py.
"""

import re
import sys

import spec
from spec import np
import resnet50

LAYOUTS = ("v1", "v2", "per_channel")


def padding(count):
    """Bytes that complete `count` to a multiple of 16."""
    return -count % 16


def padded(data, count=None, fill=0x80):
    """Bytes with the padding of `count` elements behind them."""
    return data + bytes([fill]) * padding(len(data) if count is None else count)


def int8_bytes(values, what):
    """int8 values as bytes; a value outside is an error."""
    return spec.check_range(what, values, -128, 127).astype(np.int8).tobytes()


def filter_v1(weights):
    """SPEC 2.2: OIHW, fc N x K."""
    return padded(weights.tobytes())


def filter_v2(weights):
    """SPEC 2.3: O,(kh*kw),I for kernels larger than 1x1, 1x1 unchanged, fc K x N."""
    if weights.ndim == 2:
        return padded(np.ascontiguousarray(weights.T).tobytes())
    return padded(np.ascontiguousarray(weights.transpose(0, 2, 3, 1)).tobytes())


def bias_planes(bias):
    """SPEC 2.3: all low bytes, then all high bytes, padded by the element count."""
    words = spec.check_range("16-bit bias", bias, -32768, 32767) & 0xffff
    planes = (words & 0xff).astype(np.uint8).tobytes() + (words >> 8).astype(np.uint8).tobytes()
    return padded(planes, count=len(words))


def channel_records(bias, multiplier, rshift):
    """SPEC 2.4: bias int32 LE, multiplier u32 LE, rshift u8 for each channel, padded with 0xff."""
    records = np.empty(len(bias), dtype=[("bias", "<i4"), ("multiplier", "<u4"), ("rshift", "u1")])
    records["bias"] = spec.check_range("32-bit bias", bias, -2 ** 31, 2 ** 31 - 1)
    records["multiplier"] = multiplier
    records["rshift"] = rshift
    return padded(records.tobytes(), fill=0xff)


def layer_entries(op, dump, layout):
    """(name, bytes) of one layer, ascending."""
    prefix = op + "_quant_int8"
    weights = dump[prefix + "_0"]
    weights = spec.check_range(prefix + "_0", weights, -128, 127).astype(np.int8)
    bias = np.asarray(dump[prefix + "_1"]).astype(np.int64).ravel()
    rshift = np.asarray(dump[prefix + "_rshift"]).astype(np.int64).ravel()
    if layout == "v1":
        if rshift.size != 1:
            raise spec.SpecError(f"{op}: layout v1 needs one rshift for the layer")
        return [(prefix + "_rshift", padded(int8_bytes(rshift, "rshift"))),
                (prefix + "_1", padded(int8_bytes(bias, prefix + "_1"))),
                (prefix + "_0", filter_v1(weights))]
    if layout == "v2":
        return [(prefix + "_1", bias_planes(bias)), (prefix + "_0", filter_v2(weights))]
    key = prefix + "_multiplier"
    multiplier = np.asarray(dump[key]).astype(np.int64).ravel() if key in dump else 1
    return [(op + "_per_channel", channel_records(bias, multiplier, rshift)),
            (prefix + "_0", filter_v2(weights))]


def image_entries(nodes, dump, layout):
    """SPEC 2.2: (name, offset, bytes) of the whole image, layers in reverse execution order."""
    offset = 0
    for node in reversed([node for node in nodes if node.layer]):
        for name, data in layer_entries(node.name, dump, layout):
            yield name, offset, data
            offset += len(data)


def image_total(weight_shapes, layout):
    """Bytes of an image, from the shapes alone."""
    total = 0
    for shape in weight_shapes.values():
        oc, filter_size = shape[0], int(np.prod(shape))
        bias = {"v1": 16 + oc + padding(oc), "v2": 2 * oc + padding(oc),
                "per_channel": 9 * oc + padding(9 * oc)}[layout]
        total += bias + filter_size + padding(filter_size)
    return total


def dumped_weight_shapes(dump):
    """Layer name -> shape of its filter in the dump."""
    return {layer: dump[resnet50.scale_name(layer) + "_quant_int8_0"].shape
            for layer in resnet50.layer_names()}


def read_map(lines):
    """Rows `name,0xOFFSET`, in order."""
    rows = []
    for line in lines:
        match = re.fullmatch(r"([^,\s]+),(0x[0-9a-f]+)\n?", line)
        if not match:
            raise spec.SpecError(f"weight map: not a row: {line.rstrip()}")
        rows.append((match[1], int(match[2], 16)))
    return rows


def check_entry(name, offset, data, image, offsets):
    """What is wrong with one entry, or ''."""
    if name not in offsets:
        return f"{name}: no row in the map"
    if offsets[name] != offset:
        return f"{name}: map says 0x{offsets[name]:x}, expected 0x{offset:x}"
    got = image[offset:offset + len(data)]
    if got == data:
        return ""
    at = next((i for i, (a, b) in enumerate(zip(data, got)) if a != b), len(got))
    return f"{name}: {len(data)} bytes at 0x{offset:x} differ, first at 0x{offset + at:x}"


def check_image(nodes, dump, layout, image, rows):
    """Compares image and map; (entries that are right, list of problems)."""
    offsets, problems, count, end = dict(rows), [], 0, 0
    names = []
    for name, offset, data in image_entries(nodes, dump, layout):
        problem = check_entry(name, offset, data, image, offsets)
        problems += [problem] if problem else []
        count, end = count + 1, offset + len(data)
        names.append(name)
    if len(image) != end:
        problems.append(f"the image has {len(image)} bytes, expected {end}")
    if len(rows) != len(offsets) or set(offsets) != set(names):
        problems.append(f"the map has {len(rows)} rows, expected {len(names)}")
    elif [name for name, _ in rows] != names:
        print("info: the rows of the map do not ascend")
    return count, problems


def main(arguments):
    """Command line."""
    if len(arguments) != 5 or arguments[3] not in LAYOUTS:
        print(__doc__)
        return 2
    dump_path, image_path, map_path, layout, variant = arguments
    with open(image_path, "rb") as file:
        image = file.read()
    with open(map_path, encoding="ascii") as lines:
        rows = read_map(lines)
    with np.load(dump_path) as dump:
        nodes = resnet50.build(variant, dumped_weight_shapes(dump), dump["data_quant"].shape)
        count, problems = check_image(nodes, dump, layout, image, rows)
    for problem in problems[:10]:
        print("wrong:", problem)
    print(f"{max(count - len(problems), 0)} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (spec.SpecError, KeyError) as error:
        print("error:", error)
        print("0 passed, 1 failed")
        sys.exit(1)
