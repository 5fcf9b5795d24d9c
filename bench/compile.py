#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a translation unit takes to compile: compile.py [COMPILER ARGUMENT...]; g++ -O2 if not told.

Prints a Markdown table: seconds of CPU, the least of three compilations, and MiB at the peak.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

INCLUDE = pathlib.Path(__file__).resolve().parent.parent / "include"
UNITS = {
    "`octavo/reference/conv2d.hpp`": "#include <octavo/reference/conv2d.hpp>\n",
    "`octavo/octavo.hpp`": "#include <octavo/octavo.hpp>\n",
    "`octavo/kernels.hpp`, one convolution": """
#include <octavo/kernels.hpp>
void convolve(octavo::tensor_view<const std::int8_t> src, octavo::filter<std::int32_t> weights,
              octavo::tensor_view<std::int8_t> dst) {
  const octavo::kernels fast;
  fast.conv2d(src, weights, {}, octavo::rshift{1}, dst);
}
""",
    "`octavo/octavo.hpp`, `octavo/engine.hpp`, ResNet-50": """
#include <octavo/engine.hpp>
#include <octavo/octavo.hpp>
octavo::tensor<std::int8_t> run(octavo::quantized_model model,
                                const octavo::tensor<std::int8_t>& image) {
  static constexpr auto net = octavo::networks::resnet50();
  model.graph = octavo::to_graph(net);
  octavo::engine engine(model);
  engine.run(image);
  return engine.output();
}
""",
}


def compile_once(command, folder, text):
    """(seconds of CPU, MiB at the peak); ends the program where the compiler fails."""
    source = pathlib.Path(folder) / "unit.cpp"
    source.write_text(text)
    arguments = ["-std=c++20", f"-I{INCLUDE}", "-c", source, "-o", source.with_suffix(".o")]
    process = subprocess.Popen(command + arguments)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"compile.py: {command[0]} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    command = sys.argv[1:] or ["g++", "-O2"]
    print(f"| {' '.join(command)} | s | MiB |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in UNITS.items():
            runs = [compile_once(command, folder, text) for _ in range(3)]
            print(f"| {name} | {min(s for s, _ in runs):.1f} | {max(m for _, m in runs):.0f} |",
                  flush=True)


if __name__ == "__main__":
    main()
