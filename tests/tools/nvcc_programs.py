#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Examples and test programs, built by NVIDIA's nvcc in five ways and run by Kasuri; each checks
its own result. Where nvcc is not installed nothing is run.
usage: tests/tools/nvcc_programs.py BUILD [--all] [-j N] [PATTERN…]
Without patterns a few programs; --all takes all, in some ten minutes on two processors."""
import concurrent.futures
import fnmatch
import glob
import os
import shutil
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(root, 'tests'))
from harness import NVCC, environment, execute, has_nvcc  # noqa: E402
from run import Runner  # noqa: E402  the directives that programs hold

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
kasuri = os.path.join(build, 'kasuri')
env = environment(KASURI_THREADS='2', LC_ALL='C.UTF-8')
FEW = ('examples/templates', 'tests/programs/parameters')
PTX75 = ['-gencode', 'arch=compute_75,code=compute_75']
PTX80 = ['-gencode', 'arch=compute_80,code=compute_80']
WAYS = {
    'shared': ['-cudart', 'shared', '-arch=sm_80'],
    'static': PTX75,
    'rdc': ['-rdc=true', *PTX80],
    'two targets': [*PTX75, *PTX80],
    'G': ['-G', '-g', *PTX80],
}
# Programs that ask for an older device than the ways with PTX for sm_80 serve.
OLDER = {'tests/programs/devices'}
OURS_ALONE = {
    'tests/programs/front_halves': 'converts halves on the host, which NVIDIA\'s headers do not',
    'tests/programs/front_intrinsics': 'calls overloads that NVIDIA\'s headers do not have',
    'tests/programs/front_random': 'looks into our curand_kernel.h',
}


def try_way(path, name, way, work):
    """None, or what is wrong."""
    d = Runner.directives(None, path)
    exe = os.path.join(work, f'{name.replace("/", "-")}-{way.replace(" ", "-")}')
    flags = [w.replace('80', '75') if name in OLDER else w for w in WAYS[way]]
    status, out = execute([NVCC, '-std=c++17', '-w', *d['flags'], *flags, path, '-o', exe], env,
                          seconds=300)
    if status != 0:
        return f'nvcc: status {status}: {out[-800:]}'
    for args in d['small']:
        tmp = tempfile.mkdtemp(dir=work)
        status, out = execute([kasuri, 'run', exe, *(a.replace('{tmp}', tmp) for a in args)],
                              env, tmp)
        if status != d['status']:
            return f'status {status}: {out[-800:]}'
    os.remove(exe)
    return None


def main():
    words = sys.argv[2:]
    jobs = int(words.pop(words.index('-j') + 1)) if '-j' in words else 2
    patterns = [w for w in words if not w.startswith('-')]
    if not has_nvcc():
        return 0
    paths = sorted(glob.glob(os.path.join(root, 'examples', '*.cu')) +
                   glob.glob(os.path.join(root, 'tests', 'programs', '*.cu')))
    work = tempfile.mkdtemp(prefix='kasuri-nvcc-')
    env['KASURI_CACHE_DIR'] = os.path.join(work, 'cache')
    passed = failed = 0
    try:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            tries = {}
            for path in paths:
                name = os.path.relpath(path, root)[:-3]
                if '--all' not in words and not any(
                        fnmatch.fnmatch(name, p) for p in patterns or FEW):
                    continue
                for way in () if name in OURS_ALONE else WAYS:
                    tries[pool.submit(try_way, path, name, way, work)] = f'{name}, {way}'
            for done in concurrent.futures.as_completed(tries):
                problem = done.result()
                passed += not problem
                failed += bool(problem)
                if problem:
                    print(f'FAILED {tries[done]}: {problem}', flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f'{passed} passed, {failed} failed')
    return failed != 0


sys.exit(main())
