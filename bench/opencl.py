# SPDX-License-Identifier: Apache-2.0
"""The OpenCL side of a benchmark: kernel.cl with main taken from kernel.cu.

The kernels are written by hand in OpenCL C; main would be the same but for its launches, so
it is not written twice: its <<<...>>> become calls of opencl.h."""
import os, re, subprocess

LAUNCH = re.compile(r"(\w+)<<<(.*?)>>>\((.*?)\);", re.S)
CONSTANT = re.compile(r"__constant__ float (\w+)\[[^;]*\];")


def host(folder):
    """C++ that runs kernel.cl as kernel.cu's main runs its kernels."""
    with open(os.path.join(folder, "kernel.cu")) as f:
        cu = f.read()
    with open(os.path.join(folder, "kernel.cl")) as f:
        kernels = f.read()
    head, main = cu.split("\nint\nmain(", 1)
    lines = [l for l in head.split("\n") if l.startswith("#") and "#include <cuda" not in l
             and "#pragma" not in l]
    constants = CONSTANT.findall(head)
    extra = "".join(f", {c}" for c in constants)
    main = LAUNCH.sub(rf'opencl_launch("\1", \2)(\3{extra});', main)
    text = [f'#define KERNEL_TEXT R"cl({kernels})cl"', '#include "opencl.h"', *lines,
            *(f"static float *{c};" for c in constants), "int\nmain(" + main]
    return "\n".join(text)


def build(folder, out, compiler):
    """The command that runs the OpenCL side; None where OpenCL is not installed."""
    source, exe = os.path.join(out, "opencl.cpp"), os.path.join(out, "opencl")
    with open(source, "w") as f:
        f.write(host(folder))
    done = subprocess.run([compiler, "-O3", "-march=native", "-std=c++17", "-Wno-unused", "-I",
                           folder, "-I", os.path.dirname(folder), "-o", exe, source, "-lOpenCL"],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        if "CL/cl.h" in done.stderr or "-lOpenCL" in done.stderr:
            return None
        raise SystemExit(done.stderr)
    return [exe]
