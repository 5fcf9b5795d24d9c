# SPDX-License-Identifier: MIT
"""ResNet-50 in the two variants of SPEC 4, its float weights, its maps, and how to run it."""

import re
from dataclasses import dataclass
from typing import Optional

import spec
from spec import np

VARIANTS = ("caffe", "torchvision")
BLOCKS = {2: 3, 3: 4, 4: 6, 5: 3}
IMAGE_SIZE = 224


@dataclass(frozen=True)
class Node:
    """One op; its name is the row's name of the seed's map."""
    name: str
    kind: str
    inputs: tuple
    shape: tuple                          # N, C, H, W of the output
    window: Optional[spec.Window] = None
    ceil: bool = False
    layer: str = ""                       # Caffe's layer name, for ops with weights


# ---- the graph -------------------------------------------------------------------------------


def scale_name(layer):
    """SPEC 2.1: a folded conv takes the scale layer's name."""
    return "scale_conv1" if layer == "conv1" else layer.replace("res", "scale", 1)


def square(kernel, stride, pad):
    """A square window with the same pad on its four sides."""
    return spec.Window((kernel, kernel), (stride, stride), (pad,) * 4)


class GraphBuilder:
    """Appends nodes in Caffe's execution order and infers their shapes."""

    def __init__(self, weight_shapes, input_shape):
        self.weight_shapes = weight_shapes
        self.nodes = {}
        self.append(Node("data_quant", "input", (), tuple(input_shape)))

    def append(self, node):
        """Adds a node, returns its name."""
        self.nodes[node.name] = node
        return node.name

    def out_shape(self, source, channels, window, ceil=False):
        """Shape after a window op."""
        n, _, h, w = self.nodes[source].shape
        return (n, channels, window.output_size(0, h, ceil), window.output_size(1, w, ceil))

    def conv(self, layer, source, stride, pad):
        """A convolution with its batch norm folded in; the shapes come from the weights."""
        oc, ic, kernel, _ = self.weight_shapes[layer]
        if ic != self.nodes[source].shape[1]:
            raise spec.SpecError(f"{layer}: {ic} input channels do not match {source}")
        window = square(kernel, stride, pad)
        shape = self.out_shape(source, oc, window)
        return self.append(Node(scale_name(layer), "conv", (source,), shape, window, layer=layer))

    def pool(self, name, kind, source, window, ceil=False):
        """A max or average pool."""
        shape = self.out_shape(source, self.nodes[source].shape[1], window, ceil)
        return self.append(Node(name, kind, (source,), shape, window, ceil))

    def same_shape(self, name, kind, *sources):
        """A relu or an addition."""
        return self.append(Node(name, kind, sources, self.nodes[sources[0]].shape))

    def fully_connected(self, layer, source):
        """The classifier."""
        n = self.nodes[source].shape[0]
        shape = (n, self.weight_shapes[layer][0], 1, 1)
        return self.append(Node(layer, "fc", (source,), shape, layer=layer))

    def conv_relu(self, layer, source, stride, pad):
        """A convolution and its relu."""
        return self.same_shape(layer + "_relu", "relu", self.conv(layer, source, stride, pad))

    def block(self, name, source, stride, projection, variant):
        """SPEC 4: a bottleneck; branch1 precedes branch2a in a block with a projection."""
        strides = (stride, 1) if variant == "caffe" else (1, stride)
        shortcut = self.conv(name + "_branch1", source, stride, 0) if projection else source
        out = self.conv_relu(name + "_branch2a", source, strides[0], 0)
        out = self.conv_relu(name + "_branch2b", out, strides[1], 1)
        out = self.conv(name + "_branch2c", out, 1, 0)
        return self.same_shape(name + "_relu", "relu",
                               self.same_shape(name, "add", shortcut, out))


def build(variant, weight_shapes, input_shape=(1, 3, IMAGE_SIZE, IMAGE_SIZE)):
    """The nodes in execution order; weight_shapes: Caffe's layer name -> OIHW or N x K."""
    if variant not in VARIANTS:
        raise spec.SpecError(f"unknown variant {variant}, one of {', '.join(VARIANTS)}")
    caffe = variant == "caffe"
    graph = GraphBuilder(weight_shapes, input_shape)
    out = graph.conv_relu("conv1", "data_quant", 2, 3)
    out = graph.pool("pool1", "max_pool", out, square(3, 2, 0 if caffe else 1), ceil=caffe)
    for stage, count in BLOCKS.items():
        for index in range(count):
            name = f"res{stage}{chr(ord('a') + index)}"
            stride = 2 if index == 0 and stage > 2 else 1
            out = graph.block(name, out, stride, index == 0, variant)
    whole_plane = spec.Window(graph.nodes[out].shape[2:])
    graph.fully_connected("fc1000", graph.pool("pool5", "avg_pool", out, whole_plane))
    return list(graph.nodes.values())


