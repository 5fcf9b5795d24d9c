# SPDX-License-Identifier: MIT
"""clang-tidy over every header, by the list in .clang-tidy: tidy_test.py ROOT [FLAG...].

One translation unit, which includes all headers and makes the engine's templates. Without asserts:
a precondition that throws inside a noexcept function is meant to end the program.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = """
octavo::activations run(const octavo::quantized_model& model,
                        const octavo::tensor<std::int8_t>& image) {
  octavo::engine net(model);
  octavo::tensor<std::int8_t> positive(image.shape);
  octavo::kernels().relu(image.view(), positive.view());
  return run_all(net, positive);
}
"""


def headers(root):
    """All but those of ONNX, for which protobuf makes code that is not ours."""
    folder = root / "include"
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.hpp"))]
    return [name for name in names if not name.startswith("octavo/io/onnx")]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    if not shutil.which("clang-tidy"):
        print("skipped: needs clang-tidy")
        return 77
    root = pathlib.Path(sys.argv[1]).resolve()
    included = headers(root)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "all.cpp"
        source.write_text("".join(f"#include <{name}>\n" for name in included) + SOURCE)
        command = ["clang-tidy", "--quiet", f"--config-file={root / '.clang-tidy'}", str(source),
                   "--", "-std=c++20", "-DNDEBUG", f"-I{root / 'include'}", *sys.argv[2:]]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    print(made.stdout)
    if made.returncode != 0:
        print(made.stderr, file=sys.stderr)
        return 1
    print(f"{len(included)} headers, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
