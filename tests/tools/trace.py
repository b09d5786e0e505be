#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`kasuri run --trace`: the lines that known calls must give, by every way in which a program
reaches Kasuri's libraries and to every place; and that nothing is lost when a program dies.
usage: tests/tools/trace.py BUILD   (ends with `N passed, N failed`)"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
kasuri = os.path.join(build, 'kasuri')
lib64 = os.path.join(build, 'cuda', 'lib64')
here = os.path.join(root, 'tests', 'tools', 'trace')
work = tempfile.mkdtemp(prefix='kasuri-trace-')
env = {k: v for k, v in os.environ.items()
       if not k.startswith(('KASURI_', 'LD_', 'NVCC_', 'CUDA'))}
env['KASURI_CACHE_DIR'] = os.path.join(work, 'cache')
link_flags = os.path.join(lib64, 'link-flags')
sanitize = open(link_flags).read().split() if os.path.exists(link_flags) else []
passed = failed = 0

# `0x` stands for any address but 0, `T` for the thread, `US` for a time.
DRIVER = r'''
[T] cuInit(flags=0x0) = CUDA_SUCCESS <US>
[T] cuDeviceGet(device=0x, ordinal=0) = CUDA_SUCCESS, *device=0 <US>
[T] cuDeviceGet(device=0x, ordinal=99) = CUDA_ERROR_INVALID_DEVICE <US>
[T] cuDeviceGetName(name=0x, len=4, dev=0) = CUDA_SUCCESS, name="Kas" <US>
[T] cuDevicePrimaryCtxRetain(ctx=0x, dev=0) = CUDA_SUCCESS, *ctx=0x <US>
[T] cuCtxSetCurrent(ctx=0x) = CUDA_SUCCESS <US>
[T] cuModuleLoadData(module=0x, image=0x) = CUDA_SUCCESS, *module=0x <US>
[T] cuModuleGetFunction(func=0x, module=0x, name="fill") = CUDA_SUCCESS, *func=fill <US>
[T] cuModuleGetFunction(func=0x, module=0x, name="a\"b\n") = CUDA_ERROR_NOT_FOUND <US>
[T] cuMemAlloc_v2(dptr=0x, bytesize=256) = CUDA_SUCCESS, *dptr=0x <US>
[T] cuLaunchKernel(f=fill, gridDimX=2, gridDimY=1, gridDimZ=1, blockDimX=32, blockDimY=1, \
blockDimZ=1, sharedMemBytes=0, hStream=legacy, kernelParams=0x, extra=NULL) = CUDA_SUCCESS <US>
[T] cuMemcpyHtoD_v2(dstDevice=0x, srcHost=0x, ByteCount=64) = CUDA_SUCCESS <US>
[T] cuMemcpy2D_v2(pCopy={srcXInBytes=0, srcY=0, srcMemoryType=CU_MEMORYTYPE_HOST, srcHost=0x, \
srcDevice=0x0, srcArray=NULL, srcPitch=8, dstXInBytes=0, dstY=0, \
dstMemoryType=CU_MEMORYTYPE_DEVICE, dstHost=NULL, dstDevice=0x, dstArray=NULL, dstPitch=16, \
WidthInBytes=8, Height=2}) = CUDA_SUCCESS <US>
[T] cuGetErrorName(error=CUDA_ERROR_INVALID_IMAGE, pStr=0x) = CUDA_SUCCESS, \
*pStr="CUDA_ERROR_INVALID_IMAGE" <US>
'''.replace('\\\n', '').strip().splitlines()

RUNTIME = r'''
[T] cudaMalloc(devPtr=0x, size=128) = cudaSuccess, *devPtr=0x <US>
[T] cudaStreamCreate(pStream=0x) = cudaSuccess, *pStream=0x <US>
[T] cudaLaunchKernel(func=_Z5scalePff, gridDim=(1, 2, 3), blockDim=(32, 1, 1), args=0x, \
sharedMem=16, stream=0x) = cudaSuccess <US>
[T] cudaStreamSynchronize(stream=0x) = cudaSuccess <US>
[T] cudaMemcpyAsync(dst=0x, src=0x, count=128, kind=cudaMemcpyDeviceToHost, \
stream=per-thread) = cudaSuccess <US>
[T] cudaMemset(devPtr=0x, value=0, count=1099511627776) = cudaErrorInvalidValue <US>
[T] cudaGetLastError() = cudaErrorInvalidValue <US>
[T] cudaGetErrorString(error=cudaErrorInvalidValue) = "invalid argument" <US>
[T] cudaStreamDestroy(stream=0x) = cudaSuccess <US>
[T] cudaFree(devPtr=0x) = cudaSuccess <US>
'''.replace('\\\n', '').strip().splitlines()


