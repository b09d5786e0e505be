#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The device math library on the engine, bit for bit what the same C computes natively.

Every __nv_* function that clang's headers declare gets a kernel; clang compiles them with the
bitcode library to one PTX test (see tests/ptx/README.md) whose expected values come from the
library compiled for this machine. What those values are worth the unit tests libdevice_* say;
this finds what PTX generation, parser, passes or a back end do to them.
usage: tests/tools/libdevice_bits.py BUILD   (ends with `N passed, N failed`)"""
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLANG = os.environ.get('KASURI_CLANG', 'clang-19')
LIBRARY = os.path.join(BUILD, 'cuda', 'nvvm', 'libdevice', 'libdevice.10.bc')
COUNT = 64  # values a function: two blocks of a warp

TYPES = r'(?:const )?(?:unsigned |signed )?(?:void|char|short|int|long long|float|double)'
DECL = re.compile(r'__DEVICE__\s+(' + TYPES + r')\s+(__nv_\w+)\s*\(([^)]*)\)\s*;')
BITS = {'float': 32, 'double': 64, 'int': 32, 'unsigned int': 32, 'long long': 64,
        'unsigned long long': 64, 'unsigned short': 16}
# Approximate by definition, not in the library, or with arguments in memory (strings, vectors).
LEFT_OUT = re.compile(r'__nv_(fast_.*|rcp64h|rsqrtf|vavgs[24]|nanf?|r?normf?)$')

SPECIAL_F = [0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000, 0x3f000000,
             0x7f800000, 0xff800000, 0x7fc00000, 0x7f7fffff, 0x40490fdb, 0x4b000001, 0x42b17218,
             0xc2cff1b5]
SPECIAL_D = [0, 1 << 63, 1, 0x000fffffffffffff, 0x0010000000000000, 0x3ff0000000000000,
             0xbff0000000000000, 0x3fe0000000000000, 0x7ff0000000000000, 0xfff0000000000000,
             0x7ff8000000000000, 0x7fefffffffffffff, 0x400921fb54442d18, 0x4330000000000001,
             0x40862e42fefa39ef, 0xc0874385446d71c3]


def declarations():
    folder = subprocess.run([CLANG, '-print-resource-dir'], check=True, text=True,
                            capture_output=True).stdout.strip()
    with open(os.path.join(folder, 'include', '__clang_cuda_libdevice_declares.h')) as f:
        for ret, name, params in DECL.findall(f.read()):
            if not LEFT_OUT.match(name):
                yield ret, name, [re.sub(r'\b__\w+\s*$', '', p.strip()).strip()
                                  for p in params.split(',')]


def value(rng, kind, i, order):
    """Bits of the i-th argument; order says which argument of the function it is."""
    width = BITS[kind]
    if kind in ('float', 'double'):
        special = SPECIAL_F if width == 32 else SPECIAL_D
        j = i if order == 0 else (i * 7 + 3) % COUNT
        if j < len(special):
            return special[j]
        if rng.random() < 0.3:
            v = rng.getrandbits(width)
            finite = (v >> 23 & 0xff) != 0xff if width == 32 else (v >> 52 & 0x7ff) != 0x7ff
            return v if finite else special[5]
        x = rng.choice([rng.uniform(-2, 2), rng.uniform(-100, 100), rng.uniform(0, 1),
                        rng.uniform(-1e6, 1e6), rng.uniform(-750, 750)])
        return struct.unpack('<I', struct.pack('<f', x))[0] if width == 32 else \
            struct.unpack('<Q', struct.pack('<d', x))[0]
    edges = [0, 1, (1 << width) - 1, 1 << (width - 1), (1 << (width - 1)) - 1]
    if i < 5:
        return edges[i if order == 0 else i * 3 % 5]
    if rng.random() < 0.5:
        return rng.randrange(-200, 200) & ((1 << width) - 1)
    return rng.getrandbits(width)


def store(kind, name, index):
    """Stores a result as 64 bits; all NaNs alike, since only the device's are canonical."""
    word = {'float': 'unsigned', 'double': 'unsigned long long'}.get(kind)
    if not word:
        return f'o[{index}] = (unsigned long long)(long long){name};'
    return (f'{{ union {{ {kind} f; {word} u; }} c; c.f = {name};'
            f' o[{index}] = c.f != c.f ? 0x7fc00000ull : c.u; }}')


