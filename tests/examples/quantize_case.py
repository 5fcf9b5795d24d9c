# SPDX-License-Identifier: MIT
"""What the tests of quantize share: a small set of pictures and networks with random weights."""

import pathlib
import random
import struct
import subprocess
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
NET = "resnet18-caffe"


def run(*arguments, **more):
    return subprocess.run([str(PROGRAM)] + [str(a) for a in arguments], capture_output=True,
                          text=True, **more)


def write_bmp(path, seed, size=256):
    """Stripes and noise, 24 bits a pixel: every picture has other colours and directions."""
    source = random.Random(seed)
    a, b, c = (source.randint(1, 9) for _ in range(3))
    y, x = np.mgrid[0:size, 0:size]
    planes = [(a * x + b * y) % 256, (c * x + a * y) % 256, (b * x * y // 64) % 256]
    pixels = np.stack(planes, axis=-1).astype(np.uint8)
    header = struct.pack("<IiiHHIIiiII", 40, size, size, 1, 24, 0, pixels.nbytes, 0, 0, 0, 0)
    start = 14 + len(header)
    path.write_bytes(struct.pack("<2sIHHI", b"BM", start + pixels.nbytes, 0, 0, start) + header +
                     pixels.tobytes())


def layers():
    """(name, shape of the weights) of ResNet-18, batch norm folded, in Caffe's names."""
    yield "conv1", (64, 3, 7, 7)
    before = 64
    for stage, channels in enumerate((64, 128, 256, 512)):
        for block in "ab":
            label = f"res{stage + 2}{block}_branch"
            if before != channels:
                yield label + "1", (channels, before, 1, 1)
            yield label + "2a", (channels, before, 3, 3)
            yield label + "2b", (channels, channels, 3, 3)
            before = channels
    yield "fc1000", (1000, 512)


def squeezenet_layers():
    """(name, shape of the weights) of SqueezeNet v1.0, in the names of the compressed one."""
    yield "conv1", (96, 3, 7, 7)
    before = 96
    for fire in range(2, 10):
        squeezed = 16 * (fire // 2)
        yield f"fire{fire}/conv1x1_1", (squeezed, before, 1, 1)
        yield f"fire{fire}/conv1x1_2", (4 * squeezed, squeezed, 1, 1)
        yield f"fire{fire}/conv3x3_2", (4 * squeezed, squeezed, 3, 3)
        before = 8 * squeezed
    yield "conv_final", (1000, before, 1, 1)


def write_random(path, layers, names, gain_of, spoil=None):
    """Weights and biases, called as the layer and `names`; the weights' variance is gain / taps.
    `spoil` changes the arrays."""
    source = np.random.default_rng(1)
    arrays = {}
    for layer, shape in layers:
        deviation = np.sqrt(gain_of(layer) / np.prod(shape[1:]))
        weights = source.standard_normal(shape) * deviation
        bias = source.standard_normal(shape[0]) * 0.1
        for name, values in zip(names, (weights, bias)):
            arrays[layer + name] = values.astype(np.float32)
    if spoil:
        spoil(arrays)
    np.savez(path, **arrays)


def write_squeezenet(path):
    """He's initialization, conv1 brought down to the scale of bytes."""
    write_random(path, squeezenet_layers(), (".weight", ".bias"),
                 lambda name: 2.0 ** -11 if name == "conv1" else 2)


def write_weights(path, spoil=None):
    """The same for ResNet-18, less of it where a branch ends."""
    gains = {"conv1": 2.0 ** -11, "fc1000": 1}
    write_random(path, layers(), ("_0", "_1"),
                 lambda name: gains.get(name, 0.5 if name.endswith("2b") else 2), spoil)


def make_case(folder, pictures):
    """pictures/, weights.npz and labels.txt in the folder; the weights' options."""
    (folder / "pictures").mkdir()
    for i in range(pictures):
        write_bmp(folder / "pictures" / f"picture {i}.bmp", seed=i)
    (folder / "labels.txt").write_text(
        "".join(f"picture {i}.bmp {(i * 331) % 1000}\n" for i in range(pictures)))
    write_weights(folder / "weights.npz")
    return ("--model", folder / "weights.npz", "--net", NET)