def check(what, ok, detail=''):
    global passed, failed
    passed += bool(ok)
    failed += not ok
    if not ok:
        print(f'FAILED {what}: {detail}')


def cc(name, *args):
    out = os.path.join(work, name)
    subprocess.run([os.environ.get('CC', 'cc'), '-w', '-O1', '-D_GNU_SOURCE', '-I',
                    os.path.join(root, 'include'), '-o', out, *args, *sanitize], check=True,
                   timeout=120)
    return out


def nvcc(name, *args):
    out = os.path.join(work, name)
    subprocess.run([kasuri, 'nvcc', os.path.join(here, 'runtime.cu'), '-o', out, *args],
                   env=env, check=True, timeout=120)
    return out


def run(*args, **extra):
    p = subprocess.run([kasuri, 'run', *args], cwd=work, env=dict(env, **extra), text=True,
                       capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def plain(line):
    """A line without what differs from run to run."""
    for pattern, word in ((r'^\[\d+\]', '[T]'), (r'<[\d.]+ us>', '<US>'),
                          (r'0x[1-9a-f][0-9a-f]*', '0x')):
        line = re.sub(pattern, word, line)
    return line


def expect_lines(what, text, want):
    have = [plain(s) for s in text.splitlines()]
    for i, line in enumerate(want):
        ok = i < len(have) and have[i] == line
        check(f'{what}, line {i + 1}', ok,
              f'\n   want {line}\n   have {have[i] if i < len(have) else "nothing"}')
    check(f'{what}: as many lines', len(have) == len(want), text[-600:])


def renamed(lines, names):
    return [re.sub(r'(?<=\] )\w+(?=\()', lambda m: names.get(m[0], m[0]), s) for s in lines]


def test_driver(program):
    status, out, err = run('--trace', program)
    check('driver, status', status == 0, err)
    expect_lines('linked with libcuda', err, DRIVER)
    opened = cc('opened', '-DOPENED', os.path.join(here, 'driver.c'), '-ldl')
    status, out, err = run('--trace', '--trace-filter=!cuGetProcAddress*', opened)
    check('opened, status', status == 0, err)
    expect_lines('dlopen and cuGetProcAddress, per-thread streams', err, renamed(DRIVER, {
        'cuLaunchKernel': 'cuLaunchKernel_ptsz', 'cuMemcpyHtoD_v2': 'cuMemcpyHtoD_v2_ptds',
        'cuMemcpy2D_v2': 'cuMemcpy2D_v2_ptds'}))


def test_runtime(program):
    status, out, err = run('--trace', program)
    check('runtime, status', status == 0, err)
    expect_lines('linked with libcudart', err, RUNTIME)
    per_thread = nvcc('per_thread', '--default-stream', 'per-thread')
    status, out, err = run('--trace', per_thread)
    want = renamed(RUNTIME, {n: f'{n}_ptsz' for n in (
        'cudaLaunchKernel', 'cudaStreamSynchronize', 'cudaMemcpyAsync')} |
        {'cudaMemset': 'cudaMemset_ptds'})
    expect_lines('per-thread default streams', err, want)
    static = os.path.join(work, 'static')
    nvcc('static.o', '-c')
    subprocess.run([os.environ.get('CXX', 'c++'), '-o', static, static + '.o', '-L', lib64,
                    '-lcudart_static', '-lcuda', '-lpthread', '-ldl', *sanitize], check=True)
    needs = subprocess.run(['readelf', '-d', static], capture_output=True, text=True).stdout
    check('the runtime is linked in', 'libcudart' not in needs, needs)
    status, out, err = run('--trace', static)
    expect_lines("Kasuri's runtime linked in", err, RUNTIME)


def test_redirected():
    """A program with functions of the runtime's names in it, which are redirected."""
    program = cc('redirected', '-O0', '-DFORM=13', os.path.join(root, 'tests', 'tools', 'dropin',
                                                         'fake_runtime.c'))
    status, out, err = run('--trace', program)
    check('redirected runtime', status == 0 and re.search(
        r'cuda\w+\(.*\) = cudaSuccess', err), err)


def test_choice(runtime):
    status, out, err = run('--trace', '--trace-filter=cudaMem*,cudaFree,!cudaMemset', runtime)
    expect_lines('filter', err, [s for s in RUNTIME if re.search(
        r'cuda(Memcpy|Free)', s)])
    status, out, err = run('--trace', '--trace-filter=*', runtime)
    check('compilers\' calls when asked for', '__cudaRegisterFatBinary(' in err and
          '__cudaPushCallConfiguration(' in err, err)
    status, out, err = run('--trace', '--trace-nested', '--trace-filter=cudaFree,cuMemFree*',
                           runtime)
    check('nested', re.fullmatch(
        r'\[\d+\] cudaFree\(devPtr=(0x\w+)\) <unfinished>\n'
        r'\[\d+\]   cuMemFree_v2\(dptr=\1\) = CUDA_SUCCESS <[\d.]+ us>\n'
        r'\[\d+\] <cudaFree resumed> = cudaSuccess <[\d.]+ us>\n', err), err)
    expect_lines('without, none', run(runtime)[2], [])


def test_places(runtime):
    path = os.path.join(work, 'trace.txt')
    for i in range(2):
        status, out, err = run('--trace=trace.txt', runtime)
        check('file, stderr is free', status == 0 and err == '', err)
        with open(path) as f:
            expect_lines(f'file, run {i + 1}', f.read(), RUNTIME)
    status, out, err = run('--trace=' + path, '/bin/sh', '-c', f'{runtime}; {runtime}')
    with open(path) as f:
        expect_lines('file of two processes', f.read(), RUNTIME * 2)
    check('file that cannot be', run('--trace=absent/trace', runtime)[0] == 2)
    status, out, err = run(runtime, KASURI_TRACE='text:absent/trace')
    check('by the environment', 'absent/trace: No such file' in err and 'cudaFree(' in err, err)


def test_json(runtime):
    status, out, err = run('--trace=json', runtime)
    calls, returns = {}, {}
    for line in err.splitlines():
        o = json.loads(line)
        if 'call' in o:
            calls[o['call']] = o
        else:
            returns[o['return']] = o
    check('json: calls', [c['name'] for c in calls.values()] ==
          [re.search(r'\] (\w+)', s)[1] for s in RUNTIME], err)
    check('json: all returned', sorted(calls) == sorted(returns), err)
    by_name = {c['name']: (c, returns[c['call']]) for c in calls.values()}
    c, r = by_name['cudaMalloc']
    check('json: outputs', c['args']['size'] == 128 and r['result'] == 'cudaSuccess' and
          r['out']['devPtr'].startswith('0x') and r['time'] > 0, (c, r))
    c, r = by_name['cudaLaunchKernel']
    a = c['args']
    check('json: a launch', a['func'] == '_Z5scalePff' and a['gridDim'] == [1, 2, 3] and
          a['blockDim'] == [32, 1, 1] and a['sharedMem'] == 16, c)
    status, out, err = run('--trace=json:trace.json', runtime)
    with open(os.path.join(work, 'trace.json')) as f:
        check('json: file', len(f.readlines()) == 2 * len(RUNTIME))


def test_ends(program):
    """Whatever ends a program, its last call is there; so are all before it."""
    last = DRIVER + ['[T] cuLaunchHostFunc(hStream=0, fn=0x, userData=0x) = CUDA_SUCCESS <US>',
                     '[T] cuCtxSynchronize()']
    for how in ('abort', 'kill', 'exit', 'crash'):
        if how == 'crash' and sanitize:
            continue
        status, out, err = run('--trace=end.txt', program, how)
        check(f'{how}: status', status == 3 if how == 'exit' else status != 0, status)
        with open(os.path.join(work, 'end.txt')) as f:
            text = f.read()
        expect_lines(f'ended by {how}', text, last)


def test_threads(program):
    status, out, err = run('--trace', program, 'threads')
    check('threads: a call of another in between', status == 0 and re.search(
        r'\n\[(\d+)\] cuCtxSynchronize\(\) <unfinished>\n'
        r'\[(?!\1)\d+\] cuCtxGetDevice\(device=0x\w+\) = CUDA_SUCCESS, \*device=0 <[\d.]+ us>\n'
        r'\[\1\] <cuCtxSynchronize resumed> = CUDA_SUCCESS <[\d.]+ us>\n', err), err[-900:])


try:
    driver = cc('driver', os.path.join(here, 'driver.c'), '-L', lib64, '-lcuda', '-lpthread')
    runtime = nvcc('runtime')
    test_driver(driver)
    test_runtime(runtime)
    test_redirected()
    test_choice(runtime)
    test_places(runtime)
    test_json(runtime)
    test_ends(driver)
    test_threads(driver)
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
