#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a translation unit takes to compile: compile.py [COMPILER ARGUMENT...]; g++ -O2 if not told.

Prints a Markdown table: seconds of CPU, the least of three compilations, and MiB at the peak; first
of the headers of each group, included and not used, then of programs. Groups whose dependencies the
compiler does not find are left out.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

INCLUDE = pathlib.Path(__file__).resolve().parent.parent / "include"
# Debian's Eigen lies in a folder of its own; the target of Debian's ONNX has these definitions.
FLAGS = ["-std=c++20", f"-I{INCLUDE}", "-isystem", "/usr/include/eigen3",
         "-DONNX_NAMESPACE=onnx", "-DONNX_ML=1"]

GROUPS = ["core", "quant", "reference", "graph", "model", "networks", "tpu", "octavo.hpp",
          "compare", "report", "emulation", "calibrate", "io", "io/mlir", "io/onnx", "kernels.hpp",
          "engine.hpp", "tpu_executor.hpp", "eigen_threads.hpp"]
# What belongs to another group, or needs what the rest of its folder does not.
NOT_IN_GROUP = {"io": ["io/mlir", "io/onnx"], "compare": ["compare/network_comparison.hpp"],
                "tpu": ["tpu/resnet50_map.hpp"]}
PROGRAMS = {
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


# The last one again, where another file has the kernels, and that file.
PROGRAMS["the same, kernels apart"] = (
    "#define OCTAVO_SEPARATE_KERNELS" + list(PROGRAMS.values())[-1])
PROGRAMS["`octavo/kernels_source.hpp`"] = "#include <octavo/kernels_source.hpp>\n"


def headers_of(group):
    """Names below include/octavo."""
    left_out = NOT_IN_GROUP.get(group, [])
    found = sorted((INCLUDE / "octavo" / group).rglob("*.hpp")) or [INCLUDE / "octavo" / group]
    names = [path.relative_to(INCLUDE / "octavo").as_posix() for path in found]
    return [name for name in names if not any(name.startswith(other) for other in left_out)]


def unit_of(group):
    """(title, text)"""
    names = headers_of(group)
    text = "".join(f"#include <octavo/{name}>\n" for name in names)
    return f"`octavo/{group}`" + (f", {len(names)} headers" if len(names) > 1 else ""), text


def has_dependencies(command, text):
    done = subprocess.run([*command, *FLAGS, "-M", "-x", "c++", "-"], input=text, text=True,
                          capture_output=True)
    return done.returncode == 0


def compile_once(command, folder, text):
    """(seconds of CPU, MiB at the peak); ends the program where the compiler fails."""
    source = pathlib.Path(folder) / "unit.cpp"
    source.write_text(text)
    process = subprocess.Popen([*command, *FLAGS, "-c", source, "-o", source.with_suffix(".o")])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"compile.py: {command[0]} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    command = sys.argv[1:] or ["g++", "-O2"]
    print(f"| {' '.join(command)} | s | MiB |\n|---|---:|---:|")
    units = dict(unit_of(group) for group in GROUPS) | PROGRAMS
    with tempfile.TemporaryDirectory() as folder:
        for name, text in units.items():
            if not has_dependencies(command, text):
                continue
            runs = [compile_once(command, folder, text) for _ in range(3)]
            print(f"| {name} | {min(s for s, _ in runs):.1f} | {max(m for _, m in runs):.0f} |",
                  flush=True)


if __name__ == "__main__":
    main()
