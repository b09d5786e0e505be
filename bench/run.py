#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark of bench/ on Kasuri, as OpenMP and as OpenCL, in turn; prints medians.

A benchmark is a folder with kernel.cu, omp.c and kernel.cl, which keep to the protocol of
bench.h; table.py gives its class, sizes and roofline. Sides run interleaved, five times at
least; of each process the best round counts, of the processes the median. OpenMP is the
better of gcc and clang; OpenCL runs on PoCL where that is installed. Ratios: the other
side's time over Kasuri's, so above 1 Kasuri is faster. Roof: the least time that this
machine's bandwidth and arithmetic allow, over Kasuri's."""
import argparse, json, math, os, shutil, statistics, subprocess, sys

import opencl
from micro import run_all as run_micro
from table import TABLE

HERE = os.path.dirname(os.path.abspath(__file__))
OMP = ["-O3", "-fopenmp", "-ffast-math", "-std=gnu11"]
VECTOR_MATH = {"clang-19": ["-fveclib=libmvec"]}  # what gcc does by itself
LIMIT = 120  # seconds of one process
SCALED = ("triad", "matmul", "nbody")  # memory, shared memory and barriers, arithmetic


class Failed(Exception):
    pass


def compile_omp(cc, cpu, source, exe):
    """Whether cc could compile and link it; an error in the source itself ends the run."""
    done = subprocess.run([cc, *OMP, "-march=" + cpu, *VECTOR_MATH.get(cc, []), "-o", exe, source,
                           "-lmvec", "-lm"], stderr=subprocess.PIPE, text=True)
    if done.returncode and "-lomp" not in done.stderr and "omp.h" not in done.stderr:
        sys.exit(done.stderr)
    return done.returncode == 0


def build(a, name, out, compilers):
    """Commands of the sides of one benchmark, by name."""
    os.makedirs(out, exist_ok=True)
    src = os.path.join(HERE, name)
    exe, kasuri = os.path.join(out, "kasuri"), os.path.join(a.build, "kasuri")
    done = subprocess.run([kasuri, "nvcc", "-O3", "-o", exe, os.path.join(src, "kernel.cu")],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failed("does not compile: " + done.stderr.strip())
    sides = {"kasuri": [kasuri, "run", exe]}
    for cc in compilers:
        exe = os.path.join(out, cc)
        if compile_omp(cc, a.cpu, os.path.join(src, "omp.c"), exe):
            sides[cc] = [exe]
    if a.opencl and (command := opencl.build(src, out, "clang++-19")):
        sides["opencl"] = command
    return sides


def run(command):
    """The best round in seconds, the check's words, and what was said on stderr."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Failed(f"takes over {LIMIT} s") from None
    words = [line.split() for line in done.stdout.splitlines()]
    times = [float(w[1]) for w in words if w[:1] == ["time"]]
    checks = [w for w in words if w[:1] in (["check"], ["exact"])]
    if done.returncode or not times or not checks:
        raise Failed(f"exit {done.returncode}: {done.stderr.strip()[-200:]}")
    return min(times), checks[0], done.stderr


def agree(a, b):
    if a[0] == "exact":
        return a == b
    return math.isclose(float(a[1]), float(b[1]), rel_tol=1e-3)


