#!/ usr / bin / env python3
#SPDX - License - Identifier : MIT
"""Compares the examples' image loading and resizing with Pillow: resize_pillow_test.py RESIZE_TOOL

Uses made-up images, and the photos of OCTAVO_TEST_DATA where that is set.
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    from PIL import Image
except ImportError:
    print("skipped: this Python has no Pillow")
    sys.exit(77)

SIZES = [(1, 1), (7, 5), (224, 224), (256, 256), (384, 256), (385, 256), (301, 777), (1500, 40)]

checks = 0
failures = 0


def check(good, what):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print("FAILED:", what)


def run(tool, path, *size):
    """The tool's image."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.rgb"
        done = subprocess.run([tool, path, out, *map(str, size)], capture_output=True, text=True,
                              timeout=300)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        extent = tuple(map(int, done.stdout.split()))
        return Image.frombytes("RGB", extent, out.read_bytes())


def same(a, b):
    return a.size == b.size and a.tobytes() == b.tobytes()


def compare_loading(tool, path):
    loaded = run(tool, path)
    check(same(loaded, Image.open(path).convert("RGB")), f"loading {path.name}")
    return loaded


def compare_resizing(tool, path, loaded, sizes):
#From the tool's own pixels, so that another JPEG library in Pillow makes no difference.
    for size in sizes:
        check(same(run(tool, path, *size), loaded.resize(size, Image.BILINEAR)),
              f"{path.name} {loaded.size} to {size}")


def noise(dice, mode, width, height):
    bytes_of = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    return Image.frombytes(mode, (width, height), dice.randbytes(width * height * bytes_of))


def write_variants(dice, folder):
    """Files of every kind that both programs turn into the same RGB."""
    made = []

    def save(picture, name, **options):
        made.append(folder / name)
        picture.save(made[-1], **options)

    for width, height in [(1, 1), (1, 40), (40, 1), (13, 9)]:
        for mode in ["L", "LA", "RGB", "RGBA"]:
            save(noise(dice, mode, width, height), f"{mode}_{width}x{height}.png")
        save(noise(dice, "RGB", width, height), f"rgb_{width}x{height}.bmp")
        save(noise(dice, "RGBA", width, height), f"rgba_{width}x{height}.bmp")
        save(noise(dice, "L", width, height), f"grey_{width}x{height}.bmp")
    save(noise(dice, "RGB", 50, 30), "rgb.jpg", quality=90)
    save(noise(dice, "RGB", 50, 30), "progressive.jpg", quality=90, progressive=True)
    save(noise(dice, "L", 50, 30), "grey.jpg", quality=90)
    save(noise(dice, "RGB", 50, 30).quantize(40), "palette.png")
    save(noise(dice, "RGB", 50, 30).quantize(40), "palette.bmp")
    save(noise(dice, "RGB", 50, 30).quantize(9), "transparent_palette.png", transparency=3)
    save(noise(dice, "L", 50, 30).convert("1"), "black_and_white.png")
    return made


def main(tool):
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in write_variants(dice, folder):
            compare_loading(tool, path)
        for _ in range(40):
            path = folder / "noise.png"
            noise(dice, "RGB", dice.randint(1, 90), dice.randint(1, 90)).save(path)
            size = dice.randint(1, 200), dice.randint(1, 200)
            compare_resizing(tool, path, compare_loading(tool, path), [size])
    data = os.environ.get("OCTAVO_TEST_DATA")
    photos = sorted(pathlib.Path(data).glob("photos/*.*")) if data else []
    photos = [path for path in photos if path.suffix in {".bmp", ".jpg", ".png"}]
    for path in photos:
        compare_resizing(tool, path, compare_loading(tool, path), SIZES)
    if not photos:
        print("no photos: OCTAVO_TEST_DATA names no folder with photos in it")
    print(f"{checks - failures} of {checks} checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
