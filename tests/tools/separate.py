#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Device code compiled apart and linked (tests/tools/separate), in the ways that people do it.
Nothing of NVIDIA's is in PATH. usage: tests/tools/separate.py BUILD   (ends with `N passed, N failed`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
cuda = os.path.join(build, 'cuda')
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'separate')
work = tempfile.mkdtemp(prefix='kasuri-separate-')
env = {k: v for k, v in os.environ.items() if not k.startswith(('KASURI_', 'NVCC', 'CUDA', 'LD_'))}
env['PATH'] = f'{cuda}/bin:/usr/bin:/bin'
# Sanitized libraries want their sanitizer's runtime in the program: clang's has it.
flags_file = os.path.join(cuda, 'lib64', 'link-flags')
sanitize = open(flags_file).read().split() if os.path.exists(flags_file) else []
linker = ['clang++-19', *sanitize] if sanitize else ['g++']
passed = failed = 0


def run(*args, cwd=work):
    p = subprocess.run(args, cwd=cwd, env=env, text=True, capture_output=True, timeout=200,
                       stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout, p.stderr


def expect(what, result, status=0, out='', err=''):
    global passed, failed
    code, stdout, stderr = result
    if code == status and re.search(out, stdout, re.S) and re.search(err, stderr, re.S):
        passed += 1
    else:
        failed += 1
        print(f'FAILED {what}: status {code}, out {stdout[-400:]!r}, err {stderr[-900:]!r}')


def write(name, text):
    with open(os.path.join(work, name), 'w') as f:
        f.write('/* SPDX-License-Identifier: Apache-2.0 */\n' + text)


def test_objects():
    """Each file to its object, in its own folder, as make does."""
    for f in ('main', 'part'):
        expect(f'-dc {f}', run('nvcc', '-dc', f'{here}/{f}.cu', '-o', f'{f}.o'), 0, '^$', '^$')
    for d in ('one', 'two'):
        expect(f'-dc {d}', run('nvcc', '-rdc=true', '-c', 'unit.cu', '-o', f'{work}/{d}.o',
                               cwd=f'{here}/{d}'), 0, '^$', '^$')
    objects = ['main.o', 'part.o', 'one.o', 'two.o']
    expect('link', run('nvcc', '-o', 'linked', *objects), 0, '^$', '^$')
    expect('linked', run('./linked'), 0, '^right\n$', '^$')
    expect('-dlink', run('nvcc', '-dlink', *objects, '-o', 'device.o', '-lcudadevrt'), 0, '^$', '^$')
    expect('host linker', run(*linker, '-o', 'by-host', *objects, 'device.o', f'-L{cuda}/lib64',
                              '-lcudart', f'-Wl,-rpath,{cuda}/lib64'))
    expect('by the host linker', run('./by-host'), 0, '^right\n$', '^$')
    expect('linked before', run('nvcc', '-o', 'again', *objects, 'device.o'))
    expect('linked again', run('./again'), 0, '^right\n$', '^$')
    expect('undefined', run('nvcc', '-o', 'bad', 'main.o', 'one.o', 'two.o'), 1, '',
           "undefined reference to variable 'counter' in main.o.*function '_Z6scaledi'")
    expect('duplicate', run('nvcc', '-o', 'bad', *objects, 'part.o'), 1, '',
           "'counter' is defined in two modules")
    expect('without a device link', run('nvcc', '-nodlink', '-o', 'bad', *objects), 1, '',
           'undefined.*__cudaRegisterLinkedBinary')


def test_archive():
    """Members are taken for device code's sake and for the host's, and not otherwise: the last
    one here cannot be linked at all."""
    write('unneeded.cu', 'void nowhere(); __device__ int missing(int); __global__ void k(int *p)'
          ' { *p = missing(1); } void unneeded(int *p) { k<<<1, 1>>>(p); nowhere(); }\n')
    expect('unneeded', run('nvcc', '-dc', 'unneeded.cu'))
    expect('-lib', run('nvcc', '-lib', 'one.o', 'two.o', 'part.o', 'unneeded.o', '-o', 'libparts.a'))
    expect('archive', run('nvcc', '-L.', '-lparts', 'main.o', '-o', 'archived'), 0, '^$', '^$')
    expect('from an archive', run('./archived'), 0, '^right\n$', '^$')
    expect('archive by name', run('nvcc', 'main.o', 'libparts.a', '-o', 'archived', '-dlto'))
    expect('from an archive by name', run('./archived'), 0, '^right\n$', '^$')


def test_library():
    """A shared library is linked in itself; its variables are no others' of the same name."""
    write('inner.cu', '__device__ int value = 5; __device__ int twice_value() { return 2 * value; }\n')
    write('library.cu', 'extern __device__ int value; __device__ int twice_value();\n'
          '__global__ void add(int *p) { value += 1; *p = twice_value(); }\n'
          'extern "C" __attribute__((visibility("default"))) int call(int *p)'
          ' { add<<<1, 1>>>(p); cudaDeviceSynchronize(); return *p; }\n')
    write('program.cu', '#include <cstdio>\n__device__ int value = 70; __device__ int get(int);\n'
          'extern "C" int call(int *);\n'
          '__global__ void k(int *p) { value += 2; *p = get(value); }\n'
          'int main() { int *p; cudaMallocManaged(&p, 4); int a = call(p); k<<<1, 1>>>(p);'
          ' cudaDeviceSynchronize(); printf("%d %d\\n", a, *p); }\n')
    write('get.cu', '__device__ int get(int x) { return x * 10; }\n')
    expect('-shared', run('nvcc', '-rdc=true', '-shared', '-Xcompiler', '-fPIC,-fvisibility=hidden',
                          'library.cu', 'inner.cu', '-o', 'liblibrary.so'), 0, '^$', '^$')
    expect('its user', run('nvcc', '-rdc=true', 'program.cu', 'get.cu', '-L.', '-llibrary',
                           '-Xlinker', '-rpath,$ORIGIN', '-o', 'user'), 0, '^$', '^$')
    expect('two modules', run('./user'), 0, '^12 720\n$', '^$')
    expect('get.o', run('nvcc', '-dc', 'get.cu'))
    expect('libget.a', run('nvcc', '-lib', 'get.o', '-o', 'libget.a'))
    expect('whole archive', run('nvcc', '-rdc=true', 'program.cu', '-Xlinker', '--whole-archive',
                                'libget.a', '-Xlinker', '--no-whole-archive', '-L.', '-llibrary',
                                '-Xlinker=-rpath=$ORIGIN', '-o', 'user2'), 0, '^$', '^$')
    expect('with a whole archive', run('./user2'), 0, '^12 720\n$', '^$')


def test_sources():
    """All at once; and one source twice, with other macros."""
    write('same.cu', '__device__ int NAME(int x) { static __device__ int n = VALUE;'
          ' return x + n; }\n')
    write('uses.cu', '#include <cstdio>\n__device__ int f(int); __device__ int g(int);\n'
          '__global__ void k(int *p) { *p = f(1) * g(2); }\n'
          'int main() { int *p; cudaMallocManaged(&p, 4); k<<<1, 1>>>(p);'
          ' cudaDeviceSynchronize(); printf("%d\\n", *p); }\n')
    expect('same as f', run('nvcc', '-dc', '-DNAME=f', '-DVALUE=10', 'same.cu', '-o', 'f.o'))
    expect('same as g', run('nvcc', '-dc', '-DNAME=g', '-DVALUE=20', 'same.cu', '-o', 'g.o'))
    expect('sources and objects', run('nvcc', '-rdc=true', 'uses.cu', 'f.o', 'g.o', '-o', 'uses'))
    expect('one source twice', run('./uses'), 0, '^242\n$', '^$')
    expect('PTX to link', run('nvcc', '-ptx', '-rdc=true', '-DNAME=g', '-DVALUE=30', 'same.cu',
                              '-o', 'g.ptx'))
    expect('with PTX', run('nvcc', '-rdc=true', 'uses.cu', 'f.o', 'g.ptx', '-o', 'uses'))
    expect('linked with PTX', run('./uses'), 0, '^352\n$', '^$')


def test_images():
    """The link's result as a file, loaded by the driver."""
    write('load.c', '''#include <cuda.h>
#include <stdio.h>
int main(int c, char **v)
{
   CUdevice d; CUcontext x; CUmodule m; CUfunction f; CUdeviceptr p; int r = -1;
   cuInit(0); cuDeviceGet(&d, 0); cuDevicePrimaryCtxRetain(&x, d); cuCtxSetCurrent(x);
   int e = cuModuleLoad(&m, v[1]);
   if (e == 0) e = cuModuleGetFunction(&f, m, "_Z1kPi");
   cuMemAlloc(&p, 4);
   void *args[] = {&p};
   if (e == 0) e = cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, 0, args, 0);
   cuMemcpyDtoH(&r, p, 4);
   printf("%d %d\\n", e, r);
   return e;
}
''')
    expect('loader', run('nvcc', 'load.c', '-o', 'load', '-lcuda'))
    expect('uses.o', run('nvcc', '-dc', 'uses.cu'))
    for form in ('cubin', 'fatbin', 'ptx'):
        expect(f'-dlink -{form}', run('nvcc', '-dlink', f'-{form}', 'uses.o', 'f.o', 'g.o', '-o',
                                      f'all.{form}'), 0, '^$', '^$')
        expect(f'loaded {form}', run('./load', f'all.{form}'), 0, '^0 242\n$', '^$')
    expect('nvlink', run('nvlink', '-arch=sm_90', 'uses.o', 'f.o', 'g.ptx', '-o', 'nv.cubin'))
    expect('loaded from nvlink', run('./load', 'nv.cubin'), 0, '^0 352\n$', '^$')


try:
    for test in (test_objects, test_archive, test_library, test_sources, test_images):
        test()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f'{passed} passed, {failed} failed')
sys.exit(failed != 0)
