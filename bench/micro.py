# SPDX-License-Identifier: Apache-2.0
"""The micro-benchmarks: programs of bench/micro, and the first launch by kernel size.

A program prints `micro NAME SECONDS` lines and exits with 1 when a result is wrong. The
first launch is measured on generated PTX: kernels of so many instructions, in a straight
line (chain) or with branches and loops (branchy), with an empty cache of compiled code and
again with a full one, and where the first tier may begin also without it (vector)."""
import glob, os, random, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KERNEL_SIZES = (120, 1200, 6000, 30000)
LIMIT = 300


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


def branchy(count):
    """As chain, of stretches of arithmetic that end in a divergent if, a loop of the same
    length for all threads, or one that lanes leave one by one."""
    rng = random.Random(count)
    body, n = [], 60

    def arithmetic(k):
        for _ in range(k):
            d, a, b, c = (rng.randrange(1, 24) for _ in range(4))
            body.append(rng.choice((f"fma.rn.f32 %f{d}, %f{a}, %f{b}, %f{c};",
                                    f"add.f32 %f{d}, %f{a}, %f{b};",
                                    f"max.f32 %f{d}, %f{a}, %f{b};",
                                    f"xor.b32 %r{2 + d % 12}, %r{2 + a % 12}, %r{2 + b % 12};")))

    for label in range(count):
        if n >= count:
            break
        arithmetic(6)
        kind, x = label % 3, rng.randrange(2, 14)
        if kind == 0:
            body.append(f"setp.lt.u32 %p1, %r{x}, {rng.randrange(1000)};\n@%p1 bra E{label};")
            arithmetic(5)
            body.append(f"bra.uni J{label};\nE{label}:")
            arithmetic(5)
            body.append(f"J{label}:")
        else:
            body.append(f"mov.u32 %r20, 3;\nL{label}:" if kind == 1 else
                        f"and.b32 %r20, %r{x}, 3;\nL{label}:")
            arithmetic(6)
            body.append("setp.eq.u32 %p2, %r20, 0;\nsub.u32 %r20, %r20, 1;\n"
                        f"@!%p2 bra L{label};")
        n += 20
    start = [f"mov.f32 %f{k}, 0f3E{k:02x}0000;" for k in range(2, 24)]
    start += [f"add.u32 %r{k}, %r1, {7 * k};" for k in range(2, 14)]
    end = [f"add.f32 %f1, %f1, %f{k};" for k in range(2, 24)]
    end += [f"cvt.rn.f32.u32 %f2, %r{k};\nadd.f32 %f1, %f1, %f2;" for k in range(2, 14)]
    text = chain(12).replace("%r<2>", "%r<24>").replace("%f<4>", "%f<24>;\n   .reg .pred %p<3>")
    return text.replace("   st.global", "\n".join(start + body + end) + "\n   st.global")


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

    def run(path, name, cache, tier, *args):
        done = subprocess.run([kasuri, "run", exe, path, *args], check=True, text=True,
                              stdout=subprocess.PIPE, timeout=LIMIT,
                              env={**os.environ, "KASURI_CACHE_DIR": cache, "KASURI_TIER": tier})
        for w in map(str.split, done.stdout.splitlines()):
            figures[f"{w[1]}_{name}"] = float(w[2])

    with tempfile.TemporaryDirectory() as empty:
        for make in (chain, branchy):
            for count in KERNEL_SIZES:
                name = f"{make.__name__}_{count}"
                path, cache = os.path.join(out, name + ".ptx"), os.path.join(empty, name)
                with open(path, "w") as f:
                    f.write(make(count))
                run(path, name + "_first_tier", cache + "_auto", "auto")
                run(path, name + "_vector", cache, "vector")
                run(path, name + "_full_cache", cache, "vector")
        small = os.path.join(out, f"chain_{KERNEL_SIZES[0]}.ptx")
        run(small, "empty_cache", os.path.join(empty, "memory"), "vector", "memory")
        run(small, "full_cache", os.path.join(empty, "memory"), "vector", "memory")
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
        if name.startswith("memory"):
            print(f"{name:52} {seconds/1e6:9.3f} MB")
            continue
        unit, scale = ("ns", 1e9) if seconds < 1e-6 else ("us", 1e6) if seconds < 1e-3 else ("ms", 1e3)
        print(f"{name:52} {seconds*scale:9.3f} {unit}")
    return figures
