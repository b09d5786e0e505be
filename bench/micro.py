# SPDX-License-Identifier: Apache-2.0
"""The micro-benchmarks: programs of bench/micro, and the first launch by kernel size.

A program prints `micro NAME SECONDS` lines and exits with 1 when a result is wrong. The
first launch is measured on generated PTX: straight-line kernels of so many instructions,
with an empty cache of compiled code and again with a full one."""
import glob, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KERNEL_SIZES = (120, 1200, 6000)
LIMIT = 120


def chain(count):
    """A PTX kernel of about count instructions: each needs the one before it."""
    ops = ("fma.rn.f32 %f1, %f1, %f2, %f3;", "add.f32 %f2, %f2, %f1;", "mul.f32 %f3, %f3, %f2;",
           "max.f32 %f1, %f1, %f3;", "sub.f32 %f3, %f1, %f2;")
    body = "\n".join("   " + ops[i % len(ops)] for i in range(count - 12))
    return f""".version 7.8
.target sm_90
.address_size 64
.visible .entry chain(.param .u64 p)
{{
   .reg .b32 %r<2>;
   .reg .b64 %rd<4>;
   .reg .f32 %f<4>;
   ld.param.u64 %rd1, [p];
   cvta.to.global.u64 %rd1, %rd1;
   mov.u32 %r1, %tid.x;
   mul.wide.u32 %rd2, %r1, 4;
   add.s64 %rd3, %rd1, %rd2;
   ld.global.f32 %f1, [%rd3];
   mov.f32 %f2, 0f3F000000;
   mov.f32 %f3, 0f3E800000;
{body}
   st.global.f32 [%rd3], %f1;
   ret;
}}
"""


def run_program(kasuri, source, out, failures):
    exe = os.path.join(out, os.path.basename(source)[:-3])
    subprocess.run([kasuri, "nvcc", "-O3", "-o", exe, source], check=True)
    done = subprocess.run([kasuri, "run", exe], capture_output=True, text=True, timeout=LIMIT)
    words = [line.split() for line in done.stdout.splitlines()]
    figures = {w[1]: float(w[2]) for w in words if w[:1] == ["micro"]}
    if done.returncode:
        failures["micro/" + os.path.basename(source)] = done.stderr.strip()
        print(f"{os.path.basename(source)}: {done.stderr.strip()}", file=sys.stderr)
    return figures


def first_launches(kasuri, out):
    """Seconds of the first and the second launch by kernel size, cache empty and full."""
    exe = os.path.join(out, "first")
    subprocess.run([kasuri, "nvcc", "-O3", "-o", exe, os.path.join(HERE, "micro", "first.cpp"),
                    "-lcuda"], check=True)
    figures = {}
    with tempfile.TemporaryDirectory() as cache:
        for count in KERNEL_SIZES:
            path = os.path.join(out, f"chain{count}.ptx")
            with open(path, "w") as f:
                f.write(chain(count))
            for state in ("empty_cache", "full_cache"):
                done = subprocess.run([kasuri, "run", exe, path], check=True, text=True,
                                      stdout=subprocess.PIPE, timeout=LIMIT,
                                      env={**os.environ, "KASURI_CACHE_DIR": cache})
                for w in map(str.split, done.stdout.splitlines()):
                    figures[f"{w[1]}_{count}_instructions_{state}"] = float(w[2])
    return figures


def run_all(kasuri, out, failures):
    """Seconds by name; what went wrong is added to failures."""
    os.makedirs(out, exist_ok=True)
    figures = {}
    for source in sorted(glob.glob(os.path.join(HERE, "micro", "*.cu"))):
        figures.update(run_program(kasuri, source, out, failures))
    figures.update(first_launches(kasuri, out))
    print(f"\n{'micro-benchmark':52} {'time':>12}")
    for name, seconds in figures.items():
        unit, scale = ("ns", 1e9) if seconds < 1e-6 else ("us", 1e6) if seconds < 1e-3 else ("ms", 1e3)
        print(f"{name:52} {seconds*scale:9.3f} {unit}")
    return figures
