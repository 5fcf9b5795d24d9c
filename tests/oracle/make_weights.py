# SPDX-License-Identifier: MIT
"""Writes a small deterministic random float ResNet-50.

usage: make_weights.py OUT.npz [--width W] [--classes N] [--seed S] [--style torchvision|caffe]

Both styles of one seed hold the same network, up to float32 rounding of Caffe's scale factor.
"""

import argparse

from spec import np
import resnet50


def normal(random, shape, deviation):
    """Normal float32 numbers."""
    return (random.standard_normal(shape) * deviation).astype(np.float32)


def uniform(random, count, low, high):
    """Uniform float32 numbers."""
    return random.uniform(low, high, count).astype(np.float32)


def he_weights(random, shape):
    """He-scaled weights: deviation sqrt(2 / K)."""
    return normal(random, shape, np.sqrt(2.0 / np.prod(shape[1:])))


def batch_norm(random, channels):
    """gamma (one channel in about eight is dead), beta, mean, var."""
    gamma = uniform(random, channels, 0.5, 1.5)
    gamma[random.randint(0, 8, channels) == 0] = 0
    return (gamma, normal(random, channels, 0.3), normal(random, channels, 0.3),
            uniform(random, channels, 0.5, 2.0))


def torchvision_entries(layer, weights, bias, norm):
    """State-dict entries of one layer."""
    conv, norm_name = resnet50.torchvision_names(layer)
    entries = {conv + ".weight": weights}
    if bias is not None:
        entries[conv + ".bias"] = bias
    if norm is not None:
        keys = ("weight", "bias", "running_mean", "running_var")
        entries.update({f"{norm_name}.{key}": value for key, value in zip(keys, norm)})
    return entries


def caffe_entries(layer, weights, bias, norm, factor):
    """Caffe's blobs of one layer."""
    conv, norm_name, scale = resnet50.caffe_names(layer)
    entries = {conv + "_0": weights}
    if bias is not None:
        entries[conv + "_1"] = bias
    if norm is not None:
        gamma, beta, mean, var = norm
        blobs = (mean * factor, var * factor, np.full(1, factor))
        entries.update({f"{norm_name}_{i}": blob.astype(np.float32)
                        for i, blob in enumerate(blobs)})
        entries.update({scale + "_0": gamma, scale + "_1": beta})
    return entries


def make_weights(width=8, classes=10, seed=1, style="torchvision"):
    """The whole model, name -> float32 array."""
    random = np.random.RandomState(seed)
    model = {}
    for layer, shape in resnet50.standard_weight_shapes(width, classes).items():
        weights = he_weights(random, shape)
        norm = None if layer == "fc1000" else batch_norm(random, shape[0])
        # Caffe's conv1 has a bias before its batch norm, fc1000 in both styles.
        bias = normal(random, shape[0], 0.1) if layer in ("conv1", "fc1000") else None
        factor = np.float32(random.choice([1.0, 0.5, 999.982]))
        model.update(torchvision_entries(layer, weights, bias, norm) if style == "torchvision"
                     else caffe_entries(layer, weights, bias, norm, factor))
    return model


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description="a small random float ResNet-50")
    parser.add_argument("out")
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--style", choices=("torchvision", "caffe"), default="torchvision")
    options = parser.parse_args()
    np.savez(options.out, **make_weights(options.width, options.classes, options.seed,
                                         options.style))


if __name__ == "__main__":
    main()
