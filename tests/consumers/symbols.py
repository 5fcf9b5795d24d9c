# SPDX-License-Identifier: MIT
"""Disassembles a user's translation unit, compiled for plain x86-64.

usage: symbols.py COMPILER INCLUDE_DIR [--levels=-O0,-O2,-O3] [FLAG...]

1. Only functions of an instruction set (octavo::...::simd::<isa>, in their name or the types of
   their template arguments) have VEX or EVEX instructions. Any other one would be shared with
   translation units that run on CPUs without AVX.
2. The dense convolutions of avx2, avxvnni and avx512vnni are there, and winograd's products.
3. Where optimised, their accumulators stay in registers: no loop around the dot products stores a
   vector, or has one on the stack, and the innermost one copies none.
4. Functions of an instruction set have in their name what the unit is compiled for: the compiler
   may use the instructions of both, and the linker keeps one of several functions of one name.
   (Unoptimised, constructors of plain structs are functions too, and the same in all units.)
   This is looked at with flags for AVX-512 as well, where 1 does not hold and 3 is not asked.

Ends with 1 where one of these does not hold, with 77 on other machines.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = """
#include <octavo/engine.hpp>
#include <octavo/kernels.hpp>
octavo::activations run(const octavo::quantized_model& model,
                        const octavo::tensor<std::int8_t>& image) {
  octavo::engine net(model);
  net.run(octavo::tensor<float>(image.shape));
  net.run(octavo::tensor<std::uint8_t>(image.shape), octavo::pixel_table({}, {}, 1.0));
  octavo::tensor<float> real(net.output_shape());
  net.output(0, real.view());
  return run_all(net, image);
}
void use(octavo::tensor_view<const std::int8_t> src, octavo::tensor_view<std::int8_t> dst,
         const octavo::filter<std::int32_t>& filter) {
  const octavo::kernels fast;
  fast.relu(src, dst);
  fast.avg_pool(src, {}, {}, dst);
  fast.conv2d(src, filter, {}, octavo::rshift{7}, dst);
}
"""

# The dot product of each instruction set, by the tile's kind of source.
DOTS = {
    "avx2": {"unsigned_source": ("vpmaddubsw", 1), "signed_source": ("vpmaddwd", 2),
             "words": ("vpmaddwd", 1)},
    "avxvnni": {"unsigned_source": ("vpdpbusd", 1), "signed_source": ("vpdpbusd", 1),
                "words": ("vpdpwssd", 1)},
    "avx512vnni": {"unsigned_source": ("vpdpbusd", 1), "signed_source": ("vpdpbusd", 1),
                   "words": ("vpdpwssd", 1)},
}

OWN = re.compile(r"\boctavo::(v\d+::)?simd::(" + "|".join(DOTS) + r")::")
TILE = re.compile(r"simd::(\w+)::conv2d_tile<[^()]*::(\w+_source), [\w:]*tile_shape<(\d+), (\d+)>, "
                  r"(\d+), (\d+), (true|false)>\(")
PRODUCTS = re.compile(r"simd::(\w+)::winograd_products<[^()]*, (\d+)>\(")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(?:\{\w+\} )*(\S+)(?: +(.*))?$")
JUMP = re.compile(r"^([0-9a-f]+)\b")
VECTOR = re.compile(r"%([yz]mm\d+)")
VEX = re.compile(r"^(v(?!err|erw|mcall|mlaunch|mresume|mxo)|k(mov|and|or|xor|xnor|not|test|shift))")
STORE = re.compile(r",[^,()]*\([^()]*\)(\{%k\d\})? *(#.*)?$")  # the last operand is in memory
STACK = re.compile(r"\(%r(sp|bp)\b")


class Instruction:
    def __init__(self, line, address, name, operands):
        self.line = line
        self.address = int(address, 16)
        self.name = name
        self.operands = operands or ""
        target = JUMP.match(self.operands) if name.startswith("j") else None
        self.target = int(target[1], 16) if target else None
        self.stores = STORE.search(self.operands) is not None
        self.vectors = VECTOR.findall(self.operands)


def compile_and_disassemble(compiler, flags):
    """Every function's demangled name and its instructions."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "user.cpp")
        made = os.path.join(folder, "user.o")
        with open(source, "w", encoding="ascii") as file:
            file.write(SOURCE)
        subprocess.run([compiler, "-std=c++20", *flags, "-c", source, "-o", made], check=True)
        text = subprocess.run(
            ["objdump", "-d", "-r", "-w", "--no-show-raw-insn", "--demangle", made],
            check=True, capture_output=True, text=True).stdout
    functions = []
    for line in text.splitlines():
        if head := FUNCTION.match(line):
            functions.append((head[1], []))
        elif (found := INSTRUCTION.match(line)) and not found[2].startswith("R_X86_64"):
            functions[-1][1].append(Instruction(line, *found.groups()))
    return functions


def reachable(edges, start):
    """What lies on a path of one edge or more from `start`."""
    seen = set()
    todo = [start]
    while todo:
        new = [to for to in edges[todo.pop()] if to not in seen]
        seen.update(new)
        todo += new
    return seen


def outermost_loops(code, name):
    """Sets of indices: what lies on a cycle through a `name`. Where it stands does not matter:
    compilers put rare paths behind the end of a function and jump back."""
    index_of = {at.address: i for i, at in enumerate(code)}
    after = [[] for _ in code]
    before = [[] for _ in code]
    for i, at in enumerate(code):
        ends = at.name in ("jmp", "ret", "retq", "ud2", "hlt")
        for to in ([] if ends else [i + 1]) + [index_of.get(at.target, len(code))]:
            if to < len(code):
                after[i].append(to)
                before[to].append(i)
    loops = []
    for i, at in enumerate(code):
        if at.name == name and not any(i in loop for loop in loops):
            loop = reachable(after, i) & reachable(before, i)
            if loop:
                loops.append(loop)
    return loops


