#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One program of two files (tests/tools/ways), built by NVIDIA's nvcc in the ways that people
build theirs, and run by Kasuri. Where nvcc is not installed nothing is run.
usage: tests/tools/nvcc_ways.py BUILD   (ends with `N passed, N failed, N skipped`)"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import NVCC, environment, has_nvcc  # noqa: E402

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
kasuri = os.path.join(build, 'kasuri')
lib64 = os.path.join(build, 'cuda', 'lib64')
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'ways')
work = tempfile.mkdtemp(prefix='kasuri-ways-')
env = environment()
passed = failed = 0
PTX75 = ['-gencode', 'arch=compute_75,code=compute_75']
PTX80 = ['-gencode', 'arch=compute_80,code=compute_80']
SHARED, RELINK = ['-cudart', 'shared'], {'NVCC_APPEND_FLAGS': f'-L{lib64} -lcuda'}
RDC = ['-rdc=true', '-DLINKED']
BARE = {'LD_LIBRARY_PATH': lib64}

# name: (nvcc's options, its environment, run by `kasuri run` or by the environment alone)
WAYS = {
    'shared': (SHARED + PTX75, {}, False),
    'shared, kasuri run': (SHARED + PTX75, {}, True),
    'shared, machine code and PTX': (SHARED + ['-arch=sm_80'], {}, True),
    'shared, PTX for two targets': (SHARED + PTX75 + PTX80, {}, False),
    'shared, -G': (SHARED + ['-G', '-g'] + PTX80, {}, False),
    'shared, -rdc=true': (SHARED + RDC + PTX80, {}, False),
    'default': ([], {}, True),
    'default, PTX for two targets': (PTX75 + PTX80, {}, True),
    'default, -G': (['-G', '-g', '-arch=sm_80'], {}, True),
    'default, -rdc=true': (RDC + PTX80, {}, True),
    'default, -rdc=true, machine code too': (RDC + ['-arch=sm_80'], {}, True),
    'default, per-thread streams': (['--default-stream', 'per-thread'] + PTX75, {}, True),
    'default, non-PIE': (['-Xcompiler', '-fno-pie,-no-pie', '-Xlinker', '-no-pie'] + PTX75, {},
                         True),
    'default, -use_fast_math -lineinfo': (['-use_fast_math', '-lineinfo'] + PTX75, {}, True),
    'relinked': (PTX75, RELINK, False),
    'relinked, kasuri run': (PTX75, RELINK, True),
    'relinked, PTX for two targets': (PTX75 + PTX80, RELINK, False),
    'relinked, -G': (['-G', '-g'] + PTX80, RELINK, False),
    'relinked, -rdc=true': (RDC + PTX80, RELINK, False),
}


def report(what, ok, detail):
    global passed, failed
    passed += ok
    failed += not ok
    if not ok:
        print(f'FAILED {what}: {detail}')


def compile_to(output, flags, extra, sources=('main.cu', 'other.cu')):
    p = subprocess.run([NVCC, '-O1', '-std=c++17', *flags, '-o', output,
                        *(os.path.join(here, s) for s in sources)],
                       env=dict(env, **extra), text=True, capture_output=True, timeout=300)
    if p.returncode:
        report(output, False, p.stderr[-800:])
    return p.returncode == 0


def run(program, by_kasuri=True):
    args = [kasuri, 'run', program] if by_kasuri else [program]
    p = subprocess.run(args, env=env if by_kasuri else dict(env, **BARE), text=True,
                       capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def expect(what, result, status, out, err='^$'):
    code, stdout, stderr = result
    ok = code == status and re.search(out, stdout, re.S) and re.search(err, stderr, re.S)
    report(what, bool(ok), f'status {code}, out {stdout[-300:]!r}, err {stderr[-900:]!r}')


def key_of(name):
    flags, extra, _ = WAYS[name]
    return tuple(flags), tuple(extra)


def build_and_run():
    """nvcc waits for its parts much of the time: a few at once."""
    programs = {}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for name, (flags, extra, _) in WAYS.items():
            if key_of(name) not in programs:
                path = os.path.join(work, f'way{len(programs)}')
                programs[key_of(name)] = path, pool.submit(compile_to, path, flags, extra)
    built = {k: path if done.result() else None for k, (path, done) in programs.items()}
    for name, (_, _, by_kasuri) in WAYS.items():
        if built[key_of(name)]:
            expect(name, run(built[key_of(name)], by_kasuri), 0,
                   r'^right, runtime 13\d*, on Kasuri\n$')
    return built


def test_stripped(built):
    program = built[key_of('default, PTX for two targets')]
    if program:
        subprocess.run(['strip', program], check=True)
        expect('default, stripped', run(program), 127, '^$',
               'symbol table was removed.*NVCC_APPEND_FLAGS')
    program = built[key_of('relinked, PTX for two targets')]
    if program:
        subprocess.run(['strip', program], check=True)
        expect('relinked, stripped', run(program), 0, '^right')


def test_library():
    """A shared library of CUDA code with the runtime in it, opened by a C program."""
    library, host = os.path.join(work, 'libpart.so'), os.path.join(work, 'host')
    source = os.path.join(work, 'host.c')
    with open(source, 'w') as f:
        f.write('#include <dlfcn.h>\n#include <stdio.h>\nint main(int c, char **v)\n'
                '{ void *l = dlopen(v[1], RTLD_NOW);\n'
                '  int (*f)(unsigned) = l ? (int (*)(unsigned))dlsym(l, "_Z10other_filej") : 0;\n'
                '  int r = f ? f(0) : 9; puts(r ? "WRONG" : "right"); return r; }\n')
    subprocess.run(['cc', '-o', host, source, '-ldl'], check=True)
    if compile_to(library, ['-shared', '-Xcompiler', '-fPIC'] + PTX75, {}, ('other.cu',)):
        p = subprocess.run([kasuri, 'run', host, library], env=env, text=True,
                           capture_output=True, timeout=120)
        expect('runtime in a library that is opened', (p.returncode, p.stdout, p.stderr), 0,
               '^right\n$')


def test_machine_code_only():
    program = os.path.join(work, 'sass')
    if compile_to(program, ['-gencode', 'arch=compute_80,code=sm_80'], {}):
        expect('machine code alone', run(program), 1, '^WRONG',
               r'no PTX in the image.*SASS sm_80.*code=compute_.*kernel \w+ cannot be')


def main():
    if not has_nvcc():
        return 0
    built = build_and_run()
    test_stripped(built)
    test_library()
    test_machine_code_only()
    print(f'{passed} passed, {failed} failed')
    return failed != 0


try:
    status = main()
finally:
    shutil.rmtree(work, ignore_errors=True)
sys.exit(status)
