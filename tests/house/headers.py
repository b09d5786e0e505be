#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each header of src/ compiles alone as C with gcc and clang, and so do the headers for users
that host code may include, as C and as C++. (What they mean in CUDA code is tests/tools/
headers.py's business.) usage: tests/house/headers.py BUILD"""
import glob
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, 'build'))
WARN = ['-Wall', '-Wextra', '-Wshadow', '-Wno-unused-parameter', '-Wno-sign-compare',
        '-Wno-missing-field-initializers', '-Werror', '-D_GNU_SOURCE', '-fsyntax-only']
C = [c for c in (['gcc'], ['clang-19']) if shutil.which(c[0])]
CXX = [c for c in (['g++'], ['clang++-19']) if shutil.which(c[0])]
# What some rooms' meson.build adds.
EXTRA = {'runtime': ['-Iinclude', '-Isrc/runtime', '-DRT_ABI=13'],
         'driver': ['-Iinclude'], 'libs': ['-Iinclude'], 'tools': ['-Iinclude']}


def llvm_flags():
    for name in ('llvm-config-19', 'llvm-config'):
        if shutil.which(name):
            ask = [subprocess.run([name, o], capture_output=True, text=True).stdout.strip()
                   for o in ('--includedir', '--version')]
            return ['-isystem', ask[0], '-DKASURI_LLVM_MAJOR=' + ask[1].split('.')[0]]
    return None


def for_cuda_only(path):
    """A user header that refuses host compilers, or a part that another header includes."""
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        text = f.read()
    return bool(re.search(r'#\s*error .*(is for|cannot be used)', text)) or \
        'cooperative_groups.h"' in text


def jobs():
    llvm = llvm_flags()
    for path in sorted(glob.glob('src/**/*.h', root_dir=ROOT, recursive=True)):
        room = path.split('/')[1]
        flags = ['-Isrc', '-I' + os.path.join(BUILD, 'src'), *EXTRA.get(room, [])]
        if path.endswith('rt_exports12.h'):
            flags += ['-include', 'src/runtime/abi12.h']  # which renames what it redeclares
        if path.startswith('src/back/simd/'):
            if llvm is None:
                continue
            flags += llvm
        for c in C:
            yield path, [*c, '-std=gnu11', '-x', 'c', *flags]
    # include/kasuri, include/crt: parts of the others.
    for path in sorted(glob.glob('include/*.h', root_dir=ROOT) +
                       glob.glob('include/nvtx3/*.h', root_dir=ROOT)):
        if for_cuda_only(path):
            continue
        for c in C:
            yield path, [*c, '-std=gnu11', '-x', 'c', '-Iinclude']
        for c in CXX:
            yield path, [*c, '-std=c++17', '-x', 'c++', '-Iinclude']


def compile_alone(job):
    path, command = job
    text = '#include "%s"\n#include "%s"\n' % (path, path)  # twice: its guard works
    p = subprocess.run([*command, '-I.', *WARN, '-'], input=text, cwd=ROOT, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return path, command[0], p.returncode, p.stdout


passed = failed = 0
with ThreadPoolExecutor(2) as pool:
    for path, compiler, status, text in pool.map(compile_alone, list(jobs())):
        passed += status == 0
        if status:
            failed += 1
            print(f'{path}: not alone with {compiler}:\n' + '\n'.join(text.split('\n')[:4]))
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
