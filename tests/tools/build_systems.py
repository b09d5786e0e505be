#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CMake's CUDA language, CUDAToolkit and the older FindCUDA, Meson and makefiles as people write
them (tests/tools/builds) configure, build and run with Kasuri's toolkit alone: nothing of
NVIDIA's is in PATH. usage: tests/tools/build_systems.py BUILD
(ends with `N passed, N failed, N skipped`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
cuda = os.path.join(build, 'cuda')
here = os.path.dirname(os.path.abspath(__file__))
builds, separate = os.path.join(here, 'builds'), os.path.join(here, 'separate')
work = tempfile.mkdtemp(prefix='kasuri-builds-')
env = {k: v for k, v in os.environ.items()
       if not k.startswith(('KASURI_', 'NVCC', 'CUDA', 'CC', 'CXX', 'LD_', 'LIBRARY_PATH',
                            'CPATH', 'MAKE', 'CMAKE'))}
env['PATH'] = f'{cuda}/bin:/usr/bin:/bin'
env['CCACHE_DIR'] = os.path.join(work, 'ccache')
passed = failed = skipped = 0


def run(*args, cwd=work, **extra):
    p = subprocess.run(args, cwd=cwd, env=dict(env, **extra), text=True, capture_output=True,
                       timeout=280, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def expect(what, result, out='', err='', status=0):
    global passed, failed
    code, stdout, stderr = result
    if code == status and re.search(out, stdout, re.S) and re.search(err, stderr, re.S):
        passed += 1
        return True
    failed += 1
    print(f'FAILED {what}: status {code}, out {stdout[-900:]!r}, err {stderr[-900:]!r}')
    return False


def missing(program):
    global skipped
    if shutil.which(program, path=env['PATH']):
        return False
    print(f'{program} is not installed')
    skipped += 1
    return True


def test_cmake():
    if missing('cmake'):
        return
    ok = expect('cmake', run('cmake', '-S', f'{builds}/cmake', '-B', 'cmake',
                             f'-DSEPARATE={separate}'),
                rf'compiler=NVIDIA 13\.0\.0.*toolkit=13\.0\.0 {cuda}/lib64 {cuda}/bin/nvcc')
    ok = ok and expect('cmake --build', run('cmake', '--build', 'cmake', '-j', '3'), '', '^$')
    for name in ('separable', 'resolved', 'native', 'real', 'host-static', 'host-shared'):
        if ok:
            expect(name, run(f'./cmake/{name}'), '^right\n$', '^$')
    ok = expect('FindCUDA', run('cmake', '-S', f'{builds}/findcuda', '-B', 'findcuda',
                                f'-DSEPARATE={separate}'), rf'cuda=13\.0 {cuda}')
    ok = ok and expect('its build', run('cmake', '--build', 'findcuda', '-j', '3'))
    for name in ('old', 'old-separable'):
        if ok:
            expect(name, run(f'./findcuda/{name}'), '^right\n$', '^$')


def test_meson():
    if missing('meson') or missing('ninja'):
        return
    folder = os.path.join(work, 'meson')
    shutil.copytree(f'{builds}/meson', folder)
    for name in ('hello.cu', 'host.cpp', 'answer.h'):
        shutil.copy(os.path.join(builds, name), folder)
    ok = expect('meson', run('meson', 'setup', 'b', cwd=folder, CUDA_PATH=cuda),
                r'nvcc 13\.0.*CUDA.*YES 13\.0.*flags=-gencode arch=compute_80')
    if ok and expect('ninja', run('ninja', '-C', 'b', cwd=folder)):
        for name in ('hello', 'host'):
            expect(f'meson {name}', run(f'./b/{name}', cwd=folder), '^right\n$', '^$')


def test_make():
    shutil.copytree(builds, os.path.join(work, 'make'))
    folder = os.path.join(work, 'make', 'samples')
    expect('samples', run('make', f'CUDA_PATH={cuda}', 'all', 'run', cwd=folder),
           r'cuda=13\.0\n.*right\n$', '^$')
    with open(os.path.join(folder, 'hello.d')) as f:
        text = f.read()
    expect('-MM', (0, text, ''), r'^hello\.o: [^/]*\.\./hello\.cu [^/]*\.\./answer\.h\n$')
    expect('samples, debug', run('make', '-B', f'CUDA_PATH={cuda}', 'SMS=80', 'dbg=1', 'run',
                                 cwd=folder), r'right\n$', '^$')
    folder = os.path.join(work, 'make', 'plain')
    expect('plain', run('make', f'SEPARATE={separate}', 'run', cwd=folder), r'right\n$', '^$')


def test_ccache():
    if missing('ccache'):
        return
    for i in range(2):
        expect('ccache nvcc', run('ccache', 'nvcc', '-c', 'hello.cu', '-o', f'{work}/h.o',
                                  cwd=builds), '^$', '^$')
    expect('the second from the cache', run('ccache', '-s'), r'Hits:\s+1 /\s+2')
    expect('link', run('nvcc', 'h.o', '-o', 'h'))
    expect('cached object', run('./h'), '^right\n$', '^$')


def test_probes():
    """What configure scripts ask."""
    expect('release', run('sh', '-c', "nvcc --version | sed -n 's/^.*release \\([0-9]*\\.[0-9]*\\).*$/\\1/p'"),
           r'^13\.0\n$')
    expect('version.json', run('sh', '-c', f"sed -n 's/.*\"version\" : \"\\([0-9.]*\\)\".*/\\1/p' "
                               f'{cuda}/version.json | head -n 1'), r'^13\.0\.0\n$')
    for name in ('include/cuda.h', 'include/cuda_runtime.h', 'lib64/libcudart.so',
                 'lib64/libcudart_static.a', 'lib64/libcudadevrt.a', 'lib64/libcuda.so', 'lib64/stubs/libcuda.so',
                 'nvvm/libdevice/libdevice.10.bc'):
        expect(name, (0 if os.path.exists(os.path.join(cuda, name)) else 1, '', ''))
    expect('conftest', run('sh', '-c', f"echo 'int main() {{ return 0; }}' >conftest.cu && "
                           'nvcc -o conftest -lcublas_is_not_here conftest.cu'), err='cublas_is_not_here',
           status=1)


if os.path.exists(os.path.join(cuda, 'lib64', 'link-flags')):
    print('the libraries are sanitized, and other linkers do not know it: nothing was run')
    print('0 passed, 0 failed, 1 skipped')
    sys.exit(0)
try:
    for test in (test_probes, test_make, test_ccache, test_meson, test_cmake):
        test()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
sys.exit(failed != 0)