def innermost_loop(code, loop, name):
    """The instructions of the shortest run with a `name` that ends with a jump to its begin."""
    index_of = {code[i].address: i for i in loop}
    runs = [range(index_of[code[i].target], i + 1) for i in loop
            if index_of.get(code[i].target, i + 1) <= i]
    runs = [run for run in runs if any(code[i].name == name for i in run)]
    return [code[i] for i in min(runs, key=len) if i in loop]


def is_bad_in_loop(at, frame_pointer):
    """Whether it stores a vector, or has one on the stack."""
    stack = STACK.search(at.operands)
    on_stack = stack and (stack[1] == "sp" or frame_pointer)
    return at.vectors and (at.stores or on_stack)


def check_tile(tile, code, errors):
    """Returns the innermost loop's numbers as text."""
    isa, source, length, runs, vectors, *_ = tile
    pixels = int(length) * int(runs)
    name, each = DOTS[isa][source]
    frame_pointer = any(at.name == "mov" and at.operands == "%rsp,%rbp" for at in code)
    loops = outermost_loops(code, name)
    title = f"{isa} {source} {pixels}x{vectors}"
    if not loops:
        errors.append(f"{title}: no loop has {name}")
        return "no loop"
    for loop in loops:
        lines = [code[i].line for i in sorted(loop) if is_bad_in_loop(code[i], frame_pointer)]
        if lines:
            errors.append("\n".join([f"{title}: vectors in memory around {name}", *lines[:20]]))
    inner = innermost_loop(code, loops[0], name)
    dots = sum(at.name == name for at in inner) / each
    if dots == 0 or dots % (pixels * int(vectors)) != 0:
        errors.append(f"{title}: {dots:g} dot products in the innermost loop")
    copies = [at.line for at in inner if at.name.startswith("vmov") and len(at.vectors) == 2]
    if copies:
        errors.append("\n".join([f"{title}: vectors copied beside {name}", *copies]))
    registers = {register for at in inner for register in at.vectors}
    loads = sum("(" in at.operands and at.vectors != [] for at in inner)
    return f"{len(registers):2} registers, {dots:3g} dot products, {loads:2} loads"


def check_foreign(functions, errors):
    """A user's unit for plain x86-64: nothing but our kernels has AVX."""
    for name, code in functions:
        lines = [at.line for at in code if at.vectors or VEX.match(at.name)]
        if lines and not OWN.search(name):
            errors.append("\n".join([f"{name} has instructions of AVX", *lines[:10]]))


def check_names(functions, errors):
    own = [name for name, _ in functions if OWN.search(name)]
    nameless = [name for name in own if "xsimd::" not in name]
    if nameless:
        errors.append("\n".join(["without the unit's architecture in their name:", *nameless[:10]]))
    if len(own) < 50:
        errors.append(f"only {len(own)} functions of instruction sets")


def tile_of(name):
    """A function's instruction set, source, run of pixels, runs, vectors and step, or None."""
    if found := PRODUCTS.search(name):
        return (found[1], "words", found[2], "1", "2", "0")
    found = TILE.search(name)
    return found.groups() if found else None


def check_level(compiler, flags, level):
    """Returns what is wrong."""
    functions = compile_and_disassemble(
        compiler, [*level.split(), *([] if level == "-O0" else ["-DNDEBUG"]), *flags])
    errors = []
    of_plain_unit = "-march=" not in level
    if level != "-O0":
        check_names(functions, errors)
    if of_plain_unit:
        check_foreign(functions, errors)
    missing = {(isa, source) for isa, sources in DOTS.items() for source in sources}
    tiles = {}
    for name, code in functions:
        tile = tile_of(name)
        if not tile or tile[0] not in DOTS:
            continue
        if any(at.name == DOTS[tile[0]][tile[1]][0] for at in code):
            missing.discard(tile[:2])
        if level != "-O0" and of_plain_unit:
            tiles[tile] = check_tile(tile, code, errors)
    errors += [f"no convolution of {isa}, {source}" for isa, source in sorted(missing)]
    print(f"{os.path.basename(compiler)} {level}: {len(functions)} functions, {len(tiles)} tiles")
    for tile, text in sorted(tiles.items()):
        title = f"{tile[0]:10} {tile[1]:15} {tile[2]} x {tile[3]} x {tile[4]}, step {tile[5]:>3}"
        print(f"  {title}: {text}")
    return errors


def main():
    if platform.machine().lower() not in ("x86_64", "amd64"):
        print("skipped: needs x86-64")
        return 77
    if not shutil.which("objdump"):
        print("needs objdump, which comes with the compiler", file=sys.stderr)
        return 1
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    compiler, include, *flags = sys.argv[1:]
    levels = ["-O0", "-O2", "-O3", "-O2 -march=skylake-avx512"]
    if flags and flags[0].startswith("--levels="):
        levels = flags.pop(0).removeprefix("--levels=").split(",")
    failed = False
    for level in levels:
        errors = check_level(compiler, [f"-I{include}", *flags], level)
        for text in errors:
            print(f"{compiler} {level}: {text}", file=sys.stderr)
        failed = failed or bool(errors)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