def function(rng, ret, name, params):
    """(the device's source, the host's source, the test's lines but for OUT, results each)"""
    orders = name in ('__nv_jn', '__nv_jnf', '__nv_yn', '__nv_ynf')
    outs, ins, values = [], [], []
    signature, device_args, host_args, load = ['unsigned long long *o'], [], [], ''
    for j, p in enumerate(params):
        if p.endswith('*'):
            outs.append(f'{p[:-1].strip()} x{j};')
            device_args.append(f'&x{j}')
            host_args.append(f'&x{j}')
            continue
        v = [value(rng, p, i, len(ins)) for i in range(COUNT)]
        if orders and p == 'int':  # orders that take reasonable time
            v = [x % 150 for x in v]
        ins.append(p)
        values.append(v)
        signature.append(f'const {p} *a{j}')
        device_args.append(f'a{j}[i]')
        host_args.append(f'v{j}')
        load += f'{p} v{j}; memcpy(&v{j}, &d{j}[i], sizeof v{j});'
    results = len(outs) + (ret != 'void')
    names = ([(ret, 'r')] if ret != 'void' else []) + \
        [(o.split(' x')[0], 'x' + o.split(' x')[1][:-1]) for o in outs]
    keep = ''.join(store(k, n, f'i * {results} + {s}') for s, (k, n) in enumerate(names))
    head = ''.join(outs) + (f'{ret} r = ' if ret != 'void' else '')
    device = (f'__device__ {ret} {name}({", ".join(params)});\n'
              f'__global__ void k{name}({", ".join(signature)}) {{'
              f' int i = __nvvm_read_ptx_sreg_ctaid_x() * 32 + __nvvm_read_ptx_sreg_tid_x();'
              f' {head}{name}({", ".join(device_args)}); {keep} }}\n')
    data = ''.join(f'static const unsigned long long d{j}[] = {{{",".join(hex(x) + "ull" for x in v)}}};'
                   for j, v in zip([j for j, p in enumerate(params) if not p.endswith('*')], values))
    host = (f'{{ {data} static unsigned long long o[{COUNT * results}];'
            f' for (int i = 0; i < {COUNT}; i++) {{ {load} {head}{name}({", ".join(host_args)}); {keep} }}'
            f' show("{name}", o, {COUNT * results}); }}\n')
    lines = [f'// RUN k{name} grid={COUNT // 32} block=32', f'// IN o u64[{COUNT * results}]']
    for j, (p, v) in enumerate(zip(ins, values)):
        lines.append(f'// IN a{j} b{BITS[p]}[{COUNT}] ' + ' '.join(hex(x) for x in v))
    return device, host, lines, COUNT * results


def main():
    rng = random.Random(5)
    device = ['#define __device__ __attribute__((device))',
              '#define __global__ __attribute__((global))', 'extern "C" {']
    host = ['#include <stdio.h>', '#include <string.h>', '#include "libs/libdevice/all.c"',
            'static void show(const char *name, unsigned long long *o, int n) {',
            'printf("%s", name); for (int i = 0; i < n; i++) printf(" 0x%llx", o[i]); puts(""); }',
            'int main(void) {']
    tests = []
    for ret, name, params in declarations():
        d, h, lines, n = function(rng, ret, name, params)
        device.append(d)
        host.append(h)
        tests.append((name, lines, n))
    device.append('}')
    host.append('return 0; }')
    with tempfile.TemporaryDirectory(prefix='kasuri-test-') as work:
        def path(name, text):
            p = os.path.join(work, name)
            with open(p, 'w') as f:
                f.write(text)
            return p
        exe, ptx = os.path.join(work, 'host'), os.path.join(work, 'device.ptx')
        subprocess.run([CLANG, '-O1', '-w', '-std=gnu11', '-D_GNU_SOURCE', '-ffp-contract=off',
                        '-fno-strict-aliasing', '-I' + os.path.join(SOURCE, 'src'),
                        path('host.c', '\n'.join(host)), '-o', exe, '-lm'], check=True)
        subprocess.run([CLANG, '-w', '-x', 'cuda', '--cuda-device-only', '-nocudainc',
                        '-nocudalib', '--cuda-gpu-arch=sm_80', '-O2', '-ffp-contract=off', '-S',
                        '-Xclang', '-mlink-builtin-bitcode', '-Xclang', LIBRARY,
                        path('device.cu', '\n'.join(device)), '-o', ptx], check=True)
        out = subprocess.run([exe], check=True, text=True, capture_output=True).stdout
        want = {line.split()[0]: line.split()[1:] for line in out.splitlines()}
        # A NaN as f16, whose bits the library leaves to the instruction.
        want['__nv_float2half_rn'] = ['_' if int(v, 16) & 0x7fff > 0x7c00 else v
                                      for v in want['__nv_float2half_rn']]
        text = []
        for name, lines, n in tests:
            text += lines + [f'// OUT o u64[{n}] ' + ' '.join(want[name])]
        with open(ptx) as f:
            test = path('libdevice.ptx', '\n'.join(text) + '\n' + f.read())
        passed = failed = 0
        for leg in (['interp'], ['simd', '--mode', 'plain']):
            p = subprocess.run([os.path.join(BUILD, 'tests', 'ptxrun'), '--backend', *leg, test],
                               text=True, capture_output=True)
            m = re.search(r'^(\d+) passed, (\d+) failed', p.stdout, re.M)
            bad = int(m.group(2)) if m else 0
            passed += int(m.group(1)) if m else 0
            failed += max(bad, 1) if p.returncode or not m else 0
            if p.returncode or not m:
                print(f'FAILED on {" ".join(leg)}:\n{p.stdout[-3000:]}{p.stderr[-2000:]}')
    print(f'{passed} passed, {failed} failed')
    return failed != 0


sys.exit(main())
