#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Device code that NVIDIA's nvcc made of our own programs (tests/data/fatbins, made by
scripts/make_fatbins.py), in host programs that Kasuri's front end compiles; each checks its own
result. Needs no nvcc. All files are loaded; a few programs are run, with --all all of them.
usage: tests/tools/fatbins.py BUILD [--all] [-j N] [PATTERN…]"""
import concurrent.futures
import fnmatch
import os
import shlex
import shutil
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(root, 'tests'), os.path.join(root, 'scripts')]
from harness import environment, execute  # noqa: E402
from make_fatbins import OUT, digest  # noqa: E402
from run import Runner  # noqa: E402  the directives that programs hold

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
kasuri = os.path.join(build, 'kasuri')
lib64 = os.path.join(build, 'cuda', 'lib64')
env = environment(KASURI_THREADS='2', LC_ALL='C.UTF-8')
FEW = ('saxpy-*', '*-two', '*-G', 'constant_memory', 'reduce_shuffle', 'control_flow')
LOADER = r'''
#include <cuda.h>
#include <stdio.h>
int main(int argc, char **argv)
{
   CUcontext ctx;
   CUmodule m;
   unsigned n, bad = cuInit(0) || cuDevicePrimaryCtxRetain(&ctx, 0) || cuCtxSetCurrent(ctx);
   for (int i = 1; i < argc; i++)
      if (cuModuleLoad(&m, argv[i]) || cuModuleGetFunctionCount(&n, m) || !n) {
         printf("%s\n", argv[i]);
         bad = 1;
      }
   return bad;
}
'''


def commands(source, exe, flags):
    """What Kasuri's nvcc would run to compile and link the host's part."""
    status, out = execute([kasuri, 'nvcc', '--dryrun', '-std=c++17', *flags, source, '-o', exe],
                          env)
    lines = [shlex.split(s[3:]) for s in out.splitlines() if s.startswith('#$ /')]
    host = [c for c in lines if '--cuda-host-only' in c]
    return (host[0], lines[-1]) if status == 0 and len(host) == 1 else (None, out)


def try_program(name, source, work):
    """None, or what is wrong."""
    d = Runner.directives(None, os.path.join(root, source))
    exe = os.path.join(work, name)
    host, link = commands(os.path.join(root, source), exe, d['flags'])
    if not host:
        return f'no commands: {link}'
    at = host.index('-fcuda-include-gpubinary') + 2
    host[at] = os.path.join(OUT, name + '.fatbin')
    made = host[host.index('-o') + 1]
    host[host.index('-o') + 1] = exe + '.o'
    link = [exe + '.o' if w == made else w for w in link]
    for command in (host, link):
        status, out = execute(command, env)
        if status != 0:
            return f'{command[0]}: status {status}: {out[-800:]}'
    for args in d['small']:
        tmp = tempfile.mkdtemp(dir=work)
        status, out = execute([kasuri, 'run', exe, *(a.replace('{tmp}', tmp) for a in args)],
                              env, tmp)
        if status != d['status']:
            return f'status {status}: {out[-800:]}'
    return None


def load_all(names, work):
    source, exe = os.path.join(work, 'loader.c'), os.path.join(work, 'loader')
    with open(source, 'w') as f:
        f.write(LOADER)
    flags = os.path.join(lib64, 'link-flags')
    extra = open(flags).read().split() if os.path.exists(flags) else []
    status, out = execute([os.environ.get('CC', 'cc'), '-I', os.path.join(root, 'include'), source,
                           '-o', exe, '-L', lib64, '-lcuda', f'-Wl,-rpath,{lib64}', *extra], env)
    if status == 0:
        status, out = execute([exe, *(os.path.join(OUT, n + '.fatbin') for n in names)], env)
    return None if status == 0 else f'status {status}: {out[-800:]}'


def main():
    words = sys.argv[2:]
    jobs = int(words.pop(words.index('-j') + 1)) if '-j' in words else 2
    patterns = [w for w in words if not w.startswith('-')]
    with open(os.path.join(OUT, 'SOURCES.txt')) as f:
        rows = [line.rstrip('\n').split('\t') for line in f][1:]
    work = tempfile.mkdtemp(prefix='kasuri-fatbins-')
    env['KASURI_CACHE_DIR'] = os.path.join(work, 'cache')
    passed = failed = skipped = 0
    results = {}
    try:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results[pool.submit(load_all, [r[0] for r in rows], work)] = 'loading all'
            for name, source, made_from, _ in rows:
                if '--all' not in words and not any(
                        fnmatch.fnmatch(name, p) for p in patterns or FEW):
                    continue
                if digest(os.path.join(root, source)) != made_from:
                    print(f'skipped {name}: {source} has changed since: scripts/make_fatbins.py')
                    skipped += 1
                else:
                    results[pool.submit(try_program, name, source, work)] = name
            for done in concurrent.futures.as_completed(results):
                problem = done.result()
                passed += not problem
                failed += bool(problem)
                if problem:
                    print(f'FAILED {results[done]}: {problem}', flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return failed != 0


if not (os.environ.get('KASURI_CLANG') or shutil.which('clang++-19')):
    print('the front end\'s compiler is not installed\n0 passed, 0 failed, 1 skipped')
    sys.exit(0)
sys.exit(main())
