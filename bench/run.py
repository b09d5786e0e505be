#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark of bench/ on Kasuri and as OpenMP, in turn, and prints medians.

usage: bench/run.py BUILD [NAME...] [--rounds N] [--json FILE]

A benchmark is a folder with kernel.cu and omp.c, which keep to the protocol of bench.h.
Sides run interleaved, five times at least, in one process tree; OpenMP is the better of
gcc and clang. Ratio: OpenMP's time over Kasuri's, so above 1 is faster than OpenMP."""
import argparse, json, math, os, shutil, statistics, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
OMP = ["-O3", "-march=native", "-fopenmp", "-ffast-math", "-std=gnu11"]


def build(name, out, kasuri):
    """Commands of the sides of one benchmark, by name."""
    os.makedirs(out, exist_ok=True)
    src = os.path.join(HERE, name)
    exe = os.path.join(out, "kasuri")
    subprocess.run([kasuri, "nvcc", "-O3", "-o", exe, os.path.join(src, "kernel.cu")], check=True)
    sides = {"kasuri": [kasuri, "run", exe]}
    for cc in ("gcc", "clang-19"):
        if not shutil.which(cc):
            continue
        exe = os.path.join(out, cc)
        done = subprocess.run([cc, *OMP, "-o", exe, os.path.join(src, "omp.c"), "-lm"],
                              stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
            sides[cc] = [exe]
        elif "omp" not in done.stderr:
            sys.exit(done.stderr)
    return sides


def run(command):
    """Seconds of the rounds, and the check value."""
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    words = [line.split() for line in text.splitlines()]
    times = [float(w[1]) for w in words if w[:1] == ["time"]]
    checks = [float(w[1]) for w in words if w[:1] == ["check"]]
    return times, checks[0]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("build")
    p.add_argument("names", nargs="*")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--json")
    a = p.parse_args()
    kasuri = os.path.join(a.build, "kasuri")
    names = a.names or sorted(d for d in os.listdir(HERE)
                              if os.path.exists(os.path.join(HERE, d, "kernel.cu")))
    rows, ratios = [], []
    print(f"{'benchmark':16} {'kasuri ms':>10} {'openmp ms':>10} {'ratio':>6}")
    for name in names:
        sides = build(name, os.path.join(a.build, "bench", name), kasuri)
        times, checks = {s: [] for s in sides}, {}
        for _ in range(a.rounds):
            for side, command in sides.items():
                t, checks[side] = run(command)
                times[side].append(min(t))
        for side, value in checks.items():
            if not math.isclose(value, checks["kasuri"], rel_tol=1e-3):
                sys.exit(f"{name}: {side} gives {value}, kasuri {checks['kasuri']}")
        medians = {s: statistics.median(t) for s, t in times.items()}
        omp = min(v for s, v in medians.items() if s != "kasuri")
        ratios.append(omp / medians["kasuri"])
        print(f"{name:16} {medians['kasuri']*1e3:10.3f} {omp*1e3:10.3f} {ratios[-1]:6.2f}", flush=True)
        rows.append({"name": name, "seconds": medians, "ratio": ratios[-1]})
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"{'geometric mean':16} {'':10} {'':10} {mean:6.2f}")
    with open(a.json or os.path.join(a.build, "bench.json"), "w") as f:
        json.dump({"benchmarks": rows, "geometric_mean": mean}, f, indent=1)


if __name__ == "__main__":
    main()
