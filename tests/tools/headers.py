#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of include/: every header compiles alone (as CUDA, as C++, as C where it is C), and
the programs of tests/host/, which run on the host with the headers alone.
usage: tests/tools/headers.py BUILD   (ends with `N passed, N failed`)"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
include = os.path.join(source, 'include')
kasuri = os.path.join(build, 'kasuri')
clang = os.environ.get('KASURI_CLANG', 'clang++-19')
work = tempfile.mkdtemp(prefix='kasuri-headers-')
passed = failed = 0

# Only for device code; says so itself where it is included elsewhere.
DEVICE_ONLY = {'cooperative_groups.h', 'curand_kernel.h'}
# An error is what the header is for.
ERROR_ONLY = {'mma.h'}
# C programs use these.
C_TOO = {'cuda.h', 'cuda_runtime.h', 'cuda_runtime_api.h', 'vector_types.h', 'driver_types.h',
         'cuComplex.h', 'nvToolsExt.h', 'math_constants.h', 'cudaProfiler.h',
         'cuda_profiler_api.h', 'library_types.h', 'builtin_types.h'}


def run(args):
    p = subprocess.run(args, text=True, capture_output=True, timeout=120)
    return p.returncode, p.stdout + p.stderr


def jobs():
    for path in sorted(glob.glob(os.path.join(include, '*.h')) +
                       glob.glob(os.path.join(include, 'cooperative_groups', '*.h'))):
        name = os.path.relpath(path, include)
        if name in ERROR_ONLY:
            yield f'{name} refuses', [clang, '-xc++', '-fsyntax-only', path], False
            continue
        stem = re.sub(r'\W', '_', name)
        cu = os.path.join(work, f'{stem}.cu')
        with open(cu, 'w') as f:
            f.write(f'#include <{name}>\n#include <{name}>\n__global__ void k() {{}}\n')
        yield f'{name} as CUDA', [kasuri, 'nvcc', '-c', cu, '-o', f'{cu}.o'], True
        if name in DEVICE_ONLY or name.startswith('cooperative_groups'):
            continue
        flags = ['-I', include, '-Wall', '-Wextra', '-Wno-unused', '-Werror', '-fsyntax-only']
        compilers = [[clang, '-std=c++17', '-xc++']]
        if shutil.which('g++'):
            compilers.append(['g++', '-std=c++17', '-xc++'])
        if name in C_TOO:
            compilers.append([clang, '-std=c11', '-xc'])
        for c in compilers:
            text = os.path.join(work, f'{stem}.{c[2][2:]}')
            with open(text, 'w') as f:
                f.write(f'#include <{name}>\n')
            yield f'{name} by {" ".join(c)}', c + flags + [text], True
    for path in sorted(glob.glob(os.path.join(source, 'tests', 'host', '*.cpp'))):
        program = os.path.join(work, os.path.basename(path)[:-4])
        yield (f'{os.path.basename(path)} runs',
               ['sh', '-c', f'"{clang}" -O2 -I "{include}" "{path}" -o "{program}" && "{program}"'],
               True)


def one(job):
    what, args, good = job
    code, text = run(args)
    return what, (code == 0) == good, text


with ThreadPoolExecutor(os.cpu_count()) as pool:
    for what, ok, text in pool.map(one, jobs()):
        passed += ok
        failed += not ok
        if not ok:
            print(f'FAILED {what}: {text[-600:]}')
shutil.rmtree(work)
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