def multiply_adds(nodes, weight_shapes):
    """SPEC 4: multiply-adds of the convolutions and of the classifier."""
    return sum(int(np.prod(node.shape[2:])) * int(np.prod(weight_shapes[node.layer]))
               for node in nodes if node.layer)


# ---- float weights ---------------------------------------------------------------------------


def layer_names():
    """Caffe's layer names in execution order."""
    names = ["conv1"]
    for stage, count in BLOCKS.items():
        for index in range(count):
            block = f"res{stage}{chr(ord('a') + index)}"
            branches = ["branch1"] * (index == 0) + ["branch2a", "branch2b", "branch2c"]
            names += [f"{block}_{branch}" for branch in branches]
    return names + ["fc1000"]


def standard_weight_shapes(width=64, classes=1000):
    """Layer name -> shape of the weights of the topology whose conv1 has `width` channels."""
    shapes, channels = {"conv1": (width, 3, 7, 7)}, width
    for stage, count in BLOCKS.items():
        inner = width << (stage - 2)
        for index in range(count):
            block = f"res{stage}{chr(ord('a') + index)}"
            if index == 0:
                shapes[block + "_branch1"] = (4 * inner, channels, 1, 1)
            shapes[block + "_branch2a"] = (inner, channels, 1, 1)
            shapes[block + "_branch2b"] = (inner, inner, 3, 3)
            shapes[block + "_branch2c"] = (4 * inner, inner, 1, 1)
            channels = 4 * inner
    shapes["fc1000"] = (classes, channels)
    return shapes


def torchvision_names(layer):
    """State-dict prefixes of a Caffe layer: (convolution, batch norm or '')."""
    if layer in ("conv1", "fc1000"):
        return ("conv1", "bn1") if layer == "conv1" else ("fc", "")
    stage, letter, branch = re.fullmatch(r"res(\d)([a-z])_branch(1|2[abc])", layer).groups()
    block = f"layer{int(stage) - 1}.{ord(letter) - ord('a')}"
    if branch == "1":
        return f"{block}.downsample.0", f"{block}.downsample.1"
    number = "abc".index(branch[1]) + 1
    return f"{block}.conv{number}", f"{block}.bn{number}"


def caffe_names(layer):
    """Caffe's blobs of a layer: (convolution, batch norm, scale), the last two '' for fc1000."""
    if layer == "fc1000":
        return layer, "", ""
    tail = "_conv1" if layer == "conv1" else layer.replace("res", "", 1)
    return layer, "bn" + tail, "scale" + tail


def is_torchvision(weights):
    """Which of the two naming styles of SPEC 3 a weight file has."""
    return "conv1.weight" in weights


def vector(weights, key):
    """A parameter of a batch norm as float64."""
    return np.asarray(weights[key]).astype(np.float64).ravel()


def optional(weights, key):
    """A bias, or None where absent."""
    return np.asarray(weights[key]).ravel() if key in weights else None


def torchvision_layer(weights, layer):
    """(W, c, batch norm) of a layer from torchvision's state dict."""
    conv, norm = torchvision_names(layer)
    w, c = np.asarray(weights[conv + ".weight"]), optional(weights, conv + ".bias")
    if not norm:
        return w, c, None
    keys = ("weight", "bias", "running_mean", "running_var")
    return w, c, spec.BatchNorm(*(vector(weights, f"{norm}.{key}") for key in keys))


def caffe_layer(weights, layer):
    """(W, c, batch norm) of a layer from Caffe's blobs."""
    conv, norm, scale = caffe_names(layer)
    w, c = np.asarray(weights[conv + "_0"]), optional(weights, conv + "_1")
    if not norm:
        return w, c, None
    mean, var, factor = (vector(weights, f"{norm}_{i}") for i in range(3))
    mean, var = spec.caffe_statistics(mean, var, float(factor[0]))
    return w, c, spec.BatchNorm(vector(weights, scale + "_0"), vector(weights, scale + "_1"),
                                mean, var)


def folded_layer(weights, layer):
    """SPEC 1.5: the folded float64 (W, B) of a layer."""
    read = torchvision_layer if is_torchvision(weights) else caffe_layer
    return spec.fold(layer, *read(weights, layer))


