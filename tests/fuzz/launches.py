#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random kernels (tests/gen/kernels.py) launched by the driver API, with other worker counts,
tiers, schedules and launches in turn, against the interpreter on one worker: what
tests/fuzz/kernels.py, which has no driver, does not see.

usage: tests/fuzz/launches.py BUILD [--time SECONDS] [--seed N]

Exit status 1: memory differs after a launch; its seed and settings are printed."""
import argparse
import ctypes
import hashlib
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'gen'))
sys.path.insert(0, os.path.join(HERE, '..', 'tools'))
import kernels as gen  # noqa: E402
from kernels_straight import SUMS  # noqa: E402
from litmus import Device  # noqa: E402

KERNELS, LAUNCHES = 4, 3
REFERENCE = {'KASURI_BACKEND': 'interp', 'KASURI_THREADS': '1'}
OTHERS = ({'KASURI_THREADS': '4'}, {'KASURI_THREADS': '3', 'KASURI_TIER': 'vector'},
          {'KASURI_THREADS': '2', 'KASURI_TIER': 'quick'}, {'KASURI_SEED': '11'})


class Launcher(Device):
    def buffers(self, directives, seed):
        """(name, bytes, first value or None) of each parameter in order."""
        rng = random.Random(seed)
        for d in directives:
            m = re.match(r'// IN (\w+) u(\d+)\[(\d+)\]', d)
            if m:
                name, size = m.group(1), int(m.group(2)) // 8 * int(m.group(3))
                yield name, size, rng.randbytes(size) if name == 'in' else None
            elif d.startswith('// IN n '):
                yield 'n', 4, int(d.split()[-1]).to_bytes(4, 'little')
            elif d.startswith('// IN many '):
                words = (int(w).to_bytes(4, 'little') for w in d.split()[4:])
                yield 'many', 32, b''.join(words)

    def first_value(self, name, size):
        if name != 'sums':
            return bytes(size)
        return b''.join(int(gen.neutral(k), 0).to_bytes(8, 'little') * 8
                        for k in range(len(SUMS)))

    def run(self, f, directives, seed):
        """One launch on fresh memory: a digest of what it leaves."""
        args, memory = [], []
        for name, size, value in self.buffers(directives, seed):
            if name in ('n', 'many'):
                args.append(ctypes.create_string_buffer(value, size))
                continue
            at = ctypes.c_uint64()
            self.call('cuMemAlloc_v2', ctypes.byref(at), ctypes.c_size_t(size))
            data = value or self.first_value(name, size)
            self.call('cuMemcpyHtoD_v2', at, data, ctypes.c_size_t(size))
            args.append(at)
            memory.append((at, size))
        grid, block = (re.search(what + r'=([\d,]+)', directives[0]).group(1).split(',')
                       for what in ('grid', 'block'))
        pointers = (ctypes.c_void_p * len(args))(*(ctypes.addressof(a) for a in args))
        self.call('cuLaunchKernel', f, int(grid[0]), int(grid[1]), 1, *map(int, block), 0, None,
                  pointers, None)
        digest = hashlib.sha256()
        for at, size in memory:
            out = ctypes.create_string_buffer(size)
            self.call('cuMemcpyDtoH_v2', out, at, ctypes.c_size_t(size))
            digest.update(out.raw)
            self.call('cuMemFree_v2', at)
        return digest.hexdigest()[:16]


def made(seed):
    rng = random.Random(seed)
    return [gen.make_kernel(rng, f'k{k}') for k in range(KERNELS)]


def play(build, seed):
    """In a process of its own: a line for each launch."""
    kernels, d = made(seed), Launcher(build)
    text = '\n'.join(gen.HEADER + [x for m in kernels for x in m[1].lines()]) + '\n'
    module = d.load(text)
    for turn in range(LAUNCHES):
        for k, (directives, _) in enumerate(kernels):
            print(turn, k, d.run(d.function(module, f'k{k}'), directives, seed + k), flush=True)


def said(build, seed, settings):
    env = {k: v for k, v in os.environ.items() if not k.startswith('KASURI_')}
    env.update({k: v for k, v in os.environ.items() if k == 'KASURI_CPU'}, KASURI_CACHE='0',
               KASURI_WATCHDOG='100', **settings)
    p = subprocess.run([sys.executable, __file__, build, '--play', str(seed)], env=env,
                       capture_output=True, text=True, check=False)
    return p.stdout if p.returncode == 0 else f'{p.stdout}status {p.returncode}\n{p.stderr}'


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('build')
    p.add_argument('--time', type=float, default=60, help='seconds')
    p.add_argument('--seed', type=int, default=1, help='of the first file of kernels')
    p.add_argument('--play', type=int, help=argparse.SUPPRESS)
    o = p.parse_args()
    build = os.path.abspath(o.build)
    if o.play is not None:
        play(build, o.play)
        return 0
    end, seed, failed = time.monotonic() + o.time, o.seed, 0
    while time.monotonic() < end:
        want = said(build, seed, REFERENCE)
        for settings in OTHERS:
            got = said(build, seed, settings)
            if got != want:
                failed += 1
                print(f'seed {seed}, {settings}: got\n{got}want\n{want}', flush=True)
        seed += 1
    print(f'{(seed - o.seed) * KERNELS} kernels from seed {o.seed} on, {failed} failed')
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