def machine(a, sizes):
    """Bandwidth and arithmetic peak of this machine, by size of data."""
    exe = os.path.join(a.build, "bench", "peak")
    os.makedirs(os.path.dirname(exe), exist_ok=True)
    cc = shutil.which("gcc") or shutil.which("clang-19")
    if not cc or not compile_omp(cc, a.cpu, os.path.join(HERE, "peak.c"), exe):
        return {}
    peak = {}
    for size in sizes:
        out = subprocess.run([exe, str(TABLE["triad"][1 if size == "small" else 2])],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
        peak[size] = {w[0]: float(w[1]) for w in map(str.split, out.splitlines())}
    return peak


def roof(peak, n, bytes_of, flops_of):
    """Seconds that the machine needs at least, or None."""
    if not peak or not (bytes_of or flops_of):
        return None
    return max(bytes_of(n) / peak["bandwidth"] if bytes_of else 0,
               flops_of(n) / peak["flops"] if flops_of else 0)


def measure(name, size, sides, rounds, peak):
    """One row: all sides in turn, checked against each other."""
    kind, small, large, bytes_of, flops_of = TABLE[name]
    n = small if size == "small" else large
    inner = "20" if size == "small" else "3"
    times, checks, said = {s: [] for s in sides}, {}, ""
    for _ in range(rounds):
        for side, command in sides.items():
            seconds, checks[side], err = run([*command, str(n), inner])
            times[side].append(seconds)
            said += err if side == "kasuri" else ""
    for side, value in checks.items():
        if not agree(value, checks["kasuri"]):
            raise Failed(f"{side} gives {value[1]}, kasuri {checks['kasuri'][1]}")
    medians = {s: statistics.median(t) for s, t in times.items()}
    mine, least = medians["kasuri"], roof(peak, n, bytes_of, flops_of)
    return {"name": name, "class": kind, "size": size, "n": n, "seconds": medians,
            "ratios": {s: t / mine for s, t in medians.items() if s != "kasuri"},
            "roofline": least / mine if least else None,
            "interpreter": "interpreter" in said}


def column(value):
    return f"{value:7.2f}" if value else f"{'':7}"


def show(row):
    seconds = row["seconds"]
    omp = min((t for s, t in seconds.items() if s not in ("kasuri", "opencl")), default=math.nan)
    note = "  on the interpreter" if row["interpreter"] else ""
    print(f"{row['name']:20} {row['size']:5} {seconds['kasuri']*1e3:10.3f} {omp*1e3:10.3f}"
          f" {column(row['ratio'])} {column(row['ratios'].get('opencl'))}"
          f" {column(row['roofline'])}{note}", flush=True)


def geometric(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(rows, size):
    """Geometric means and worst cases of one size, against OpenMP and OpenCL."""
    omp = [r["ratio"] for r in rows if r["size"] == size and r["ratio"]]
    pocl = [r["ratios"]["opencl"] for r in rows if r["size"] == size and "opencl" in r["ratios"]]
    if not omp:
        return None
    print(f"{'geometric mean':20} {size:5} {'':10} {'':10} {column(geometric(omp))}"
          f" {column(geometric(pocl) if pocl else None)}\n"
          f"{'slowest':20} {size:5} {'':10} {'':10} {column(min(omp))}"
          f" {column(min(pocl, default=None))}")
    return {"geometric_mean": geometric(omp), "slowest": min(omp),
            "geometric_mean_opencl": geometric(pocl) if pocl else None}


def scaling(a):
    """Speed-up of three large benchmarks on 1 to all cores, over one."""
    cores, figures = os.cpu_count(), {}
    print(f"\n{'speed-up by threads':20}" + "".join(f"{n:7}" for n in range(1, cores + 1)))
    for name in SCALED:
        command = build(argparse.Namespace(build=a.build, opencl=False), name,
                        os.path.join(a.build, "bench", name), [])["kasuri"]
        seconds = []
        for threads in range(1, cores + 1):
            os.environ["KASURI_THREADS"] = str(threads)
            seconds.append(min(run([*command, str(TABLE[name][2]), "3"])[0] for _ in range(3)))
        del os.environ["KASURI_THREADS"]
        figures[name] = [seconds[0] / s for s in seconds]
        print(f"{name:20}" + "".join(f"{s:7.2f}" for s in figures[name]), flush=True)
    return figures


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("build", help="the build folder")
    p.add_argument("names", nargs="*", help="benchmarks, all when none is named")
    p.add_argument("--sizes", choices=["small", "large", "both"], default="both")
    p.add_argument("--rounds", type=int, default=5, help="processes of each side (5)")
    p.add_argument("--json", metavar="FILE", help="the figures (BUILD/bench.json)")
    p.add_argument("--cpu", default="native", metavar="NAME",
                   help="code for this processor on both sides, haswell for AVX2; no OpenCL")
    p.add_argument("--no-opencl", dest="opencl", action="store_false")
    p.add_argument("--micro", action="store_true", help="only the micro-benchmarks and the scaling")
    p.add_argument("--no-clang", action="store_true", help="OpenMP by gcc alone, to save time")
    p.add_argument("--one-thread", action="store_true",
                   help="one thread a side and its processor time: for a machine in use")
    a = p.parse_args()
    # What is measured is the code that a kernel ends with; --micro has what comes before.
    os.environ["KASURI_TIER"] = "vector"
    if a.one_thread:
        os.environ.update(OMP_NUM_THREADS="1", KASURI_THREADS="1", BENCH_CPU_TIME="1",
                          POCL_MAX_PTHREAD_COUNT="1")
    if a.cpu != "native":
        os.environ["KASURI_CPU"], a.opencl = a.cpu, False
    kasuri = os.path.join(a.build, "kasuri")
    unknown = [n for n in a.names if n not in TABLE]
    if unknown and not a.micro:
        p.error("no such benchmark: " + " ".join(unknown))
    compilers = [c for c in ("gcc", "clang-19") if shutil.which(c)]
    if a.no_clang:
        compilers = compilers[:1]
    sizes = ["small", "large"] if a.sizes == "both" else [a.sizes]
    rows, failures, micro, peak, speedup = [], {}, None, {}, None
    if not a.micro:
        peak = machine(a, sizes)
        print(f"{'benchmark':20} {'size':5} {'kasuri ms':>10} {'openmp ms':>10} {'ratio':>7}"
              f" {'opencl':>7} {'roof':>7}")
    for name in [] if a.micro else a.names or TABLE:
        try:
            sides = build(a, name, os.path.join(a.build, "bench", name), compilers)
            for size in sizes:
                row = measure(name, size, sides, a.rounds, peak.get(size))
                row["ratio"] = min((r for s, r in row["ratios"].items() if s != "opencl"),
                                   default=None)
                rows.append(row)
                show(row)
        except Failed as e:
            failures[name] = str(e)
            print(f"{name:20} FAILED: {e}", flush=True)
    means = {}
    for size in sizes:
        means[size] = summary(rows, size)
    if a.micro or not a.names:
        micro = run_micro(kasuri, os.path.join(a.build, "bench", "micro"), failures)
        speedup = None if a.one_thread else scaling(a)
    with open(a.json or os.path.join(a.build, "bench.json"), "w") as f:
        json.dump({"one_thread": a.one_thread, "cpu": a.cpu, "machine": peak, "benchmarks": rows, "summary": means, "micro": micro,
                   "scaling": speedup, "failures": failures}, f, indent=1)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
