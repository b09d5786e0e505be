#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which kernels of tests/ptx/simd_past.ptx store past the caches: their code is asked, as what
they compute is the same either way. usage: tests/tools/past_caches.py BUILD"""
import os
import platform
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from harness import check, environment, execute, finish  # noqa: E402

# All but these: memory that is read too, an order that others may see, rows far apart.
NEVER = {'in_place', 'fenced', 'counted', 'released', 'pages'}

build = os.path.abspath(sys.argv[1])
path = os.path.join(ROOT, 'tests', 'ptx', 'simd_past.ptx')
with open(path, encoding='utf-8') as f:
    kernels = set(re.findall(r'^\.visible \.entry (\w+)', f.read(), re.M))
check(NEVER < kernels, f'{path} has not all of {NEVER}')


def code(mode, **more):
    """LLVM's module of each kernel, by its name; several of them where there are."""
    env = environment(KASURI_CACHE='0', KASURI_PRINT_LLVM='after', **more)
    status, out = execute([os.path.join(build, 'tests', 'ptxrun'), '--backend', 'simd',
                           '--mode', mode, path], env)
    check(status == 0, f'ptxrun --mode {mode}: {status}')
    found = {}
    for module in out.split('; ModuleID = ')[1:]:
        found.setdefault(module.split("'")[1], []).append('!nontemporal' in module)
    return found


has = os.path.exists(os.path.join(build, 'src', 'back', 'simd', 'kasuri-simd.so'))
if has and platform.machine() == 'x86_64':
    found = code('auto')
    check(set(found) == kernels, f'compiled: {sorted(found)}')
    for name, stores in sorted(found.items()):
        if name == 'strides':  # its last iteration may, as that is no loop
            continue
        want = name not in NEVER
        check(all(s == want for s in stores),
              f'{name}: stores past the caches {"are missing" if want else "are there"}')
    # Where a warp may be stopped while another one of its block runs, it has none.
    for name, stores in sorted(code('warp').items()):
        check(not any(stores), f'{name} on fibers: stores past the caches are there')
finish()