def weight_shapes_of(weights):
    """Layer name -> shape of its weights, from a float model."""
    torchvision = is_torchvision(weights)
    key = (lambda layer: torchvision_names(layer)[0] + ".weight") if torchvision \
        else (lambda layer: layer + "_0")
    return {layer: np.shape(weights[key(layer)]) for layer in layer_names()}


# ---- running ---------------------------------------------------------------------------------


def evaluate(nodes, data, compute):
    """Yields (node, value) in execution order; a value lives until its last reader has run."""
    last_reader = {source: node.name for node in nodes for source in node.inputs}
    alive = {}
    for node in nodes:
        value = data if node.kind == "input" else \
            compute(node, [alive[source] for source in node.inputs])
        alive[node.name] = value
        yield node, value
        for source in set(node.inputs):
            if last_reader[source] == node.name:
                del alive[source]


def float_op(node, inputs, weights):
    """One op in float64."""
    x = inputs[0]
    if node.kind == "conv":
        w, b = folded_layer(weights, node.layer)
        return spec.conv2d_real(x, w, node.window) + spec.by_channel(b)
    if node.kind == "fc":
        w, b = folded_layer(weights, node.layer)
        return spec.fully_connected_real(x, w) + spec.by_channel(b)
    if node.kind == "relu":
        return spec.relu(x)
    if node.kind == "max_pool":
        return spec.max_pool(x, node.window, node.ceil)
    if node.kind == "avg_pool":
        return spec.window_sums(x, node.window) / spec.window_divisors(x, node.window)
    return inputs[0] + inputs[1]


def run_float(nodes, weights, data):
    """Yields (node, float64 tensor) in execution order."""
    return evaluate(nodes, data.astype(np.float64),
                    lambda node, inputs: float_op(node, inputs, weights))


def quantize_layer(node, weights, thresholds, scheme):
    """SPEC 1.6 for one op with weights."""
    w, b = folded_layer(weights, node.layer)
    return spec.choose_layer(node.name, scheme, w, b,
                             thresholds[node.inputs[0]], thresholds[node.name])


def add_params(node, thresholds):
    """SPEC 1.6: ([m0, m1], r) of an addition."""
    return spec.choose_add(node.name, [thresholds[s] for s in node.inputs], thresholds[node.name])


def int8_op(node, inputs, thresholds, params):
    """One op in int8; params: the LayerParams of ops with weights, else None."""
    x = inputs[0]
    if node.kind == "conv":
        sums = spec.conv2d_real(x, params.weights, node.window)
        return spec.requantize(spec.add_bias(sums, params.bias), params)
    if node.kind == "fc":
        sums = spec.fully_connected_real(x, params.weights)
        return spec.requantize(spec.add_bias(sums, params.bias), params)
    if node.kind == "relu":
        return spec.relu(x)
    if node.kind == "max_pool":
        return spec.max_pool(x, node.window, node.ceil)
    if node.kind == "avg_pool":
        return spec.avg_pool(x, node.window, thresholds[node.inputs[0]], thresholds[node.name])
    return spec.add(inputs[0], inputs[1], *add_params(node, thresholds))


def run_int8(nodes, data, thresholds, params_of):
    """Yields (node, int8 tensor); params_of(node) gives the LayerParams of an op with weights."""
    def compute(node, inputs):
        return int8_op(node, inputs, thresholds, params_of(node) if node.layer else None)
    return evaluate(nodes, data, compute)


# ---- 2.1: the neuron map ---------------------------------------------------------------------


def round_up_16(size):
    """Sizes are rounded up to 16 bytes."""
    return (size + 15) // 16 * 16


def fuse_relu(nodes):
    """SPEC 2.1: each relu replaces the row of its producer."""
    producers = {node.inputs[0] for node in nodes if node.kind == "relu"}
    return [node for node in nodes if node.name not in producers]


def neuron_map(nodes):
    """SPEC 2.1: rows (name, bytes, offset): the input, then the ops in reverse order."""
    rows, offset = [], 0
    for node in nodes[:1] + nodes[:0:-1]:
        size = round_up_16(int(np.prod(node.shape)))
        rows.append((node.name, size, offset))
        offset += size
    return rows


def map_total(rows):
    """Bytes of a whole map."""
    return rows[-1][1] + rows[-1][2]


def map_line(row):
    """SPEC 2.1: the printed form of a row."""
    name, size, offset = row
    return f"[{name:<36}][{size:>8}] : [ 0x{offset:08x} --> 0x{offset + size:08x} ]"
